//! What is said of how sinks are served goes in, piece by piece; how one of them is served comes out.

use std::time::Duration;

use super::breaker::Rules;

/// How events are kept for one sink and handed to it. Each sink has its own: what ails one of them does not touch the
/// others. What is not said here may be said in `tense.toml`, and the environment has the last word on all of it:
/// `docs/settings.md`.
///
/// | setting | unless set |
/// |---|---|
/// | [`name`](Self::name) | the sink's own, see [`Sink::name`](crate::Sink::name) |
/// | [`queue_events`](Self::queue_events), [`queue_bytes`](Self::queue_bytes) | 65,536 events, 64 MiB |
/// | [`when_full`](Self::when_full) | the newest are dropped |
/// | [`timeout`](Self::timeout) | 10 s |
/// | [`failures`](Self::failures), [`rest`](Self::rest) | 5 in a row, 30 s |
/// | [`while_resting`](Self::while_resting), [`print_rate`](Self::print_rate) | events are printed, 100 a second |
/// | [`retry_for`](Self::retry_for) | 5 s |
///
/// ```
/// use std::time::Duration;
/// use tense_layer::{Delivery, WhenFull, builder, sink};
///
/// let patient = Delivery::new().queue_events(1_000_000).when_full(WhenFull::DropOldest).rest(Duration::from_secs(5));
/// let builder = builder().sink_with(sink::Memory::new(), patient);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Delivery {
    /// What is `None` nobody has said anything about.
    pub(crate) name: Option<String>,
    pub(crate) queue_events: Option<usize>,
    pub(crate) queue_bytes: Option<usize>,
    pub(crate) when_full: Option<WhenFull>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) failures: Option<u32>,
    pub(crate) rest: Option<Duration>,
    pub(crate) while_resting: Option<WhileResting>,
    pub(crate) print_rate: Option<u32>,
    pub(crate) retry_for: Option<Duration>,
}

/// The same with something said about everything.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Served {
    pub(super) name: Option<String>,
    pub(super) queue_events: usize,
    pub(super) queue_bytes: usize,
    pub(super) when_full: WhenFull,
    pub(super) timeout: Duration,
    pub(super) breaker: Rules,
    pub(super) while_resting: WhileResting,
    pub(super) print_rate: u32,
    pub(super) retry_for: Duration,
}

/// Which events go when a queue has no room for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WhenFull {
    /// Those that come: what was there first tells how the trouble began.
    #[default]
    DropNewest,
    /// Those that have waited longest: what is there in the end tells how things are now.
    DropOldest,
}

/// What becomes of events while the circuit breaker of their sink is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WhileResting {
    /// They go to standard error as JSON lines, as many as [`Delivery::print_rate`] allows; `tense import` reads them.
    /// All of them count as dropped for the sink.
    #[default]
    Print,
    /// They wait in the queue, as far as it has room; what finds none is dropped. For an outage that is shorter than
    /// the memory is large.
    Keep,
}

impl Delivery {
    /// As it is for every sink for which nothing else is set.
    ///
    /// ```
    /// let delivery = tense_layer::Delivery::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// What the sink is called in [`Health`](crate::Health).
    ///
    /// ```
    /// let delivery = tense_layer::Delivery::new().name("archive");
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How many events may wait, at least 1.
    ///
    /// ```
    /// let delivery = tense_layer::Delivery::new().queue_events(1_000_000);
    /// ```
    pub fn queue_events(mut self, events: usize) -> Self {
        self.queue_events = Some(events.max(1));
        self
    }

    /// How much memory those that wait may take, in bytes. An event takes some 600; one that is larger than all of the
    /// queue is dropped.
    ///
    /// ```
    /// let delivery = tense_layer::Delivery::new().queue_bytes(16 << 20);
    /// ```
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = Some(bytes);
        self
    }

    /// Which events go when there is no room.
    ///
    /// ```
    /// use tense_layer::{Delivery, WhenFull};
    ///
    /// let delivery = Delivery::new().when_full(WhenFull::DropOldest);
    /// ```
    pub fn when_full(mut self, when_full: WhenFull) -> Self {
        self.when_full = Some(when_full);
        self
    }

    /// How long one call of the sink may take before it counts as a failure; every further such time counts as one
    /// more. The call itself cannot be ended, and keeps its thread until it returns.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let delivery = tense_layer::Delivery::new().timeout(Duration::from_secs(2));
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout.max(Duration::from_millis(1)));
        self
    }

    /// How many failures in a row open the circuit breaker, at least 1.
    ///
    /// ```
    /// let delivery = tense_layer::Delivery::new().failures(3);
    /// ```
    pub fn failures(mut self, in_a_row: u32) -> Self {
        self.failures = Some(in_a_row.max(1));
        self
    }

    /// How long a sink is left alone once its breaker is open; then one batch is tried.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let delivery = tense_layer::Delivery::new().rest(Duration::from_secs(5));
    /// ```
    pub fn rest(mut self, rest: Duration) -> Self {
        self.rest = Some(rest);
        self
    }

    /// What becomes of events meanwhile.
    ///
    /// ```
    /// use tense_layer::{Delivery, WhileResting};
    ///
    /// // A server that is restarted now and then.
    /// let delivery = Delivery::new().while_resting(WhileResting::Keep);
    /// ```
    pub fn while_resting(mut self, while_resting: WhileResting) -> Self {
        self.while_resting = Some(while_resting);
        self
    }

    /// How many events a second are printed at most while the breaker is open. 0: none.
    ///
    /// ```
    /// let delivery = tense_layer::Delivery::new().print_rate(0);
    /// ```
    pub fn print_rate(mut self, events_per_second: u32) -> Self {
        self.print_rate = Some(events_per_second);
        self
    }

    /// For how long a batch is tried again of which the sink says that nothing was written, with pauses that double
    /// from 20 ms to 2 s, each shortened by up to a half by chance. It waits on the sink's thread, and the events
    /// behind it in the queue.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let delivery = tense_layer::Delivery::new().retry_for(Duration::from_secs(30));
    /// ```
    pub fn retry_for(mut self, time: Duration) -> Self {
        self.retry_for = Some(time);
        self
    }

    /// What this one says nothing about the other one says.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            queue_events: self.queue_events.or(other.queue_events),
            queue_bytes: self.queue_bytes.or(other.queue_bytes),
            when_full: self.when_full.or(other.when_full),
            timeout: self.timeout.or(other.timeout),
            failures: self.failures.or(other.failures),
            rest: self.rest.or(other.rest),
            while_resting: self.while_resting.or(other.while_resting),
            print_rate: self.print_rate.or(other.print_rate),
            retry_for: self.retry_for.or(other.retry_for),
        }
    }

    pub(crate) fn served(self) -> Served {
        Served {
            name: self.name,
            queue_events: self.queue_events.unwrap_or(unless_set::QUEUE_EVENTS),
            queue_bytes: self.queue_bytes.unwrap_or(unless_set::QUEUE_BYTES),
            when_full: self.when_full.unwrap_or_default(),
            timeout: self.timeout.unwrap_or(unless_set::TIMEOUT),
            breaker: Rules {
                failures: self.failures.unwrap_or(unless_set::FAILURES),
                rest: self.rest.unwrap_or(unless_set::REST),
            },
            while_resting: self.while_resting.unwrap_or_default(),
            print_rate: self.print_rate.unwrap_or(unless_set::PRINT_RATE),
            retry_for: self.retry_for.unwrap_or(unless_set::RETRY_FOR),
        }
    }
}

/// What holds where nobody says anything.
mod unless_set {
    use std::time::Duration;

    use tense_grammar::SettingSpec;

    const fn of(key: &str) -> &'static SettingSpec {
        SettingSpec::at("delivery", key)
    }

    pub(super) const QUEUE_EVENTS: usize = of("queue_events").count() as usize;
    pub(super) const QUEUE_BYTES: usize = of("queue_bytes").count() as usize;
    pub(super) const TIMEOUT: Duration = of("timeout").time();
    pub(super) const FAILURES: u32 = of("failures").count() as u32;
    pub(super) const REST: Duration = of("rest").time();
    pub(super) const PRINT_RATE: u32 = of("print_rate").count() as u32;
    pub(super) const RETRY_FOR: Duration = of("retry_for").time();
}
