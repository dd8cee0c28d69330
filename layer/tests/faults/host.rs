//! The program that something is done to: its calls, what they give back and how long they take, and what must hold
//! afterwards.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tense::{event, traced};
use tense_event::CleanEvent;
use tense_layer::{Delivery, Health, Sink, SinkError, SinkHealth, health};

#[traced(operation.work.done, fields(n))]
pub(crate) fn work(n: u64) -> Result<u64, String> {
    if n.is_multiple_of(7) { Err("by seven".to_owned()) } else { Ok(n) }
}

/// Calls that give back what they should; as many events.
pub(crate) fn calls(calls: u64) {
    for n in 0..calls {
        let expected = if n % 7 == 0 { Err("by seven".to_owned()) } else { Ok(n) };
        assert_eq!(work(n), expected);
    }
}

/// Moments, each of which is an event as well.
pub(crate) fn moments(moments: u64) {
    (0..moments).for_each(|n| event!(operation.work.noted, n));
}

/// What the slowest call in a hundred takes.
pub(crate) fn p99(calls: usize) -> Duration {
    let mut took: Vec<Duration> = (0..calls)
        .map(|_| {
            let began = Instant::now();
            assert_eq!(work(1), Ok(1));
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[calls * 99 / 100]
}

/// No call waits, not even on a machine with much else to do.
pub(crate) fn is_quick(p99: Duration) {
    assert!(p99 < Duration::from_millis(1), "{p99:?}");
}

/// Every event for every sink was counted once.
pub(crate) fn adds_up() -> Health {
    let health = health();
    assert_eq!(health.offered, health.delivered + health.dropped() + health.queued, "{health:#?}");
    for sink in &health.sinks {
        assert_eq!(sink.offered, sink.delivered + sink.dropped() + sink.queued, "{sink:#?}");
    }
    assert_eq!(health.drainer_panics, 0);
    let usual = [(65_536, 64 << 20)].repeat(health.sinks.len());
    assert!(health.memory_bytes <= bound(256 << 10, &usual), "{health:#?}");
    health
}

/// What `docs/reliability.md` says that all of it may take, with rings of that size and sinks with queues of so many
/// events and bytes, in bytes.
pub(crate) fn bound(ring_bytes: usize, sinks: &[(usize, usize)]) -> u64 {
    let rings = tense::__private::layer::rings() * (3 * ring_bytes + (64 << 10));
    let place = size_of::<CleanEvent>() + size_of::<usize>();
    let queues = sinks.iter().map(|(events, bytes)| events.next_power_of_two() * place + bytes + (10 << 20));
    (rings + (512 << 20) + queues.sum::<usize>()) as u64
}

/// Spans and moments of which is known what became of them.
fn accounted_for(health: &Health) -> u64 {
    let left_out = health.sampled_out + health.limited;
    health.emitted - health.pending + left_out + health.ring_full + health.records_lost
}

/// The same, and so was every span and every moment. Once nobody calls any more, and everything is drained.
pub(crate) fn adds_up_to(recorded: u64) -> Health {
    let health = adds_up();
    assert_eq!(accounted_for(&health), recorded, "{health:#?}");
    health
}

/// Waits until nothing of what was recorded is left in the rings, also where a sink keeps a flush until its deadline.
pub(crate) fn drained(recorded: u64) -> Health {
    until("everything is drained", || {
        let health = tense_layer::flush(Duration::from_millis(100)).health;
        accounted_for(&health) >= recorded
    });
    adds_up_to(recorded)
}

/// One of the sinks.
pub(crate) fn sink(name: &str) -> SinkHealth {
    health().sinks.into_iter().find(|sink| sink.name == name).unwrap()
}

/// Waits for something that has to come.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(40), "{what}: {:#?}", health());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until all is delivered or dropped.
pub(crate) fn flush() -> bool {
    tense_layer::flush(Duration::from_secs(40)).is_complete
}

/// The most memory that this process has ever had, in bytes.
pub(crate) fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// Serves a sink so that the test need not wait: nothing is tried again, nothing is printed.
pub(crate) fn hasty(name: &str) -> Delivery {
    Delivery::new().name(name).retry_for(Duration::ZERO).print_rate(0)
}

/// The same, and asks it again after ten milliseconds.
pub(crate) fn undaunted(name: &str) -> Delivery {
    hasty(name).failures(2).rest(Duration::from_millis(10))
}

/// Keeps what it gets.
#[derive(Clone, Default)]
pub(crate) struct Kept(pub(crate) Arc<Mutex<Vec<CleanEvent>>>);

impl Kept {
    pub(crate) fn take(&self) -> Vec<CleanEvent> {
        assert!(flush());
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Sink for Kept {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        self.0.lock().unwrap().extend_from_slice(batch);
        Ok(())
    }
}

/// Is a sink by what it does.
pub(crate) struct Does<F>(pub(crate) F);

impl<F: FnMut(&[CleanEvent]) -> Result<(), SinkError> + Send> Sink for Does<F> {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        self.0(batch)
    }
}

/// Takes everything.
pub(crate) fn fine() -> impl Sink + 'static {
    Does(|_: &[CleanEvent]| Ok(()))
}

/// Comes back from no call.
pub(crate) fn hanging() -> impl Sink + 'static {
    Does(|_: &[CleanEvent]| {
        loop {
            std::thread::park();
        }
    })
}

/// Takes nothing.
pub(crate) fn failing() -> impl Sink + 'static {
    Does(|_: &[CleanEvent]| Err(SinkError::NothingWritten("the port is closed".into())))
}
