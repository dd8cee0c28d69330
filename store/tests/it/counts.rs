//! What the SQLite file counts as events come, held against counting them one by one: whatever came twice, late, in
//! parts or without a number for its name, whatever was purged, and whoever wrote beside us.

use std::time::Duration;

use proptest::prelude::*;
use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};
use tense_store::query::{Key, Query, Term};
use tense_store::statistics::Statistics;
use tense_store::{Count, MemoryStore, Retention, SqliteStore, Store, TraceFilter};

use super::place::{Place, clean};

const BEGAN: i64 = 1_795_255_200_000_000_000;
const APART: i64 = 1_000_000_000;

/// What operations ended, and how many events were counted.
fn count(store: &impl Store, query: &Query) -> (Statistics, u64) {
    let (mut statistics, mut looked_at, mut from) = (Statistics::default(), 0, None);
    loop {
        let part: Count = store.statistics(query, from.as_ref()).unwrap();
        statistics.merge(part.statistics);
        looked_at += part.progress.looked_at;
        match part.next {
            Some(next) => from = Some(next),
            None => return (statistics, looked_at),
        }
    }
}

/// All spans that are found, by their traces.
fn found(store: &impl Store, query: &Query) -> Vec<(TraceId, SpanId, Status)> {
    let (mut all, mut from) = (Vec::new(), None);
    loop {
        let page = store.search(query, from.as_ref(), 100_000).unwrap();
        all.extend(page.events.iter().map(|event| (event.trace_id, event.span_id, event.status)));
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    all.sort_unstable_by_key(|(trace, span, status)| (trace.to_bytes(), *span, *status as u8));
    all
}

fn at(trace: u64) -> Timestamp {
    Timestamp::from_unix_nanos(BEGAN + trace as i64 * APART)
}

/// An event that the same numbers always make the same.
fn event(trace: u64, span: u64) -> Event {
    let mixed = (trace * 31 + span).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let part = |shift: u32, of: u64| (mixed >> shift) % of;
    let types = ["sql.query", "operation.orders.placed", "operation.orders.failed", "dispatch.batch.start"];
    let status = [Status::Success, Status::Success, Status::Failed, Status::Pending][part(40, 4) as usize];
    let id = TraceId::from_halves(trace + 1, trace.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let kind = types[part(33, 4) as usize];
    let mut event = Event::new(id, SpanId::new(span).unwrap(), kind, status, at(trace));
    event.service = ["shop", "mail", ""][part(20, 3) as usize].into();
    if part(12, 2) == 0 {
        event.span_name = "dispatch.batch".into();
    }
    let kinds = [ErrorKind::Error, ErrorKind::Panic, ErrorKind::Cancelled];
    event.error =
        (status == Status::Failed).then(|| kinds.get(part(45, 4) as usize).copied().map(ErrorInfo::new)).flatten();
    event.sample_weight = [1, 1, 1, 0, 7, u32::MAX][part(25, 6) as usize];
    if part(50, 5) > 0 {
        event.duration = Some(Duration::from_nanos(mixed.rotate_left(17) >> part(5, 63) >> 1));
    }
    event
}

fn queries(traces: u64) -> Vec<Query> {
    let all = Query::new;
    let with = |term: &str| all().with(term.parse().unwrap());
    vec![
        all(),
        with("type:sql.query"),
        with("-type:operation.*"),
        with("name:dispatch.batch").with("status:failed".parse().unwrap()),
        all().with(Term::is(Key::Service, "shop")),
        all().with(Term::is(Key::Service, "")),
        with("-status:success"),
        with("duration:>1ms"),
        all().since(at(traces / 3)),
        all().until(at(traces / 2)),
        all().since(at(traces / 4)).until(at(traces * 3 / 4)),
        with("type:operation.orders.*").since(at(70)),
    ]
}

/// What happens to a store.
#[derive(Debug, Clone)]
enum Step {
    /// So many traces come, from that one on, so many spans each; some are there already.
    Append { first: u64, traces: u64, first_span: u64, spans: u64 },
    /// Some of the oldest go.
    Purge { before: u64 },
    /// Another program of ours opens the file.
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let append = (0..250_u64, 1..90_u64, 1..5_u64, 1..8_u64)
        .prop_map(|(first, traces, first_span, spans)| Step::Append { first, traces, first_span, spans });
    let purge = (0..200_u64).prop_map(|before| Step::Purge { before });
    proptest::collection::vec(prop_oneof![6 => append, 1 => purge, 1 => Just(Step::Reopen)], 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_count_is_what_counting_every_event_says(steps in steps()) {
        let place = Place::new();
        let (mut store, mut reference) = (place.open(), MemoryStore::new());
        for step in steps {
            match step {
                Step::Append { first, traces, first_span, spans } => {
                    let events = (first..first + traces)
                        .flat_map(|trace| (first_span..first_span + spans).map(move |span| event(trace, span)));
                    let batch = clean(events);
                    prop_assert_eq!(store.append(&batch).unwrap(), reference.append(&batch).unwrap());
                }
                Step::Purge { before } => {
                    let retention = Retention::nothing().ended_before(at(before));
                    while store.purge(&retention).unwrap().more {}
                    while reference.purge(&retention).unwrap().more {}
                }
                Step::Reopen => store = place.open(),
            }
        }
        for query in queries(250) {
            let (counted, expected) = (count(&store, &query).0, count(&reference, &query).0);
            prop_assert!(counted == expected, "{:?} is {:?}, and not {:?}", query, counted, expected);
            // Spans of a hundred years and of a nanosecond: an index of a time has to lead to all of them.
            if query.range() != (None, None) {
                prop_assert!(found(&store, &query) == found(&reference, &query), "{:?}", query);
            }
        }
    }
}

fn filled(place: &Place, traces: u64) -> (SqliteStore, MemoryStore) {
    let (mut store, mut reference) = (place.open(), MemoryStore::new());
    for trace in 0..traces {
        let batch = clean((1..=6).map(|span| {
            let mut event = event(trace, span);
            // Traces that are under way one after the other.
            event.duration = event.duration.map(|took| took.min(Duration::from_millis(2)));
            event
        }));
        assert_eq!(store.append(&batch).unwrap(), reference.append(&batch).unwrap());
    }
    (store, reference)
}

/// Without it all the other tests would hold as well.
#[test]
fn what_was_counted_as_it_came_is_not_read() {
    let place = Place::new();
    let (store, reference) = filled(&place, 200);
    place.execute("DELETE FROM events WHERE trace < 160");
    for query in queries(200) {
        let (counted, expected) = (count(&store, &query), count(&reference, &query));
        match format!("{query:?}") {
            // At both ends of a time traces are looked at, and a duration is not kept exactly.
            asked if asked.contains("Timestamp") || asked.contains("Lasts") => {}
            asked => {
                assert!(counted.0 == expected.0, "{asked}");
                assert_eq!(counted.1, 200 * 6, "{asked}: all of them count as looked at");
            }
        }
    }
    let blocks = count(&store, &Query::new().since(at(60)).until(at(200))).0;
    let expected = count(&reference, &Query::new().since(at(63)).until(at(200))).0;
    assert!(blocks == expected, "blocks that are in time are not read, others are");
}

#[test]
fn an_older_program_that_writes_or_purges_beside_us_is_seen() {
    let place = Place::new();
    let (mut store, mut reference) = filled(&place, 200);
    // One that has never heard of tallies: it writes events, and keeps the rows of traces.
    place.execute("CREATE TABLE kept AS SELECT * FROM tallies");
    let late = clean((0..200).step_by(70).map(|trace| event(trace, 99)));
    assert_eq!(store.append(&late).unwrap(), reference.append(&late).unwrap());
    place.execute("DELETE FROM tallies; INSERT INTO tallies SELECT * FROM kept");
    let all = |store: &SqliteStore, reference: &MemoryStore| {
        for query in queries(200) {
            assert!(count(store, &query).0 == count(reference, &query).0, "{query:?}");
        }
    };
    all(&store, &reference);
    // And ours goes on behind it.
    let more = clean((0..230).map(|trace| event(trace, 100)));
    assert_eq!(store.append(&more).unwrap(), reference.append(&more).unwrap());
    all(&store, &reference);

    place.execute("DROP TABLE kept; CREATE TABLE kept AS SELECT * FROM tallies");
    let retention = Retention::nothing().ended_before(at(30));
    while store.purge(&retention).unwrap().more {}
    while reference.purge(&retention).unwrap().more {}
    place.execute("DELETE FROM tallies; INSERT INTO tallies SELECT * FROM kept");
    all(&store, &reference);
}

#[test]
fn what_a_program_of_the_version_before_counts_beside_us_is_not_taken_for_ours() {
    let place = Place::new();
    let (store, reference) = filled(&place, 40);
    // It has had the file open since before, and counts a block in its own form: that nine of something ended.
    place.execute("DELETE FROM tallies; INSERT INTO tallies SELECT 0, sum(events), x'0403090900' FROM traces");
    for query in queries(40) {
        assert!(count(&store, &query).0 == count(&reference, &query).0, "{query:?}");
    }
}

#[test]
fn tallies_that_are_damaged_or_missing_are_passed_over() {
    for damage in [
        "UPDATE tallies SET sums = x'ff'",
        "UPDATE tallies SET sums = substr(sums, 1, length(sums) - 1)",
        "UPDATE tallies SET events = events - 1",
        "DELETE FROM tallies",
    ] {
        let place = Place::new();
        let (mut store, mut reference) = filled(&place, 150);
        place.execute(damage);
        for round in 0..2 {
            for query in queries(150) {
                assert!(count(&store, &query).0 == count(&reference, &query).0, "{damage}: {query:?}");
            }
            let more = clean((100..200).map(|trace| event(trace, 50 + round)));
            assert_eq!(store.append(&more).unwrap(), reference.append(&more).unwrap());
        }
    }
}

/// A block of large traces, and of many operations: its tallies go on in another part.
#[test]
fn what_is_counted_of_a_block_has_no_end() {
    let place = Place::new();
    let (mut store, mut reference) = (place.open(), MemoryStore::new());
    for round in 0..30_u64 {
        let events = (0..3).flat_map(|trace| {
            (1..300).map(move |span| {
                let mut event = event(trace, round * 1_000 + span);
                event.event_type = format!("operation.invented.seen_{}", (round * 300 + span) % 200).into();
                event
            })
        });
        let batch = clean(events);
        assert_eq!(store.append(&batch).unwrap(), reference.append(&batch).unwrap());
    }
    let db = place.raw();
    let (parts, most): (i64, i64) = db
        .query_row("SELECT count(*), max(length(sums)) FROM tallies", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert!(parts > 3 && most < 32_000, "{parts} parts of at most {most} bytes");
    for query in queries(3) {
        assert!(count(&store, &query).0 == count(&reference, &query).0, "{query:?}");
    }
}

/// A large trace is purged in steps, and what is left of it counts in between.
#[test]
fn what_is_left_of_a_purge_counts() {
    let place = Place::new();
    let mut store = place.open();
    let large = clean((1..=9_000).map(|span| event(0, span)));
    assert_eq!(store.append(&large).unwrap().stored, 9_000);
    let retention = Retention::nothing().ended_before(at(1));
    let mut steps = 0;
    while store.purge(&retention).unwrap().more {
        steps += 1;
        let mut expected = Statistics::default();
        let left = store.traces(&TraceFilter::newest(9)).unwrap()[0].events;
        let read = store.events(large[0].trace_id).unwrap();
        read.events.iter().for_each(|event| expected.add(event));
        assert_eq!((read.unreadable, count(&store, &Query::new())), (0, (expected, left)));
    }
    assert!(steps > 3, "{steps}");
}

/// Who removes a large trace may be killed before all of it is gone.
#[test]
fn a_trace_of_which_some_was_purged_is_not_listed_as_a_whole() {
    let place = Place::new();
    let mut store = place.open();
    let calls = clean((1..=5_000).map(|span| {
        let mut call = event(0, span);
        call.parent_span_id = SpanId::new(u64::from(span > 1));
        call
    }));
    assert_eq!(store.append(&calls).unwrap().stored, 5_000);
    let listed = |store: &SqliteStore| store.traces(&TraceFilter::newest(1)).unwrap().remove(0);
    let whole = listed(&store);
    assert_eq!(whole.events, 5_000);
    assert!(whole.root_name.is_some());
    let everything = Retention::nothing().ended_before(at(1));
    assert!(store.purge(&everything).unwrap().more);
    let part = listed(&store);
    assert!(part.events < 5_000);
    assert_eq!((part.root_name, part.root_duration), (None, None));
    while store.purge(&everything).unwrap().more {}
    assert!(store.traces(&TraceFilter::newest(1)).unwrap().is_empty());
}
