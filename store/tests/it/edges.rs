//! A file in which somebody has set a number to what no program writes: every question is answered, or refused, and
//! nothing panics. Builds for tests check arithmetic, so what would wrap around elsewhere is a panic here.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use tense_event::{CleanEvent, Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
use tense_store::query::Query;
use tense_store::{Cursor, Retention, Selector, SqliteStore, Store, TraceFilter};

/// Twice as many as a search takes at a time, so that it comes to the very last number.
const TRACES: u64 = 128;

fn id(number: u64) -> TraceId {
    TraceId::from_halves(0x0190_163d_8694_739b, number)
}

fn batch(from: u64) -> Vec<CleanEvent> {
    let sanitizer = Sanitizer::default();
    let events = (from..from + TRACES).flat_map(|number| [1, 2].map(|span| (number, span)));
    let clean = events.map(|(number, span)| {
        let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + number as i64);
        let mut event = Event::new(id(number), SpanId::new(span).unwrap(), "sql.query", Status::Failed, at);
        event.parent_span_id = SpanId::new(span - 1);
        event.duration = Some(Duration::from_millis(3));
        event.service = "shop".into();
        event.job_id = Some(format!("job {}", number % 3));
        event.worker_id = Some("w1".to_owned());
        event.data.insert("order", number);
        sanitizer.clean(event)
    });
    clean.collect()
}

/// Every question, to its end or for a while; what the answers are is not asked.
fn ask(path: &Path) {
    let Ok(store) = SqliteStore::open_read_only(path) else { return };
    let query = |term: &str| Query::new().with(term.parse().unwrap());
    let at = Timestamp::from_unix_nanos;
    let queries = [
        Query::new(),
        Query::new().since(at(5)).until(at(i64::MAX)),
        query("type:sql.*"),
        query("service:shop"),
        query("job:job 1"),
        query("worker:w1"),
        query("order:7"),
        query("duration:>1ms"),
    ];
    for query in &queries {
        let (mut search, mut count) = (None, None);
        for _ in 0..9 {
            search = store.search(query, search.as_ref(), 100).ok().and_then(|page| page.next);
            count = store.statistics(query, count.as_ref()).ok().and_then(|part| part.next);
            if search.is_none() && count.is_none() {
                break;
            }
        }
    }
    for cursor in ["t.0", "t.1", "t.7fffffffffffffff"] {
        store.tail(Some(&cursor.parse::<Cursor>().unwrap()), 5).ok();
    }
    for most in [0, 3, 1_000] {
        store.tail(None, most).ok();
    }
    for selector in ["last", "last-failed", "job:job 1", "0001"] {
        store.find(&selector.parse::<Selector>().unwrap()).ok();
    }
    store.traces(&TraceFilter::newest(500)).ok();
    store.trace_ids(&TraceFilter::newest(usize::MAX)).ok();
    (0..3).for_each(|number| drop(store.trace(id(number))));
    store.programs().ok();
    store.examine(at(0), None).ok();
    store.purgeable(&Retention::nothing().ended_before(at(i64::MAX)).larger_than(1)).ok();
}

/// Writes to it, and takes everything out again.
fn change(path: &Path, batch: &[CleanEvent]) {
    let Ok(mut store) = SqliteStore::open(path) else { return };
    store.append(batch).ok();
    let everything = Retention::nothing().ended_before(Timestamp::from_unix_nanos(i64::MAX));
    for _ in 0..20 {
        if !store.purge(&everything).is_ok_and(|purged| purged.more) {
            break;
        }
    }
}

/// Each column of a number, by its table.
const NUMBERS: [(&str, &[&str]); 7] = [
    ("traces", &["no", "base", "began", "ended", "events", "root_began", "root_status", "root_duration"]),
    ("events", &["trace", "span", "status", "up", "at", "duration", "weight", "number"]),
    ("labels", &["label", "trace"]),
    ("marks", &["mark", "block"]),
    ("batches", &["last"]),
    ("gone", &["number", "trace"]),
    ("names", &["id"]),
];

#[test]
fn whatever_number_a_file_holds_nothing_panics() {
    let folder = tempfile::tempdir().unwrap();
    let (sound, path) = (folder.path().join("sound.db"), folder.path().join("edge.db"));
    assert_eq!(SqliteStore::open(&sound).unwrap().append(&batch(0)).unwrap().known, 0);
    let more = batch(TRACES - 5);
    let mut panics = Vec::new();
    for (table, column) in NUMBERS.iter().flat_map(|(table, columns)| columns.iter().map(move |column| (table, column)))
    {
        for edge in [i64::MIN, i64::MAX] {
            // One value for all rows, as far as keys allow it, and each its own, counted from the edge.
            let sign = if edge < 0 { '+' } else { '-' };
            let one = format!("UPDATE OR IGNORE {table} SET {column} = {edge}");
            let each = format!(
                "UPDATE OR IGNORE {table} SET {column} = new.value FROM
                     (SELECT old, {edge} {sign} (row_number() OVER (ORDER BY old) - 1) AS value
                      FROM (SELECT DISTINCT {column} AS old FROM {table})) AS new
                 WHERE {table}.{column} = new.old"
            );
            for sql in [one, each] {
                fs::copy(&sound, &path).unwrap();
                // Open to the end, so that nobody else is the last one, who has to wait for the disk.
                let db = Connection::open(&path).unwrap();
                db.execute_batch(&sql).unwrap();
                let done = catch_unwind(AssertUnwindSafe(|| {
                    ask(&path);
                    change(&path, &more);
                }));
                if done.is_err() {
                    panics.push(sql);
                }
                for end in ["", "-wal", "-shm"] {
                    fs::remove_file(format!("{}{end}", path.display())).ok();
                }
            }
        }
    }
    assert_eq!(panics, Vec::<String>::new());
}
