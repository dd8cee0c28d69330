//! The row that the store keeps for each trace: new events change it, lists and look-ups read it.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};
use tense_event::{Event, SpanId, Status, Timestamp, TraceId};

use crate::names::Names;
use crate::{TraceStatus, TraceSummary};

/// What `traces` holds of one trace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    began: i64,
    ended: i64,
    events: i64,
    failed: bool,
    root: Option<Root>,
}

/// The span without a parent that began first.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Root {
    span: SpanId,
    name: i64,
    began: i64,
    status: Status,
    duration: Option<i64>,
}

impl Summary {
    const NOTHING: Self = Self { began: i64::MAX, ended: i64::MIN, events: 0, failed: false, root: None };

    /// What is known of a trace so far.
    pub(crate) fn load(db: &Connection, id: TraceId) -> rusqlite::Result<Self> {
        let mut known = db.prepare_cached(
            "SELECT began, ended, events, failed, root, root_name, root_began, root_status, root_duration
             FROM traces WHERE trace = ?1",
        )?;
        let summary = known.query_row([id.to_bytes().as_slice()], |row| {
            Ok(Self {
                began: row.get(0)?,
                ended: row.get(1)?,
                events: row.get(2)?,
                failed: row.get(3)?,
                root: Root::read(row)?,
            })
        });
        Ok(summary.optional()?.unwrap_or(Self::NOTHING))
    }

    /// Takes one more event into account. `name` is the number of its span name.
    pub(crate) fn absorb(&mut self, event: &Event, name: i64) {
        let ended = event.timestamp.unix_nanos();
        let duration = event.duration.map(nanos);
        let began = ended.saturating_sub(duration.unwrap_or(0));
        self.began = self.began.min(began);
        self.ended = self.ended.max(ended);
        self.events = self.events.saturating_add(1);
        if event.parent_span_id.is_some() {
            return;
        }
        self.failed |= event.status == Status::Failed;
        let new = Root { span: event.span_id, name, began, status: event.status, duration };
        self.root = Some(match self.root {
            // The start of a life may arrive after its end, from another program.
            Some(old) if old.span == new.span && new.status == Status::Pending => old,
            Some(old) if old.span == new.span => Root { began: old.began.min(began), ..new },
            Some(old) if old.began <= new.began => old,
            _ => new,
        });
    }

    /// Writes the row.
    pub(crate) fn save(&self, db: &Connection, id: TraceId) -> rusqlite::Result<()> {
        let root = self.root;
        db.prepare_cached(
            "INSERT OR REPLACE INTO traces (trace, tail, began, ended, events, failed,
                 root, root_name, root_began, root_status, root_duration)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            id.to_bytes().as_slice(),
            tail(id),
            self.began,
            self.ended,
            self.events,
            self.failed,
            root.map(|root| root.span.to_bytes().to_vec()),
            root.map(|root| root.name),
            root.map(|root| root.began),
            root.map(|root| status_number(root.status)),
            root.and_then(|root| root.duration),
        ])?;
        Ok(())
    }
}

impl Root {
    fn read(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let span: Option<[u8; 8]> = row.get(4)?;
        let Some(span) = span.and_then(|bytes| SpanId::new(u64::from_be_bytes(bytes))) else { return Ok(None) };
        Ok(Some(Self {
            span,
            name: row.get(5)?,
            began: row.get(6)?,
            status: status_of(row.get(7)?).unwrap_or(Status::Pending),
            duration: row.get(8)?,
        }))
    }
}

/// The columns that [`read_summary`] expects, in its order.
pub(crate) const COLUMNS: &str = "trace, began, ended, events, failed, root_name, root_status, root_duration";

/// Turns a row into what a list shows.
pub(crate) fn read_summary(db: &Connection, names: &mut Names, row: &Row<'_>) -> rusqlite::Result<TraceSummary> {
    let root_status: Option<i64> = row.get(6)?;
    let failed: bool = row.get(4)?;
    let root_name = match row.get(5)? {
        Some(id) => names.text(db, id)?.map(str::to_owned),
        None => None,
    };
    Ok(TraceSummary {
        id: TraceId::from_bytes(row.get(0)?),
        began: Timestamp::from_unix_nanos(row.get(1)?),
        ended: Timestamp::from_unix_nanos(row.get(2)?),
        status: match root_status.and_then(status_of) {
            _ if failed => TraceStatus::Failed,
            Some(Status::Success) => TraceStatus::Succeeded,
            _ => TraceStatus::Open,
        },
        root_name,
        root_duration: row.get::<_, Option<i64>>(7)?.map(duration),
        events: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
    })
}

/// The last eight hex digits of an id with the last digit first, as a number: ids that end in the same digits are
/// neighbours.
pub(crate) fn tail(id: TraceId) -> i64 {
    let [.., a, b, c, d] = id.to_bytes();
    i64::from(u32::from_be_bytes([d, c, b, a].map(|byte| byte.rotate_left(4))))
}

pub(crate) const fn status_number(status: Status) -> i64 {
    match status {
        Status::Pending => 0,
        Status::Success => 1,
        Status::Failed => 2,
    }
}

pub(crate) const fn status_of(number: i64) -> Option<Status> {
    match number {
        0 => Some(Status::Pending),
        1 => Some(Status::Success),
        2 => Some(Status::Failed),
        _ => None,
    }
}

/// Nanoseconds as a column holds them: 292 years are the longest.
pub(crate) fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// A column's nanoseconds; a negative number, which only a damaged file has, is none.
pub(crate) fn duration(nanos: i64) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_reverses_digits() {
        let id = TraceId::from_halves(1, 0x9abc_def0_1234_5678);
        assert_eq!(tail(id), 0x8765_4321);
    }
}
