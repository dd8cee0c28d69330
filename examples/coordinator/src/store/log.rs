//! The log of decisions: written before they are applied, read by whoever resumes a run.

use rusqlite::params;

use super::{Db, StoreError};
use crate::decision::Decision;

/// A decision in the log.
#[derive(Debug)]
pub(crate) struct Logged {
    pub(crate) id: i64,
    pub(crate) decision: Decision,
    /// So many of its steps have been done, by us or by a process that is gone.
    pub(crate) steps: u32,
}

/// A batch that has not been applied to its end.
#[derive(Debug)]
pub(crate) struct OpenBatch {
    pub(crate) id: i64,
    pub(crate) token: Option<String>,
}

/// Logs a batch; gives its number.
pub(crate) fn write(
    db: &Db<'_>,
    run: i64,
    source: &str,
    token: Option<&str>,
    decisions: Vec<Decision>,
) -> Result<(i64, Vec<Logged>), StoreError> {
    db.execute("INSERT INTO batches (run, source, token) VALUES (?1, ?2, ?3)", params![run, source, token])?;
    let batch = db.last_row();
    let mut logged = Vec::with_capacity(decisions.len());
    for decision in decisions {
        let text = serde_json::to_string(&decision)?;
        db.execute("INSERT INTO decisions (batch, decision) VALUES (?1, ?2)", params![batch, text])?;
        logged.push(Logged { id: db.last_row(), decision, steps: 0 });
    }
    Ok((batch, logged))
}

/// Notes that so many steps of a decision have been done.
pub(crate) fn step(db: &Db<'_>, decision: i64, steps: u32) -> Result<(), StoreError> {
    db.execute("UPDATE decisions SET steps = ?2 WHERE id = ?1", params![decision, steps])?;
    Ok(())
}

/// Notes that nothing is left to be done of a batch.
pub(crate) fn applied(db: &Db<'_>, batch: i64) -> Result<(), StoreError> {
    db.execute("UPDATE batches SET applied = 1 WHERE id = ?1", [batch])?;
    Ok(())
}

/// Whether a run has a batch from this source, about this token.
pub(crate) fn has(db: &Db<'_>, run: i64, source: &str, token: Option<&str>) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM batches WHERE run = ?1 AND source = ?2 AND token IS ?3 LIMIT 1";
    Ok(!db.query(sql, params![run, source, token], |_| Ok(()))?.is_empty())
}

/// The batches of a run that have not been applied to their end, oldest first.
pub(crate) fn open(db: &Db<'_>, run: i64) -> Result<Vec<OpenBatch>, StoreError> {
    let sql = "SELECT id, token FROM batches WHERE run = ?1 AND applied = 0 ORDER BY id";
    db.query(sql, [run], |row| Ok(OpenBatch { id: row.get(0)?, token: row.get(1)? }))
}

/// The decisions of a batch.
pub(crate) fn read(db: &Db<'_>, batch: i64) -> Result<Vec<Logged>, StoreError> {
    let sql = "SELECT id, decision, steps FROM decisions WHERE batch = ?1 ORDER BY id";
    let rows = db.query(sql, [batch], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))?;
    let logged = rows
        .into_iter()
        .map(|(id, decision, steps)| Ok(Logged { id, decision: serde_json::from_str(&decision)?, steps }));
    logged.collect()
}
