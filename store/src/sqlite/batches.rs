//! What a batch brought enters; whoever follows the file reads where it is.
//!
//! A batch is a row that says which spans of which traces may be new, and each of its events has a number. So the row
//! costs some bytes a trace, and what is new is found without looking at what is not.

use rusqlite::{Connection, OptionalExtension, params};

use super::bytes::{Bytes, Malformed, put_number, put_signed};

/// So many batches are kept, and up to [`SELDOM`] more. Whoever follows asks again within seconds.
pub(crate) const KEPT: i64 = 4096;
/// To count them takes as long as to write a small batch, so it is done once in so many events.
const SELDOM: i64 = 1024;

/// Some spans of a trace, by their place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spans {
    /// `traces.no`.
    pub(crate) trace: i64,
    /// The first and the last of them, as `events.span`.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// The number of the last event that came.
pub(crate) fn last(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("SELECT coalesce(max(last), 0) FROM batches")?.query_row([], |row| row.get(0))
}

/// Writes down what came behind the event of the number `before`, in the order of the traces, and forgets what came
/// long ago.
pub(crate) fn save(db: &Connection, before: i64, last: i64, spans: &[Spans]) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO batches (last, spans) VALUES (?1, ?2)")?.execute(params![last, pack(spans)])?;
    if before / SELDOM == last / SELDOM {
        return Ok(());
    }
    let too_many = db
        .prepare_cached("SELECT last FROM batches ORDER BY last DESC LIMIT 1 OFFSET ?1")?
        .query_row([KEPT], |row| row.get::<_, i64>(0))
        .optional()?;
    if let Some(forgotten) = too_many {
        // One has come, one goes; and some more where there were more.
        db.prepare_cached("DELETE FROM batches WHERE last <= ?1")?.execute([forgotten])?;
        db.prepare_cached("UPDATE gone SET number = max(number, ?1)")?.execute([forgotten])?;
    }
    Ok(())
}

fn pack(spans: &[Spans]) -> Vec<u8> {
    let (mut out, mut before) = (Vec::new(), 0_i64);
    for Spans { trace, first, last } in spans {
        put_signed(&mut out, trace.wrapping_sub(before));
        put_signed(&mut out, *first);
        put_number(&mut out, last.wrapping_sub(*first) as u64);
        before = *trace;
    }
    out
}

/// What a row says.
pub(crate) fn unpack(row: &[u8]) -> Result<Vec<Spans>, Malformed> {
    let (mut rest, mut all, mut before) = (Bytes(row), Vec::new(), 0_i64);
    while !rest.is_empty() {
        let trace = before.wrapping_add(rest.signed()?);
        let first = rest.signed()?;
        all.push(Spans { trace, first, last: first.wrapping_add(rest.number()? as i64) });
        before = trace;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_long_before_is_forgotten() {
        let mut db = Connection::open_in_memory().unwrap();
        super::super::schema::migrate(&mut db).unwrap();
        (1..=6_000).for_each(|last| save(&db, last - 1, last, &[]).unwrap());
        let asked = |sql| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        let kept = asked("SELECT count(*) FROM batches");
        assert!((KEPT..KEPT + SELDOM).contains(&kept), "{kept}");
        assert_eq!(asked("SELECT number FROM gone"), 6_000 - kept);
    }

    #[test]
    fn a_row_says_what_came() {
        let spans = |trace, first, last| Spans { trace, first, last };
        let all = [spans(7, 0, 19), spans(8, -4, 2), spans(1 << 40, i64::MIN, i64::MAX)];
        assert_eq!(unpack(&pack(&all)), Ok(all.to_vec()));
        assert_eq!(pack(&all[..2]).len(), 6);
        assert_eq!(unpack(&[0xff]), Err(Malformed));
    }
}
