//! A batch of clean events enters, one transaction of rows leaves.

use std::collections::HashMap;

use rusqlite::{CachedStatement, Connection, TransactionBehavior, params};
use tense_event::{CleanEvent, SpanId, TraceId};

use super::batches::{self, Spans};
use super::body::Packer;
use super::columns::{nanos, status_number};
use super::labels::{About, Found, mark};
use super::names::{Named, Names};
use super::summary::Summary;
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
        let mut rows = Rows::new(&tx, names, &mut found, last.saturating_add(1))?;
        let mut stored = 0;
        for (id, events, summary) in &mut traces {
            let new = rows.insert(batch, events, summary)?;
            if new > 0 {
                summary.save(&tx, *id)?;
                spans.extend(range(batch, events, summary));
            }
            stored += new;
        }
        drop(rows);
        found.save(&tx)?;
        if stored > 0 {
            batches::save(&tx, last.saturating_add(batch.len() as i64), &spans)?;
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
struct Rows<'r> {
    packer: Packer<'r>,
    insert: CachedStatement<'r>,
    /// The number of the first event of the batch.
    first: i64,
    body: Vec<u8>,
}

impl<'r> Rows<'r> {
    fn new(db: &'r Connection, names: &'r mut Names, found: &'r mut Found, first: i64) -> rusqlite::Result<Self> {
        let insert = db.prepare_cached(
            "INSERT OR IGNORE INTO events
                 (trace, span, type, status, up, name, at, duration, service, source, weight, number, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?;
        Ok(Self { packer: Packer { db, names, found, room: Vec::new() }, insert, first, body: Vec::new() })
    }

    /// Writes those events of the batch that are of this trace, and says how many were new. Their places are in the
    /// order of the spans afterwards; of two events with the same key the first one in the batch stays.
    fn insert(&mut self, batch: &[CleanEvent], events: &mut [u32], summary: &mut Summary) -> rusqlite::Result<usize> {
        events.sort_by_key(|place| summary.span(batch[*place as usize].span_id));
        let mut stored = 0;
        for place in events {
            let event = &batch[*place as usize];
            let Packer { db, names, .. } = &mut self.packer;
            let kind = names.column(db, &event.event_type)?;
            let is_called_so = event.span_name == event.event_type;
            let name = if is_called_so { kind } else { names.column(db, &event.span_name)? };
            let service = names.some(db, &event.service)?;
            let source = names.some(db, &event.source)?;
            self.packer.pack(event, summary.no, &mut summary.words, &mut self.body)?;
            let up = |parent: SpanId| (event.span_id.get() as i64).wrapping_sub(parent.get() as i64);
            let new = self.insert.execute(params![
                summary.no,
                summary.span(event.span_id),
                kind,
                status_number(event.status),
                event.parent_span_id.map(up),
                (!is_called_so).then_some(name),
                event.timestamp.unix_nanos(),
                event.duration.map(nanos),
                service,
                source,
                (event.sample_weight != 1).then_some(event.sample_weight),
                self.first.saturating_add(i64::from(*place)),
                (!self.body.is_empty()).then_some(self.body.as_slice()),
            ])?;
            if new == 0 {
                continue;
            }
            stored += 1;
            summary.absorb(event, name);
            self.mark(event, summary.no, kind, service)?;
        }
        Ok(stored)
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
