//! What a program wants to keep goes in (`options`, and beside it `limits`); for each step of a span, whether an event
//! is made of it, how many that stands for, and whether its trace is one that is left out, comes out.
//!
//! A trace goes by its id: what is random in it stands against a threshold (`threshold`), that of all traces, or a
//! higher one for the type or the level of an event (`rules`), or, where there would be too many events, a higher one
//! for all that begin from then on (`ceiling`). What fails or is slow is kept in any case, and the spans above with it
//! (`kept`).
//!
//! An event stands for as many as were left out for it, by what decided: one that would have been kept whatever the id
//! stands for itself, also where its trace is sampled; one that is kept by chance for one over the ratio. What is only
//! there for the sake of another one (the start of a life that is told late, a moment or compensation below a span that
//! is kept), or is told when it turns out to be of interest (that a span has been open for long), stands for none: in
//! the traces that are sampled it is counted already. So the sums of weights are right in the mean, for every event
//! type (Horvitz and Thompson, 1952).

mod options;
mod limits;
mod threshold;
mod rules;
mod ceiling;
mod kept;

use tense::__private::Form;
use tense::__private::layer::{self as runtime, Ending, NO_TRACE, Record, randomness};

pub use limits::Limits;
pub use options::Sampling;

use crate::join::{Joiner, Span, Step, UNDECIDED};
use crate::watch::Slowness;
use ceiling::{Ceiling, Odds};
use kept::Kept;
pub(crate) use kept::Late;
use rules::{OfSite, Rules};
use threshold::{EVERY, Threshold, ratio, threshold, weight};

/// Decides for one layer.
pub(crate) struct Sampler {
    /// Where nothing else is said.
    all: Threshold,
    is_parent_based: bool,
    keep_failures: bool,
    keep_slow: bool,
    keep_cancelled: bool,
    rules: Rules,
    ceiling: Option<Ceiling>,
    kept: Kept,
    /// The number of the layer, where those that record are told what it decides; 0 for none.
    layer: u8,
    /// What is to be told of the spans above, before the event that was asked for.
    pub(crate) late: Vec<Late>,
}

/// What an event is worth that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// How many it stands for.
    pub(crate) weight: u32,
    /// Its trace is left out, and this is kept in any case, or for the sake of what is: its neighbours are gone.
    pub(crate) is_unsampled: bool,
}

impl Verdict {
    /// Where nothing is left out.
    pub(crate) const WHOLE: Self = Self { weight: 1, is_unsampled: false };
}

impl Sampler {
    /// `None` where everything is kept: then nobody need be asked.
    pub(crate) fn new(sampling: &Sampling, slowness: Slowness, layer: u8) -> Option<Self> {
        if *sampling == Sampling::new() {
            return None;
        }
        let sampling = sampling.clone().or(Sampling::unless_said());
        let is_parent_based = sampling.parent_based == Some(true);
        let sampler = Self {
            all: threshold(sampling.ratio.unwrap_or(1.0)),
            is_parent_based,
            keep_failures: sampling.keep_failures == Some(true),
            keep_slow: sampling.keep_slow == Some(true),
            keep_cancelled: sampling.keep_cancelled == Some(true),
            rules: Rules::new(&sampling, slowness),
            ceiling: sampling.max_events_per_second.map(Ceiling::new),
            kept: Kept::default(),
            layer,
            late: Vec::new(),
        };
        if layer != 0 {
            runtime::sampler_made(layer, is_parent_based);
            runtime::sample_from(layer, 0, sampler.all);
        }
        Some(sampler)
    }

    /// What an event of this step is worth; `None`: it is left out. Where others have to be told before, because they
    /// are kept with it, `late` has them.
    pub(crate) fn weigh(&mut self, joiner: &Joiner, step: &Step<'_>) -> Option<Verdict> {
        let span = step.span();
        if matches!(step, Step::Began(_)) {
            // The begin of an action is no event.
            span.site.spec().filter(|spec| spec.form == Form::Life)?;
        }
        let rules = self.rules.of(span.number, span.site);
        let odds = self.odds(span, step.moment());
        let weight = match step {
            Step::Began(_) => self.by_chance(span, rules.start, odds),
            Step::Point(_) => self.by_chance(span, rules.done, odds).or_else(|| self.beside(span.parent, odds)),
            Step::Ended(_, end) => {
                let weight = self.of_ended(joiner, span, end, rules, odds);
                self.kept.forget(span.id);
                weight
            }
            Step::StillOpen(_, now) => {
                let is_late = self.kept.has_not_reported(span.id);
                let weight = if self.keep_slow && now.saturating_sub(span.began) >= rules.slow {
                    self.anyway(joiner, span, rules.done, odds)
                } else {
                    self.by_chance(span, rules.done, odds).or_else(|| self.beside(span.id, odds))
                };
                if weight.is_none() {
                    self.kept.not_reported(span.id);
                }
                // Those that were kept by chance when it was time have counted it.
                weight.map(|weight| if is_late { 0 } else { weight })
            }
        };
        weight.map(|weight| Verdict { weight, is_unsampled: randomness(span.trace) < odds.by_chance })
    }

    fn of_ended(&mut self, joiner: &Joiner, span: &Span, end: &Record<'_>, rules: OfSite, odds: Odds) -> Option<u32> {
        let is_failure = match end.ending {
            Ending::Success => false,
            Ending::Cancelled => self.keep_cancelled,
            Ending::Error | Ending::Panic => self.keep_failures,
        };
        let is_slow = self.keep_slow && end.moment.saturating_sub(span.began) >= rules.slow;
        let own = if end.ending == Ending::Success { rules.done } else { rules.failed };
        if is_failure || is_slow {
            self.anyway(joiner, span, own, odds)
        } else if self.kept.has(span.id) {
            self.with_others(span, own, odds)
        } else {
            // What a pipeline undoes is a part of how it failed.
            let undoes = if span.undoes == 0 { None } else { Some(span.parent) };
            self.by_chance(span, own, odds).or_else(|| self.beside(undoes?, odds))
        }
    }

    /// Whether the span is open for long, and was left out when that was looked at.
    pub(crate) fn has_not_reported(&self, span: u64) -> bool {
        self.kept.has_not_reported(span)
    }

    /// A pass has ended: all that was recorded until `now` was seen.
    pub(crate) fn end_pass(&mut self, joiner: &Joiner, now: u64) {
        self.kept.tidy(joiner);
        self.tick(now);
    }

    /// Which part is kept of the traces that begin now, and of what fails or is slow in the others.
    pub(crate) fn ratios(&self) -> (f64, f64) {
        let odds = self.ceiling.as_ref().map_or(Odds::ALL, Ceiling::current);
        (ratio(self.all.max(odds.by_chance)), ratio(odds.anyway))
    }

    /// What it takes, in bytes, without what it knows of call sites, which are as many as the source has.
    pub(crate) fn bytes(&self) -> usize {
        self.kept.bytes() + self.ceiling.as_ref().map_or(0, Ceiling::bytes)
    }

    /// What its trace goes by.
    fn odds(&mut self, span: &Span, now: u64) -> Odds {
        let odds = Odds { by_chance: self.of_trace(span), anyway: EVERY };
        if self.ceiling.is_none() {
            return odds;
        }
        self.tick(now);
        match &mut self.ceiling {
            Some(ceiling) => {
                let is_of_elsewhere = span.decided != UNDECIDED;
                let in_force = ceiling.in_force(span.trace, is_of_elsewhere, millis(span.began));
                Odds { by_chance: odds.by_chance.max(in_force.by_chance), anyway: in_force.anyway }
            }
            None => odds,
        }
    }

    /// The same, if there were no ceiling.
    fn of_trace(&self, span: &Span) -> Threshold {
        if self.is_parent_based && span.decided != UNDECIDED { span.decided } else { self.all }
    }

    fn tick(&mut self, now: u64) {
        if let Some(ceiling) = &mut self.ceiling
            && let Some((since, odds)) = ceiling.tick(now, millis(now))
            && self.layer != 0
        {
            runtime::sample_from(self.layer, since, self.all.max(odds.by_chance));
        }
    }

    /// Kept if its trace is.
    fn by_chance(&mut self, span: &Span, own: Threshold, odds: Odds) -> Option<u32> {
        let (threshold, without_ceiling) = (odds.by_chance.max(own), self.of_trace(span).max(own));
        if let Some(ceiling) = &mut self.ceiling {
            ceiling.by_chance(without_ceiling);
        }
        let randomness = randomness(span.trace);
        (randomness >= threshold).then(|| weight(threshold, randomness))
    }

    /// Kept whether its trace is or not, and what is above with it.
    fn anyway(&mut self, joiner: &Joiner, span: &Span, own: Threshold, odds: Odds) -> Option<u32> {
        if randomness(span.trace) >= odds.anyway {
            let before = self.late.len();
            self.kept.keep(joiner, span, &mut self.late);
            self.leave_told(joiner, span, before, odds);
        }
        self.with_others(span, own, odds)
    }

    /// Kept with what is kept below it.
    fn with_others(&mut self, span: &Span, own: Threshold, odds: Odds) -> Option<u32> {
        if let Some(ceiling) = &mut self.ceiling {
            ceiling.anyway();
        }
        let threshold = odds.by_chance.max(own).min(odds.anyway);
        let randomness = randomness(span.trace);
        (randomness >= threshold).then(|| weight(threshold, randomness))
    }

    /// Kept for the sake of that span, if that is kept in any case, and standing for none.
    fn beside(&mut self, span: u64, odds: Odds) -> Option<u32> {
        let is_kept = self.kept.has(span);
        if is_kept && let Some(ceiling) = &mut self.ceiling {
            ceiling.beside(odds.anyway);
        }
        is_kept.then_some(0)
    }

    /// Of the lives that are kept from now on those whose starts were told by chance need no other.
    fn leave_told(&mut self, joiner: &Joiner, this: &Span, before: usize, odds: Odds) {
        let Self { late, rules, ceiling, .. } = self;
        let mut at = 0;
        late.retain(|late| {
            at += 1;
            let is_told = match late {
                Late::Start(id) if at > before => open_or_this(joiner, this, *id).is_some_and(|span| {
                    let own = rules.of(span.number, span.site).start;
                    randomness(span.trace) >= odds.by_chance.max(own)
                }),
                _ => false,
            };
            if !is_told && let Some(ceiling) = ceiling {
                ceiling.beside(odds.anyway);
            }
            !is_told
        });
    }
}

/// The span of that id: this one, which may just have ended, or one that is open.
pub(crate) fn open_or_this<'a>(joiner: &'a Joiner, this: &'a Span, id: u64) -> Option<&'a Span> {
    if this.id == id { Some(this) } else { joiner.open_span(id) }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        if self.layer != 0 {
            runtime::sampler_gone(self.layer);
        }
    }
}

/// Of a moment, in milliseconds since 1970.
fn millis(moment: u64) -> u64 {
    runtime::unix_nanos(moment) / 1_000_000
}

const _: () = assert!(UNDECIDED > NO_TRACE, "a word of its own");
