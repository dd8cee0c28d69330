//! What a program wants to be told of goes in; a hook that is called, and the limits it is called by, come out.

use std::time::Duration;

use tense_grammar::SettingSpec;

use super::alarm::Alarm;
use super::hook::Alarms;

/// What the hook is given all alarms by: a function of the program's.
pub(crate) type Hook = Box<dyn Fn(&Alarm) + Send>;

/// What holds unless it is set.
const FAILURES: f64 = SettingSpec::at("watch", "failures").share();
const OF_AT_LEAST: u64 = SettingSpec::at("watch", "of_at_least").count();
const QUEUE: usize = SettingSpec::at("watch", "queue").count() as usize;

/// Calls a function of the program's when a span is slow, and when too many spans of a type fail.
///
/// A closure is one already, with what holds unless set:
///
/// ```no_run
/// let _guard = tense_layer::builder().watch(|alarm: &tense_layer::Alarm| eprintln!("{alarm}")).init()?;
/// # Ok::<(), tense_layer::InitError>(())
/// ```
///
/// | it is told | unless set |
/// |---|---|
/// | that a span took as long as `slow_ms` of its event in `tense.toml`, or as [`Builder::slow_from`](crate::Builder::slow_from) | 100 ms |
/// | that of the spans of a type which ended within a minute so many have failed, see [`failures`](Self::failures) | a tenth, of at least 20 |
///
/// It is called on a thread of ours, within some 50 ms, at most once a second for each kind of alarm and each type of
/// event; an alarm says how many spans it stands for. Too many failures are told when there are too many for the first
/// time, and once a minute while it goes on. Spans count whether they are sampled or not. A span that goes on is told
/// when it is slow and has been open for a second, and not once more at its end. One that is cancelled may be slow, and
/// has not failed.
///
/// Whatever the hook does, the program, its events and their delivery go on. Alarms wait in a queue of
/// [`queue`](Self::queue); what finds no room there, while the hook takes its time or hangs, counts in
/// [`Health::alarms_lost`](crate::Health::alarms_lost). A panic counts in
/// [`Health::hook_panics`](crate::Health::hook_panics), and the hook is called again. A flush and a shutdown wait for
/// the hook until their deadline, and for a second at most where they have none; neither calls itself incomplete
/// because of it. Annotated calls within the hook are not recorded.
///
/// A process that was forked off has no hook: its thread stayed with the parent.
pub struct Watch {
    pub(crate) hook: Hook,
    pub(crate) watched: Watched,
}

/// What can be set without the hook. What is `None` nobody has said anything about.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Watched {
    pub(crate) slow_from: Option<Duration>,
    pub(crate) failures: Option<f64>,
    pub(crate) of_at_least: Option<u64>,
    pub(crate) queue: Option<usize>,
}

impl Watched {
    /// What this one says nothing about the other one says.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            slow_from: self.slow_from.or(other.slow_from),
            failures: self.failures.or(other.failures),
            of_at_least: self.of_at_least.or(other.of_at_least),
            queue: self.queue.or(other.queue),
        }
    }
}

/// When too many spans fail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limits {
    /// The share of those that ended.
    pub(super) share: f64,
    pub(super) of_at_least: u64,
}

impl Limits {
    pub(super) fn are_passed(&self, ended: u64, failed: u64) -> bool {
        ended >= self.of_at_least && failed as f64 >= self.share * ended as f64
    }
}

impl Watch {
    /// With that hook. What it holds is dropped on the thread that calls it, and never where there was no thread to be
    /// had.
    ///
    /// ```
    /// use std::sync::mpsc::channel;
    /// use tense_layer::{Alarm, Watch};
    ///
    /// let (sender, alarms) = channel();
    /// let watch = Watch::new(move |alarm: &Alarm| drop(sender.send(alarm.clone())));
    /// let builder = tense_layer::builder().watch(watch);
    /// ```
    pub fn new(hook: impl Fn(&Alarm) + Send + 'static) -> Self {
        Self { hook: Box::new(hook), watched: Watched::default() }
    }

    /// Which share of the spans of a type that ended within a minute may not fail, and from how many spans on that is
    /// said: of two calls a minute one that fails is half of them. A share above 1 is never reached.
    ///
    /// ```
    /// use tense_layer::{Alarm, Watch};
    ///
    /// // Every twentieth, as soon as there are a hundred.
    /// let watch = Watch::new(|alarm: &Alarm| eprintln!("{alarm}")).failures(0.05, 100);
    /// ```
    pub fn failures(mut self, share: f64, of_at_least: u64) -> Self {
        // What is no number is never reached either.
        self.watched.failures = Some(if share.is_nan() { f64::INFINITY } else { share.max(0.0) });
        self.watched.of_at_least = Some(of_at_least);
        self
    }

    /// How many alarms may wait for the hook, at least 1.
    ///
    /// ```
    /// use tense_layer::{Alarm, Watch};
    ///
    /// let watch = Watch::new(|alarm: &Alarm| eprintln!("{alarm}")).queue(16);
    /// ```
    pub fn queue(mut self, alarms: usize) -> Self {
        self.watched.queue = Some(alarms.max(1));
        self
    }

    /// Starts the thread.
    pub(super) fn start(self) -> (Limits, Alarms) {
        let Watched { failures, of_at_least, queue, .. } = self.watched;
        let limits = Limits { share: failures.unwrap_or(FAILURES), of_at_least: of_at_least.unwrap_or(OF_AT_LEAST) };
        (limits, Alarms::start(self.hook, queue.unwrap_or(QUEUE)))
    }
}

impl<F: Fn(&Alarm) + Send + 'static> From<F> for Watch {
    fn from(hook: F) -> Self {
        Self::new(hook)
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("watched", &self.watched).finish_non_exhaustive()
    }
}
