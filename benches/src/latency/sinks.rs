//! Kinds of sinks that do not do what they should; each goes in with how one knows that it has come so far.

use std::time::Duration;

use tense_benches::bomb::Bomb;
use tense_event::CleanEvent;
use tense_layer::{Delivery, Guard, Health, InitError, Sink, SinkError, WhileResting, builder};

pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// As the table tells it.
    pub(crate) what: &'static str,
    does: fn() -> Result<(), SinkError>,
    served: fn(Delivery) -> Delivery,
    /// A drainer that is quick empties a ring of the usual size as soon as one thread fills it.
    ring_bytes: Option<usize>,
    is_ill: fn(&Health) -> bool,
    /// Between two roots, so that the rings are not full; unless they should be.
    pub(crate) pause: Option<Duration>,
}

/// What a service does: a hundred calls, and then something else.
const PAUSE: Option<Duration> = Some(Duration::from_micros(300));

pub(crate) const CASES: [Case; 9] = [
    Case {
        name: "well",
        what: "a sink that is well",
        does: || Ok(()),
        served: |as_it_is| as_it_is,
        ring_bytes: None,
        is_ill: |health| health.delivered > 1_000,
        pause: PAUSE,
    },
    Case {
        name: "hangs",
        what: "one that never returns, its queue not full yet",
        does: hang,
        served: |delivery| delivery.queue_events(10_000_000).queue_bytes(1 << 30),
        ring_bytes: None,
        is_ill: |health| health.queued > 1_000,
        pause: PAUSE,
    },
    Case {
        name: "full",
        what: "one that never returns, its queue full",
        does: hang,
        served: |delivery| delivery.queue_events(1_000),
        ring_bytes: None,
        is_ill: |health| health.queue_full > 1_000,
        pause: PAUSE,
    },
    Case {
        name: "resting",
        what: "one that never returns, its breaker open",
        does: hang,
        served: |delivery| delivery.timeout(Duration::from_millis(5)),
        ring_bytes: None,
        is_ill: |health| health.breaker_open > 1_000,
        pause: PAUSE,
    },
    Case {
        name: "fails",
        what: "one that always fails, and is asked each time",
        does: || Err(SinkError::NothingWritten("the port is closed".into())),
        served: |delivery| delivery.rest(Duration::ZERO).retry_for(Duration::ZERO).while_resting(WhileResting::Keep),
        ring_bytes: None,
        is_ill: |health| health.sink_failed + health.breaker_open > 1_000,
        pause: PAUSE,
    },
    Case {
        name: "panics",
        what: "one that always panics, and is asked each time",
        does: || panic!("a sink of the program's own"),
        served: |delivery| delivery.rest(Duration::ZERO).while_resting(WhileResting::Keep),
        ring_bytes: None,
        is_ill: |health| health.sinks.iter().any(|sink| sink.panics > 10),
        pause: PAUSE,
    },
    Case {
        name: "slow",
        what: "one that takes 50 ms a batch, its queue full",
        does: || {
            std::thread::sleep(Duration::from_millis(50));
            Ok(())
        },
        served: |delivery| delivery.queue_events(1_000),
        ring_bytes: None,
        is_ill: |health| health.queue_full > 1_000,
        pause: PAUSE,
    },
    Case {
        name: "bomb",
        what: "one whose error panics when it goes",
        does: || Err(SinkError::Failed(Box::new(Bomb))),
        served: |delivery| delivery.rest(Duration::ZERO).while_resting(WhileResting::Keep),
        ring_bytes: None,
        is_ill: |health| health.sink_failed > 1_000,
        pause: PAUSE,
    },
    Case {
        name: "ring",
        what: "calls without a pause, their ring full",
        does: hang,
        served: |delivery| delivery.queue_events(1_000),
        ring_bytes: Some(4 << 10),
        is_ill: |health| health.ring_full > 1_000,
        pause: None,
    },
];

fn hang() -> Result<(), SinkError> {
    loop {
        std::thread::park();
    }
}

struct Does(fn() -> Result<(), SinkError>);

impl Sink for Does {
    fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
        (self.0)()
    }
}

impl Case {
    /// Sets it up. What would be printed meanwhile goes where the comparison does not look.
    pub(crate) fn init(&self) -> Result<Guard, InitError> {
        let builder = builder().sink_with(Does(self.does), (self.served)(Delivery::new()));
        match self.ring_bytes {
            Some(bytes) => builder.ring_bytes(bytes).init(),
            None => builder.init(),
        }
    }

    pub(crate) fn is_ill(&self, health: &Health) -> bool {
        (self.is_ill)(health)
    }
}
