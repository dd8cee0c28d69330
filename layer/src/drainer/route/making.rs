//! Steps of spans go in; what is to be kept of them leaves for the outlet, as clean events in batches, and what is not
//! is counted.

use std::borrow::Cow;

use tense_event::{CleanEvent, Event, Sanitizer, Status, UNSAMPLED};
use tense_grammar::SettingSpec;

use super::Wanted;
use crate::emit;
use crate::health::Health;
use crate::join::{Joiner, Step};
use crate::outlet::Outlet;
use crate::sampling::{Late, Sampler, Verdict, open_or_this};

/// Events that are handed over together.
pub(super) const BATCH: usize = 256;

/// Fields of an event, unless set.
const FIELDS_LIMIT: usize = SettingSpec::at("limits", "fields_per_span").count() as usize;

/// Makes the events of one layer.
pub(in crate::drainer) struct Making {
    pub(in crate::drainer) outlet: Outlet,
    /// Events that are not handed over yet.
    batch: Vec<CleanEvent>,
    service: &'static str,
    sanitizer: Sanitizer,
    /// `None` where everything is kept.
    sampler: Option<Box<Sampler>>,
    fields_limit: usize,
    emitted: u64,
    pending: u64,
    sampled_out: u64,
    limited: u64,
    fields_absent: u64,
}

impl Making {
    /// For the layer of that number.
    pub(super) fn new(outlet: Outlet, wanted: Wanted, layer: u8) -> Self {
        let Wanted { service, sanitizer, sampling, limits, slowness } = wanted;
        Self {
            outlet,
            batch: Vec::new(),
            service,
            sanitizer,
            sampler: Sampler::new(&sampling, slowness, layer).map(Box::new),
            fields_limit: limits.fields_per_span.map_or(FIELDS_LIMIT, |fields| fields as usize),
            emitted: 0,
            pending: 0,
            sampled_out: 0,
            limited: 0,
            fields_absent: 0,
        }
    }

    #[inline]
    pub(super) fn take(&mut self, joiner: &Joiner, step: &Step<'_>) {
        // Nearly always everything is kept.
        if self.sampler.is_none() && step.span().crowded_by == 0 {
            return self.make(joiner, step, Verdict::WHOLE);
        }
        self.select(joiner, step);
    }

    /// Makes those events that are to be kept, and counts the others: of a span, or a moment, the last one.
    #[cold]
    #[inline(never)]
    fn select(&mut self, joiner: &Joiner, step: &Step<'_>) {
        let span = step.span();
        if span.crowded_by != 0 {
            self.limited += u64::from(step.is_last());
            return;
        }
        let Some(sampler) = &mut self.sampler else { return self.make(joiner, step, Verdict::WHOLE) };
        let verdict = sampler.weigh(joiner, step);
        let Some(verdict) = verdict else {
            self.sampled_out += u64::from(step.is_last());
            return;
        };
        for late in std::mem::take(&mut sampler.late) {
            // Others count it where its trace is sampled.
            let verdict = Verdict { weight: 0, ..verdict };
            let (Late::Start(id) | Late::Open(id)) = late;
            let Some(above) = open_or_this(joiner, span, id) else { continue };
            let step = match late {
                Late::Start(_) => Step::Began(above),
                Late::Open(_) => Step::StillOpen(above, step.moment()),
            };
            self.make(joiner, &step, verdict);
        }
        self.make(joiner, step, verdict);
    }

    #[inline]
    fn make(&mut self, joiner: &Joiner, step: &Step<'_>, verdict: Verdict) {
        let Some(mut event) = emit::event(joiner, step, self.service) else { return };
        event.sample_weight = verdict.weight;
        if verdict.is_unsampled {
            // Before the others: the last ones go where there are too many.
            event.tags.insert(0, Cow::Borrowed(UNSAMPLED));
        }
        if event.data.len() > self.fields_limit {
            cut_fields(&mut event, self.fields_limit);
        }
        self.pending += u64::from(event.status == Status::Pending);
        self.fields_absent += event.absent.len() as u64;
        self.batch.push(self.sanitizer.clean(event));
        if self.batch.len() >= BATCH {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        self.emitted += self.batch.len() as u64;
        self.outlet.put(&mut self.batch);
    }

    /// All that was recorded until that moment was seen.
    pub(super) fn end_pass(&mut self, joiner: &Joiner, now: u64) {
        if let Some(sampler) = &mut self.sampler {
            sampler.end_pass(joiner, now);
        }
        self.hand_over();
        self.batch.shrink_to(BATCH);
    }

    /// Whether the span is open for long, and nothing has told so because it was left out.
    pub(super) fn has_not_reported(&self, span: u64) -> bool {
        self.sampler.as_ref().is_some_and(|sampler| sampler.has_not_reported(span))
    }

    pub(super) fn close(&mut self) {
        self.sampler = None;
        self.outlet.close();
    }

    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.batch.capacity()
    }

    /// What was counted here and behind it, and what both take.
    pub(super) fn health(&self) -> Health {
        let batch = self.batch.capacity() * size_of::<CleanEvent>();
        let sampler = self.sampler.as_ref().map_or(0, |sampler| sampler.bytes());
        let (sampling_ratio, failure_ratio) = self.sampler.as_ref().map_or((1.0, 1.0), |sampler| sampler.ratios());
        Health {
            sampling_ratio,
            failure_ratio,
            emitted: self.emitted,
            pending: self.pending,
            sampled_out: self.sampled_out,
            limited: self.limited,
            fields_absent: self.fields_absent,
            memory_bytes: (self.outlet.memory() + sampler + batch) as u64,
            ..self.outlet.health()
        }
    }
}

/// Keeps the first so many, and names the others.
#[cold]
fn cut_fields(event: &mut Event, most: usize) {
    let names: Vec<String> = event.data.iter().skip(most).map(|(name, _)| name.to_owned()).collect();
    event.data.retain(|name, _| !names.iter().any(|cut| cut == name));
    event.torn.retain(|torn| !names.contains(torn));
    event.cut.extend(names);
}
