//! What a program that writes has counted goes in beside its events; the last word of each comes out again, for whoever
//! asks what the traces could not show.

use std::borrow::Cow;

use rusqlite::{Connection, TransactionBehavior, params};
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

/// Keeps the word of a program in the place of the one before, and forgets those of programs long gone; all of it or
/// nothing.
pub(crate) fn report(db: &mut Connection, names: &mut Names, program: &Program) -> rusqlite::Result<()> {
    let result = in_transaction(db, names, program);
    if result.is_err() {
        names.forget();
    }
    result
}

fn in_transaction(db: &mut Connection, names: &mut Names, program: &Program) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.prepare_cached("INSERT OR REPLACE INTO programs (pid, began, at, service, health) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            program.pid,
            program.began.unix_nanos(),
            program.at.unix_nanos(),
            names.some(&tx, &Cow::Owned(program.service.clone()))?,
            program.health.to_string(),
        ])?;
    tx.prepare_cached("DELETE FROM programs WHERE at < (SELECT at FROM programs ORDER BY at DESC LIMIT 1 OFFSET ?1)")?
        .execute([REMEMBERED - 1])?;
    tx.commit()
}

/// All of them, the one that reported last in front. What cannot be read is left out.
pub(crate) fn list(db: &Connection, names: &mut Names) -> rusqlite::Result<Vec<Program>> {
    let mut select = db.prepare_cached("SELECT pid, began, at, service, health FROM programs ORDER BY at DESC")?;
    let mut rows = select.query([])?;
    let mut programs = Vec::new();
    while let Some(row) = rows.next()? {
        let service = names.read(db, row.get_ref(3)?)?.unwrap_or_default().into_owned();
        let health = row.get_ref(4)?.as_str().ok().and_then(|text| serde_json::from_str(text).ok());
        let (Ok(pid), Some(health)) = (row.get(0), health.filter(Value::is_object)) else { continue };
        let moment = |column| row.get(column).map(Timestamp::from_unix_nanos);
        programs.push(Program { pid, began: moment(1)?, at: moment(2)?, service, health });
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
            report(&mut db, &mut names, &program).unwrap();
        }
        let programs = list(&db, &mut names).unwrap();
        assert_eq!(programs.len() as i64, REMEMBERED);
        let last = &programs[0];
        assert_eq!((last.pid, last.at, last.service.as_str()), (99, moment(199), "shop"));
        assert!(programs.iter().all(|program| program.health["emitted"] == program.at.unix_nanos()));
    }

    #[test]
    fn a_word_that_cannot_be_read_is_left_out_and_the_others_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tense.db");
        let mut store = SqliteStore::open(&path).unwrap();
        let moment = Timestamp::from_unix_nanos;
        let program =
            Program { pid: 7, began: moment(5), at: moment(6), service: "shop".to_owned(), health: json!({}) };
        store.report(&program).unwrap();
        let odd = "INSERT INTO programs VALUES (-1, 5, 9, NULL, '{}'), (8, 5, 9, NULL, '[]'), (9, 5, 9, x'00', '{}')";
        Connection::open(&path).unwrap().execute_batch(odd).unwrap();
        let told: Vec<u32> = store.programs().unwrap().iter().map(|program| program.pid).collect();
        assert_eq!(told, [9, 7]);
    }

    #[test]
    fn a_word_is_kept_as_a_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tense.db");
        let mut store = SqliteStore::open(&path).unwrap();
        let of = |pid: u32, service: &str| {
            let moment = Timestamp::from_unix_nanos;
            Program { pid, began: moment(5), at: moment(6), service: service.to_owned(), health: json!({}) }
        };
        (10..10 + REMEMBERED as u32).for_each(|pid| store.report(&of(pid, "")).unwrap());
        // What it does last fails.
        let other = Connection::open(&path).unwrap();
        let refused = "CREATE TRIGGER refused BEFORE DELETE ON programs BEGIN SELECT RAISE(ABORT, ''); END";
        other.execute_batch(refused).unwrap();
        other.execute("UPDATE programs SET at = at + pid", []).unwrap();
        assert!(store.report(&of(1, "shop")).is_err());
        assert!(store.programs().unwrap().iter().all(|program| program.pid != 1));
        other.execute_batch("DROP TRIGGER refused").unwrap();
        // The number that its name had there means nothing.
        let mut late = of(2, "shop");
        late.at = Timestamp::from_unix_nanos(500);
        store.report(&late).unwrap();
        assert_eq!(SqliteStore::open_read_only(&path).unwrap().programs().unwrap()[0], late);
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
