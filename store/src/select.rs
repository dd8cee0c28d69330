//! How a person names a trace: text enters, the traces that it may mean leave.

use std::str::FromStr;

use rusqlite::{Connection, params};
use tense_event::{Timestamp, TraceId};

use crate::names::Names;
use crate::read;
use crate::summary::{COLUMNS, read_summary};
use crate::{TraceFilter, TraceSummary};

/// Fewer digits than this would match by accident.
const SHORTEST: usize = 4;
/// How many digits the index knows; traces that agree in more are told apart one by one.
const INDEXED: usize = 8;
/// So many candidates are shown of an ambiguous suffix.
const CANDIDATES: usize = 20;

/// What a person typed to name a trace.
///
/// ```
/// use tense_store::Selector;
/// assert_eq!("last-failed".parse(), Ok(Selector::LastFailed));
/// assert_eq!("B0C1D2E3".parse(), Ok(Selector::Suffix("b0c1d2e3".to_owned())));
/// assert!(matches!("0190163d-8694-739b-96b6-f0a7b0c1d2e3".parse(), Ok(Selector::Id(_))));
/// assert!("token".parse::<Selector>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// The whole id, with or without the dashes of a UUID.
    Id(TraceId),
    /// The last digits of the id, at least four, in lower case.
    Suffix(String),
    /// `last`: the trace that began last.
    Last,
    /// `last-failed`: of those in which a root span failed, the one that began last.
    LastFailed,
    /// `job:ID`: of those with an event of that job, the one that began last.
    Job(String),
}

/// Why a text names no trace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "read `{}` as a trace: use the last 8 digits of its id (or any 4 to 32 of its last ones), `last`, `last-failed`, \
     `job:ID`, or a `traceparent`",
    given.escape_debug()
)]
pub struct SelectorError {
    /// The text, or its beginning when it is long.
    pub given: String,
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let text = text.trim();
        match text {
            "last" => return Ok(Self::Last),
            "last-failed" => return Ok(Self::LastFailed),
            _ => {}
        }
        if let Some(job) = text.strip_prefix("job:") {
            return if job.is_empty() { Err(given(text)) } else { Ok(Self::Job(job.to_owned())) };
        }
        if let Some(id) = traceparent(text) {
            return id.parse().map(Self::Id).map_err(|_| given(text));
        }
        let digits = text.replace('-', "").to_ascii_lowercase();
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match (is_hex, digits.len()) {
            (true, SHORTEST..32) => Ok(Self::Suffix(digits)),
            (true, 32) => digits.parse().map(Self::Id).map_err(|_| given(text)),
            _ => Err(given(text)),
        }
    }
}

/// The trace id in a W3C `traceparent`, `00-<32 digits>-<16 digits>-<2 digits>`; later versions may have more behind
/// it.
fn traceparent(text: &str) -> Option<&str> {
    let mut parts = text.split('-');
    let [version, trace, span, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let lengths = [version, trace, span, flags].map(str::len);
    (lengths == [2, 32, 16, 2] && !version.eq_ignore_ascii_case("ff")).then_some(trace)
}

fn given(text: &str) -> SelectorError {
    SelectorError { given: text.chars().take(40).collect() }
}

/// What a look-up found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// This one.
    One(TraceId),
    /// Several traces end in these digits; the newest of them.
    Many(Vec<TraceSummary>),
    /// None.
    Nothing,
}

/// Looks the selector up.
pub(crate) fn find(db: &Connection, names: &mut Names, selector: &Selector) -> rusqlite::Result<Found> {
    let newest = |names, filter| Ok(list(db, names, &filter)?.first().map_or(Found::Nothing, |one| Found::One(one.id)));
    match selector {
        Selector::Id(id) => {
            let known =
                db.prepare_cached("SELECT 1 FROM traces WHERE trace = ?1")?.exists([id.to_bytes().as_slice()])?;
            Ok(if known { Found::One(*id) } else { Found::Nothing })
        }
        Selector::Suffix(digits) => by_suffix(db, names, digits),
        Selector::Last => newest(names, TraceFilter::newest(1)),
        Selector::LastFailed => newest(names, TraceFilter::newest(1).failed()),
        Selector::Job(job) => by_job(db, names, job),
    }
}

/// The traces that pass the filter, newest first.
pub(crate) fn list(db: &Connection, names: &mut Names, filter: &TraceFilter) -> rusqlite::Result<Vec<TraceSummary>> {
    // Two texts, so that each uses its own index.
    let which = if filter.only_failed { "failed = 1 AND" } else { "" };
    let sql = format!(
        "SELECT {COLUMNS} FROM traces WHERE {which} began BETWEEN ?2 AND ?3 ORDER BY began DESC, trace DESC LIMIT ?1"
    );
    let mut rows = db.prepare_cached(&sql)?;
    let since = filter.since.map_or(i64::MIN, Timestamp::unix_nanos);
    let last = match filter.until.map(|until| until.unix_nanos().checked_sub(1)) {
        None => i64::MAX,
        Some(Some(last)) => last,
        Some(None) => return Ok(Vec::new()),
    };
    let mut rows = rows.query(params![i64::try_from(filter.limit).unwrap_or(i64::MAX), since, last])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_summary(db, names, row)?);
    }
    Ok(found)
}

/// Of the traces with an event of that job, the one that began last.
fn by_job(db: &Connection, names: &mut Names, job: &str) -> rusqlite::Result<Found> {
    let mut traces = db.prepare_cached("SELECT trace FROM traces ORDER BY began DESC, trace DESC")?;
    let mut traces = traces.query([])?;
    while let Some(row) = traces.next()? {
        let trace = TraceId::from_bytes(row.get(0)?);
        let mut is_of_job = false;
        read::events(db, names, trace, |event| is_of_job |= event.job_id.as_deref() == Some(job))?;
        if is_of_job {
            return Ok(Found::One(trace));
        }
    }
    Ok(Found::Nothing)
}

/// The ids of the traces that began since then and before that moment, the oldest first.
pub(crate) fn ids(
    db: &Connection,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    only_failed: bool,
) -> rusqlite::Result<Vec<TraceId>> {
    let which = if only_failed { "failed = 1 AND" } else { "" };
    let sql = format!("SELECT trace FROM traces WHERE {which} began BETWEEN ?1 AND ?2 ORDER BY began, trace");
    let since = since.map_or(i64::MIN, Timestamp::unix_nanos);
    let last = until.map_or(i64::MAX, |until| until.unix_nanos().saturating_sub(1));
    let mut rows = db.prepare_cached(&sql)?;
    rows.query_map([since, last], |row| row.get(0).map(TraceId::from_bytes))?.collect()
}

fn by_suffix(db: &Connection, names: &mut Names, digits: &str) -> rusqlite::Result<Found> {
    let Some((low, high)) = tails(digits) else { return Ok(Found::Nothing) };
    let sql = format!("SELECT {COLUMNS} FROM traces WHERE tail BETWEEN ?1 AND ?2 ORDER BY began DESC, trace DESC");
    let mut rows = db.prepare_cached(&sql)?;
    let mut rows = rows.query(params![low, high])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let summary = read_summary(db, names, row)?;
        if summary.id.to_string().ends_with(digits) {
            found.push(summary);
        }
        if found.len() == CANDIDATES {
            break;
        }
    }
    Ok(match found.as_slice() {
        [] => Found::Nothing,
        [one] => Found::One(one.id),
        _ => Found::Many(found),
    })
}

/// The range of [`crate::summary::tail`] in which ids with these last digits lie.
fn tails(digits: &str) -> Option<(i64, i64)> {
    let reversed: String = digits.chars().rev().take(INDEXED).collect();
    let free = 4 * (INDEXED - reversed.len());
    let low = i64::from_str_radix(&reversed, 16).ok()? << free;
    Some((low, low + (1 << free) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_names_a_trace_in_several_ways() {
        let id: TraceId = "0190163d8694739b96b6f0a7b0c1d2e3".parse().unwrap();
        let check = |text: &str, expected| assert_eq!(text.parse::<Selector>(), Ok(expected), "{text}");
        check("0190163d8694739b96b6f0a7b0c1d2e3", Selector::Id(id));
        check("0190163D-8694-739B-96B6-F0A7B0C1D2E3", Selector::Id(id));
        check(" d2e3 ", Selector::Suffix("d2e3".to_owned()));
        check("last", Selector::Last);
        check("00-0190163d8694739b96b6f0a7b0c1d2e3-00f067aa0ba902b7-01", Selector::Id(id));
        check("cc-0190163D8694739B96B6F0A7B0C1D2E3-00f067aa0ba902b7-01-more", Selector::Id(id));
        check("job:j 1:2", Selector::Job("j 1:2".to_owned()));
        let later = "ff-0190163d8694739b96b6f0a7b0c1d2e3-00f067aa0ba902b7-01";
        for wrong in [later, "job:", "", "-", "abc", "xyz12345", "00000000000000000000000000000000", &"a".repeat(33)] {
            assert!(wrong.parse::<Selector>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_suffix_is_a_range_of_tails() {
        assert_eq!(tails("12345678"), Some((0x8765_4321, 0x8765_4321)));
        assert_eq!(tails("5678"), Some((0x8765_0000, 0x8765_ffff)));
        assert_eq!(tails("99912345678"), Some((0x8765_4321, 0x8765_4321)));
    }
}
