//! Looks at an open database and says whose it is; brings one of ours to the present version.

use rusqlite::{Connection, TransactionBehavior};

/// Marks a file as ours, in the header of the database: the letters `tnse`.
const APPLICATION_ID: i64 = 0x746e_7365;

/// What leads from each version to the next; the first one makes version 1 of an empty file.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql"), include_str!("schema-2.sql"), include_str!("schema-3.sql")];

/// The version that this program reads and writes.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// What kind of database a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing yet.
    Empty,
    /// Ours, of that schema version.
    Ours(i64),
    /// Somebody else's, or no database at all.
    Foreign,
}

/// Looks without changing anything.
pub(crate) fn kind(db: &Connection) -> rusqlite::Result<Kind> {
    match look(db) {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => Ok(Kind::Foreign),
        other => other,
    }
}

/// Applies what is missing, in one transaction. Two programs may do so at the same time: the second finds it done.
pub(crate) fn migrate(db: &mut Connection) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = match look(&tx)? {
        Kind::Empty => 0,
        Kind::Ours(version) => usize::try_from(version).unwrap_or(MIGRATIONS.len()),
        Kind::Foreign => return Ok(()),
    };
    for step in MIGRATIONS.iter().skip(done) {
        tx.execute_batch(step)?;
    }
    if done < MIGRATIONS.len() {
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", VERSION)?;
    }
    tx.commit()
}

fn look(db: &Connection) -> rusqlite::Result<Kind> {
    // One statement, so that it sees one moment: somebody else may be making the database right now.
    let (owner, version, tables): (i64, i64, i64) = db.query_row(
        "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
                (SELECT count(*) FROM sqlite_schema)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if owner == APPLICATION_ID {
        return Ok(Kind::Ours(version));
    }
    Ok(if owner == 0 && version == 0 && tables == 0 { Kind::Empty } else { Kind::Foreign })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Makes a file as a program of that version made it.
    pub(crate) fn of_version(version: i64, path: &std::path::Path) {
        let db = Connection::open(path).unwrap();
        for step in &MIGRATIONS[..version as usize] {
            db.execute_batch(step).unwrap();
        }
        db.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        db.pragma_update(None, "user_version", version).unwrap();
    }

    #[test]
    fn a_database_is_told_by_its_marks() {
        let mut db = Connection::open_in_memory().unwrap();
        assert_eq!(kind(&db).unwrap(), Kind::Empty);
        migrate(&mut db).unwrap();
        assert_eq!(kind(&db).unwrap(), Kind::Ours(VERSION));
        migrate(&mut db).unwrap();

        let other = Connection::open_in_memory().unwrap();
        other.execute_batch("CREATE TABLE recipes (id INTEGER)").unwrap();
        assert_eq!(kind(&other).unwrap(), Kind::Foreign);
    }
}
