//! What a program wants to keep, one setting after the other.

use tense_grammar::SettingSpec;
use tracing_core::Level;

/// Which events are kept. All of them, unless something is said.
///
/// It is decided behind the program, on the drainer's thread: a call that is recorded costs its caller the same, and
/// what is left out is never made, cleaned, queued or stored. A trace is kept or left out as a whole, and all services
/// that sample at the same ratio, or at a higher one, keep the same traces: what decides is the trace's id (its low 56
/// bits, as in W3C Trace Context, level 2). Each event says in `sample_weight` how many it stands for, so that counts
/// stay right. `docs/sampling.md` says what is kept when, and what it costs.
///
/// | setting | unless set |
/// |---|---|
/// | [`ratio`](Self::ratio) | 1: every trace |
/// | [`of`](Self::of), [`of_level`](Self::of_level) | no other ratio for an event type or a level |
/// | [`parent_based`](Self::parent_based) | on |
/// | [`keep_failures`](Self::keep_failures), [`keep_slow`](Self::keep_slow) | on |
/// | [`keep_cancelled`](Self::keep_cancelled) | off |
/// | [`max_events_per_second`](Self::max_events_per_second) | no ceiling |
///
/// ```
/// use tense_layer::{Sampling, builder};
///
/// // One trace of ten, of statements one of a hundred, and whatever fails or is slow.
/// let sampling = Sampling::ratio(0.1).of("sql.*", 0.01).max_events_per_second(2_000);
/// let builder = builder().sampling(sampling);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sampling {
    /// What is `None` nobody has said anything about.
    pub(crate) ratio: Option<f64>,
    /// By pattern; of two with the same one the first holds.
    pub(crate) types: Vec<(String, f64)>,
    pub(crate) levels: Vec<(Level, f64)>,
    pub(crate) parent_based: Option<bool>,
    pub(crate) keep_failures: Option<bool>,
    pub(crate) keep_slow: Option<bool>,
    pub(crate) keep_cancelled: Option<bool>,
    pub(crate) max_events_per_second: Option<u64>,
}

impl Sampling {
    /// As it is where nothing is said: everything is kept, also of a trace that comes from elsewhere with the word
    /// that it is not sampled. As soon as anything is said, be it in the environment,
    /// [`parent_based`](Self::parent_based) is on unless it is switched off.
    ///
    /// ```
    /// let sampling = tense_layer::Sampling::new().max_events_per_second(1_000);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Every trace that begins here: the same as a ratio of 1. That is more than [`new`](Self::new) says: one that
    /// comes from elsewhere is kept as the sampled flag that comes with it says, unless
    /// [`parent_based(false)`](Self::parent_based) is said as well.
    ///
    /// ```
    /// let sampling = tense_layer::Sampling::all().of("debug.*", 0.01);
    /// ```
    pub fn all() -> Self {
        Self::ratio(1.0)
    }

    /// That part of all traces, from 0 to 1: `0.1` keeps one of ten. What lies outside is taken as 0 or 1, and what is
    /// no number as 1.
    ///
    /// ```
    /// let builder = tense_layer::builder().sampling(tense_layer::Sampling::ratio(0.1));
    /// ```
    pub fn ratio(ratio: f64) -> Self {
        Self { ratio: Some(sound(ratio)), ..Self::default() }
    }

    /// That part of the traces for event types of that name; `*` stands for any text. A name of a span without the word
    /// of its life (`dispatch.batch`) stands for all of its events. Of several ratios that apply to an event the
    /// smallest holds, so nothing is kept of a trace that is left out.
    ///
    /// ```
    /// use tense_layer::Sampling;
    ///
    /// let sampling = Sampling::all().of("sql.*", 0.1).of("log.debug", 0.01);
    /// ```
    pub fn of(mut self, event_type: impl Into<String>, ratio: f64) -> Self {
        let event_type = event_type.into();
        self.types.retain(|(known, _)| *known != event_type);
        self.types.push((event_type, sound(ratio)));
        self
    }

    /// That part of the traces for events of exactly that level.
    ///
    /// ```
    /// use tense_layer::Sampling;
    ///
    /// let sampling = Sampling::all().of_level(tracing::Level::DEBUG, 0.05);
    /// ```
    pub fn of_level(mut self, level: Level, ratio: f64) -> Self {
        self.levels.retain(|(known, _)| *known != level);
        self.levels.push((level, sound(ratio)));
        self
    }

    /// Whether a trace that came from another process is kept where that one keeps it, whatever the ratio here: the
    /// sampled flag of its `traceparent` decides. Where there is no such word, as at the roots of traces, the ratio
    /// does.
    ///
    /// ```
    /// use tense_layer::Sampling;
    ///
    /// // At the edge, where anybody may write such a flag.
    /// let sampling = Sampling::ratio(0.1).parent_based(false);
    /// ```
    pub fn parent_based(mut self, on: bool) -> Self {
        self.parent_based = Some(on);
        self
    }

    /// Whether a span that fails or panics is kept in any case, and with it the spans above that are open, whether
    /// their trace is sampled or not.
    ///
    /// ```
    /// use tense_layer::Sampling;
    ///
    /// // What is kept is kept by chance alone.
    /// let sampling = Sampling::ratio(0.1).keep_failures(false).keep_slow(false);
    /// ```
    pub fn keep_failures(mut self, on: bool) -> Self {
        self.keep_failures = Some(on);
        self
    }

    /// The same for a span that takes at least `slow_ms` of its event type in `tense.toml`, or what
    /// [`Builder::slow_from`](crate::Builder::slow_from) says, 100 ms unless set.
    ///
    /// ```
    /// use tense_layer::Sampling;
    ///
    /// // Everything here takes its time.
    /// let sampling = Sampling::ratio(0.1).keep_slow(false);
    /// ```
    pub fn keep_slow(mut self, on: bool) -> Self {
        self.keep_slow = Some(on);
        self
    }

    /// The same for a future that is dropped before it finishes. Off unless set: where the first of several answers
    /// wins, the others are dropped every time.
    ///
    /// ```
    /// use tense_layer::Sampling;
    ///
    /// let sampling = Sampling::ratio(0.1).keep_cancelled(true);
    /// ```
    pub fn keep_cancelled(mut self, on: bool) -> Self {
        self.keep_cancelled = Some(on);
        self
    }

    /// A ceiling for the events of this layer, in events a second, at least 1. Where there would be more, fewer of the
    /// traces are kept that begin from then on, and of failures and slow spans so many that half of the ceiling is left
    /// for the others; a trace that has begun is kept or left out as it was. Below the ceiling it changes nothing.
    ///
    /// ```
    /// use tense_layer::Sampling;
    ///
    /// let sampling = Sampling::all().max_events_per_second(5_000);
    /// ```
    pub fn max_events_per_second(mut self, events: u64) -> Self {
        self.max_events_per_second = Some(events.max(1));
        self
    }

    /// What holds where nobody says anything.
    pub(crate) fn unless_said() -> Self {
        const fn of(key: &str) -> &'static SettingSpec {
            SettingSpec::at("sampling", key)
        }
        const RATIO: f64 = of("ratio").share();
        const PARENT_BASED: bool = of("parent_based").is_on();
        const KEEP_FAILURES: bool = of("keep_failures").is_on();
        const KEEP_SLOW: bool = of("keep_slow").is_on();
        const KEEP_CANCELLED: bool = of("keep_cancelled").is_on();
        let unless_said = Self::ratio(RATIO).parent_based(PARENT_BASED);
        unless_said.keep_failures(KEEP_FAILURES).keep_slow(KEEP_SLOW).keep_cancelled(KEEP_CANCELLED)
    }

    /// What this one says nothing about the other one says.
    pub(crate) fn or(mut self, other: Self) -> Self {
        for (event_type, ratio) in other.types {
            if self.types.iter().all(|(known, _)| *known != event_type) {
                self.types.push((event_type, ratio));
            }
        }
        for (level, ratio) in other.levels {
            if self.levels.iter().all(|(known, _)| *known != level) {
                self.levels.push((level, ratio));
            }
        }
        Self {
            ratio: self.ratio.or(other.ratio),
            parent_based: self.parent_based.or(other.parent_based),
            keep_failures: self.keep_failures.or(other.keep_failures),
            keep_slow: self.keep_slow.or(other.keep_slow),
            keep_cancelled: self.keep_cancelled.or(other.keep_cancelled),
            max_events_per_second: self.max_events_per_second.or(other.max_events_per_second),
            ..self
        }
    }
}

/// Into what a ratio can be.
fn sound(ratio: f64) -> f64 {
    if ratio.is_nan() { 1.0 } else { ratio.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_keeps_what_is_nearest() {
        let ratio = |given| Sampling::ratio(given).ratio.unwrap();
        assert_eq!([ratio(-1.0), ratio(7.0), ratio(f64::INFINITY), ratio(f64::NAN)], [0.0, 1.0, 1.0, 1.0]);
        assert_eq!(Sampling::new().max_events_per_second(0).max_events_per_second, Some(1));
    }

    #[test]
    fn what_is_said_first_stands_and_the_rest_comes_from_behind_it() {
        let first = Sampling::ratio(0.5).of("sql.*", 0.1).keep_slow(false);
        let then = Sampling::ratio(0.2).of("sql.*", 0.9).of("log.*", 0.3).keep_slow(true).parent_based(false);
        let both = Sampling::ratio(0.5).of("sql.*", 0.1).of("log.*", 0.3).keep_slow(false).parent_based(false);
        assert_eq!(first.or(then), both);
    }
}
