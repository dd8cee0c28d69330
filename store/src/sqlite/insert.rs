//! A batch of clean events enters, one transaction of rows leaves.

use std::collections::HashMap;

use rusqlite::{Connection, TransactionBehavior};
use tense_event::{CleanEvent, SpanId, TraceId};

use super::batches::{self, Spans};
use super::body::Packer;
use super::columns::{nanos, status_number};
use super::labels::{About, Found, mark};
use super::names::{Named, Names};
use super::rows::Rows;
use super::summary::Summary;
use super::tally::Tallies;
use crate::{Appended, StoreError};

/// Writes what is new of the batch, and brings the rows of its traces up to date; all of it or nothing.
pub(crate) fn insert(db: &mut Connection, names: &mut Names, batch: &[CleanEvent]) -> Result<Appended, StoreError> {
    if batch.is_empty() {
        return Ok(Appended::default());
    }
    let result = in_transaction(db, names, batch);
    if result.is_err() {
        names.forget();
    }
    result.map_err(StoreError::sqlite("write events"))
}

fn in_transaction(db: &mut Connection, names: &mut Names, batch: &[CleanEvent]) -> rusqlite::Result<Appended> {
    // Immediate: a transaction that begins as a reader and then wants to write fails without waiting when another
    // writes.
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut traces = traces(&tx, batch)?;
    let mut found = Found::default();
    let stored = {
        let last = batches::last(&tx)?;
        let mut spans = Vec::new();
        let mut writer = Writer::new(&tx, names, &mut found, last.saturating_add(1))?;
        let mut stored = 0;
        for (id, events, summary) in &mut traces {
            let new = writer.insert(batch, events, summary)?;
            if new > 0 {
                summary.save(&tx, *id)?;
                spans.extend(range(batch, events, summary));
            }
            stored += new;
        }
        let tallies = std::mem::take(&mut writer.tallies);
        drop(writer);
        found.save(&tx)?;
        tallies.save(&tx)?;
        if stored > 0 {
            batches::save(&tx, last, last.saturating_add(batch.len() as i64), &spans)?;
        }
        stored
    };
    tx.commit()?;
    Ok(Appended { stored, known: batch.len() - stored })
}

/// The events of each trace of the batch by their places in it, and what is known of the trace; in the order of the
/// file, so that neighbours are written together.
fn traces(db: &Connection, batch: &[CleanEvent]) -> rusqlite::Result<Vec<(TraceId, Vec<u32>, Summary)>> {
    let mut next: i64 = db
        .prepare_cached("SELECT max(coalesce((SELECT max(no) FROM traces), 0), trace) + 1 FROM gone")?
        .query_row([], |row| row.get(0))?;
    let mut slots: HashMap<TraceId, usize> = HashMap::new();
    let mut traces: Vec<(TraceId, Vec<u32>, Summary)> = Vec::new();
    let mut last = None;
    for (event, place) in batch.iter().zip(0_u32..) {
        let id = event.trace_id;
        // Events of one trace often follow each other.
        let slot = match last {
            Some((known, slot)) if known == id => slot,
            _ => match slots.get(&id) {
                Some(slot) => *slot,
                None => {
                    let summary = match Summary::load(db, id)? {
                        Some(known) => known,
                        None => {
                            let no = next;
                            // Only a file that somebody has changed comes so far, and is refused then.
                            next = next.saturating_add(1);
                            Summary::new(no, event.span_id)
                        }
                    };
                    traces.push((id, Vec::new(), summary));
                    slots.insert(id, traces.len() - 1);
                    traces.len() - 1
                }
            },
        };
        last = Some((id, slot));
        traces[slot].1.push(place);
    }
    traces.sort_unstable_by_key(|(_, _, summary)| summary.no);
    Ok(traces)
}

/// From the first to the last of its spans that came.
fn range(batch: &[CleanEvent], events: &[u32], summary: &Summary) -> Option<Spans> {
    let span = |place: &u32| summary.span(batch[*place as usize].span_id);
    Some(Spans { trace: summary.no, first: span(events.first()?), last: span(events.last()?) })
}

/// Writes rows of `events`.
struct Writer<'r> {
    packer: Packer<'r>,
    /// By how many go into one statement, the most first.
    rows: [(usize, Rows<'r>); 3],
    /// The number of the first event of the batch.
    first: i64,
    body: Vec<u8>,
    tallies: Tallies,
}

/// The names of an event, as they are in the file.
struct Called<'e> {
    kind: Named<'e>,
    span: Named<'e>,
    service: Option<Named<'e>>,
}

impl<'r> Writer<'r> {
    fn new(db: &'r Connection, names: &'r mut Names, found: &'r mut Found, first: i64) -> rusqlite::Result<Self> {
        let rows = [(16, Rows::new(db, 16)?), (4, Rows::new(db, 4)?), (1, Rows::new(db, 1)?)];
        Ok(Self { packer: Packer::new(db, names, found), rows, first, body: Vec::new(), tallies: Tallies::default() })
    }

    /// Writes those events of the batch that are of this trace, and says how many were new. Their places are in the
    /// order of the spans afterwards, each key once: of two events with the same key the first one in the batch stays.
    fn insert(
        &mut self,
        batch: &[CleanEvent],
        events: &mut Vec<u32>,
        summary: &mut Summary,
    ) -> rusqlite::Result<usize> {
        let key = |place: u32| {
            let event = &batch[place as usize];
            (summary.span(event.span_id), status_number(event.status), &event.event_type)
        };
        events.sort_by(|a, b| key(*a).cmp(&key(*b)));
        events.dedup_by(|a, b| key(*a) == key(*b));
        let (mut stored, mut called) = (0, Vec::with_capacity(16));
        let mut rest = events.as_slice();
        while !rest.is_empty() {
            // Of a trace that is new here every event is new. Of others it has to be known of each.
            let most = if summary.is_new() { rest.len() } else { 1 };
            let Some(nth) = self.rows.iter().position(|(rows, _)| *rows <= most) else { break };
            let (now, later) = rest.split_at(self.rows[nth].0);
            called.clear();
            for place in now {
                let number = self.first.saturating_add(i64::from(*place));
                called.push(self.bind(nth, &batch[*place as usize], number, summary)?);
            }
            let new = self.rows[nth].1.write()?;
            stored += new;
            if new > 0 {
                for (place, called) in now.iter().zip(&called) {
                    let event = &batch[*place as usize];
                    summary.absorb(event, called.span);
                    let name = (event.span_name != event.event_type).then_some(called.span);
                    self.tallies.add(event, (summary.no, summary.is_new()), (called.kind, name, called.service));
                    self.mark(event, summary.no, called.kind, called.service)?;
                }
            }
            rest = later;
        }
        Ok(stored)
    }

    /// Gives the next row its columns.
    fn bind<'e>(
        &mut self,
        nth: usize,
        event: &'e CleanEvent,
        number: i64,
        summary: &mut Summary,
    ) -> rusqlite::Result<Called<'e>> {
        let Packer { db, names, .. } = &mut self.packer;
        let kind = names.column(db, &event.event_type)?;
        let is_called_so = event.span_name == event.event_type;
        let span = if is_called_so { kind } else { names.column(db, &event.span_name)? };
        let service = names.some(db, &event.service)?;
        let source = names.some(db, &event.source)?;
        self.packer.pack(event, summary.no, &mut summary.words, &mut self.body)?;
        let up = |parent: SpanId| (event.span_id.get() as i64).wrapping_sub(parent.get() as i64);
        let row = &mut self.rows[nth].1;
        row.number(Some(summary.no))?;
        row.number(Some(summary.span(event.span_id)))?;
        row.named(Some(kind))?;
        row.number(Some(status_number(event.status)))?;
        row.number(event.parent_span_id.map(up))?;
        row.named((!is_called_so).then_some(span))?;
        row.number(Some(event.timestamp.unix_nanos()))?;
        row.number(event.duration.map(nanos))?;
        row.named(service)?;
        row.named(source)?;
        row.number((event.sample_weight != 1).then_some(event.sample_weight.into()))?;
        row.number(Some(number))?;
        row.bytes(&self.body)?;
        Ok(Called { kind, span, service })
    }

    fn mark(
        &mut self,
        event: &CleanEvent,
        no: i64,
        kind: Named<'_>,
        service: Option<Named<'_>>,
    ) -> rusqlite::Result<()> {
        let Packer { db, names, found, .. } = &mut self.packer;
        found.mark(no, mark(About::Type, kind));
        // That most events succeed leads nowhere.
        if event.status != tense_event::Status::Success {
            found.mark(no, mark(About::Status, Named::Id(status_number(event.status))));
        }
        if let Some(service) = service {
            found.mark(no, mark(About::Service, service));
        }
        for tag in &event.tags {
            let word = names.word(db, tag)?.map_or(Named::Text(tag), Named::Id);
            found.mark(no, mark(About::Tag, word));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tense_event::{Event, Sanitizer, Status, Timestamp};

    use super::*;
    use crate::{SqliteStore, Store as _};

    /// Many rows go into one statement, which does not tell which of them are new.
    #[test]
    fn of_what_comes_twice_in_a_batch_each_is_counted_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(folder.path().join("tense.db")).unwrap();
        let sanitizer = Sanitizer::default();
        for count in [1_u64, 3, 4, 5, 16, 20, 21, 37] {
            let event = |span: u64, kind: &'static str| {
                let (trace, at) = (TraceId::from_halves(7, count), Timestamp::from_unix_nanos(span as i64));
                let mut event = Event::new(trace, SpanId::new(span).unwrap(), kind, Status::Success, at);
                event.data.insert("nth", span);
                sanitizer.clean(event)
            };
            let once: Vec<_> =
                (1..=count).flat_map(|span| ["sql.query", "sql.begin"].map(|kind| event(span, kind))).collect();
            let twice: Vec<_> = once.iter().chain(&once).cloned().collect();
            let all = once.len();
            assert_eq!(store.append(&twice).unwrap(), Appended { stored: all, known: all });
            assert_eq!(store.append(&twice).unwrap(), Appended { stored: 0, known: 2 * all });
            let trace = store.trace(TraceId::from_halves(7, count)).unwrap().unwrap();
            let told = |span: u64| trace.spans().iter().find(|known| known.id.get() == span).unwrap().data.clone();
            for span in 1..=count {
                assert_eq!(told(span).get("nth"), Some(&span.into()), "{count}");
            }
            // One more, of a trace that is here.
            let more = [once[0].clone(), event(count + 1, "sql.query")];
            assert_eq!(store.append(&more).unwrap(), Appended { stored: 1, known: 1 });
        }
    }
}
