//! Events enter; they leave as JSON, one a line, as `tense import` reads them: nothing is lost.

use std::io::{self, Write};

use tense_event::Event;

use crate::json;

/// Puts the events of one trace in order: as they happened, and of those that happened at once what began before what
/// ended. The same events come out in the same order, whatever order they had.
pub fn sort(events: &mut [Event]) {
    events.sort_by(|one, other| {
        let key = |event: &Event| (event.timestamp, event.status as u8, event.span_id);
        key(one).cmp(&key(other)).then_with(|| one.event_type.cmp(&other.event_type))
    });
}

/// Writes an event and a line feed. What would steer a terminal stands there as its escape.
///
/// # Errors
///
/// What the writer says.
///
/// ```
/// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
///
/// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
/// let event = Event::new(TraceId::from_bytes([7; 16]), SpanId::new(1).unwrap(), "sql.query", Status::Success, at);
/// let mut line = Vec::new();
/// tense_store::export::lines::write(&mut line, &event)?;
/// assert_eq!(serde_json::from_slice::<Event>(&line)?, event);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write(out: &mut impl Write, event: &Event) -> io::Result<()> {
    json::write_text(out, &serde_json::to_string(event)?)?;
    out.write_all(b"\n")
}
