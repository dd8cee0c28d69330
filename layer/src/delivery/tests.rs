//! Sinks that fail in every way, served step by step with a clock that stands until it is turned.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tense_event::{CleanEvent, Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

use super::worker::Worker;
use super::*;
use crate::sink::SinkError;

fn event(id: u64) -> CleanEvent {
    let at = Timestamp::from_unix_nanos(0);
    let id = SpanId::new(id).unwrap();
    Sanitizer::default().clean(Event::new(TraceId::from_bytes([1; 16]), id, "sql.query", Status::Success, at))
}

fn events(ids: std::ops::RangeInclusive<u64>) -> Vec<CleanEvent> {
    ids.map(event).collect()
}

/// What a call of the sink does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Does {
    Take,
    Nothing,
    Fail,
    Panic,
    /// Fails with an error that panics when it is thrown away.
    Explode,
    /// Refuses batches with that event in it.
    Refuse(u64),
}

/// Panics when it is thrown away.
#[derive(Debug, thiserror::Error)]
#[error("an error of the program's own")]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("when it is thrown away")
    }
}

/// Does as it is told, call by call, and then takes everything.
#[derive(Clone, Default)]
struct Scripted {
    script: Arc<std::sync::Mutex<std::collections::VecDeque<Does>>>,
    calls: Arc<std::sync::atomic::AtomicU64>,
    taken: Arc<std::sync::Mutex<Vec<u64>>>,
}

impl Scripted {
    fn that(script: impl IntoIterator<Item = Does>) -> Self {
        let sink = Self::default();
        sink.script.lock().unwrap().extend(script);
        sink
    }

    fn calls(&self) -> u64 {
        self.calls.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn taken(&self) -> Vec<u64> {
        self.taken.lock().unwrap().clone()
    }
}

impl Sink for Scripted {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        self.calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let does = self.script.lock().unwrap().pop_front().unwrap_or(Does::Take);
        match does {
            Does::Nothing => Err(SinkError::NothingWritten("closed".into())),
            Does::Fail => Err(SinkError::Failed("torn".into())),
            Does::Explode => Err(SinkError::NothingWritten(Box::new(Bomb))),
            Does::Panic => panic!("a sink of somebody else's"),
            Does::Refuse(id) if batch.iter().any(|event| event.span_id.get() == id) => {
                self.script.lock().unwrap().push_front(does);
                Err(SinkError::Refused("too strange".into()))
            }
            Does::Take | Does::Refuse(_) => {
                if let Does::Refuse(_) = does {
                    self.script.lock().unwrap().push_front(does);
                }
                self.taken.lock().unwrap().extend(batch.iter().map(|event| event.span_id.get()));
                Ok(())
            }
        }
    }
}

/// A lane, its worker, and the time.
struct Served {
    lane: Arc<Lane>,
    sink: Scripted,
    now: Rc<Cell<Instant>>,
}

impl Served {
    fn new(script: impl IntoIterator<Item = Does>, options: Delivery) -> Self {
        let sink = Scripted::that(script);
        Self { lane: Arc::new(Lane::new("test", options)), sink, now: Rc::new(Cell::new(Instant::now())) }
    }

    fn push(&self, mut batch: Vec<CleanEvent>) {
        self.lane.push_all(&mut batch, self.now.get());
        assert_eq!(batch, []);
        self.adds_up();
    }

    /// The worker takes one batch, if there is one that it may take.
    fn step(&self) {
        if self.lane.health().queued > 0 {
            let now = Rc::clone(&self.now);
            let sink = Box::new(self.sink.clone());
            let mut worker = Worker { lane: &self.lane, sink, most: 1000, clock: move || now.get() };
            worker.step();
        }
        self.adds_up();
    }

    fn turn(&self, by: Duration) {
        self.now.set(self.now.get() + by);
    }

    fn adds_up(&self) -> SinkHealth {
        let health = self.lane.health();
        assert_eq!(health.offered, health.delivered + health.dropped() + health.queued, "{health:?}");
        health
    }
}

/// No pauses, and so no second try.
fn hasty() -> Delivery {
    Delivery::new().retry_for(Duration::ZERO).print_rate(0)
}

const REST: Duration = Duration::from_secs(30);

#[test]
fn a_sink_that_fails_five_times_in_a_row_rests_and_is_then_asked_once() {
    let served = Served::new([Does::Nothing; 6], hasty());
    for id in 1..=5 {
        served.push(vec![event(id)]);
        served.step();
    }
    let health = served.adds_up();
    assert_eq!((health.state, health.failed, health.breaker_open), (BreakerState::Resting, 4, 1));
    served.turn(REST - Duration::from_nanos(1));
    served.push(events(6..=9));
    served.step();
    assert_eq!((served.sink.calls(), served.adds_up().breaker_open), (5, 5), "nobody asked it");
    served.turn(Duration::from_nanos(1));
    served.push(events(10..=12));
    served.step();
    assert_eq!((served.sink.calls(), served.adds_up().state), (6, BreakerState::Resting), "the probe failed");
    served.turn(REST);
    served.push(events(13..=14));
    served.step();
    let health = served.adds_up();
    assert_eq!((health.state, health.opened), (BreakerState::Delivering, 2));
    assert_eq!(served.sink.taken(), [13, 14]);
}

#[test]
fn four_failures_and_a_success_do_not_open_it() {
    let script = [Does::Fail, Does::Panic, Does::Nothing, Does::Fail, Does::Take];
    let served = Served::new(script.into_iter().cycle().take(50), hasty());
    for id in 1..=50 {
        served.push(vec![event(id)]);
        served.step();
    }
    let health = served.adds_up();
    assert_eq!((health.opened, health.failed, health.delivered), (0, 40, 10));
    assert_eq!((health.failures, health.panics), (40, 10));
}

#[test]
fn an_error_that_panics_when_it_is_thrown_away_is_an_error_like_others() {
    let served = Served::new([Does::Explode, Does::Explode], hasty());
    (1..=3).for_each(|id| {
        served.push(vec![event(id)]);
        served.step();
    });
    let health = served.adds_up();
    assert_eq!((served.sink.taken(), health.failed, health.failures, health.worker_dead), (vec![3], 2, 2, 0));
    assert_eq!(health.last_error.unwrap().text, "nothing was written: an error of the program's own");
}

#[test]
fn what_a_sink_said_last_is_known() {
    let script = [Does::Fail, Does::Take, Does::Panic, Does::Refuse(4)];
    let served = Served::new(script, hasty().timeout(Duration::from_secs(2)));
    let said = |id| {
        served.push(vec![event(id)]);
        served.step();
        served.adds_up().last_error.map(|error| error.text)
    };
    assert_eq!(served.adds_up().last_error, None);
    assert_eq!(said(1).unwrap(), "the batch may be written in part: torn");
    assert_eq!(said(2).unwrap(), "the batch may be written in part: torn", "it stays when the sink is well again");
    assert_eq!(said(3).unwrap(), "it panicked: a sink of somebody else's");
    assert_eq!(said(4).unwrap(), "the batch is refused: too strange");
    served.push(vec![event(5)]);
    assert!(served.lane.take(1, || served.now.get()).is_some());
    served.lane.calls(served.now.get());
    served.turn(Duration::from_secs(5));
    served.lane.watch(served.now.get());
    assert_eq!(served.adds_up().last_error.unwrap().text, "a call has not come back for 5 s");
}

#[test]
fn what_a_sink_says_is_cleaned_by_the_rules_of_its_layer() {
    let served = Served::new([Does::Panic], hasty());
    served
        .lane
        .clean_with(&Sanitizer::builder().rule(tense_event::Rule::new("owner", "somebody else")).build().unwrap());
    served.push(vec![event(1)]);
    served.step();
    assert_eq!(served.adds_up().last_error.unwrap().text, "it panicked: a sink of [REDACTED]'s");
}

#[test]
fn a_thread_that_dies_is_told_once_and_its_events_are_counted() {
    let served = Served::new([], hasty());
    served.push(events(1..=3));
    let said = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (lane, told) = (Arc::clone(&served.lane), Arc::clone(&said));
    // Only a bug of ours can do that; a clock that panics stands for it, as soon as the sink has taken something.
    let (sink, taken) = (Box::new(served.sink.clone()), served.sink.clone());
    let clock = move || {
        assert!(taken.taken().is_empty(), "a clock that stops");
        Instant::now()
    };
    let say = move |sentence: &str| told.lock().unwrap().push(sentence.to_owned());
    let died = std::thread::spawn(move || worker::serve(&lane, sink, clock, say)).join();
    assert!(died.is_err());
    assert!(!served.adds_up().is_alive);
    served.push(events(4..=9));
    let health = served.adds_up();
    assert_eq!((health.delivered, health.worker_dead, health.queued), (3, 6, 0), "{health:?}");
    assert_eq!(*said.lock().unwrap(), ["the thread of the sink `test` has died; its events are dropped from now on"]);
}

#[test]
fn only_what_was_not_written_is_tried_again() {
    let patient = Delivery::new().retry_for(Duration::from_millis(150)).print_rate(0);
    let served = Served::new([Does::Nothing, Does::Nothing, Does::Take, Does::Fail, Does::Panic], patient);
    served.push(vec![event(1)]);
    served.step();
    assert_eq!((served.sink.taken(), served.adds_up().retries), (vec![1], 2));
    served.push(vec![event(2)]);
    served.step();
    served.push(vec![event(3)]);
    served.step();
    let health = served.adds_up();
    assert_eq!((served.sink.calls(), health.retries, health.failed), (5, 2, 2));
}

#[test]
fn of_a_batch_that_is_refused_the_events_that_are_not_to_blame_arrive() {
    let served = Served::new([Does::Refuse(700)], hasty());
    served.push(events(1..=1000));
    served.step();
    let health = served.adds_up();
    assert_eq!((health.delivered, health.refused, health.opened), (999, 1, 0));
    assert_eq!(served.sink.taken(), (1..=1000).filter(|id| *id != 700).collect::<Vec<_>>(), "in order");
    assert!(served.sink.calls() < 25, "{}", served.sink.calls());
}

#[test]
fn a_batch_is_bounded_in_bytes_as_well() {
    let served = Served::new([], hasty());
    let large = tense_event::Limits { text_chars: 3 << 20, event_bytes: 64 << 20, ..Default::default() };
    let mut event = Event::clone(&event(1));
    event.data.insert("text", "a ".repeat(3 << 19));
    let event = Sanitizer::with_limits(large).clean(event);
    assert_eq!(event.cut, <[String; 0]>::default());
    served.push(vec![event; 5]);
    for taken in [2, 4, 5] {
        served.step();
        assert_eq!(served.sink.taken().len(), taken);
    }
}

#[test]
fn a_call_that_hangs_opens_the_breaker_and_what_waits_behind_it_goes() {
    let served = Served::new([], hasty().timeout(Duration::from_secs(2)));
    served.push(events(1..=3));
    // Taken out, and in a call that does not return.
    assert_eq!(served.lane.take(2, || served.now.get()).map(|batch| batch.len()), Some(2));
    served.lane.calls(served.now.get());
    for second in 1..=10 {
        assert_eq!(served.adds_up().state, BreakerState::Delivering, "before second {second}");
        served.turn(Duration::from_secs(1));
        served.lane.watch(served.now.get());
        served.lane.watch(served.now.get());
    }
    let health = served.adds_up();
    assert_eq!((health.state, health.timeouts, health.opened), (BreakerState::Resting, 5, 1));
    assert_eq!((health.queued, health.breaker_open), (2, 1), "what is in the call may still arrive");
    for _ in 0..100 {
        served.turn(Duration::from_secs(1));
        served.lane.watch(served.now.get());
    }
    served.push(vec![event(4)]);
    assert_eq!((served.adds_up().opened, served.adds_up().breaker_open), (1, 2), "it is one rest, that grows");
    // It comes back after all.
    served.lane.delivered(2);
    let health = served.adds_up();
    assert_eq!((health.state, health.delivered, health.queued), (BreakerState::Delivering, 2, 0));
}

#[test]
fn a_full_queue_drops_the_newest_or_the_oldest() {
    let newest = Served::new([], hasty().queue_events(3));
    newest.push(events(1..=5));
    newest.step();
    assert_eq!((newest.sink.taken(), newest.adds_up().queue_full), (vec![1, 2, 3], 2));
    let oldest = Served::new([], hasty().queue_events(3).when_full(WhenFull::DropOldest));
    oldest.push(events(1..=5));
    oldest.step();
    assert_eq!((oldest.sink.taken(), oldest.adds_up().queue_full), (vec![3, 4, 5], 2));
}

#[test]
fn a_queue_is_bounded_in_bytes_as_well() {
    let one = weight::bytes(&event(1));
    for when_full in [WhenFull::DropNewest, WhenFull::DropOldest] {
        let served = Served::new([], hasty().queue_bytes(3 * one).when_full(when_full));
        served.push(events(1..=4));
        let health = served.adds_up();
        assert_eq!((health.queued, health.queue_full, health.queued_bytes), (3, 1, 3 * one as u64));
        let mut large = Event::clone(&event(9));
        large.data.insert("text", "long ".repeat(90));
        large.data.insert("texts", vec!["long ".repeat(90); 10]);
        served.push(vec![Sanitizer::default().clean(large)]);
        let health = served.adds_up();
        assert_eq!((health.queued, health.queue_full), (3, 2), "nothing goes for what has no room in any case");
    }
}

#[test]
fn what_is_kept_during_a_rest_arrives_behind_it() {
    let served = Served::new([Does::Nothing; 5], hasty().while_resting(WhileResting::Keep).queue_events(3));
    for id in 1..=5 {
        served.push(vec![event(id)]);
        served.step();
    }
    served.push(events(6..=9));
    let health = served.adds_up();
    assert_eq!((health.state, health.queued, health.queue_full), (BreakerState::Resting, 3, 1));
    served.turn(REST);
    served.step();
    assert_eq!((served.sink.taken(), served.adds_up().state), (vec![6, 7, 8], BreakerState::Delivering));
}

#[test]
fn after_a_thread_has_died_nothing_is_kept() {
    let served = Served::new([], hasty());
    served.push(events(1..=4));
    assert!(served.lane.take(2, || served.now.get()).is_some());
    served.lane.died(served.now.get());
    served.push(events(5..=6));
    let health = served.adds_up();
    assert_eq!((health.worker_dead, health.queued), (6, 0));
    assert!(served.lane.wait_for_what_is_here(None), "nobody is waited for");
}

#[test]
fn a_closed_lane_gives_what_it_has_and_takes_nothing_more() {
    let served = Served::new([], hasty());
    served.push(events(1..=4));
    served.lane.close();
    served.push(events(5..=6));
    served.step();
    assert!(served.lane.take(2, || served.now.get()).is_none());
    assert_eq!((served.sink.taken(), served.adds_up().shut_down), (vec![1, 2, 3, 4], 2));
}

#[test]
fn a_program_that_ends_does_not_wait_for_the_end_of_a_rest() {
    let served = Served::new([Does::Nothing; 5], hasty().while_resting(WhileResting::Keep));
    for id in 1..=5 {
        served.push(vec![event(id)]);
        served.step();
    }
    served.push(events(6..=7));
    served.lane.close();
    assert!(served.lane.take(10, || served.now.get()).is_none());
    assert_eq!((served.adds_up().breaker_open, served.adds_up().queued), (3, 0));
}

#[test]
fn every_sink_has_its_own_queue_and_breaker() {
    let (well, ill) = (Scripted::default(), Scripted::that([Does::Fail; 100]));
    let sinks: Vec<(Box<dyn Sink>, Delivery)> =
        vec![(Box::new(well.clone()), hasty().name("well")), (Box::new(ill), hasty().name("ill"))];
    let (lanes, started) = Lanes::start(sinks);
    started.unwrap();
    for id in 1..=20 {
        lanes.put(&mut vec![event(id)]);
        assert!(lanes.wait_for_what_is_here(Some(Instant::now() + Duration::from_secs(60))));
    }
    let health: Vec<SinkHealth> = lanes.health().collect();
    let told = |health: &SinkHealth| (health.name.clone(), health.delivered, health.failed, health.breaker_open);
    assert_eq!(told(&health[0]), ("well".to_owned(), 20, 0, 0));
    assert_eq!(told(&health[1]), ("ill".to_owned(), 0, 5, 15));
    assert_eq!(well.taken(), (1..=20).collect::<Vec<_>>());
    lanes.close();
}

#[test]
fn without_a_sink_what_is_lost_is_counted() {
    let (lanes, _) = Lanes::start(Vec::new());
    lanes.put(&mut events(1..=3));
    assert_eq!(lanes.health().map(|health| health.worker_dead).sum::<u64>(), 3);
}
