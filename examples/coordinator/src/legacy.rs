//! Events enter on their way to the database; what the old design would have said instead leaves as lines of JSON, and
//! both are counted.
//!
//! The old design reported a decision twice: the operation that it became, and the dispatcher that had it done.
//! [`pairs`] is the explicit table of that, [`counts`] what is printed at the end.

mod pairs;
mod counts;

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tense_event::{CleanEvent, Event, Status};
use tense_layer::{Sink, SinkError};
use tense_store::{SqliteStore, Store};

use counts::Counts;

/// Stores events as the layer would without it, and writes what the old design would have emitted.
pub(crate) struct Legacy<W> {
    store: SqliteStore,
    /// A line a write, without a buffer: what is counted is there.
    lines: W,
    report: Arc<Mutex<Report>>,
}

/// What there is to tell at the end.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) counts: Counts,
    /// Why the lines end before the events do.
    pub(crate) failure: Option<io::Error>,
}

/// Makes the file for the lines.
///
/// What is there already is not written over: under whatever name, it may be a database of ours, or a definition. A
/// device or a pipe holds nothing that could be lost.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let created = OpenOptions::new().write(true).create_new(true).open(path);
    match created {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            if path.metadata().is_ok_and(|found| !found.is_file()) {
                return OpenOptions::new().write(true).open(path);
            }
            let what = "it is there already, and nothing is written over: name a file that is not";
            Err(io::Error::new(ErrorKind::AlreadyExists, what))
        }
        created => created,
    }
}

impl<W: Write> Legacy<W> {
    pub(crate) fn new(store: SqliteStore, lines: W) -> (Self, Arc<Mutex<Report>>) {
        let report = Arc::default();
        (Self { store, lines, report: Arc::clone(&report) }, report)
    }

    /// Held for a moment, never while something is written: whoever reads it at the end may not wait for a slow pipe.
    fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&mut self, old: &Old<'_>, event: &CleanEvent) -> io::Result<()> {
        let mut line = old.json(event)?;
        line.push('\n');
        self.lines.write_all(line.as_bytes())
    }
}

impl<W: Write + Send> Sink for Legacy<W> {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        // The store knows an event that it has, so until here the same batch may come again.
        let stored = self.store.append(batch);
        stored.map(drop).map_err(|error| SinkError::NothingWritten(error.into()))?;
        for event in batch {
            let before = before(event);
            let doubled = before.iter().find_map(|old| old.doubled);
            self.report().counts.add_today(&event.event_type, doubled);
            for old in before {
                // After a torn line none can be read. The events themselves are stored, and go on to be.
                if self.report().failure.is_some() {
                    break;
                }
                let written = self.write(&old, event);
                match written {
                    Ok(()) => self.report().counts.add_before(&old.name, old.doubled),
                    Err(error) => self.report().failure = Some(error),
                }
            }
        }
        Ok(())
    }
}

/// What the old design would have emitted where we emit one event.
#[derive(Debug, PartialEq, Eq)]
struct Old<'t> {
    name: Cow<'t, str>,
    /// It had no event of ours: it is told a second time, by the dispatcher.
    is_beside: bool,
    /// The type of the decision, where it was reported twice.
    doubled: Option<&'static str>,
}

/// By the table alone: the event says which decision it was.
fn before(event: &Event) -> Vec<Old<'_>> {
    let name = event.event_type.as_ref();
    let text = |field: &str| event.data.get(field).and_then(|value| value.as_str());
    let number = |field: &str| event.data.get(field).and_then(Value::as_u64).unwrap_or_default();
    // That something is still being done is no report of it.
    let is_still_open = event.status == Status::Pending;
    let pair = pairs::DOUBLED
        .iter()
        .filter(|_| !is_still_open)
        .find(|pair| pair.event == name && pair.to.is_none_or(|to| text("to") == Some(to)));
    let mut old = match pair {
        Some(pair) => vec![
            Old { name: pair.operation.into(), is_beside: false, doubled: Some(pair.decision) },
            Old { name: pair.dispatch.into(), is_beside: true, doubled: Some(pair.decision) },
        ],
        None => vec![Old { name: old_name(event), is_beside: false, doubled: None }],
    };
    let removed = pairs::REMOVED.iter().filter(|removed| removed.event == name);
    let removed = removed.filter(|removed| removed.when_any.is_none_or(|count| number(count) > 0));
    old.extend(removed.map(|removed| Old { name: removed.name.into(), is_beside: true, doubled: None }));
    old
}

/// What the event itself was called. The failure of an operation is called after it.
fn old_name(event: &Event) -> Cow<'_, str> {
    let is_failure = event.status == Status::Failed && event.event_type != event.span_name;
    match (pairs::operation(&event.event_type), pairs::operation(&event.span_name)) {
        (Some(operation), _) => operation.into(),
        (None, Some(operation)) if is_failure => format!("{operation}_failed").into(),
        _ => event.event_type.as_ref().into(),
    }
}

impl Old<'_> {
    /// The event under its old name. One that is beside ours is a moment of its own in the same span.
    fn json(&self, event: &CleanEvent) -> serde_json::Result<String> {
        let mut old = serde_json::to_value(event)?;
        if let Value::Object(keys) = &mut old {
            keys.insert("event_type".to_owned(), self.name.as_ref().into());
            if self.is_beside {
                keys.insert("span_name".to_owned(), self.name.as_ref().into());
                keys.remove("duration_ms");
                let id = format!("{:016x}", moment(&event.span_id.to_string(), &self.name));
                keys.insert("span_id".to_owned(), id.into());
            } else if let Some(operation) = pairs::operation(&event.span_name) {
                keys.insert("span_name".to_owned(), operation.into());
            }
        }
        serde_json::to_string(&old)
    }
}

/// An id for a moment beside a span: FNV-1a over both names, so that the same event always has the same one.
fn moment(span: &str, name: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    span.bytes().chain(name.bytes()).fold(0xcbf2_9ce4_8422_2325, step).max(1)
}

#[cfg(test)]
mod tests {
    use tense_event::{SpanId, Timestamp, TraceId};

    use super::*;

    fn event(name: &'static str, field: &str, value: impl Into<Value>) -> Event {
        let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
        let span = SpanId::new(7).unwrap();
        let mut event = Event::new(TraceId::from_bytes([7; 16]), span, name, Status::Success, at);
        event.data.insert(field.to_owned(), value.into());
        event
    }

    #[test]
    fn the_table_says_what_it_was_before() {
        let check = |event: Event, expected: &[&str]| {
            let names: Vec<_> = before(&event).into_iter().map(|old| old.name).collect();
            assert_eq!(names, expected, "{}", event.event_type);
        };
        check(
            event("operation.tokens.status_updated", "to", "waiting"),
            &["operation.tokens.update_status", "dispatch.token.marked_waiting"],
        );
        check(
            event("operation.tokens.status_updated", "to", "failed"),
            &["operation.tokens.update_status", "dispatch.token.status_updated"],
        );
        check(
            event("dispatch.batch.complete", "tokens_created", 3_u64),
            &["dispatch.batch.complete", "dispatch.tokens.batch_created"],
        );
        check(event("dispatch.batch.complete", "tokens_created", 0_u64), &["dispatch.batch.complete"]);
        check(event("operation.context.merge.started", "strategy", "sum"), &["operation.context.merge.start"]);
        check(event("sql.query", "rows", 1_u64), &["sql.query"]);
        let mut still_open = event("operation.tokens.created", "token_id", "t1");
        still_open.status = Status::Pending;
        check(still_open, &["operation.tokens.create"]);
        let mut failed = event("operation.tokens.status_update_failed", "to", "waiting");
        (failed.span_name, failed.status) = ("operation.tokens.status_updated".into(), Status::Failed);
        check(failed, &["operation.tokens.update_status_failed"]);
        let mut of_a_workflow = event("dispatch.workflow.failed", "error", "no");
        (of_a_workflow.span_name, of_a_workflow.status) = ("dispatch.workflow.completed".into(), Status::Failed);
        check(of_a_workflow, &["dispatch.workflow.failed"]);
    }

    /// A place with room for so many bytes.
    struct Room(usize, Vec<u8>);

    impl Write for Room {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0 - self.1.len());
            self.1.extend_from_slice(&bytes[..taken]);
            if taken == 0 { Err(ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_counted_is_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("tense.db")).unwrap();
        let (mut legacy, report) = Legacy::new(store, Room(1_500, Vec::new()));
        let batch: Vec<CleanEvent> = (1..=10)
            .map(|number| {
                let mut event = event("operation.tokens.created", "token_id", "t1");
                event.span_id = SpanId::new(number).unwrap();
                tense_event::Sanitizer::default().clean(event)
            })
            .collect();
        // The events themselves have arrived, so this is no loss, and no reason to deliver them again.
        legacy.deliver(&batch).unwrap();
        let lines = legacy.lines.1.iter().filter(|byte| **byte == b'\n').count() as u64;
        let report = report.lock().unwrap();
        assert_eq!(report.failure.as_ref().unwrap().kind(), ErrorKind::StorageFull);
        assert_eq!(report.counts.of("create_token"), (10, lines));
        assert!((2..20).contains(&lines), "{lines}");
    }
}
