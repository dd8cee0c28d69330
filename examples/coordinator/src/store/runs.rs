//! Runs: one row for each workflow that was ever begun.

use rusqlite::{Row, params};
use serde_json::Value;

use super::{Db, StoreError};

/// A workflow that was begun, as it lies in the database.
#[derive(Debug, Clone)]
pub(crate) struct RunRow {
    pub(crate) number: i64,
    pub(crate) name: String,
    /// What the definition is called in errors.
    pub(crate) file: String,
    pub(crate) definition: String,
    pub(crate) input: Value,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ending {
    Completed(Value),
    Failed(String),
}

/// Writes the row of a new run; gives its number.
pub(crate) fn insert(
    db: &Db<'_>,
    (name, file, definition): (&str, &str, &str),
    input: &Value,
    parent_token: Option<&str>,
) -> Result<RunRow, StoreError> {
    db.execute(
        "INSERT INTO runs (name, file, definition, input, parent_token) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![name, file, definition, input.to_string(), parent_token],
    )?;
    Ok(RunRow {
        number: db.last_row(),
        name: name.to_owned(),
        file: file.to_owned(),
        definition: definition.to_owned(),
        input: input.clone(),
    })
}

/// What an earlier process left unfinished; the task of a token, or everything that is nobody's task.
pub(crate) fn unfinished(db: &Db<'_>, parent_token: Option<&str>) -> Result<Vec<RunRow>, StoreError> {
    let sql = "SELECT number, name, file, definition, input FROM runs
               WHERE status = 'running' AND parent_token IS ?1 ORDER BY number";
    rows(db.query(sql, [parent_token], texts)?)
}

/// What is unfinished and the task of some token of a run.
pub(crate) fn unfinished_in(db: &Db<'_>, run: i64) -> Result<Vec<RunRow>, StoreError> {
    let sql = "SELECT number, name, file, definition, input FROM runs
               WHERE status = 'running' AND parent_token IN (SELECT id FROM tokens WHERE run = ?1) ORDER BY number";
    rows(db.query(sql, [run], texts)?)
}

type Texts = (i64, String, String, String, String);

fn texts(row: &Row<'_>) -> rusqlite::Result<Texts> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn rows(rows: Vec<Texts>) -> Result<Vec<RunRow>, StoreError> {
    let rows = rows.into_iter().map(|(number, name, file, definition, input)| {
        Ok(RunRow { number, name, file, definition, input: serde_json::from_str(&input)? })
    });
    rows.collect()
}

/// Forgets runs that nothing has been done for.
pub(crate) fn forget(db: &Db<'_>, runs: &[RunRow]) -> Result<(), StoreError> {
    runs.iter().try_for_each(|run| db.execute("DELETE FROM runs WHERE number = ?1", [run.number]).map(drop))
}

/// What the nested workflow of a token gave back, if it has completed: its token may not know yet.
pub(crate) fn completed(db: &Db<'_>, parent_token: &str) -> Result<Option<Value>, StoreError> {
    let sql = "SELECT output FROM runs WHERE parent_token = ?1 AND status = 'completed'";
    let outputs = db.query(sql, [parent_token], |row| row.get::<_, String>(0))?;
    Ok(outputs.first().map(|output| serde_json::from_str(output)).transpose()?)
}

/// Notes how a run ended.
pub(crate) fn end(db: &Db<'_>, run: i64, ending: &Ending) -> Result<(), StoreError> {
    let (status, output, error) = match ending {
        Ending::Completed(output) => ("completed", Some(output.to_string()), None),
        Ending::Failed(error) => ("failed", None, Some(error)),
    };
    let sql = "UPDATE runs SET status = ?2, output = ?3, error = ?4 WHERE number = ?1";
    db.execute(sql, params![run, status, output, error])?;
    Ok(())
}

/// How the run ended; nothing as long as it has not.
pub(crate) fn ending(db: &Db<'_>, run: i64) -> Result<Option<Ending>, StoreError> {
    let read = |row: &Row<'_>| -> rusqlite::Result<(String, Option<String>, Option<String>)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    };
    let rows = db.query("SELECT status, output, error FROM runs WHERE number = ?1", [run], read)?;
    Ok(match rows.into_iter().next() {
        Some((status, output, _)) if status == "completed" => {
            Some(Ending::Completed(serde_json::from_str(&output.unwrap_or_default())?))
        }
        Some((status, _, error)) if status == "failed" => Some(Ending::Failed(error.unwrap_or_default())),
        _ => None,
    })
}
