//! The row that the store keeps for each trace: new events change it, lists and look-ups read it.

use std::borrow::Cow;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tense_event::{Event, SpanId, Status, Timestamp, TraceId};

use super::columns::{self, duration, nanos, status_number, status_of};
use super::ids::Kept;
use super::names::{Named, Names};
use super::read;
use super::words::Words;
use crate::summary::is_failed_call;
use crate::{TraceStatus, TraceSummary};

// What stands in the column `failed`, and leads to the trace, where something failed.
/// A span without a parent.
pub(crate) const AT_ROOT: i64 = 1;
/// A span below one without a parent, and none of those.
pub(crate) const BELOW_ROOT: i64 = 2;
/// A span that has a parent; none without one is here.
pub(crate) const BELOW_NONE: i64 = 3;

/// A trace that has more events is not looked at for a list, which has to be quick: without a root it counts as open,
/// and what follows from begin and end of its root is not told.
const LOOKED_AT: u64 = 20_000;

/// What `traces` holds of one trace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    /// Its number here.
    pub(crate) no: i64,
    /// From where the ids of its spans are counted.
    pub(crate) base: i64,
    pub(crate) words: Words,
    began: i64,
    ended: i64,
    events: i64,
    failed: Failed,
    root: Option<Root>,
    /// Whether there is no row yet.
    is_new: bool,
}

/// Where something failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Failed {
    #[default]
    Nowhere,
    /// Below a span that has a parent.
    Below,
    /// A span without a parent.
    Root,
}

/// The span without a parent that began first, of several the one with the smallest id.
#[derive(Debug, Clone, PartialEq)]
struct Root {
    /// Its id less the base.
    span: i64,
    name: Value,
    began: i64,
    /// None where the end may have come already, before anybody knew that this is the root.
    status: Option<Status>,
    duration: Option<i64>,
}

impl Summary {
    /// Of a trace that is not here yet.
    pub(crate) fn new(no: i64, span: SpanId) -> Self {
        Self {
            no,
            base: span.get() as i64,
            words: Words::default(),
            began: i64::MAX,
            ended: i64::MIN,
            events: 0,
            failed: Failed::Nowhere,
            root: None,
            is_new: true,
        }
    }

    /// What is known of a trace so far.
    pub(crate) fn load(db: &Connection, id: TraceId) -> rusqlite::Result<Option<Self>> {
        let mut known = db.prepare_cached(
            "SELECT root, root_name, root_began, root_status, root_duration, no, base, began, ended, events, failed, words
             FROM traces WHERE trace = ?1",
        )?;
        let summary = known.query_row([Kept::from(id)], |row| {
            Ok(Self {
                root: Root::read(row)?,
                no: row.get(5)?,
                base: row.get(6)?,
                began: row.get(7)?,
                ended: row.get(8)?,
                events: row.get(9)?,
                failed: match row.get(10)? {
                    0 => Failed::Nowhere,
                    AT_ROOT => Failed::Root,
                    _ => Failed::Below,
                },
                words: row.get_ref(11)?.as_blob_or_null()?.map(Words::load).unwrap_or_default(),
                is_new: false,
            })
        });
        summary.optional()
    }

    /// Whether nothing of the trace is in the file.
    pub(crate) const fn is_new(&self) -> bool {
        self.is_new
    }

    /// How a span's id is kept.
    pub(crate) fn span(&self, id: SpanId) -> i64 {
        columns::span(self.base, id)
    }

    /// Takes one more event into account. `name` is that of its span.
    pub(crate) fn absorb(&mut self, event: &Event, name: Named<'_>) {
        let ended = event.timestamp.unix_nanos();
        let duration = event.duration.map(nanos);
        let began = ended.saturating_sub(duration.unwrap_or(0));
        self.began = self.began.min(began);
        self.ended = self.ended.max(ended);
        self.events = self.events.saturating_add(1);
        if event.parent_span_id.is_some() {
            if is_failed_call(event) {
                self.failed = self.failed.max(Failed::Below);
            }
            return;
        }
        if event.status == Status::Failed {
            self.failed = Failed::Root;
        }
        let (span, base) = (self.span(event.span_id), self.base);
        let is_first = |old: &Root| (old.began, columns::span_id(base, old.span)) <= (began, Some(event.span_id));
        let new = || {
            let name = match name {
                Named::Id(id) => Value::Integer(id),
                Named::Text(text) => Value::Text(text.to_owned()),
            };
            Root { span, name, began, status: Some(event.status), duration }
        };
        match &mut self.root {
            // The start of a life may arrive after its end, from another program.
            Some(old) if old.span == span && event.status == Status::Pending => old.began = old.began.min(began),
            Some(old) if old.span == span => self.root = Some(Root { began: old.began.min(began), ..new() }),
            Some(old) if is_first(old) => {}
            Some(_) if event.status == Status::Pending => self.root = Some(Root { status: None, ..new() }),
            _ => self.root = Some(new()),
        }
    }

    /// Writes the row.
    pub(crate) fn save(&self, db: &Connection, id: TraceId) -> rusqlite::Result<()> {
        let root = self.root.as_ref();
        let (span, name, began) =
            (root.map(|root| root.span), root.map(|root| &root.name), root.map(|root| root.began));
        let status = root.and_then(|root| root.status).map(status_number);
        let duration = root.and_then(|root| root.duration);
        let failed = match self.failed {
            Failed::Nowhere => 0,
            Failed::Root => AT_ROOT,
            Failed::Below if root.is_some() => BELOW_ROOT,
            Failed::Below => BELOW_NONE,
        };
        let words = self.words.row();
        // What names a trace stays, so that of the second and third parameter an update has nothing to say.
        let sql = if self.is_new {
            "INSERT INTO traces (no, trace, base, began, ended, events, failed,
                 root, root_name, root_began, root_status, root_duration, words)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        } else {
            "UPDATE traces SET began = ?4, ended = ?5, events = ?6, failed = ?7,
                 root = ?8, root_name = ?9, root_began = ?10, root_status = ?11, root_duration = ?12, words = ?13
             WHERE no = ?1"
        };
        db.prepare_cached(sql)?.execute(params![
            self.no,
            Kept::from(id),
            self.base,
            self.began,
            self.ended,
            self.events,
            failed,
            span,
            name,
            began,
            status,
            duration,
            words
        ])?;
        Ok(())
    }
}

impl Root {
    fn read(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let Some(span) = row.get(0)? else { return Ok(None) };
        Ok(Some(Self {
            span,
            name: row.get(1)?,
            began: row.get(2)?,
            status: row.get::<_, Option<i64>>(3)?.and_then(status_of),
            duration: row.get(4)?,
        }))
    }
}

/// The columns that [`read_summary`] and [`complete`] expect, in their order.
pub(crate) const COLUMNS: &str =
    "trace, began, ended, events, failed, root_name, root_status, root_duration, root, base";
/// Which of them is when it began.
pub(crate) const BEGAN: usize = 1;
/// Where the number of the trace is for whoever asks for it behind them.
pub(crate) const NUMBER: usize = 10;

/// What a row tells of a trace: how it ended, and all else that it takes to choose. Where the row does not know that,
/// the events are asked.
pub(crate) fn read_summary(db: &Connection, names: &mut Names, row: &Row<'_>) -> rusqlite::Result<TraceSummary> {
    let root_status = status(row)?;
    let failed: i64 = row.get(4)?;
    let mut summary = TraceSummary {
        id: row.get::<_, Kept>(0)?.id(),
        began: Timestamp::from_unix_nanos(row.get(1)?),
        ended: Timestamp::from_unix_nanos(row.get(2)?),
        status: match root_status {
            _ if failed == AT_ROOT => TraceStatus::Failed,
            Some(Status::Success) => TraceStatus::Success,
            _ => TraceStatus::Open,
        },
        failed_below: failed > AT_ROOT,
        root_name: names.read(db, row.get_ref(5)?)?.map(Cow::into_owned),
        root_duration: row.get::<_, Option<i64>>(7)?.map(duration),
        events: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
    };
    if root_status.is_none()
        && summary.events <= LOOKED_AT
        && let Some(trace) = read::fold(db, names, summary.id)?
    {
        match root(row)? {
            None => summary.look_at(&trace),
            Some(root) => summary.look_at_root(&trace, root),
        }
    }
    Ok(summary)
}

/// Fills in what a list shows besides: how long the root took, where its end recorded nothing.
pub(crate) fn complete(
    db: &Connection,
    names: &mut Names,
    row: &Row<'_>,
    summary: &mut TraceSummary,
) -> rusqlite::Result<()> {
    if summary.is_to_be_timed(status(row)?)
        && summary.events <= LOOKED_AT
        && let Some(root) = root(row)?
        && let Some(trace) = read::fold(db, names, summary.id)?
    {
        summary.time(&trace, root);
    }
    Ok(())
}

fn status(row: &Row<'_>) -> rusqlite::Result<Option<Status>> {
    Ok(row.get::<_, Option<i64>>(6)?.and_then(status_of))
}

fn root(row: &Row<'_>) -> rusqlite::Result<Option<SpanId>> {
    let root: Option<i64> = row.get(8)?;
    let base = row.get(9)?;
    Ok(root.and_then(|root| columns::span_id(base, root)))
}
