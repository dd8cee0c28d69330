//! Tokens: one row for each visit to a node.

use rusqlite::{Row, params};

use super::{Db, StoreError};
use crate::token::{Status, Token};

pub(crate) fn insert(db: &Db<'_>, run: i64, token: &Token) -> Result<(), StoreError> {
    let branch = token.branch.as_deref();
    db.execute(
        "INSERT INTO tokens (id, run, node, status, parent, branch, opened_by, sibling_group, input)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            token.id,
            run,
            token.node,
            token.status.as_str(),
            token.parent,
            branch.map(serde_json::to_string).transpose()?,
            branch.map(|branch| &branch.opened_by),
            branch.map(|branch| &branch.group),
            token.input.to_string(),
        ],
    )?;
    Ok(())
}

pub(crate) fn set_status(db: &Db<'_>, token: &str, to: Status) -> Result<(), StoreError> {
    db.execute("UPDATE tokens SET status = ?2 WHERE id = ?1", params![token, to.as_str()])?;
    Ok(())
}

pub(crate) fn set_input(db: &Db<'_>, token: &str, input: &serde_json::Value) -> Result<(), StoreError> {
    db.execute("UPDATE tokens SET input = ?2 WHERE id = ?1", params![token, input.to_string()])?;
    Ok(())
}

pub(crate) fn get(db: &Db<'_>, id: &str) -> Result<Option<Token>, StoreError> {
    let sql = "SELECT id, node, status, parent, branch, input FROM tokens WHERE id = ?1";
    Ok(tokens(db.query(sql, [id], texts)?)?.pop())
}

/// All tokens of a run, in the order in which they were created.
pub(crate) fn of_run(db: &Db<'_>, run: i64) -> Result<Vec<Token>, StoreError> {
    let sql = "SELECT id, node, status, parent, branch, input FROM tokens WHERE run = ?1 ORDER BY rowid";
    tokens(db.query(sql, [run], texts)?)
}

/// The tokens of a run that came behind this one; all that it has become are among them.
pub(crate) fn behind(db: &Db<'_>, run: i64, token: &str) -> Result<Vec<Token>, StoreError> {
    let sql = "SELECT id, node, status, parent, branch, input FROM tokens
               WHERE run = ?1 AND rowid > (SELECT rowid FROM tokens WHERE id = ?2) ORDER BY rowid";
    tokens(db.query(sql, params![run, token], texts)?)
}

/// The node of a run that was visited most, and how often.
pub(crate) fn most_visited(db: &Db<'_>, run: i64) -> Result<(String, u32), StoreError> {
    let sql =
        "SELECT node, count(*) FROM tokens WHERE run = ?1 GROUP BY node ORDER BY count(*) DESC, min(rowid) LIMIT 1";
    let nodes = db.query(sql, [run], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(nodes.into_iter().next().unwrap_or_default())
}

/// Those that the same token became, in the same group, and that wait for each other.
pub(crate) fn waiting_siblings(db: &Db<'_>, opened_by: &str, group: &str) -> Result<Vec<Token>, StoreError> {
    let sql = "SELECT id, node, status, parent, branch, input FROM tokens
               WHERE opened_by = ?1 AND sibling_group = ?2 AND status = 'waiting' ORDER BY rowid";
    tokens(db.query(sql, [opened_by, group], texts)?)
}

type Texts = (String, String, String, Option<String>, Option<String>, String);

fn texts(row: &Row<'_>) -> rusqlite::Result<Texts> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn tokens(rows: Vec<Texts>) -> Result<Vec<Token>, StoreError> {
    let tokens = rows.into_iter().map(|(id, node, status, parent, branch, input)| {
        let branch = branch.map(|branch| serde_json::from_str(&branch)).transpose()?;
        let Some(status) = Status::parse(&status) else { return Err(StoreError::Status { token: id, status }) };
        Ok(Token { id, node, status, parent, branch, input: serde_json::from_str(&input)? })
    });
    tokens.collect()
}
