//! Looks at an open database and says whose it is; brings one of ours to the present version.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::ids;

/// Marks a file as ours, in the header of the database: the letters `tnse`.
const APPLICATION_ID: i64 = 0x746e_7365;

/// What leads from a version to the next one. A function, so that one may also move what is there.
type Step = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// The first one makes [`OLDEST`] of an empty file.
const STEPS: &[Step] = &[
    |tx| tx.execute_batch(include_str!("schema.sql")),
    |tx| tx.execute_batch(include_str!("programs.sql")),
    |tx| tx.execute_batch(include_str!("tallies.sql")),
    |tx| {
        tx.execute_batch(include_str!("ids.sql"))?;
        ids::keep_by_when_they_were_made(tx)
    },
    |tx| tx.execute_batch(include_str!("cancelled.sql")),
];

/// The oldest version that can be brought up to date; those before it were never released.
pub(crate) const OLDEST: i64 = 4;

/// The version that this program reads and writes.
pub(crate) const VERSION: i64 = OLDEST + STEPS.len() as i64 - 1;

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

/// Applies what is missing, in one transaction. Two programs may do so at the same time: the second finds it done. What
/// is not ours, or of another age than this program knows, is left alone.
pub(crate) fn migrate(db: &mut Connection) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = match look(&tx)? {
        Kind::Empty => 0,
        Kind::Ours(version @ OLDEST..=VERSION) => (version - OLDEST + 1) as usize,
        Kind::Ours(_) | Kind::Foreign => return Ok(()),
    };
    for step in STEPS.iter().skip(done) {
        step(&tx)?;
    }
    if done < STEPS.len() {
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

    /// What files of each version look like. A line is never changed, since nobody can change the files out there; who
    /// adds a step adds one.
    #[rustfmt::skip]
    const LOOKS: &[(i64, u64)] = &[
        (4, 0x1be1_2dd8_cab5_89a3),
        (5, 0x553a_1f58_fbc0_7bb8),
        (6, 0x314a_12cb_5eeb_1cf9),
        (7, 0x5bf0_9c54_4b54_5166),
        (8, 0x5bf0_9c54_4b54_5166),
    ];

    /// A number for what the file holds: the text of each table, index and view, and how many rows each table has.
    fn look_of(db: &Connection) -> u64 {
        let mut all = db.prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").unwrap();
        let text = |row: &rusqlite::Row<'_>, at| row.get::<_, String>(at);
        let all = all.query_map([], |row| Ok([text(row, 0)?, text(row, 1)?, text(row, 2)?])).unwrap();
        let mut look = String::new();
        for part in all {
            let [kind, name, sql] = part.unwrap();
            let count = || db.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get::<_, i64>(0));
            let rows = if kind == "table" { count().unwrap() } else { 0 };
            look += &format!("{name} {rows} {sql}\n");
        }
        // FNV-1a; a checkout may end its lines in another way.
        look.bytes()
            .filter(|byte| *byte != b'\r')
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    }

    #[test]
    fn files_of_each_version_are_made_as_they_always_were() {
        let folder = tempfile::tempdir().unwrap();
        for version in OLDEST..=VERSION {
            let path = folder.path().join(version.to_string());
            of_version(version, &path);
            let look = look_of(&Connection::open(&path).unwrap());
            match LOOKS.iter().find(|(of, _)| *of == version) {
                Some((_, known)) => assert!(
                    look == *known,
                    "the steps to version {version} make another file than they did ({look:#x}), and those that were \
                     made before stay as they are: take the edit back, and write a new step that leads from them to \
                     what you want"
                ),
                None => panic!("version {version} is new: add the line `({version}, {look:#x}),` to LOOKS"),
            }
        }
    }

    /// Makes a file as a program of that version made it.
    pub(crate) fn of_version(version: i64, path: &std::path::Path) {
        let mut db = Connection::open(path).unwrap();
        let tx = db.transaction().unwrap();
        for step in &STEPS[..(version - OLDEST + 1) as usize] {
            step(&tx).unwrap();
        }
        tx.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        tx.pragma_update(None, "user_version", version).unwrap();
        tx.commit().unwrap();
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

    #[test]
    fn what_was_counted_when_what_was_dropped_had_failed_is_counted_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("7.db");
        of_version(7, &path);
        let mut db = Connection::open(&path).unwrap();
        db.execute("INSERT INTO tallies VALUES (0, 1, x'00')", []).unwrap();
        migrate(&mut db).unwrap();
        assert_eq!(db.query_row("SELECT count(*) FROM tallies", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }

    #[test]
    fn every_version_since_the_oldest_comes_out_the_same() {
        let tables = |path: &std::path::Path| {
            let db = Connection::open(path).unwrap();
            let mut all = db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
            all.query_map([], |row| row.get::<_, String>(0)).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
        };
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new.db");
        migrate(&mut Connection::open(&new).unwrap()).unwrap();
        for version in OLDEST..=VERSION {
            let old = folder.path().join(format!("{version}.db"));
            of_version(version, &old);
            migrate(&mut Connection::open(&old).unwrap()).unwrap();
            assert_eq!(kind(&Connection::open(&old).unwrap()).unwrap(), Kind::Ours(VERSION));
            assert_eq!(tables(&old), tables(&new), "{version}");
        }
    }
}
