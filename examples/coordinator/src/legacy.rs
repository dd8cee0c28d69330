//! Events enter on their way to the database; what the old design would have said instead leaves as lines of JSON, and both
//! are counted.
//!
//! The old design reported a decision twice: the operation that it became, and the dispatcher that had it done. [`pairs`] is
//! the explicit table of that.

mod pairs;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tense_event::{CleanEvent, Event, Status};
use tense_layer::{Sink, SinkError};
use tense_store::{SqliteStore, Store};

/// Stores events as the layer would without it, and writes what the old design would have emitted.
pub(crate) struct Legacy {
    store: SqliteStore,
    lines: BufWriter<File>,
    counts: Arc<Mutex<Counts>>,
}

/// How many events there are, and how many there would have been.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    today: BTreeMap<String, u64>,
    before: BTreeMap<String, u64>,
    /// Those of the operations that were reported twice alone, by the type of the decision: today, before.
    doubled: BTreeMap<&'static str, (u64, u64)>,
}

impl Legacy {
    pub(crate) fn new(store: SqliteStore, lines: File) -> (Self, Arc<Mutex<Counts>>) {
        let counts = Arc::new(Mutex::new(Counts::default()));
        (Self { store, lines: BufWriter::new(lines), counts: Arc::clone(&counts) }, counts)
    }
}

impl Sink for Legacy {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        // The store knows an event that it has, so until here the same batch may come again.
        let stored = self.store.append(batch);
        stored.map(drop).map_err(|error| SinkError::NothingWritten(error.into()))?;
        for event in batch {
            let before = before(event);
            self.counts.lock().unwrap_or_else(PoisonError::into_inner).add(event, &before);
            for old in before {
                let line = old.json(event).map_err(|error| SinkError::Failed(error.into()))?;
                writeln!(self.lines, "{line}").map_err(|error| SinkError::Failed(error.into()))?;
            }
        }
        self.lines.flush().map_err(|error| SinkError::Failed(error.into()))
    }
}

/// What the old design would have emitted where we emit one event.
#[derive(Debug, PartialEq, Eq)]
struct Old<'t> {
    name: &'t str,
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
    let is_report = event.status == Status::Pending;
    let pair = pairs::DOUBLED
        .iter()
        .filter(|_| !is_report)
        .find(|pair| pair.event == name && pair.to.is_none_or(|to| text("to") == Some(to)));
    let mut old = match pair {
        Some(pair) => vec![
            Old { name: pair.operation, is_beside: false, doubled: Some(pair.decision) },
            Old { name: pair.dispatch, is_beside: true, doubled: Some(pair.decision) },
        ],
        None => {
            let renamed = pairs::RENAMED.iter().find(|(new, _)| *new == name).map_or(name, |(_, old)| old);
            vec![Old { name: renamed, is_beside: false, doubled: None }]
        }
    };
    let removed = pairs::REMOVED.iter().filter(|removed| removed.event == name);
    let removed = removed.filter(|removed| removed.when_any.is_none_or(|count| number(count) > 0));
    old.extend(removed.map(|removed| Old { name: removed.name, is_beside: true, doubled: None }));
    old
}

impl Old<'_> {
    /// The event under its old name. One that is beside ours is a moment of its own in the same span.
    fn json(&self, event: &CleanEvent) -> serde_json::Result<String> {
        let mut old = serde_json::to_value(event)?;
        if let Value::Object(keys) = &mut old {
            // A life keeps the name of its span.
            let is_action = event.span_name == event.event_type;
            if self.is_beside || is_action {
                keys.insert("span_name".to_owned(), self.name.into());
            }
            keys.insert("event_type".to_owned(), self.name.into());
            if self.is_beside {
                keys.remove("duration_ms");
                let id = format!("{:016x}", moment(&event.span_id.to_string(), self.name));
                keys.insert("span_id".to_owned(), id.into());
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

impl Counts {
    fn add(&mut self, event: &Event, before: &[Old<'_>]) {
        *self.today.entry(layer(&event.event_type)).or_default() += 1;
        for old in before {
            *self.before.entry(layer(old.name)).or_default() += 1;
            if let Some(decision) = old.doubled {
                let (today, before) = self.doubled.entry(decision).or_default();
                *today += u64::from(!old.is_beside);
                *before += 1;
            }
        }
    }
}

fn layer(name: &str) -> String {
    name.split('.').next().unwrap_or_default().to_owned()
}

/// Two tables: a line for each layer, and one for each type of decision that was reported twice.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers = self
            .before
            .iter()
            .map(|(layer, before)| (layer.as_str(), (self.today.get(layer).copied().unwrap_or_default(), *before)));
        table(f, "events", layers.collect())?;
        writeln!(f)?;
        table(f, "of doubled operations", self.doubled.iter().map(|(decision, counts)| (*decision, *counts)).collect())
    }
}

/// Lines, and their sum without a line break behind it.
fn table(f: &mut fmt::Formatter<'_>, title: &str, lines: Vec<(&str, (u64, u64))>) -> fmt::Result {
    writeln!(f, "{title:<26} {:>8} {:>8}", "today", "before")?;
    let (mut all_today, mut all_before) = (0, 0);
    for (name, (today, before)) in lines {
        writeln!(f, "  {name:<24} {today:>8} {before:>8}")?;
        all_today += today;
        all_before += before;
    }
    write!(f, "  {:<24} {all_today:>8} {all_before:>8}  {}", "all", fewer(all_today, all_before))
}

fn fewer(today: u64, before: u64) -> String {
    let percent = before.saturating_sub(today) * 100 / before.max(1);
    format!("{percent} % fewer")
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
            let names: Vec<_> = before(&event).iter().map(|old| old.name.to_owned()).collect();
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
        check(still_open, &["operation.tokens.created"]);
    }

    #[test]
    fn both_are_counted_by_layer() {
        let mut counts = Counts::default();
        for event in [event("operation.tokens.created", "token_id", "t1"), event("sql.query", "rows", 1_u64)] {
            counts.add(&event, &before(&event));
        }
        let expected = "\
events                        today   before
  dispatch                        0        1
  operation                       1        1
  sql                             1        1
  all                             2        3  33 % fewer
of doubled operations         today   before
  create_token                    1        2
  all                             1        2  50 % fewer";
        assert_eq!(counts.to_string(), expected);
    }
}
