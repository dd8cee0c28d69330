//! Files whose pages are sound enter, with rows in them that were changed by hand; what is wrong with them is told, of
//! which traces, and of a file that nobody has changed nothing is.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use rusqlite::Connection;
use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
use tense_store::{ExaminedRows, Flaw, Retention, SqliteStore, Store};

const TRACES: u64 = 200;
const EVENTS: u64 = 6;

fn id(trace: u64) -> TraceId {
    TraceId::from_halves(7, trace)
}

/// One of each thing that leads to a trace; every tenth trace is found by more than has room among its words.
fn trace(nth: u64) -> Vec<Event> {
    let many = if nth.is_multiple_of(10) { 70 } else { EVENTS };
    let event = |span: u64| {
        let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + (nth * 1_000 + many - span) as i64);
        let status = if nth.is_multiple_of(9) && span == 1 { Status::Failed } else { Status::Success };
        let mut event = Event::new(id(nth), SpanId::new(span).unwrap(), "operation.tokens.created", status, at);
        event.span_name = format!("operation.page.kept{}", span % 3).into();
        event.parent_span_id = SpanId::new(span - 1);
        event.duration = span.is_multiple_of(2).then_some(Duration::from_nanos(span));
        event.service = "coordinator".into();
        event.job_id = Some(format!("job {}", nth % 50));
        event.user_id = nth.is_multiple_of(3).then(|| "0190163d8694739b".to_owned());
        event.worker_id = Some(format!("worker {}", nth / 100));
        event.tags = vec!["saga".into()];
        event.data.insert("token_id", format!("token {span}"));
        event.data.insert("nth", span);
        event.data.insert("loose", "anything");
        event.indexed = &["token_id", "nth"];
        event
    };
    (1..=many).map(event).collect()
}

struct Place {
    store: SqliteStore,
    path: PathBuf,
    folder: tempfile::TempDir,
}

/// A file like any other of these; to fill it takes longer than to copy it.
fn filled() -> Place {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tense.db");
    std::fs::write(
        &path,
        FILE.get_or_init(|| {
            fill(SqliteStore::open(&path).unwrap());
            std::fs::read(&path).unwrap()
        }),
    )
    .unwrap();
    Place { store: SqliteStore::open(&path).unwrap(), path, folder }
}

fn fill(mut store: SqliteStore) {
    let sanitizer = Sanitizer::default();
    let all: Vec<Event> = (0..TRACES).flat_map(trace).collect();
    for batch in all.chunks(97) {
        let batch: Vec<_> = batch.iter().cloned().map(|event| sanitizer.clean(event)).collect();
        assert_eq!(store.append(&batch).unwrap().known, 0);
        // What comes twice changes nothing.
        assert_eq!(store.append(&batch).unwrap().stored, 0);
    }
}

fn examined(store: &SqliteStore) -> ExaminedRows {
    store.examine_rows(None, |_, _| {}).unwrap()
}

/// Each flaw: how many rows, of how many traces, and which are named.
fn told(store: &SqliteStore) -> Vec<(Flaw, u64, u64, Vec<TraceId>)> {
    let flaws = examined(store).flaws.into_iter();
    flaws.map(|flawed| (flawed.flaw, flawed.rows, flawed.traces, flawed.some)).collect()
}

#[test]
fn a_file_that_nobody_has_changed_has_no_flaws_also_when_some_of_it_was_purged() {
    let Place { mut store, folder, .. } = filled();
    let whole = examined(&store);
    let events: u64 = (0..TRACES).map(|nth| trace(nth).len() as u64).sum();
    assert_eq!((whole.events, whole.traces, whole.is_whole, whole.flaws), (events, TRACES, true, vec![]));
    let old = Retention::nothing().ended_before(Timestamp::from_unix_nanos(1_795_255_200_000_100_000));
    while store.purge(&old).unwrap().more {}
    let rest = examined(&store);
    assert!(rest.traces > 0 && rest.traces < TRACES && rest.is_whole, "{rest:?}");
    assert_eq!(rest.flaws, []);
    while store.purge(&Retention::nothing().larger_than(0)).unwrap().more {}
    assert_eq!(examined(&store), examined(&SqliteStore::open(folder.path().join("new.db")).unwrap()));
}

#[test]
fn rows_that_mean_nothing_are_told_with_their_traces() {
    let events = "trace IN (SELECT no FROM traces ORDER BY no LIMIT 2 OFFSET 20) AND span < 2";
    let table: [(&str, Flaw, u64, u64); 11] = [
        ("UPDATE events SET body = x'01ff' WHERE EVENTS", Flaw::Unreadable, 4, 2),
        ("UPDATE events SET type = 60000 WHERE EVENTS", Flaw::Unreadable, 4, 2),
        ("UPDATE events SET status = 7 WHERE EVENTS", Flaw::Unreadable, 4, 2),
        ("DELETE FROM names WHERE name = 'saga'", Flaw::Unreadable, 0, TRACES),
        ("UPDATE traces SET words = x'00ff' WHERE no = 3", Flaw::Unreadable, 1 + EVENTS, 1),
        ("DELETE FROM traces WHERE no = 3", Flaw::Unlisted, EVENTS, 0),
        ("UPDATE traces SET events = 1 WHERE no = 3", Flaw::Misstated, 1, 1),
        ("UPDATE traces SET began = began + 10 WHERE no = 3", Flaw::Misstated, 1, 1),
        ("UPDATE traces SET ended = ended - 10 WHERE no = 3", Flaw::Misstated, 1, 1),
        ("UPDATE traces SET failed = 0 WHERE failed = 1 AND no < 30", Flaw::Misstated, 4, 4),
        ("UPDATE traces SET root_name = 60000 WHERE no = 3", Flaw::Misstated, 1, 1),
    ];
    for (damage, flaw, rows, traces) in table {
        let place = filled();
        let db = Connection::open(&place.path).unwrap();
        assert!(db.execute(&damage.replace("EVENTS", events), []).unwrap() > 0, "{damage}");
        let whole: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok", "{damage}");
        // What was known before is forgotten.
        let found = told(&SqliteStore::open_read_only(&place.path).unwrap());
        let of_flaw = found.iter().find(|found| found.0 == flaw);
        let Some((_, some_rows, of_traces, named)) = of_flaw else { panic!("{damage}: {found:?}") };
        assert!(rows == 0 || *some_rows == rows, "{damage}: {found:?}");
        assert_eq!((*of_traces, named.len() as u64), (traces, traces.min(3)), "{damage}: {found:?}");
        if traces == 1 {
            assert_eq!(named, &[id(2)], "{damage}");
        }
    }
}

#[test]
fn what_no_longer_leads_to_a_trace_and_what_was_counted_wrong_is_told() {
    for (damage, flaw, most) in [
        ("DELETE FROM labels WHERE trace = 3", Flaw::Unfindable, 1),
        // One that is found by more than its words.
        ("DELETE FROM labels WHERE trace = 11", Flaw::Unfindable, 1),
        ("DELETE FROM marks WHERE block = 1", Flaw::Unfindable, 1 << 6),
        ("UPDATE events SET duration = duration + 1000 WHERE trace = 3", Flaw::Miscounted, 1),
        ("UPDATE events SET weight = 5 WHERE trace = 3", Flaw::Miscounted, 1),
    ] {
        let place = filled();
        assert!(Connection::open(&place.path).unwrap().execute(damage, []).unwrap() > 0, "{damage}");
        let found = told(&place.store);
        let (_, rows, traces, named) = found.iter().find(|found| found.0 == flaw).unwrap_or_else(|| panic!("{damage}"));
        assert!(*rows > 0 && (1..=most).contains(traces) && !named.is_empty(), "{damage}: {found:?}");
    }
    // A field to which labels do not lead any more is looked for without them.
    let place = filled();
    let loose = "UPDATE names SET loose = 1; DELETE FROM labels WHERE trace IN (SELECT no FROM traces)";
    let db = Connection::open(&place.path).unwrap();
    db.execute_batch(loose).unwrap();
    let rows = |found: &[(Flaw, u64, u64, Vec<TraceId>)]| found.iter().map(|found| found.1).sum::<u64>();
    let labels_of_context = rows(&told(&place.store));
    assert!(labels_of_context >= TRACES, "{labels_of_context}");
    db.execute("UPDATE names SET loose = NULL WHERE name = 'token_id'", []).unwrap();
    assert!(rows(&told(&place.store)) > labels_of_context);
}

/// Where the time does not suffice, what was looked at lies all over the file; and each block once when it does.
#[test]
fn a_look_in_a_limited_time_says_that_it_was_one() {
    let place = filled();
    let none = place.store.examine_rows(Some(Duration::ZERO), |_, _| {}).unwrap();
    assert_eq!((none.events, none.is_whole), (0, false));
    let long = place.store.examine_rows(Some(Duration::from_secs(600)), |_, _| {}).unwrap();
    assert_eq!(long, examined(&place.store));
    let mut parts = Vec::new();
    place.store.examine_rows(None, |part, whole| parts.push((part, whole))).unwrap();
    let blocks = TRACES.div_ceil(64);
    assert_eq!(parts, (0..blocks).map(|part| (part, blocks)).collect::<Vec<_>>());
}

/// Where most is gone, nobody looks for what is not there.
#[test]
fn a_file_with_few_traces_far_apart_is_looked_through_at_once() {
    let place = filled();
    let db = Connection::open(&place.path).unwrap();
    let far = "UPDATE traces SET no = 1 << 40 WHERE no = 3; UPDATE events SET trace = 1 << 40 WHERE trace = 3";
    db.execute_batch(far).unwrap();
    let looked = examined(&place.store);
    assert!(looked.is_whole && looked.traces == TRACES, "{looked:?}");
}
