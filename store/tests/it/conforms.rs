//! Our own stores, held to what every store promises; and stores with one fault each, which the suite has to find.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tense_event::{CleanEvent, TraceId};
use tense_store::query::Query;
use tense_store::{
    Appended, Count, Cursor, Found, MemoryStore, Page, Purged, Retention, Selector, SqliteStore, Store, StoreError,
    Tail, TraceEvents, TraceFilter, TraceSummary, conformance,
};

#[test]
fn the_store_in_memory_conforms() {
    conformance(|| {
        let store = MemoryStore::new();
        move || store.clone()
    });
}

#[test]
fn the_store_in_a_file_conforms() {
    conformance(|| {
        let folder = tempfile::tempdir().unwrap();
        move || SqliteStore::open(folder.path().join("tense.db")).unwrap()
    });
}

/// What a store may do wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    HalfABatch,
    Doubled,
    NoTime,
    AnyJob,
    TiesById,
    OldestFirst,
    LeavesOut,
    ByTime,
    Unstable,
    TailSkips,
    NeverTorn,
    TornForEver,
    Weightless,
    PurgesNothing,
    PurgesOneMore,
    AnyCursor,
}

#[derive(Clone)]
struct Odd(MemoryStore, Fault);

impl Store for Odd {
    fn append(&mut self, batch: &[CleanEvent]) -> Result<Appended, StoreError> {
        if self.1 == Fault::HalfABatch && batch.len() == 20 {
            assert_eq!(self.0.append(&batch[..10])?.stored, 10);
            std::thread::yield_now();
            std::thread::sleep(std::time::Duration::from_millis(1));
            return self.0.append(&batch[10..]).map(|_| Appended { stored: 20, known: 0 });
        }
        self.0.append(batch)
    }

    fn traces(&self, filter: &TraceFilter) -> Result<Vec<TraceSummary>, StoreError> {
        let mut filter = filter.clone();
        if self.1 == Fault::NoTime {
            filter.since = None;
        }
        if self.1 == Fault::AnyJob {
            filter.job = None;
        }
        // As a store has to make them that is not of this crate.
        let rebuilt = |known: TraceSummary| {
            let mut summary = TraceSummary::new(known.id, known.began);
            (summary.ended, summary.status, summary.events) = (known.ended, known.status, known.events);
            (summary.root_name, summary.root_duration) = (known.root_name, known.root_duration);
            summary.failed_below = known.failed_below;
            summary
        };
        let limit = filter.limit;
        if self.1 == Fault::TiesById {
            filter.limit = usize::MAX;
        }
        let mut all: Vec<_> = self.0.traces(&filter)?.into_iter().map(rebuilt).collect();
        if self.1 == Fault::TiesById {
            all.sort_by_key(|trace| std::cmp::Reverse((trace.began, trace.id)));
            all.truncate(limit);
        }
        Ok(all)
    }

    fn trace_ids(&self, filter: &TraceFilter) -> Result<Vec<TraceId>, StoreError> {
        let mut ids = self.0.trace_ids(filter)?;
        if self.1 == Fault::OldestFirst {
            ids.reverse();
        }
        Ok(ids)
    }

    fn events(&self, id: TraceId) -> Result<TraceEvents, StoreError> {
        let mut read = self.0.events(id)?;
        if self.1 == Fault::LeavesOut {
            read.events.truncate(7);
        }
        Ok(read)
    }

    fn find(&self, selector: &Selector) -> Result<Found, StoreError> {
        self.0.find(selector)
    }

    fn search(&self, query: &Query, from: Option<&Cursor>, most: usize) -> Result<Page, StoreError> {
        if self.1 == Fault::AnyCursor {
            return Ok(self.0.search(query, from, most).unwrap_or_default());
        }
        let from_here = if self.1 == Fault::Unstable { None } else { from };
        let mut page = self.0.search(query, from_here, if self.1 == Fault::Unstable { usize::MAX } else { most })?;
        match self.1 {
            Fault::Doubled => page.events.extend(page.events.first().filter(|_| page.events.len() > 3).cloned()),
            Fault::ByTime => page.events.sort_by_key(|event| event.timestamp),
            // By number, as `OFFSET` does it.
            Fault::Unstable => {
                let skip = from.map_or(0, |from| from.as_str()[1..].parse().unwrap());
                let all = page.events.len();
                page.events = page.events.into_iter().skip(skip).take(most).collect();
                page.next = (skip + most < all).then(|| format!("o{}", skip + most).parse().unwrap());
            }
            _ => {}
        }
        Ok(page)
    }

    fn statistics(&self, query: &Query, from: Option<&Cursor>) -> Result<Count, StoreError> {
        let mut count = self.0.statistics(query, from)?;
        if self.1 == Fault::Weightless {
            let events = self.0.search(query, None, usize::MAX)?.events;
            count.statistics = tense_store::statistics::Statistics::default();
            for mut event in events {
                event.sample_weight = 1;
                count.statistics.add(&event);
            }
        }
        Ok(count)
    }

    fn tail(&self, from: Option<&Cursor>, most: usize) -> Result<Tail, StoreError> {
        let mut tail = self.0.tail(from, most)?;
        match self.1 {
            Fault::TailSkips => drop(from.and_then(|_| tail.events.pop())),
            Fault::NeverTorn => tail.is_torn = false,
            Fault::TornForEver if tail.is_torn => tail.next = from.cloned().unwrap_or(tail.next),
            _ => {}
        }
        Ok(tail)
    }

    fn purge(&mut self, retention: &Retention) -> Result<Purged, StoreError> {
        match self.1 {
            Fault::PurgesNothing => Ok(Purged::default()),
            Fault::PurgesOneMore => {
                let mut more = *retention;
                let nanos = |before: tense_event::Timestamp| before.unix_nanos().saturating_add(60_000_000_000);
                more.before = more.before.map(|before| tense_event::Timestamp::from_unix_nanos(nanos(before)));
                self.0.purge(&more)
            }
            _ => self.0.purge(retention),
        }
    }

    fn purgeable(&self, retention: &Retention) -> Result<Purged, StoreError> {
        self.0.purgeable(retention)
    }
}

fn conforms(fault: Fault) -> bool {
    let run = || {
        conformance(|| {
            let store = Odd(MemoryStore::new(), fault);
            move || store.clone()
        });
    };
    catch_unwind(AssertUnwindSafe(run)).is_ok()
}

#[test]
fn what_a_store_does_wrong_is_seen() {
    assert!(conforms(Fault::None));
    for fault in [
        Fault::HalfABatch,
        Fault::Doubled,
        Fault::NoTime,
        Fault::AnyJob,
        Fault::TiesById,
        Fault::OldestFirst,
        Fault::LeavesOut,
        Fault::ByTime,
        Fault::Unstable,
        Fault::TailSkips,
        Fault::NeverTorn,
        Fault::TornForEver,
        Fault::Weightless,
        Fault::PurgesNothing,
        Fault::PurgesOneMore,
        Fault::AnyCursor,
    ] {
        assert!(!conforms(fault), "{fault:?}");
    }
}
