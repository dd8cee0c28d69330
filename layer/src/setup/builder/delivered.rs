//! What a program wants to become of what was recorded: which of it is kept, what is told of it at once, what is
//! cleaned away, and where the rest goes.

#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::time::Duration;

use tense_event::Sanitizer;

use super::Builder;
use crate::delivery::Delivery;
use crate::sampling::{Limits, Sampling};
use crate::sink::Sink;
use crate::watch::Watch;

impl<F> Builder<F> {
    /// Which events are kept, where not all of them are to be; `docs/sampling.md` says what that means.
    ///
    /// ```
    /// use tense_layer::Sampling;
    ///
    /// let builder = tense_layer::builder().sampling(Sampling::ratio(0.1).keep_slow(false));
    /// ```
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// How much one span may bring along, and how many may be open.
    ///
    /// ```
    /// use tense_layer::Limits;
    ///
    /// let builder = tense_layer::builder().limits(Limits::new().events_per_span(100));
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// However many there are below a span, they are kept, unless a limit was given.
    pub(crate) fn or_without_limits(mut self) -> Self {
        self.limits = self.limits.or(Limits::new().events_per_span(u32::MAX).children_per_span(u32::MAX));
        self
    }

    /// How long a span takes until it is slow, where the [`registry`](Self::registry) says nothing of it; 100 ms unless
    /// set. Slow spans are counted in [`Health::types`](crate::Health::types), told to the hook of
    /// [`watch`](Self::watch), and kept whatever the [`sampling`](Self::sampling).
    ///
    /// ```
    /// let builder = tense_layer::builder().slow_from(std::time::Duration::from_millis(250));
    /// ```
    pub fn slow_from(mut self, time: Duration) -> Self {
        self.slow_from = Some(time);
        self
    }

    /// Calls that function of the program's when a span is slow, and when too many spans of a type fail; see [`Watch`].
    /// A second one replaces it.
    ///
    /// ```no_run
    /// use tense_layer::{Alarm, Watch, builder};
    ///
    /// let watch = Watch::new(|alarm: &Alarm| eprintln!("{alarm}")).failures(0.05, 100);
    /// let _guard = builder().watch(watch).init()?;
    /// # Ok::<(), tense_layer::InitError>(())
    /// ```
    pub fn watch(mut self, watch: impl Into<Watch>) -> Self {
        self.watch = Some(watch.into());
        self
    }

    /// What redacts and bounds the events, instead of what the registry's `[redact]` says: keys and patterns of your
    /// own.
    ///
    /// ```
    /// use tense_event::{Family, Sanitizer};
    ///
    /// let sanitizer = Sanitizer::builder().key("pin").without(Family::Email).build()?;
    /// let builder = tense_layer::builder().sanitizer(sanitizer);
    /// # Ok::<(), tense_event::RuleError>(())
    /// ```
    pub fn sanitizer(mut self, sanitizer: Sanitizer) -> Self {
        self.sanitizer = Some(sanitizer);
        self
    }

    /// The SQLite file, instead of `tense.db` in the current folder; where `TENSE_DB` is set, that is the file.
    ///
    /// ```
    /// let builder = tense_layer::builder().database("/var/lib/checkout/trace.db");
    /// ```
    #[cfg(feature = "sqlite")]
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.database = Some(path.into());
        self
    }

    /// A place for the events, instead of an SQLite file; a further one is served beside it, each with a queue, a
    /// circuit breaker and a thread of its own. A further sink costs a copy of every event. With a
    /// [`database`](Self::database) named as well, there is that too.
    ///
    /// ```
    /// use tense_event::CleanEvent;
    /// use tense_layer::{Sink, SinkError};
    ///
    /// struct Counted(u64);
    ///
    /// impl Sink for Counted {
    ///     fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
    ///         self.0 += batch.len() as u64;
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let builder = tense_layer::builder().sink(Counted(0));
    /// ```
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.sinks.push((Box::new(sink), None));
        self
    }

    /// The same, for one that is to be served in another way than the others, in what is set here.
    ///
    /// ```no_run
    /// use tense_layer::{Delivery, builder, sink::{JsonLines, Stderr}};
    ///
    /// let archive = JsonLines::new("/var/log/checkout/trace.jsonl");
    /// let small = Delivery::new().queue_events(1000);
    /// let _guard = builder().sink(archive).sink_with(Stderr::new(), small).init()?;
    /// # Ok::<(), tense_layer::InitError>(())
    /// ```
    pub fn sink_with(mut self, sink: impl Sink + 'static, delivery: Delivery) -> Self {
        self.sinks.push((Box::new(sink), Some(delivery)));
        self
    }

    /// How every sink is served, the SQLite file among them, as far as nothing else is said for one.
    ///
    /// ```
    /// use tense_layer::{Delivery, WhenFull, builder};
    ///
    /// let builder = builder().delivery(Delivery::new().when_full(WhenFull::DropOldest));
    /// ```
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// How many events may wait for each sink; 65,536 unless set. A further one is dropped and counted. The same as
    /// [`Delivery::queue_events`] of [`delivery`](Self::delivery).
    ///
    /// ```
    /// let builder = tense_layer::builder().queue_events(10_000);
    /// ```
    pub fn queue_events(mut self, events: usize) -> Self {
        self.delivery = self.delivery.queue_events(events);
        self
    }
}
