//! Thousands of threads that live for a moment: their rings are handed on and not piled up, and every record is
//! delivered or counted. The only test of its process, because the counts are those of a process.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use tense::traced;
use tense_event::{CleanEvent, Status};
use tense_layer::{Sink, SinkError, builder};

struct Counted(Arc<AtomicU64>);

impl Sink for Counted {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        // A span that is open for a second is told beforehand.
        let ended = batch.iter().filter(|event| event.status != Status::Pending);
        self.0.fetch_add(ended.count() as u64, Relaxed);
        Ok(())
    }
}

/// Below a span that nobody traces there are as many events as calls.
#[traced(operation.work.done, fields(n, text))]
fn work(n: u64, text: &str) -> u64 {
    n
}

const AT_A_TIME: u64 = 8;
const ROUNDS: u64 = 500;
const CALLS: u64 = 40;

#[test]
fn every_record_of_short_threads_is_delivered_or_counted_and_their_rings_are_few() {
    let delivered = Arc::new(AtomicU64::new(0));
    // The smallest ring there is: 64 KiB, in which some 280 of these calls have room: those of a few threads, until the
    // drainer comes.
    let _guard = builder().sink(Counted(Arc::clone(&delivered))).ring_bytes(0).queue_events(1 << 20).init().unwrap();
    let before = tense::__private::layer::rings();
    for _ in 0..ROUNDS {
        thread::scope(|threads| {
            for _ in 0..AT_A_TIME {
                threads.spawn(|| (0..CALLS).for_each(|n| assert_eq!(work(n, &"text ".repeat(20)), n)));
            }
        });
    }
    let report = tense_layer::flush(Duration::from_secs(60));
    let health = report.health;
    assert!(report.is_complete, "{health:?}");
    // A scope is left before its threads are quite over, and then the next ones begin; so twice as many live at one
    // time.
    let rings = tense::__private::layer::rings() - before;
    assert!(rings <= 2 * AT_A_TIME as usize, "{rings} rings for {AT_A_TIME} threads at a time");

    // A begin that found no room is one record, and its call has no end. An end that did would be an open span: there
    // is always room for those, as long as no call is in the middle of many others.
    let calls = ROUNDS * AT_A_TIME * CALLS;
    let delivered = delivered.load(Relaxed);
    assert_eq!(calls, delivered + health.ring_full + health.queue_full, "{health:?}");
    assert_eq!((health.open_spans, health.records_lost, health.sink_failed), (0, 0, 0), "{health:?}");
    assert!(delivered > 0);
    println!("{calls} calls in {} threads: {delivered} delivered, {health:?}, {rings} rings", ROUNDS * AT_A_TIME);
}
