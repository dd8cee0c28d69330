//! What a program wants to be told of goes in; a hook that is called, and the limits it is called by, come out.

use super::alarm::Alarm;
use super::hook::Alarms;

/// What the hook is given all alarms by: a function of the program's.
pub(super) type Hook = Box<dyn Fn(&Alarm) + Send>;

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
/// when it has been open for a second, and not once more at its end. One that is cancelled may be slow, and has not
/// failed.
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
    hook: Hook,
    limits: Limits,
    queue: usize,
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
    /// With that hook. What it holds is dropped on the thread that calls it.
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
        Self { hook: Box::new(hook), limits: Limits { share: 0.1, of_at_least: 20 }, queue: 256 }
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
        self.limits = Limits { share: if share.is_nan() { f64::INFINITY } else { share.max(0.0) }, of_at_least };
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
        self.queue = alarms.max(1);
        self
    }

    /// Starts the thread.
    pub(super) fn start(self) -> (Limits, Alarms) {
        (self.limits, Alarms::start(self.hook, self.queue))
    }
}

impl<F: Fn(&Alarm) + Send + 'static> From<F> for Watch {
    fn from(hook: F) -> Self {
        Self::new(hook)
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("limits", &self.limits).field("queue", &self.queue).finish_non_exhaustive()
    }
}
