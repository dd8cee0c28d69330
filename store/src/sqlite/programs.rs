//! What a program that writes has counted goes in beside its events; the last word of each comes out again, for whoever
//! asks what the traces could not show.

use rusqlite::{Connection, params};
use serde_json::Value;
use tense_event::Timestamp;

use super::names::Names;

/// So many programs are remembered, those that reported last.
const REMEMBERED: i64 = 64;

/// The last word of one program.
///
/// ```
/// use tense_event::Timestamp;
/// use tense_store::{Program, SqliteStore};
///
/// let folder = tempfile::tempdir()?;
/// let mut store = SqliteStore::open(folder.path().join("tense.db"))?;
/// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
/// let program = Program { pid: 42, began: at, at, service: "checkout".to_owned(), health: serde_json::json!({ "emitted": 7 }) };
/// store.report(&program)?;
/// assert_eq!(store.programs()?, [program]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// The number of its process. Numbers come again; together with `began` it is one program.
    pub pid: u32,
    /// When it opened the file.
    pub began: Timestamp,
    /// When it said this.
    pub at: Timestamp,
    /// The name in its events.
    pub service: String,
    /// Its counters by their names: an object.
    pub health: Value,
}

/// Keeps the word of a program in the place of the one before, and forgets those of programs long gone.
pub(crate) fn report(db: &Connection, names: &mut Names, program: &Program) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO programs (pid, began, at, service, health) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            program.pid,
            program.began.unix_nanos(),
            program.at.unix_nanos(),
            names.some(db, &std::borrow::Cow::Owned(program.service.clone()))?,
            program.health.to_string(),
        ])?;
    db.prepare_cached("DELETE FROM programs WHERE at < (SELECT at FROM programs ORDER BY at DESC LIMIT 1 OFFSET ?1)")?
        .execute([REMEMBERED - 1])?;
    Ok(())
}

/// All of them, the one that reported last in front. What cannot be read is left out.
pub(crate) fn list(db: &Connection, names: &mut Names) -> rusqlite::Result<Vec<Program>> {
    let mut select = db.prepare_cached("SELECT pid, began, at, service, health FROM programs ORDER BY at DESC")?;
    let mut rows = select.query([])?;
    let mut programs = Vec::new();
    while let Some(row) = rows.next()? {
        let service = names.read(db, row.get_ref(3)?)?.unwrap_or_default();
        let health = row.get_ref(4)?.as_str().ok().and_then(|text| serde_json::from_str(text).ok());
        let Some(health) = health.filter(Value::is_object) else { continue };
        programs.push(Program {
            pid: row.get(0)?,
            began: Timestamp::from_unix_nanos(row.get(1)?),
            at: Timestamp::from_unix_nanos(row.get(2)?),
            service,
            health,
        });
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema;
    use super::*;
    use crate::SqliteStore;

    #[test]
    fn the_last_word_of_the_last_programs_is_kept() {
        let mut db = Connection::open_in_memory().unwrap();
        schema::migrate(&mut db).unwrap();
        let mut names = Names::default();
        let moment = Timestamp::from_unix_nanos;
        for at in 0..200_i64 {
            let pid = (at / 2) as u32;
            let health = json!({ "emitted": at });
            let program = Program { pid, began: moment(5), at: moment(at), service: "shop".to_owned(), health };
            report(&db, &mut names, &program).unwrap();
        }
        let programs = list(&db, &mut names).unwrap();
        assert_eq!(programs.len() as i64, REMEMBERED);
        let last = &programs[0];
        assert_eq!((last.pid, last.at, last.service.as_str()), (99, moment(199), "shop"));
        assert!(programs.iter().all(|program| program.health["emitted"] == program.at.unix_nanos()));
    }

    #[test]
    fn a_database_of_the_version_before_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tense.db");
        schema::tests::of_version(4, &path);
        assert!(matches!(SqliteStore::open_read_only(&path), Err(crate::StoreError::Older { found: 4, .. })));
        let store = SqliteStore::open(&path).unwrap();
        assert_eq!(store.programs().unwrap(), []);
    }
}
