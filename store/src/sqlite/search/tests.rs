//! A search with a clock that is counted: it goes on from where its time was over, and never looks on.

use tense_event::{CleanEvent, Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

use super::*;
use crate::{SqliteStore, Store as _};

/// So many traces begin a second each after the other.
const TRACES: u64 = 700;
/// The first so many are asked for: too many to be listed by their time.
const OLD: u64 = 150;

fn at(second: u64) -> Timestamp {
    Timestamp::from_unix_nanos(second as i64 * 1_000_000_000)
}

fn trace(number: u64) -> CleanEvent {
    let id = SpanId::new(number + 1).unwrap();
    let mut event = Event::new(TraceId::from_halves(7, number), id, "job.run", Status::Failed, at(number));
    (event.service, event.user_id) = ("shop".into(), Some("u1".to_owned()));
    event.worker_id = Some("w1".to_owned());
    Sanitizer::default().clean(event)
}

fn filled(folder: &tempfile::TempDir) -> SqliteStore {
    let mut store = SqliteStore::open(folder.path().join("tense.db")).unwrap();
    let batch: Vec<CleanEvent> = (0..TRACES).map(trace).collect();
    assert_eq!(store.append(&batch).unwrap().stored, batch.len());
    store
}

/// What is asked for lies behind many traces, which an index leads to, or nothing does.
#[test]
fn a_search_for_old_traces_stops_when_its_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder);
    for terms in ["", "status:failed", "service:shop", "user:u1", "worker:w1", "status:failed user:u1"] {
        let terms = terms.split_whitespace().map(|term| term.parse().unwrap());
        let query = terms.fold(Query::new().until(at(OLD)), Query::with);
        let (mut found, mut from, mut calls) = (Vec::new(), None, 0);
        loop {
            let mut asked = 0;
            let mut is_over = || {
                asked += 1;
                true
            };
            let known = (&mut *store.names.borrow_mut(), &mut *store.spots.borrow_mut());
            let page = page_until(&store.db, known, &query, from.as_ref(), 1_000, &mut is_over).unwrap();
            assert!(asked <= 1, "{query:?}: after it was over, it looked on");
            found.extend(page.events.iter().map(|event| event.span_id.get() - 1));
            calls += 1;
            assert!(calls <= TRACES, "{query:?}: it does not go on");
            match page.next {
                Some(next) => from = Some(next),
                None => break,
            }
            // Who waits is told how far it is.
            assert!(page.progress.reached.is_some(), "{query:?}");
        }
        assert_eq!(found, (0..OLD).rev().collect::<Vec<_>>(), "{query:?}");
        // Of newer traces a chunk a call, and of those that are meant one.
        assert!(calls >= OLD + (TRACES - OLD) / 64, "{query:?}: {calls} calls");
    }
}

/// A search sorts the events of a trace by time, for which it holds them. A count has no need to.
#[test]
fn a_count_that_has_to_read_events_takes_each_as_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(folder.path().join("tense.db")).unwrap();
    let sanitizer = Sanitizer::default();
    // The first to begin are the last to end.
    let events: Vec<CleanEvent> = (1..=50_u64)
        .map(|span| {
            let id = SpanId::new(span).unwrap();
            let mut event = Event::new(TraceId::from_halves(7, 7), id, "job.run", Status::Success, at(100 - span));
            event.user_id = Some(["u1", "u2"][span as usize % 2].to_owned());
            sanitizer.clean(event)
        })
        .collect();
    assert_eq!(store.append(&events).unwrap().stored, 50);
    let query = Query::new().with("user:u1".parse().unwrap());
    let (mut spots, mut seen) = (Spots::default(), Vec::new());
    let known = (&mut *store.names.borrow_mut(), &mut spots);
    let (next, progress) = walk(&store.db, known, 'c', &query, None, &mut || false, |reader, place, _| {
        reader.each(place, |event| seen.push(event.span_id.get()))?;
        Ok(None)
    })
    .unwrap();
    assert_eq!(seen, (1..=25).map(|nth| 2 * nth).collect::<Vec<_>>());
    assert_eq!((next, progress.looked_at), (None, 50));
}
