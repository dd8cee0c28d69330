//! What health says of memory, held against an allocator that counts.

use std::time::Instant;

use allocation_counter::measure;
use tense::__private::layer::{Kind, Line};
use tense_event::{CleanEvent, Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

use crate::delivery::{Delivery, Lane};
use crate::join::Joiner;
use crate::join::tests::record;
use crate::order::Order;
use crate::sampling::Limits;

/// What is allocated on this thread, and what is said of it.
#[derive(Default)]
struct Held {
    allocated: i64,
}

impl Held {
    /// Works, and says what is allocated since the begin; what is said of it may be off by a tenth and 4 KiB.
    fn compare(&mut self, what: &str, work: impl FnOnce() -> usize) -> usize {
        let mut said = 0;
        self.allocated += measure(|| said = work()).bytes_current;
        let off = (self.allocated - said as i64).unsigned_abs();
        assert!(off <= said as u64 / 10 + 4096, "{what}: {} are allocated, and {said} are said to be", self.allocated);
        said
    }
}

fn pass(joiner: &mut Joiner, order: &mut Order, records: &[Vec<u64>]) {
    order.drain_of(u64::MAX, records);
    joiner.begin_pass(Line::SAME);
    order.take(usize::MAX, &Line::SAME, |record| joiner.take(record, &mut |_, _| {}));
    joiner.end_pass(0, &mut |_, _| {});
    order.rest();
}

#[test]
fn the_memory_of_spans_is_known() {
    let (mut joiner, mut order, mut held) = (Joiner::new(&Limits::new()), Order::new(), Held::default());
    let values = |n: u64| vec![(1, n); 1 + n as usize % 40];
    let begins: Vec<Vec<u64>> = (1..=30_000).map(|n| record(Kind::Begin, n, n, n / 2, &values(n))).collect();
    let ends = |of: std::ops::RangeInclusive<u64>| -> Vec<Vec<u64>> {
        of.map(|n| record(Kind::End, 30_000 + n, n, 0, &[])).collect()
    };
    let (some, all) = (ends(20_001..=30_000).concat(), ends(1..=20_000).concat());
    let rings = [begins[..10_000].concat(), begins[10_000..].concat()];
    let mut said = |joiner: &mut Joiner, order: &mut Order, what, records: &[Vec<u64>]| {
        held.compare(what, || {
            pass(joiner, order, records);
            joiner.bytes() + order.bytes()
        })
    };
    let open = said(&mut joiner, &mut order, "all are open", &rings);
    said(&mut joiner, &mut order, "some have ended", &[some]);
    said(&mut joiner, &mut order, "all have ended", &[all]);
    let mut last = 0;
    for _ in 0..100 {
        last = said(&mut joiner, &mut order, "nothing comes any more", &[]);
    }
    assert!(open > 10 << 20 && last < open / 4, "{open} bytes, and later {last}");
}

#[test]
fn the_memory_of_values_that_are_handed_down_is_counted() {
    let (mut joiner, mut order) = (Joiner::new(&Limits::new()), Order::new());
    let roots: Vec<u64> = (1..=5000).flat_map(|n| record(Kind::Begin, n, n, 0, &[(0, n)])).collect();
    let mut said = 0;
    let counted = measure(|| {
        pass(&mut joiner, &mut order, std::slice::from_ref(&roots));
        said = joiner.bytes() + order.bytes();
    });
    // Their words are counted, and not what keeps them: a list, and pointers.
    let words = counted.bytes_current.unsigned_abs() as usize;
    assert!(said < words && said > words / 2, "{said} of {words}");
}

#[test]
fn the_memory_of_a_queue_is_known_and_given_back() {
    let event = |n: u64| {
        let (trace, at) = (TraceId::from_bytes([1; 16]), Timestamp::from_unix_nanos(0));
        let mut event = Event::new(trace, SpanId::new(n).unwrap(), "sql.query", Status::Success, at);
        event.data.insert("text", "a word ".repeat(n as usize % 50));
        event.data.insert("rows", n);
        Sanitizer::default().clean(event)
    };
    let (mut held, at) = (Held::default(), Instant::now());
    event(1);
    let lane = Lane::new("test", Delivery::new());
    let full = held.compare("a full queue", || {
        for some in 0..50 {
            let mut batch: Vec<CleanEvent> = (1..=200).map(|n| event(some * 200 + n)).collect();
            lane.push_all(&mut batch, at);
        }
        lane.memory()
    });
    let mut batch = None;
    held.compare("some are under way", || {
        batch = lane.take(1000, || at);
        lane.memory()
    });
    held.compare("all are delivered", || {
        drop(batch);
        lane.delivered(1000);
        while lane.health().queued > 0 {
            let batch = lane.take(1000, || at).unwrap();
            lane.delivered(batch.len());
        }
        (0..30).for_each(|_| lane.watch(at));
        lane.memory()
    });
    assert!(full > 5 << 20 && lane.memory() == 0, "{full} bytes, and then {}", lane.memory());
}
