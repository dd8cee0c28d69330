//! A batch of clean events enters, one transaction of rows leaves.

use std::collections::HashMap;

use rusqlite::{Connection, TransactionBehavior, params};
use tense_event::{CleanEvent, TraceId};

use crate::arrivals;
use crate::body;
use crate::names::Names;
use crate::summary::{Summary, nanos, status_number};
use crate::{Appended, StoreError};

/// Writes what is new of the batch, and brings the summaries of its traces up to date; all of it or nothing.
pub(crate) fn insert(db: &mut Connection, names: &mut Names, batch: &[CleanEvent]) -> Result<Appended, StoreError> {
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
    let mut appended = Appended::default();
    {
        let mut row = tx.prepare_cached(
            "INSERT OR IGNORE INTO events (trace, span, type, status, parent, name, at, duration, service, source, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        let mut summaries: HashMap<TraceId, Summary> = HashMap::new();
        let mut rest = Vec::new();
        for event in batch {
            // Writing into memory, of values that are JSON already: there is nothing that could fail.
            body::pack(event, &mut rest).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            let parent = event.parent_span_id.map(tense_event::SpanId::to_bytes);
            let name = names.intern(&tx, &event.span_name)?;
            let (kind, status) = (names.intern(&tx, &event.event_type)?, status_number(event.status));
            let new = row.execute(params![
                event.trace_id.to_bytes().as_slice(),
                event.span_id.to_bytes().as_slice(),
                kind,
                status,
                parent.as_ref().map(<[u8; 8]>::as_slice),
                name,
                event.timestamp.unix_nanos(),
                event.duration.map(nanos),
                names.intern_some(&tx, &event.service)?,
                names.intern_some(&tx, &event.source)?,
                (!rest.is_empty()).then_some(rest.as_slice()),
            ])?;
            if new == 0 {
                appended.known += 1;
                continue;
            }
            appended.stored += 1;
            arrivals::note(&tx, event, kind, status)?;
            let summary = match summaries.entry(event.trace_id) {
                std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::hash_map::Entry::Vacant(place) => place.insert(Summary::load(&tx, event.trace_id)?),
            };
            summary.absorb(event, name);
        }
        for (id, summary) in &summaries {
            summary.save(&tx, *id)?;
        }
    }
    tx.commit()?;
    Ok(appended)
}
