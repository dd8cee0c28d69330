//! A trace id enters, the events of its rows leave; a row that cannot be read is counted and left out.

use rusqlite::{Connection, Row};
use tense_event::{Event, SpanId, Timestamp, TraceId};

use crate::body;
use crate::names::Names;
use crate::summary::{duration, status_of};

/// The columns that [`event`] reads, in its order.
pub(crate) const COLUMNS: &str = "events.span, events.type, events.status, events.parent, events.name, events.at, \
    events.duration, events.service, events.source, events.body";
/// How many they are: what stands behind them begins here.
pub(crate) const WIDTH: usize = 10;

/// Hands each event of the trace to `take`, in no order that means anything, and gives back how many rows there were
/// and how many of them could not be read.
pub(crate) fn events(
    db: &Connection,
    names: &mut Names,
    trace: TraceId,
    mut take: impl FnMut(Event),
) -> rusqlite::Result<(usize, usize)> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM events WHERE trace = ?1"))?;
    let mut rows = select.query([trace.to_bytes().as_slice()])?;
    let (mut seen, mut unreadable) = (0, 0);
    let mut text = Vec::new();
    while let Some(row) = rows.next()? {
        seen += 1;
        match event(db, names, trace, row, &mut text) {
            Ok(event) => take(event),
            Err(Unreadable::Row) => unreadable += 1,
            Err(Unreadable::File(error)) => return Err(error),
        }
    }
    Ok((seen, unreadable))
}

/// Why there is no event.
pub(crate) enum Unreadable {
    /// This row makes no sense; the others may.
    Row,
    /// The file cannot be read any further.
    File(rusqlite::Error),
}

impl From<rusqlite::Error> for Unreadable {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(..) => Self::File(error),
            // A value of another type or size than its column promises.
            _ => Self::Row,
        }
    }
}

/// The event of a row.
pub(crate) fn event(
    db: &Connection,
    names: &mut Names,
    trace: TraceId,
    row: &Row<'_>,
    text: &mut Vec<u8>,
) -> Result<Event, Unreadable> {
    let mut name =
        |id: i64| -> Result<String, Unreadable> { names.text(db, id)?.map(str::to_owned).ok_or(Unreadable::Row) };
    let span = |bytes: [u8; 8]| SpanId::new(u64::from_be_bytes(bytes));
    let body = row.get_ref(9)?.as_blob_or_null().map_err(|_| Unreadable::Row)?.unwrap_or_default();
    let mut event = body::unpack(body, text).map_err(|_| Unreadable::Row)?;
    event.trace_id = trace;
    event.span_id = span(row.get(0)?).ok_or(Unreadable::Row)?;
    event.event_type = name(row.get(1)?)?.into();
    event.status = status_of(row.get(2)?).ok_or(Unreadable::Row)?;
    event.parent_span_id = row.get::<_, Option<[u8; 8]>>(3)?.and_then(span);
    event.span_name = name(row.get(4)?)?.into();
    event.timestamp = Timestamp::from_unix_nanos(row.get(5)?);
    event.duration = row.get::<_, Option<i64>>(6)?.map(duration);
    if let Some(id) = row.get(7)? {
        event.service = name(id)?.into();
    }
    if let Some(id) = row.get(8)? {
        event.source = name(id)?.into();
    }
    Ok(event)
}
