//! More than anybody expects: events, threads, depth, breadth, bytes. What finds room arrives, what does not is
//! counted, and the memory is bounded.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use tense::{event, traced};
use tense_layer::{WhileResting, builder, health, sink as sinks};

use crate::disk::rows;
use crate::host::{
    Kept, adds_up, adds_up_to, bound, calls, drained, fine, flush, hanging, hasty, moments, peak, until,
};

#[traced(operation.work.nested)]
fn below(depth: u64) -> u64 {
    if depth == 0 { 0 } else { 1 + below(depth - 1) }
}

#[traced(operation.work.spread)]
fn wide(children: u64) {
    (0..children).for_each(|_| assert_eq!(below(0), 0));
}

#[traced(operation.values.seen, fields(value))]
fn see(value: &str) -> usize {
    value.len()
}

#[traced(operation.paths.seen, fields(?path, ?name, bytes = ?bytes))]
fn see_path(path: &Path, name: &OsStr, bytes: &[u8]) -> usize {
    path.as_os_str().len() + name.len() + bytes.len()
}

/// So many calls each on so many threads, all at once.
fn burst(threads: u64, each: u64) {
    let barrier = Barrier::new(threads as usize);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                barrier.wait();
                calls(each / 2);
                moments(each - each / 2);
            });
        }
    });
}

faults! {
    fn a_million_events_of_64_threads_are_delivered_or_counted() {
        let _guard = builder().sink_with(fine(), hasty("well")).init().unwrap();
        burst(64, 15_625);
        assert!(flush());
        let health = adds_up_to(1_000_000);
        assert!(health.queued == 0 && health.delivered > 0, "{health:#?}");
        assert!(peak() < 500 << 20, "{}", peak());
        // And then all is as before.
        calls(1000);
        assert!(flush());
        assert_eq!(adds_up_to(1_001_000).delivered, health.delivered + 1000);
    }

    /// Slower than a sink that does nothing by much; what is in the file is what was counted.
    fn a_burst_into_a_database_is_stored_or_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let _guard = builder().sink_with(sinks::Sqlite::new(&path), hasty("db").queue_events(5000)).init().unwrap();
        burst(16, 2000);
        assert!(flush());
        let health = adds_up_to(32_000);
        assert_eq!((health.queued, rows(&path)), (0, health.delivered));
    }

    fn a_recursion_of_a_hundred_thousand_ends() {
        let _guard = builder().sink_with(fine(), hasty("well")).init().unwrap();
        let deep = thread::Builder::new().stack_size(1 << 30).spawn(|| below(100_000)).unwrap();
        assert_eq!(deep.join().unwrap(), 100_000);
        assert!(flush());
        let health = adds_up_to(100_001);
        assert!(health.entered_too_deep > 0 && health.open_spans <= 65_536, "{health:#?}");
        assert!(peak() < 700 << 20, "{}", peak());
        calls(100);
        assert!(flush());
        assert_eq!(adds_up().delivered, health.delivered + 100);
    }

    fn a_million_children_of_one_span_are_delivered_or_counted() {
        let _guard = builder().sink_with(fine(), hasty("well")).init().unwrap();
        wide(1_000_000);
        assert!(flush());
        let health = adds_up_to(1_000_001);
        assert!(health.delivered > 0 && health.open_spans == 0 && peak() < 500 << 20, "{} {health:#?}", peak());
    }

    fn a_value_of_a_hundred_megabytes_is_cut() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        let value = "0123456789".repeat(10 << 20);
        let before = peak();
        assert_eq!(see(&value), value.len());
        event!(operation.values.seen, %value);
        let events = kept.take();
        assert_eq!(events.len(), 2);
        for event in events {
            let text = event.data.get("value").unwrap().as_str().unwrap();
            assert!(text.starts_with("0123456789") && text.len() < 20_000, "{}", text.len());
            assert!(event.cut.iter().any(|cut| cut == "value"), "{:?}", event.cut);
        }
        assert!(peak() - before < 20 << 20, "it was not copied as a whole: {} more", peak() - before);
        adds_up_to(2);
    }

    /// They are told in a form that any reader of JSON takes.
    fn what_is_no_utf8_and_what_is_nul_arrives_in_some_form() {
        let kept = Kept::default();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        let db = folder.path().join("trace.db");
        let _guard = builder()
            .sink(kept.clone())
            .sink(sinks::JsonLines::new(&path))
            .sink(sinks::Sqlite::new(&db))
            .init()
            .unwrap();
        let odd = OsStr::from_bytes(b"a\xff\xfe\0b");
        assert_eq!(see_path(Path::new(odd), odd, b"\0\xff"), 12);
        assert_eq!(see("nul \0 bell \u{7} end"), 16);
        let events = kept.take();
        let text = |nth: usize, key: &str| events[nth].data.get(key).unwrap().to_string();
        assert!(text(0, "path").contains("a") && text(0, "name").contains("b") && text(0, "bytes").contains("255"));
        assert!(text(1, "value").contains("nul") && text(1, "value").contains("end"));
        assert_eq!((crate::disk::lines(&path), rows(&db)), (2, 2));
    }

    /// Whoever looks meanwhile never sees more, the operating system has not given more, and later it has it back.
    fn all_that_is_kept_takes_no_more_than_the_settings_allow() {
        let stuck = hasty("stuck").queue_events(2000).queue_bytes(1 << 20).while_resting(WhileResting::Keep);
        let _guard = builder().ring_bytes(1 << 20).sink_with(hanging(), stuck).init().unwrap();
        let (before, is_over, most) = (peak(), AtomicBool::new(false), AtomicU64::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(SeqCst) {
                    // Takes all that there is at once, which needs more than to take it bit by bit.
                    tense_layer::flush(Duration::from_millis(1));
                    most.fetch_max(health().memory_bytes, SeqCst);
                }
            });
            burst(16, 100_000);
            wide(50_000);
            let deep = thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, || below(5000)).unwrap();
            assert_eq!(deep.join().unwrap(), 5000);
            is_over.store(true, SeqCst);
        });
        let (most, bound) = (most.into_inner(), bound(1 << 20, &[(2000, 1 << 20)]));
        assert!(most > 1 << 20 && most <= bound, "{most} of {bound}");
        let taken = peak() - before;
        println!("{most} bytes at most, of {bound}; the system gave {taken}");
        assert!(taken < most.max(64 << 20) + (128 << 20), "{taken}, and {most} are known of");
        drained(1_600_000 + 50_001 + 5001);
        let rings = tense::__private::layer::rings() as u64 * ((1 << 20) + (64 << 10));
        until("it is given back", || health().memory_bytes < rings + (8 << 20));
    }
}
