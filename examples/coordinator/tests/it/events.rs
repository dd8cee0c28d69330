//! The rows of the trace database enter; the events leave one by one, as they were delivered. (A `Trace` has put those
//! of one span together.)

use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row};
use tense_event::{Event, Status, Timestamp};

use crate::program::Desk;

/// Everything that is stored, in the order in which it happened.
pub(crate) fn stored(desk: &Desk) -> Vec<Event> {
    let db = Connection::open_with_flags(desk.path("tense.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sql =
        "SELECT lower(hex(trace)), lower(hex(span)), lower(hex(parent)), status, at, duration, types.name, spans.name,
                      coalesce(services.name, ''), coalesce(sources.name, ''), coalesce(CAST(body AS TEXT), '')
               FROM events
               JOIN names AS types ON types.id = events.type
               JOIN names AS spans ON spans.id = events.name
               LEFT JOIN names AS services ON services.id = events.service
               LEFT JOIN names AS sources ON sources.id = events.source
               ORDER BY at";
    let mut statement = db.prepare(sql).unwrap();
    let events = statement.query_map([], |row| Ok(event(row))).unwrap();
    events.collect::<Result<_, _>>().unwrap()
}

/// What has columns of its own is put before the rest, which lies in the row as JSON already.
fn event(row: &Row<'_>) -> Event {
    let text = |column: usize| row.get::<_, String>(column).unwrap();
    let status = [Status::Pending, Status::Success, Status::Failed][usize::from(row.get::<_, u8>(3).unwrap())];
    let at = Timestamp::from_unix_nanos(row.get(4).unwrap());
    let parent: Option<String> = row.get(2).unwrap();
    let parent = parent.filter(|id| !id.is_empty()).map(|id| format!(r#""parent_span_id":"{id}","#));
    let head = format!(
        r#"{{"schema_version":1,"trace_id":"{}","span_id":"{}",{}"event_type":"{}","span_name":"{}","timestamp":{},"status":"{}""#,
        text(0),
        text(1),
        parent.unwrap_or_default(),
        text(6),
        text(7),
        serde_json::to_string(&at).unwrap(),
        status.as_str()
    );
    let mut event: Event = serde_json::from_str(&format!("{head}{}}}", text(10))).unwrap();
    let nanos: Option<i64> = row.get(5).unwrap();
    event.duration = nanos.map(|nanos| Duration::from_nanos(nanos.unsigned_abs()));
    (event.service, event.source) = (text(8).into(), text(9).into());
    event
}
