//! What the SQLite file has of its own: numbers for names, words of a trace, labels that lead to it; and that they go
//! with it.

use std::time::Instant;

use serde_json::{Value, json};
use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
use tense_store::query::{Key, Query, Term};
use tense_store::{Found, MemoryStore, Page, Retention, Selector, SqliteStore, Store, StoreError};

use super::place::{Place, clean};

fn event(trace: u64, span: u64) -> Event {
    let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + trace as i64 * 1_000_000 + span as i64);
    let id = TraceId::from_halves(trace + 1, trace.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut event = Event::new(id, SpanId::new(span).unwrap(), "operation.tokens.created", Status::Success, at);
    event.service = "coordinator".into();
    event
}

fn is(key: &str, text: &str) -> Query {
    Query::new().with(Term::is(Key::named(key), text))
}

/// All that is found, and how many events were looked at for it.
fn found(store: &impl Store, query: &Query) -> (Vec<Event>, u64) {
    let (mut all, mut looked_at, mut from) = (Vec::new(), 0, None);
    loop {
        let Page { events, next, progress, .. } = store.search(query, from.as_ref(), 100_000).unwrap();
        all.extend(events);
        looked_at += progress.looked_at;
        match next {
            Some(next) => from = Some(next),
            None => return (all, looked_at),
        }
    }
}

fn purge_all(store: &mut SqliteStore) {
    let everything = Retention::nothing().ended_before(Timestamp::from_unix_nanos(i64::MAX));
    while store.purge(&everything).unwrap().more {}
}

#[test]
fn labels_lead_to_what_is_searched_for() {
    let place = Place::new();
    let (mut store, mut reference) = (place.open(), MemoryStore::new());
    let values =
        [json!("t1"), json!(17), json!("17.0"), json!(true), json!(0.5), json!("é 🦀"), json!("-0"), json!("")];
    for trace in 0..400_u64 {
        let events = (1..=5).map(|span| {
            let mut event = event(trace, span);
            event.job_id = Some(format!("job {}", trace % 50));
            event.worker_id = Some(format!("worker {}", trace / 100));
            event.data.insert("token_id", values[(trace % values.len() as u64) as usize].clone());
            event.data.insert("loose", format!("l{}", trace % 7));
            event.indexed = &["token_id"];
            event
        });
        let batch = clean(events);
        assert_eq!(store.append(&batch).unwrap().stored, 5);
        assert_eq!(reference.append(&batch).unwrap().stored, 5);
    }
    for (query, most) in [
        (is("job", "job 7"), 8 * 5),
        (is("worker", "worker 3"), 100 * 5),
        (is("token_id", "t1"), 50 * 5),
        (is("token_id", "17"), 100 * 5),
        (is("token_id", "1.7e1"), 100 * 5),
        (is("token_id", "true"), 50 * 5),
        (is("token_id", "0.50"), 50 * 5),
        (is("token_id", "é 🦀"), 50 * 5),
        (is("token_id", "0"), 50 * 5),
        (is("token_id", ""), 400 * 5),
        (is("token_id", "nowhere"), 0),
        (is("type", "operation.never.seen"), 0),
        (is("type", "operation.never.*"), 0),
        (is("service", "shop"), 0),
        (is("status", "failed"), 0),
        (is("loose", "l3"), 400 * 5),
        (is("job", "job 7").with(Term::is(Key::named("token_id"), "t1")), 8 * 5),
        (is("trace", &event(9, 1).trace_id.to_string()), 5),
        (Query::new().since(event(390, 1).timestamp), 10 * 5),
        (Query::new().since(event(100, 1).timestamp).until(event(103, 1).timestamp), 3 * 5),
    ] {
        let ((events, looked_at), (mut expected, _)) = (found(&store, &query), found(&reference, &query));
        // That is for whoever writes.
        expected.iter_mut().for_each(|event| event.indexed = &[]);
        assert!(events == expected, "{query:?}: {} and not {}", events.len(), expected.len());
        assert!(looked_at <= most, "{query:?}: {looked_at} events were looked at, and {most} are enough");
    }
}

/// A field that is searched for is not in the registry of every program that writes here.
#[test]
fn a_label_is_not_trusted_where_some_values_have_none() {
    let place = Place::new();
    let mut store = place.open();
    let with = |trace, value: Value, indexed| {
        let mut event = event(trace, 1);
        event.data.insert("token_id", value);
        event.indexed = indexed;
        event
    };
    let spans = |store: &SqliteStore| found(store, &is("token_id", "t1")).0.len();
    assert_eq!(store.append(&clean([with(1, json!("t1"), &["token_id"])])).unwrap().stored, 1);
    assert_eq!(spans(&store), 1);
    assert_eq!(place.open().append(&clean([with(2, json!("t1"), &[])])).unwrap().stored, 1);
    assert_eq!(spans(&store), 2);
    assert_eq!(store.append(&clean([with(3, json!(["t1", "t2"]), &["token_id"])])).unwrap().stored, 1);
    assert_eq!(spans(&store), 3);
}

#[test]
fn a_trace_takes_all_that_leads_to_it_with_it() {
    let place = Place::new();
    let mut store = place.open();
    for trace in 0..130_u64 {
        let events = (1..=100).map(|span| {
            let mut event = event(trace, span);
            event.job_id = Some(format!("job {trace}"));
            event.user_id = Some("user 1".to_owned());
            event.tags = vec!["saga".into()];
            // More than there is room for among the words of a trace.
            event.data.insert("token_id", format!("token {span}"));
            event.data.insert("nth", span);
            event.indexed = &["token_id", "nth"];
            event
        });
        assert_eq!(store.append(&clean(events)).unwrap().stored, 100);
    }
    assert_eq!(found(&store, &is("token_id", "token 99")).0.len(), 130);
    assert_eq!(found(&store, &is("nth", "99")).1, 130 * 100);
    assert!(place.count("labels") > 130 * 200 && place.count("marks") > 0);
    purge_all(&mut store);
    assert_eq!(["events", "traces", "labels", "marks", "tallies"].map(|table| place.count(table)), [0; 5]);
}

#[test]
fn a_large_trace_goes_in_small_steps() {
    const SPANS: u64 = 9_000;
    let place = Place::new();
    let mut store = place.open();
    assert_eq!(store.append(&clean((1..=SPANS).map(|span| event(1, span)))).unwrap().stored as u64, SPANS);
    let everything = Retention::nothing().ended_before(Timestamp::from_unix_nanos(i64::MAX));
    let (mut steps, mut gone) = (0, 0);
    loop {
        let step = store.purge(&everything).unwrap();
        assert!(step.events <= 2_001, "{step:?}");
        (steps, gone) = (steps + 1, gone + step.events);
        let left = store.traces(&tense_store::TraceFilter::newest(9)).unwrap();
        assert_eq!(left.iter().map(|trace| trace.events).sum::<u64>(), SPANS - gone);
        if !step.more {
            break;
        }
    }
    assert!(steps > 3 && gone == SPANS);
    assert_eq!(store.append(&clean([event(2, 1)])).unwrap().stored, 1);
    // What is free is given back.
    let pages = |name| place.raw().pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    assert!(pages("page_count").unwrap() < 60, "{:?}", pages("page_count"));
}

#[test]
fn what_is_left_of_a_large_trace_is_found_until_it_goes() {
    let place = Place::new();
    let mut store = place.open();
    // More than there is room for among the words of a trace, and each at the begin, in the middle and at the end.
    let events = (1..=9_000).map(|span| {
        let mut event = event(1, span);
        event.job_id = Some("job 1".to_owned());
        event.user_id = Some(format!("user {}", span % 3_000));
        event.data.insert("token_id", format!("token {}", span % 3_000));
        event.indexed = &["token_id"];
        event
    });
    let events = clean(events);
    assert_eq!(store.append(&events).unwrap().stored, 9_000);
    let everything = Retention::nothing().ended_before(Timestamp::from_unix_nanos(i64::MAX));
    loop {
        let more = store.purge(&everything).unwrap().more;
        let (left, _) = found(&store, &Query::new());
        for nth in [0, 5, 70, 1_999, 2_500] {
            for (key, value) in [("token_id", format!("token {nth}")), ("user", format!("user {nth}"))] {
                let expected = left.iter().filter(|event| event.span_id.get() % 3_000 == nth).count();
                assert_eq!(found(&store, &is(key, &value)).0.len(), expected, "{key}:{value} of {}", left.len());
            }
        }
        assert_eq!(found(&store, &is("job", "job 1")).0.len(), left.len());
        if !more {
            break;
        }
    }
    assert_eq!(["events", "traces", "labels", "marks"].map(|table| place.count(table)), [0; 4]);
}

#[test]
fn numbers_are_not_given_twice() {
    let place = Place::new();
    let mut store = place.open();
    assert_eq!(store.append(&clean([event(1, 1)])).unwrap().stored, 1);
    let first = found(&store, &Query::new()).0.len();
    let page = store.search(&Query::new(), None, 1).unwrap();
    purge_all(&mut store);
    assert_eq!(store.append(&clean([event(2, 1)])).unwrap().stored, 1);
    // Whoever goes on from the page before finds nothing that is older.
    assert_eq!((first, store.search(&Query::new(), page.next.as_ref(), 9).unwrap().events.len()), (1, 0));
}

#[test]
fn whoever_comes_back_too_late_is_told() {
    let place = Place::new();
    let mut store = place.open();
    assert_eq!(store.append(&clean([event(1, 1)])).unwrap().stored, 1);
    let then = store.tail(None, 0).unwrap().next;
    for nth in 0..5 {
        assert_eq!(store.append(&clean([event(1, 2 + nth)])).unwrap().stored, 1);
    }
    assert!(!store.tail(Some(&then), 9).unwrap().is_torn);
    let db = place.raw();
    db.execute_batch("DELETE FROM batches WHERE last < 5; UPDATE gone SET number = 4").unwrap();
    let tail = store.tail(Some(&then), 9).unwrap();
    assert!(tail.is_torn && tail.events.len() == 2, "{tail:?}");
}

#[test]
fn files_from_before_the_first_release_are_refused_and_left_alone() {
    for version in 1..=3 {
        let place = Place::new();
        let db = place.raw();
        db.execute_batch("CREATE TABLE events (trace BLOB, tail INTEGER)").unwrap();
        db.pragma_update(None, "application_id", 0x746e_7365).unwrap();
        db.pragma_update(None, "user_version", version).unwrap();
        drop(db);
        let before = std::fs::read(&place.path).unwrap();
        for refused in [SqliteStore::open(&place.path), SqliteStore::open_read_only(&place.path)] {
            let error = refused.unwrap_err();
            assert!(matches!(error, StoreError::TooOld { found, .. } if found == version), "{error}");
            assert!(error.to_string().contains("move it away"));
        }
        assert!(std::fs::read(&place.path).unwrap() == before);
    }
}

/// Names of fields and types are numbers up to a point: what invents names does not fill the file with them.
#[test]
fn invented_names_are_bounded() {
    let place = Place::new();
    let mut store = place.open();
    let db = place.raw();
    db.execute("INSERT INTO names (id, name) VALUES (65536, 'the last one')", []).unwrap();
    let mut odd = event(1, 1);
    odd.event_type = "operation.invented.seen".into();
    odd.span_name = "operation.invented.done".into();
    odd.tags = vec!["invented".into()];
    odd.data.insert("invented", 1);
    odd.indexed = &["invented"];
    let batch = clean([odd.clone()]);
    assert_eq!(store.append(&batch).unwrap().stored, 1);
    assert_eq!(place.open().append(&batch).unwrap().known, 1);
    odd.indexed = &[];
    for query in [
        is("type", "operation.invented.seen"),
        is("type", "operation.invented.*"),
        is("name", "operation.invented.done"),
        is("tag", "invented"),
        is("invented", "1"),
        is("service", "coordinator"),
        Query::new(),
    ] {
        assert_eq!(found(&store, &query).0, [odd.clone()], "{query:?}");
        let count = store.statistics(&query, None).unwrap().statistics;
        let names: Vec<&str> = count.operations().map(|(operation, _)| operation.name.as_str()).collect();
        assert_eq!(names, ["operation.invented.done"], "{query:?}");
    }
    purge_all(&mut store);
    assert_eq!((place.count("labels"), place.count("names")), (0, 1));
}

/// A name for which there was no room within events may find some later, as that of an event.
#[test]
fn what_came_before_its_name_had_a_number_is_found_by_it() {
    let place = Place::new();
    let mut store = place.open();
    let full = "INSERT INTO names (id, name) VALUES (32768, 'the last within events')";
    place.execute(full);
    let mut early = event(1, 1);
    early.tags.push("late".into());
    early.data.insert("later", "x");
    let early = clean([early]);
    assert_eq!(store.append(&early).unwrap().stored, 1);
    for (trace, name) in [(200, "late"), (201, "later")] {
        let mut named_so = event(trace, 1);
        (named_so.event_type, named_so.span_name) = (name.into(), name.into());
        assert_eq!(store.append(&clean([named_so])).unwrap().stored, 1);
    }
    for query in [is("tag", "late"), is("later", "x")] {
        assert_eq!(found(&store, &query).0, [(*early[0]).clone()], "{query:?}");
    }
}

/// Of a trace with more events than a page has, only the first ones are made into events; many are of one moment, and
/// none lie in the file in the order in which they happened.
#[test]
fn a_large_trace_comes_page_by_page() {
    let place = Place::new();
    let (mut store, mut reference) = (place.open(), MemoryStore::new());
    let events = (1..=300_u64).map(|span| {
        let mut event = event(1, span);
        event.timestamp = Timestamp::from_unix_nanos((span * 7919 % 300 / 4) as i64);
        event.data.insert("odd", span % 2);
        event
    });
    let batch = clean(events.chain([event(0, 1), event(2, 1)]));
    assert_eq!(store.append(&batch).unwrap().stored, 302);
    assert_eq!(reference.append(&batch).unwrap().stored, 302);
    for query in [Query::new(), is("odd", "1"), is("service", "coordinator")] {
        let expected = found(&reference, &query).0;
        for most in [1, 7, 149, 150, 151, 299, 300, 301] {
            let (mut all, mut from) = (Vec::new(), None);
            loop {
                let page = store.search(&query, from.as_ref(), most).unwrap();
                assert!(page.events.len() <= most);
                all.extend(page.events);
                match page.next {
                    Some(next) => from = Some(next),
                    None => break,
                }
            }
            assert!(all == expected, "{query:?}, {most} a page: {} of {}", all.len(), expected.len());
        }
    }
}

/// The rows of a large trace are looked at for its first page. The pages behind it begin where the one before ended,
/// whatever is written or removed meanwhile.
#[test]
fn the_pages_of_a_large_trace_look_at_its_rows_once() {
    const ROWS: u64 = 20_000;
    let place = Place::new();
    let mut store = place.open();
    let events = (1..=ROWS).map(|span| {
        let mut event = event(1, span);
        event.timestamp = Timestamp::from_unix_nanos((span * 7919 % ROWS) as i64);
        event.data.insert("odd", span % 2);
        event
    });
    assert_eq!(store.append(&clean(events)).unwrap().stored, ROWS as usize);
    for (query, meant) in [(Query::new(), ROWS), (is("odd", "1"), ROWS / 2)] {
        let (mut seen, mut looked_at, mut from, mut pages) = (Vec::new(), 0, None, 0_u64);
        loop {
            let page = store.search(&query, from.as_ref(), 500).unwrap();
            seen.extend(page.events.iter().map(|event| event.timestamp));
            looked_at += page.progress.looked_at;
            pages += 1;
            // Of the same trace, early and late; and another question in between.
            let more = [event(1, ROWS + 1_000_000 * meant + pages)];
            assert_eq!(store.append(&clean(more)).unwrap().stored, 1);
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        assert!(seen.is_sorted() && seen.len() as u64 >= meant, "{}", seen.len());
        assert!(looked_at <= ROWS + ROWS + 2 * pages, "{looked_at} rows were looked at for {pages} pages");
    }
    // What was purged in between is not there any more, and nothing else is missing.
    let first = store.search(&is("odd", "1"), None, 100).unwrap();
    let db = place.raw();
    let gone = db.execute("DELETE FROM events WHERE at < 1000 AND at % 3 = 0", []).unwrap();
    assert!(gone > 0);
    let rest = store.search(&is("odd", "1"), first.next.as_ref(), 100).unwrap();
    let expected = place.open().search(&is("odd", "1"), first.next.as_ref(), 100).unwrap();
    assert!(rest.events == expected.events && rest.next == expected.next);
}

/// A large trace is not read to say that it is of a job, nor that it is not although a label leads to it.
#[test]
fn a_job_is_found_without_reading_its_trace() {
    let place = Place::new();
    let mut store = place.open();
    let mut large: Vec<Event> = (1..=20_000).map(|span| event(9, span)).collect();
    for event in &mut large {
        event.job_id = Some("large".to_owned());
    }
    let mut small = event(1, 1);
    small.job_id = Some("small".to_owned());
    let ids = [small.trace_id, large[0].trace_id];
    assert_eq!(store.append(&clean(large.into_iter().chain([small]))).unwrap().stored, 20_001);
    let db = place.raw();
    assert_eq!(db.execute("INSERT INTO labels SELECT label, 1 FROM labels WHERE trace = 2", []).unwrap(), 1);
    let began = Instant::now();
    assert_eq!(store.trace(ids[1]).unwrap().unwrap().spans().len(), 20_000);
    let to_read_it = began.elapsed();
    for (job, id) in [("small", ids[0]), ("large", ids[1])] {
        let began = Instant::now();
        for _ in 0..4 {
            assert_eq!(store.find(&Selector::Job(job.to_owned())).unwrap(), Found::One(id));
        }
        assert!(began.elapsed() < to_read_it, "{job}: {:?}, and {to_read_it:?} to read it", began.elapsed());
    }
}

/// Words keep more than is there: of an event that was known already with another job, and of those that are gone.
#[test]
fn a_job_is_found_by_what_is_there() {
    let place = Place::new();
    let (mut store, mut reference) = (place.open(), MemoryStore::new());
    let of = |span, job: &str| {
        let mut event = event(1, span);
        event.job_id = Some(job.to_owned());
        event
    };
    for batch in [clean([of(1, "one")]), clean([of(1, "two"), of(2, "three")])] {
        assert_eq!(store.append(&batch).unwrap(), reference.append(&batch).unwrap());
    }
    for job in ["one", "two", "three", "four"] {
        let of_job = Selector::Job(job.to_owned());
        assert_eq!(store.find(&of_job).unwrap(), reference.find(&of_job).unwrap(), "{job}");
    }
    // So many that there is no room for all among the words.
    let batch = clean((3..=99).map(|span| of(span, &format!("job {span}"))));
    assert_eq!(store.append(&batch).unwrap(), reference.append(&batch).unwrap());
    for job in ["one", "two", "job 3", "job 99", "job 100"] {
        let of_job = Selector::Job(job.to_owned());
        assert_eq!(store.find(&of_job).unwrap(), reference.find(&of_job).unwrap(), "{job}");
    }
}
