//! One file, written twice, by several at a time, damaged, foreign, from the future.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use tense_event::{ErrorInfo, ErrorKind, Event, Level, SpanId, Status, Timestamp, TraceId};
use tense_store::query::Query;
use tense_store::{Appended, Found, Selector, SqliteStore, Store, StoreError, Trace, TraceFilter, TraceStatus};

use super::place::{Place, clean};

fn trace_id(low: u64) -> TraceId {
    TraceId::from_halves(0x0190_163d_8694_739b, low)
}

fn event(trace: TraceId, span: u64, parent: u64, status: Status, nanos: i64) -> Event {
    let id = SpanId::new(span).unwrap();
    let mut event = Event::new(trace, id, "operation.tokens.created", status, Timestamp::from_unix_nanos(nanos));
    event.parent_span_id = SpanId::new(parent);
    event
}

#[test]
fn a_trace_reads_as_it_was_written() {
    let place = Place::new();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let id = trace_id(1);
    let mut rich = event(id, 2, 1, Status::Success, 50);
    rich.duration = Some(Duration::from_nanos(1_204_567));
    rich.service = "coordinator".into();
    rich.source = "src/tokens.rs:12".into();
    rich.tags.push("saga".into());
    rich.job_id = Some("j1".to_owned());
    rich.data.insert("z", 1);
    rich.data.insert("a", "é");
    let batch = clean([event(id, 1, 0, Status::Pending, 10), rich, event(id, 3, 2, Status::Failed, 40)]);
    assert_eq!(store.append(&batch).unwrap(), Appended { stored: 3, known: 0 });

    let told = Trace::from_events(id, batch.iter().map(|event| Event::clone(event)));
    assert_eq!(store.trace(id).unwrap(), Some(told.clone()));
    assert_eq!(SqliteStore::open_read_only(&place.path).unwrap().trace(id).unwrap(), Some(told));
    assert_eq!(store.trace(trace_id(2)).unwrap(), None);
}

/// Rows are read into one event after the other, and a context is read once where the same bytes come again.
#[test]
fn no_span_has_anything_of_the_one_before() {
    let place = Place::new();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let id = trace_id(1);
    // Runs in which everything is said, beside each other and so many that none of them is remembered till the end.
    let rich = |span: u64| {
        let mut event = event(id, span, u64::from(span > 1), Status::Failed, span as i64);
        event.span_name = "operation.tokens.create".into();
        (event.service, event.source) = ("coordinator".into(), "src/tokens.rs:12".into());
        (event.level, event.left_out, event.sample_weight) = (Level::Error, span, 7);
        event.tags.push("saga".into());
        event.absent.push("node_id".into());
        event.data.insert("stages", vec!["a.run"]);
        let mut error = ErrorInfo::new(ErrorKind::Panic);
        error.error_message = "refused".to_owned();
        event.error = Some(error);
        event.job_id = Some(format!("job-{}", span % 16 + span / 64 * 16));
        event.user_id = (span.is_multiple_of(2)).then(|| format!("user-{}", span / 500));
        event.correlation_key = (span.is_multiple_of(3)).then(|| format!("key-{}", span % 5));
        event
    };
    let events = (1..9_000).map(|span| match span % 4 {
        0 => event(id, span, 1, Status::Success, span as i64),
        _ => rich(span),
    });
    let batch = clean(events);
    assert_eq!(store.append(&batch).unwrap().stored, batch.len());
    let told = Trace::from_events(id, batch.iter().map(|event| Event::clone(event)));
    let read = store.trace(id).unwrap().unwrap();
    let differs = read.spans().iter().zip(told.spans()).find(|(read, told)| read != told);
    assert_eq!(differs, None);
    assert_eq!((read.spans().len(), read.gaps()), (told.spans().len(), told.gaps()));
    let is_shared = |one: usize, other: usize| Arc::ptr_eq(&read.spans()[one].context, &read.spans()[other].context);
    // Those of one run, and those that belong to none.
    assert!(is_shared(0, 48) && is_shared(3, 8_995) && !is_shared(0, 3));
}

#[test]
fn the_same_event_again_changes_nothing() {
    let place = Place::new();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let id = trace_id(1);
    let first = clean([event(id, 1, 0, Status::Pending, 10), event(id, 2, 1, Status::Success, 20)]);
    let mut later = event(id, 2, 1, Status::Success, 999);
    later.data.insert("other", true);
    let second = clean([event(id, 1, 0, Status::Failed, 30), later.clone(), later]);

    assert_eq!(store.append(&first).unwrap(), Appended { stored: 2, known: 0 });
    assert_eq!(store.append(&first).unwrap(), Appended { stored: 0, known: 2 });
    let before = store.trace(id).unwrap();
    assert_eq!(store.append(&second).unwrap(), Appended { stored: 1, known: 2 });
    assert_eq!(store.append(&[]).unwrap(), Appended::default());
    assert_ne!(store.trace(id).unwrap(), before);

    let [summary] = store.traces(&TraceFilter::newest(9)).unwrap().try_into().unwrap();
    assert_eq!((summary.events, summary.began.unix_nanos(), summary.ended.unix_nanos()), (3, 10, 30));
    assert_eq!(summary.status, TraceStatus::Failed);
}

#[test]
fn a_summary_does_not_depend_on_the_order_of_batches() {
    let id = trace_id(1);
    let mut end = event(id, 1, 0, Status::Success, 90);
    end.duration = Some(Duration::from_nanos(80));
    let events = [event(id, 1, 0, Status::Pending, 10), end, event(id, 2, 1, Status::Failed, 50)];
    let summary_of = |order: [usize; 3]| {
        let place = Place::new();
        let mut store = SqliteStore::open(&place.path).unwrap();
        for at in order {
            assert_eq!(store.append(&clean([events[at].clone()])).unwrap().stored, 1);
        }
        store.traces(&TraceFilter::newest(1)).unwrap().remove(0)
    };
    let summary = summary_of([0, 1, 2]);
    assert_eq!((summary.status, summary.root_duration), (TraceStatus::Success, Some(Duration::from_nanos(80))));
    assert_eq!(summary.root_name.as_deref(), Some("operation.tokens.created"));
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(summary_of(order), summary, "{order:?}");
    }
}

#[test]
fn people_find_traces_by_their_last_digits() {
    let place = Place::new();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let ids = [0x1111_1111_1234_5678, 0x2222_2222_1234_5678, 0x3333_3333_abcd_5678];
    let statuses = [Status::Failed, Status::Success, Status::Success];
    let roots = ids.iter().zip(statuses).zip(0..).map(|((low, status), at)| event(trace_id(*low), 1, 0, status, at));
    assert_eq!(store.append(&clean(roots)).unwrap().stored, 3);
    let find = |text: &str| store.find(&text.parse::<Selector>().unwrap()).unwrap();
    let one = |at: usize| Found::One(trace_id(ids[at]));

    assert_eq!(find("abcd5678"), one(2));
    assert_eq!(find("ABCD-5678"), one(2));
    assert_eq!(find("d5678"), one(2));
    assert_eq!(find("2212345678"), one(1));
    assert_eq!(find(&trace_id(ids[0]).to_string()), one(0));
    assert_eq!(find("last"), one(2));
    assert_eq!(find("last-failed"), one(0));
    assert_eq!(find("9999"), Found::Nothing);
    assert_eq!(find("abcd567"), Found::Nothing);
    let Found::Many(candidates) = find("12345678") else { panic!("two traces end in these digits") };
    assert_eq!(candidates.iter().map(|one| one.id).collect::<Vec<_>>(), [trace_id(ids[1]), trace_id(ids[0])]);
    assert!(matches!(find("5678"), Found::Many(candidates) if candidates.len() == 3));

    let failed = store.traces(&TraceFilter::newest(5).failed()).unwrap();
    assert_eq!(failed.iter().map(|one| one.id).collect::<Vec<_>>(), [trace_id(ids[0])]);
}

#[test]
fn damaged_rows_are_counted_and_the_others_read() {
    let place = Place::new();
    let id = trace_id(1);
    let mut store = SqliteStore::open(&place.path).unwrap();
    let batch = (1..=5).map(|n| event(id, n, 0, Status::Success, n as i64));
    assert_eq!(store.append(&clean(batch)).unwrap().stored, 5);
    place.execute(
        // Spans are counted from the first.
        "UPDATE events SET body = x'2c227b' WHERE span = 0;
         UPDATE events SET name = 99 WHERE span = 1;
         UPDATE events SET status = 7 WHERE span = 2;
         UPDATE events SET type = x'01' WHERE span = 3;",
    );
    let trace = SqliteStore::open_read_only(&place.path).unwrap().trace(id).unwrap().unwrap();
    assert_eq!((trace.spans().len(), trace.gaps().unreadable), (1, 4));
    // A search that has to look at what is damaged goes on behind it.
    for term in ["type:operation.*", "name:operation.*", "status:success"] {
        let query = Query::new().with(term.parse().unwrap());
        let page = store.search(&query, None, 10).unwrap();
        assert_eq!((page.events.len(), page.next), (1, None), "{term}");
        assert!(page.progress.unreadable > 0, "{term}");
    }
}

/// When the last one closes a file, SQLite removes its log, by name, and by now that is the log of another file; so it
/// has to see that its own was moved.
#[test]
fn a_file_that_was_moved_is_closed_without_touching_the_one_that_is_there_now() {
    let place = Place::new();
    let beside = |end: &str| place.path.with_file_name(format!("tense.db{end}"));
    let mut moved = SqliteStore::open(&place.path).unwrap();
    let id = trace_id(1);
    assert_eq!(moved.append(&clean([event(id, 1, 0, Status::Success, 10)])).unwrap().stored, 1);
    for end in ["", "-wal", "-shm"] {
        fs::rename(beside(end), beside(&format!(".moved{end}"))).unwrap();
    }
    let mut now = SqliteStore::open(&place.path).unwrap();
    assert_eq!(now.append(&clean([event(id, 2, 0, Status::Success, 20)])).unwrap().stored, 1);
    drop(moved);
    assert!(beside("-wal").exists() && beside("-shm").exists());
    let spans = |path: &Path| {
        let trace = SqliteStore::open_read_only(path).unwrap().trace(id).unwrap().unwrap();
        trace.spans().iter().map(|span| span.id.get()).collect::<Vec<_>>()
    };
    assert_eq!((spans(&place.path), spans(&beside(".moved"))), (vec![2], vec![1]));
}

#[test]
fn many_write_one_file_while_others_read() {
    const WRITERS: u64 = 3;
    const BATCHES: u64 = 40;
    let place = Place::new();
    let begin = Barrier::new(WRITERS as usize);
    let path = &place.path;
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let begin = &begin;
                scope.spawn(move || {
                    // All at once, on a file that is not there yet.
                    begin.wait();
                    let mut store = SqliteStore::open(path).unwrap();
                    for batch in 0..BATCHES {
                        let spans = (1..=20).map(|span| {
                            event(trace_id(batch + 1), writer * 100 + span, 0, Status::Success, span as i64)
                        });
                        assert_eq!(store.append(&clean(spans)).unwrap().stored, 20);
                    }
                })
            })
            .collect();
        while writers.iter().any(|writer| !writer.is_finished()) {
            let Ok(reader) = SqliteStore::open_read_only(path) else { continue };
            for summary in reader.traces(&TraceFilter::newest(100)).unwrap() {
                // The events of a batch and its summary appear together; between the two questions more may come.
                let spans = reader.trace(summary.id).unwrap().unwrap().spans().len() as u64;
                assert!(summary.events % 20 == 0 && spans >= summary.events, "{spans} of {}", summary.events);
            }
        }
    });
    let all = SqliteStore::open_read_only(path).unwrap().traces(&TraceFilter::newest(100)).unwrap();
    assert_eq!(all.iter().map(|one| one.events).collect::<Vec<_>>(), [WRITERS * 20; BATCHES as usize]);
}

#[test]
fn a_locked_file_is_busy_for_a_bounded_time() {
    let place = Place::new();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let other = place.raw();
    let batch = clean([event(trace_id(1), 1, 0, Status::Success, 1)]);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(store.append(&batch), Err(StoreError::Busy { .. })));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.append(&batch).unwrap().stored, 1);
}

#[test]
fn a_file_from_the_future_is_refused_and_left_alone() {
    let place = Place::new();
    drop(SqliteStore::open(&place.path).unwrap());
    place.execute("PRAGMA user_version = 99");
    let before = fs::read(&place.path).unwrap();
    for refused in [SqliteStore::open(&place.path), SqliteStore::open_read_only(&place.path)] {
        let error = refused.unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
        assert!(error.to_string().contains("use a newer one"));
    }
    assert!(fs::read(&place.path).unwrap() == before);
}

#[test]
fn what_is_not_ours_is_refused_and_left_alone() {
    let garbage = Place::new();
    fs::write(&garbage.path, "these are notes, not a database\n".repeat(400)).unwrap();
    let recipes = Place::new();
    recipes.execute("CREATE TABLE recipes (id INTEGER); INSERT INTO recipes VALUES (1)");
    for place in [garbage, recipes] {
        let before = fs::read(&place.path).unwrap();
        for refused in [SqliteStore::open(&place.path), SqliteStore::open_read_only(&place.path)] {
            let error = refused.unwrap_err();
            assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
        }
        assert!(fs::read(&place.path).unwrap() == before);
    }
}

#[test]
fn a_damaged_file_is_an_error_and_no_panic() {
    let place = Place::new();
    let mut store = SqliteStore::open(&place.path).unwrap();
    let batch = (1..=5_000).map(|n| event(trace_id(n), 1, 0, Status::Failed, n as i64));
    assert_eq!(store.append(&clean(batch)).unwrap().stored, 5_000);
    drop(store);
    let mut bytes = fs::read(&place.path).unwrap();
    bytes.truncate(bytes.len() / 2);
    for byte in bytes.iter_mut().skip(8192).step_by(97) {
        *byte ^= 0x5a;
    }
    fs::write(&place.path, bytes).unwrap();
    // Whatever it says, it says it.
    if let Ok(store) = SqliteStore::open_read_only(&place.path) {
        store.traces(&TraceFilter::newest(100)).ok();
        (1..100).for_each(|n| drop(store.trace(trace_id(n))));
    }
}

#[test]
fn reading_makes_nothing() {
    let place = Place::new();
    assert!(matches!(SqliteStore::open_read_only(&place.path), Err(StoreError::Missing { .. })));
    assert!(!place.path.exists());

    fs::write(&place.path, "").unwrap();
    assert!(matches!(SqliteStore::open_read_only(&place.path), Err(StoreError::Empty { .. })));
    assert_eq!(fs::read(&place.path).unwrap(), b"");

    drop(SqliteStore::open(&place.path).unwrap());
    let mut reader = SqliteStore::open_read_only(&place.path).unwrap();
    let batch = clean([event(trace_id(1), 1, 0, Status::Success, 1)]);
    assert!(matches!(reader.append(&batch), Err(StoreError::ReadOnly { .. })));
    drop(reader);
    assert_eq!(fs::read_dir(place.path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_place_that_cannot_be_written_says_so() {
    let place = Place::new();
    let nowhere = place.path.join("deeper/tense.db");
    assert!(matches!(SqliteStore::open(&nowhere), Err(StoreError::Unreachable { .. })));
    let folder = place.path.parent().unwrap();
    assert!(SqliteStore::open(folder).is_err());
    assert!(SqliteStore::open_read_only(folder).is_err());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let mut store = SqliteStore::open(&place.path).unwrap();
    assert_eq!(store.append(&clean([event(trace_id(1), 1, 0, Status::Success, 1)])).unwrap().stored, 1);
    let mut modes: Vec<(String, u32)> = fs::read_dir(place.path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|file| (file.file_name().into_string().unwrap(), file.metadata().unwrap().permissions().mode() & 0o777))
        .collect();
    modes.sort();
    let expected = ["tense.db", "tense.db-shm", "tense.db-wal"].map(|name| (name.to_owned(), 0o600));
    assert_eq!(modes, expected);
}

#[cfg(unix)]
#[test]
fn an_empty_file_that_becomes_ours_is_kept_from_others() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();

    let place = Place::new();
    fs::write(&place.path, "").unwrap();
    set(&place.path, 0o644);
    let mut store = SqliteStore::open(&place.path).unwrap();
    assert_eq!(store.append(&clean([event(trace_id(1), 1, 0, Status::Success, 1)])).unwrap().stored, 1);
    for name in ["tense.db", "tense.db-shm", "tense.db-wal"] {
        assert_eq!(mode(&place.path.with_file_name(name)), 0o600, "{name}");
    }
    drop(store);

    // Whoever opens a database to others means it; and what is not ours, or is only read, keeps its mode.
    set(&place.path, 0o644);
    drop(SqliteStore::open(&place.path).unwrap());
    assert_eq!(mode(&place.path), 0o644);
    for (content, is_opened) in [("these are notes, not a database", true), ("", false)] {
        fs::write(&place.path, content).unwrap();
        let opened = if is_opened { SqliteStore::open(&place.path) } else { SqliteStore::open_read_only(&place.path) };
        assert!(opened.is_err());
        assert_eq!(mode(&place.path), 0o644);
    }
}

#[test]
fn pages_are_large_and_the_log_is_written_ahead() {
    let place = Place::new();
    let _store = SqliteStore::open(&place.path).unwrap();
    let db = place.raw();
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    assert_eq!(pragma("page_size"), 8192.into());
    assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
    assert_eq!(pragma("auto_vacuum"), 2.into());
    assert_eq!(pragma("user_version"), 8.into());
}
