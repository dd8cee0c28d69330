//! What was counted, for whoever wants to know what the traces could not show.

use std::ops::AddAssign;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde::Serialize;

use crate::delivery::SinkHealth;
use crate::watch::{TypeHealth, merge};

static OTHER_VERSIONS: AtomicBool = AtomicBool::new(false);

/// A call site of another version was seen.
pub(crate) fn met_another_version() {
    OTHER_VERSIONS.store(true, Relaxed);
}

/// Whether there was one.
pub(crate) fn has_other_versions() -> bool {
    OTHER_VERSIONS.load(Relaxed)
}

/// Counters since the program began, over all layers of this crate in it.
///
/// `offered == delivered + dropped() + queued`, in events, always; and so it is for each of the [`sinks`](Self::sinks).
/// `offered` is `emitted`, once for each sink of the layer that emitted them.
///
/// What the program has recorded adds up as well, once none of it runs any more and everything is flushed. Each of its
/// spans and moments has become one event, beside those that are `pending`, or was left out or dropped and is counted
/// once: `spans + moments == emitted - pending + sampled_out + limited + ring_full + records_lost`. (Where what
/// `record!`, `context!`, `fail!` or a context that is handed on has to say of a span finds no room, or no span, that
/// counts there too, though no event is missing for it. A log line is a moment where it is written in a span: in one
/// whose begin found no room, and that no recorded span is around, it counts as `ring_full` as well. Outside of any
/// span it is not recorded, and not in this sum.)
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// Events that were made.
    pub emitted: u64,
    /// Those of them that tell of a span which goes on: that it has begun, or has been open for a second.
    pub pending: u64,
    /// Spans and moments that were left out by [sampling](crate::Sampling); those that were kept in their place say so
    /// in `sample_weight`.
    pub sampled_out: u64,
    /// The part of the traces that begin now which is kept, from 0 to 1: what [`Sampling`](crate::Sampling) says, or
    /// less where there would be more events than its ceiling allows. Types and levels may have lower ratios, and a
    /// trace of elsewhere goes by the word that came with it. Of several layers the smallest.
    pub sampling_ratio: f64,
    /// Of the failures and slow spans that are to be kept in any case the part that is; 1 unless they alone would be
    /// too many for the ceiling. Of several layers the smallest.
    pub failure_ratio: f64,
    /// Spans and moments that were left out because there were too many below one span, see [`Limits`](crate::Limits).
    pub limited: u64,
    /// Events that were made, once for each sink that was to get them.
    pub offered: u64,
    /// Events that a sink has taken.
    pub delivered: u64,
    /// Events that wait for their sink or are on their way.
    pub queued: u64,
    /// Events dropped because the queue was full.
    pub queue_full: u64,
    /// Events dropped because the sink failed, panicked, or did not recover in time.
    pub sink_failed: u64,
    /// Events dropped because the sink said that it will never take them.
    pub sink_refused: u64,
    /// Events dropped because the sink's circuit breaker was open.
    pub breaker_open: u64,
    /// Events dropped because the sink's thread has died, or could not be started.
    pub worker_dead: u64,
    /// Events dropped because they came after the shutdown.
    pub shut_down: u64,
    /// Of the dropped events those that went to standard error instead.
    pub printed: u64,
    /// Records dropped because a thread's ring was full, and log lines that were lost with their span; they never
    /// became events.
    pub ring_full: u64,
    /// Records of a process that was forked off which it may have lost because it did not know that yet: those that the
    /// thread that forked had written last. Some of them may be the parent's, which has delivered them. And what a span
    /// said late, or how it ended, where it began before the fork and layers of others could not be told of that.
    /// [`forked`](crate::forked) right behind the fork leaves none.
    pub lost_at_fork: u64,
    /// Records whose begin was dropped or forgotten, so that nothing could be made of them.
    pub records_lost: u64,
    /// Spans that had to make room because 65,536 others were open, or as many as [`Limits`](crate::Limits) allow:
    /// their ends had probably been dropped. One that ends after all gives no event and is counted in `records_lost`,
    /// also where an event has told beforehand that it is open.
    pub spans_given_up: u64,
    /// Values of spans that were open, and had to make room because all that are open took more than 32 MiB together;
    /// the events of such spans name them in `cut`.
    pub values_lost: u64,
    /// Stages that went well and left no span under the name that `stage_method` gives them: the method has another
    /// name, is not recorded at its level, or was not called. The pipeline's span lists them as `unseen`.
    pub stages_unseen: u64,
    /// Times that a span was entered where its thread was in 8,192 others. It is recorded as any other; what began in
    /// it meanwhile hangs below the last one that fitted.
    pub entered_too_deep: u64,
    /// Fields that `tense.toml` declares as always there and that events came without; each such event names its own.
    pub fields_absent: u64,
    /// Spans that have begun and not ended.
    pub open_spans: u64,
    /// Memory that all of this takes, in bytes: the rings of all threads there ever were at one time, in full, though
    /// the operating system has given only what records have reached; records that wait for their turn, spans that are
    /// open and those that ended last, events that wait for their sinks. It has a bound: see `docs/reliability.md`. Not
    /// in it is what sinks take themselves, and what is made once, such as the rules that find secrets.
    pub memory_bytes: u64,
    /// Passes of the drainer that a bug of this crate has ended.
    pub drainer_panics: u64,
    /// Damaged SQLite files that were set aside, as `NAME.damaged-SECONDS`.
    pub databases_set_aside: u64,
    /// The sinks of all layers that are there, each for itself.
    pub sinks: Vec<SinkHealth>,
    /// The types of events whose spans have ended, each for itself: how many there were, failed, and were slow. At most
    /// 512, and what all others had together.
    pub types: Vec<TypeHealth>,
    /// Alarms that the hook of [`Builder::watch`](crate::Builder::watch) was given.
    pub alarms: u64,
    /// Alarms that it was not given, because it took its time, or came after the shutdown.
    pub alarms_lost: u64,
    /// Those that it was given and panicked at.
    pub hook_panics: u64,
    /// How often a filter or a layer of the program's has panicked when it was asked whether it wants a call site, or a
    /// call. The call went on. Where it was asked for the call site, the call is a real `tracing` span that asks each
    /// time; where it was asked for this one call, it is not recorded.
    pub subscriber_panics: u64,
    /// Whether this program has annotated functions that were built with another version of `tense`. This layer sees
    /// their spans as it sees those of any other crate, and only a layer of that version records more.
    pub other_versions: bool,
    /// Whether a layer of this program is switched off (`TENSE_ENABLED`, `OTEL_SDK_DISABLED`, `tense.toml`, or
    /// [`enabled`](crate::Builder::enabled)): it records nothing. [`settings`](Self::settings) says by what.
    pub switched_off: bool,
    /// What is to be said of settings: values that make no sense, in the environment or in a file, each with where it
    /// stands, what is wrong with it, and what holds instead. At most 32 sentences; no secrets are in them.
    pub settings: Vec<String>,
    /// Whether moments are read off the processor's time stamp counter. Where that is not invariant, as in some virtual
    /// machines, the operating system is asked, and a span costs about 30 ns more.
    pub clock_is_counter: bool,
}

impl Health {
    pub(crate) const ZERO: Self = Self {
        emitted: 0,
        pending: 0,
        sampled_out: 0,
        sampling_ratio: 1.0,
        failure_ratio: 1.0,
        limited: 0,
        offered: 0,
        delivered: 0,
        queued: 0,
        queue_full: 0,
        sink_failed: 0,
        sink_refused: 0,
        breaker_open: 0,
        worker_dead: 0,
        shut_down: 0,
        printed: 0,
        ring_full: 0,
        lost_at_fork: 0,
        records_lost: 0,
        spans_given_up: 0,
        values_lost: 0,
        stages_unseen: 0,
        entered_too_deep: 0,
        fields_absent: 0,
        open_spans: 0,
        memory_bytes: 0,
        drainer_panics: 0,
        databases_set_aside: 0,
        sinks: Vec::new(),
        types: Vec::new(),
        alarms: 0,
        alarms_lost: 0,
        hook_panics: 0,
        subscriber_panics: 0,
        other_versions: false,
        switched_off: false,
        settings: Vec::new(),
        clock_is_counter: false,
    };

    /// Whether something was dropped.
    pub const fn has_loss(&self) -> bool {
        let events = self.dropped();
        let records = self.ring_full + self.lost_at_fork + self.records_lost + self.spans_given_up + self.values_lost;
        events + records + self.drainer_panics > 0
    }
}

impl Health {
    /// Events that a sink did not get and will not get, for whatever reason.
    pub const fn dropped(&self) -> u64 {
        let by_sink = self.sink_failed + self.sink_refused + self.breaker_open;
        self.queue_full + by_sink + self.worker_dead + self.shut_down
    }

    /// Adds what was counted of a sink.
    pub(crate) fn add_sink(&mut self, sink: SinkHealth) {
        self.offered += sink.offered;
        self.delivered += sink.delivered;
        self.queued += sink.queued;
        self.queue_full += sink.queue_full;
        self.sink_failed += sink.failed;
        self.sink_refused += sink.refused;
        self.breaker_open += sink.breaker_open;
        self.worker_dead += sink.worker_dead;
        self.shut_down += sink.shut_down;
        self.printed += sink.printed;
        self.sinks.push(sink);
    }

    /// A sink has taken so many events, and its lane does not know it yet.
    #[cfg(feature = "sqlite")]
    pub(crate) fn arrived(&mut self, sink: &str, events: u64) {
        let Some(sink) = self.sinks.iter_mut().find(|known| known.name == sink && known.queued >= events) else {
            return;
        };
        sink.delivered += events;
        sink.queued -= events;
        self.delivered += events;
        self.queued -= events;
    }

    /// What was dropped, in words, and what was not stored in time.
    pub(crate) fn losses(&self, late: u64) -> Vec<String> {
        let counts = [
            (self.queue_full, "events that found the queue full"),
            (self.sink_failed, "events that could not be stored"),
            (self.sink_refused, "events that their sink refused"),
            (self.breaker_open, "events that came while their sink was left alone because it had failed"),
            (self.worker_dead, "events whose sink has no thread"),
            (self.shut_down, "events that came after the shutdown"),
            (self.ring_full, "records for which a thread had no room"),
            (self.lost_at_fork, "records of the time around a fork, as far as the parent process does not have them"),
            (self.records_lost, "records whose beginning was lost"),
            (self.spans_given_up, "spans that were open together with too many others"),
            (self.values_lost, "values of spans that were open together with too many others"),
            (self.drainer_panics, "passes over the records that were broken off"),
            (late, "events that were not stored in time"),
        ];
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect()
    }
}

impl AddAssign for Health {
    fn add_assign(&mut self, more: Self) {
        self.emitted += more.emitted;
        self.pending += more.pending;
        self.sampled_out += more.sampled_out;
        self.sampling_ratio = self.sampling_ratio.min(more.sampling_ratio);
        self.failure_ratio = self.failure_ratio.min(more.failure_ratio);
        self.limited += more.limited;
        self.offered += more.offered;
        self.delivered += more.delivered;
        self.queued += more.queued;
        self.queue_full += more.queue_full;
        self.sink_failed += more.sink_failed;
        self.sink_refused += more.sink_refused;
        self.breaker_open += more.breaker_open;
        self.worker_dead += more.worker_dead;
        self.shut_down += more.shut_down;
        self.printed += more.printed;
        self.ring_full += more.ring_full;
        self.lost_at_fork += more.lost_at_fork;
        self.records_lost += more.records_lost;
        self.spans_given_up += more.spans_given_up;
        self.values_lost += more.values_lost;
        self.stages_unseen += more.stages_unseen;
        self.entered_too_deep += more.entered_too_deep;
        self.fields_absent += more.fields_absent;
        self.open_spans += more.open_spans;
        self.memory_bytes += more.memory_bytes;
        self.drainer_panics += more.drainer_panics;
        self.sinks.extend(more.sinks);
        merge(&mut self.types, more.types);
        self.alarms += more.alarms;
        self.alarms_lost += more.alarms_lost;
        self.hook_panics += more.hook_panics;
    }
}

/// The counters, now. Takes a lock that the drainer holds while it works: not for a hot path.
///
/// ```
/// let health = tense_layer::health();
/// assert_eq!(health.offered, health.delivered + health.dropped() + health.queued);
///
/// // What was said in the environment, or in a file, and makes no sense.
/// for sentence in &health.settings {
///     eprintln!("{sentence}");
/// }
/// ```
pub fn health() -> Health {
    crate::drainer::health()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FlushReport;

    #[test]
    fn what_was_lost_is_a_sentence_with_counts() {
        let loss = |is_complete, ring_full, sink_failed, queued| {
            FlushReport { is_complete, health: Health { ring_full, sink_failed, queued, ..Health::ZERO } }.loss()
        };
        let begin = "the trace database does not have everything:";
        assert_eq!(loss(true, 0, 0, 0), None);
        assert_eq!(loss(false, 0, 0, 0).unwrap(), format!("{begin} it was not ready in time"));
        let lost = "it lacks 1 events that could not be stored, 7 records for which a thread had no room";
        assert_eq!(loss(true, 7, 1, 2).unwrap(), format!("{begin} {lost}"));
        let late = "2 events that were not stored in time";
        assert_eq!(loss(false, 7, 1, 2).unwrap(), format!("{begin} {lost}, {late}"));
    }
}
