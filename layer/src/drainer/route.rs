//! Records of one layer go in; clean events, in batches, leave for its outlet.

use std::sync::Arc;

use tense::__private::layer as runtime;
use tense_event::{CleanEvent, Event, Sanitizer, Status};

use crate::emit;
use crate::health::Health;
use crate::join::{Joiner, Step};
use crate::mark::Mark;
use crate::outlet::Outlet;
use crate::sampling::{self, Limits, Sampler, Sampling};
use crate::watch::{Slowness, Watch, Watching};

/// Events that are handed over together.
const BATCH: usize = 256;

/// Fields of an event, unless set.
const FIELDS_LIMIT: usize = 128;

/// What a program wants of the events of a layer.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) service: &'static str,
    pub(crate) sanitizer: Sanitizer,
    pub(crate) sampling: Sampling,
    pub(crate) limits: Limits,
    pub(crate) slowness: Slowness,
}

#[cfg(test)]
impl Wanted {
    /// Everything.
    pub(crate) fn all(service: &'static str) -> Self {
        let (sampling, limits) = (Sampling::new(), Limits::new());
        Self { service, sanitizer: Sanitizer::default(), sampling, limits, slowness: Slowness::unless_set(None) }
    }
}

/// What is known of one layer.
pub(super) struct Route {
    pub(super) mark: Arc<Mark>,
    pub(super) joiner: Joiner,
    pub(super) outlet: Outlet,
    /// Events that are not handed over yet.
    batch: Vec<CleanEvent>,
    service: &'static str,
    sanitizer: Sanitizer,
    /// `None` where everything is kept.
    sampler: Option<Box<Sampler>>,
    fields_limit: usize,
    pub(super) watching: Watching,
    emitted: u64,
    pending: u64,
    sampled_out: u64,
    limited: u64,
    fields_absent: u64,
    /// Passes since its layer was found to be gone that have taken all they could.
    pub(super) passes_gone: u8,
    /// Its layer is gone and its records are drained; it stays until its queue is empty.
    pub(super) is_closed: bool,
}

impl Route {
    pub(super) fn new(mark: Arc<Mark>, outlet: Outlet, wanted: Wanted, watch: Option<Watch>) -> Self {
        let Wanted { service, sanitizer, sampling, limits, slowness } = wanted;
        let watching = Watching::new(slowness, &sanitizer, watch);
        Self {
            joiner: Joiner::new(&limits),
            fields_limit: limits.fields_per_span.map_or(FIELDS_LIMIT, |fields| fields as usize),
            sampler: Sampler::new(&sampling, slowness, mark.id).map(Box::new),
            mark,
            outlet,
            batch: Vec::new(),
            service,
            sanitizer,
            watching,
            emitted: 0,
            pending: 0,
            sampled_out: 0,
            limited: 0,
            fields_absent: 0,
            passes_gone: 0,
            is_closed: false,
        }
    }

    pub(super) fn take(&mut self, record: &runtime::Record<'_>) {
        let (joiner, mut emit) = self.parts();
        joiner.take(record, &mut emit);
    }

    pub(super) fn end_pass(&mut self, now: u64) {
        let (joiner, mut emit) = self.parts();
        joiner.end_pass(now, &mut emit);
        drop(emit);
        if let Some(sampler) = &mut self.sampler {
            sampler.end_pass(&self.joiner, now);
        }
        self.watching.end_pass(&self.joiner, now);
        self.emitted += self.batch.len() as u64;
        self.outlet.put(&mut self.batch);
        self.batch.shrink_to(BATCH);
    }

    /// Its layer is gone, and the number may be another one's soon.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
        self.sampler = None;
        self.outlet.close();
        self.watching.tell_rest();
    }

    /// What joins, and what makes events of that.
    #[inline]
    fn parts(&mut self) -> (&mut Joiner, impl FnMut(&Joiner, Step<'_>)) {
        let Self { joiner, outlet, batch, service, sanitizer, watching, sampler, fields_limit, .. } = self;
        let Self { emitted, pending, sampled_out, limited, fields_absent, .. } = self;
        let mut make = |joiner: &Joiner, step: &Step<'_>, weight: u32| {
            if let Some(mut event) = emit::event(joiner, step, service) {
                event.sample_weight = weight;
                if event.data.len() > *fields_limit {
                    cut_fields(&mut event, *fields_limit);
                }
                *pending += u64::from(event.status == Status::Pending);
                *fields_absent += event.absent.len() as u64;
                batch.push(sanitizer.clean(event));
                if batch.len() >= BATCH {
                    *emitted += batch.len() as u64;
                    outlet.put(batch);
                }
            }
        };
        let emit = move |joiner: &Joiner, step: Step<'_>| {
            // Before anything is left out.
            watching.see(&step);
            // Nearly always everything is kept.
            if sampler.is_none() && step.span().crowded_by == 0 {
                return make(joiner, &step, 1);
            }
            select(sampler.as_deref_mut(), joiner, &step, [sampled_out, limited], &mut make);
        };
        (joiner, emit)
    }

    /// What it takes, in bytes.
    fn bytes(&self) -> usize {
        let batch = self.batch.capacity() * size_of::<CleanEvent>();
        let sampler = self.sampler.as_ref().map_or(0, |sampler| sampler.bytes());
        self.joiner.bytes() + sampler + self.watching.bytes() + self.outlet.memory() + batch
    }

    /// At that moment.
    pub(super) fn health(&self, now: u64) -> Health {
        let alarms = self.watching.alarms().map(|alarms| alarms.counts()).unwrap_or_default();
        Health {
            types: self.watching.health(now),
            alarms: alarms.told,
            alarms_lost: alarms.lost,
            hook_panics: alarms.panics,
            emitted: self.emitted,
            pending: self.pending,
            sampled_out: self.sampled_out,
            limited: self.limited,
            records_lost: self.joiner.lost,
            spans_given_up: self.joiner.given_up,
            values_lost: self.joiner.values_lost,
            fields_absent: self.fields_absent,
            open_spans: self.joiner.open() as u64,
            memory_bytes: self.bytes() as u64,
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

/// Makes those events that are to be kept, and counts the others: of a span, or a moment, the last one.
#[cold]
#[inline(never)]
fn select(
    sampler: Option<&mut Sampler>,
    joiner: &Joiner,
    step: &Step<'_>,
    [sampled_out, limited]: [&mut u64; 2],
    make: &mut impl FnMut(&Joiner, &Step<'_>, u32),
) {
    let span = step.span();
    if span.crowded_by != 0 {
        *limited += u64::from(step.is_last());
        return;
    }
    let Some(sampler) = sampler else { return make(joiner, step, 1) };
    let weight = sampler.weight(joiner, step);
    for id in sampler.late.drain(..) {
        // Others count it where its trace is sampled.
        if let Some(life) = sampling::life(joiner, span, id) {
            make(joiner, &Step::Began(life), 0);
        }
    }
    match weight {
        Some(weight) => make(joiner, step, weight),
        None => *sampled_out += u64::from(step.is_last()),
    }
}

#[cfg(test)]
mod crowded;
#[cfg(test)]
mod program;
#[cfg(test)]
mod sampled;

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use tense::__private::layer::{Kind, Line};

    use super::*;
    use crate::join::tests::record;
    use crate::order::Order;

    const SECOND: u64 = 1_000_000_000;

    /// A pass at that moment over what a ring held.
    fn pass(route: &mut Route, now: u64, ring: Vec<u64>) {
        let mut order = Order::new();
        order.drain_of(now, &[ring]);
        route.joiner.begin_pass(Line::SAME);
        while order.take(7, &Line::SAME, |record| route.take(record)) {}
        route.end_pass(now);
    }

    fn route() -> (Route, Arc<Mutex<Vec<CleanEvent>>>) {
        let events = Arc::new(Mutex::new(Vec::new()));
        let outlet = Outlet::Memory(Arc::clone(&events));
        (Route::new(Mark::without_number(), outlet, Wanted::all("test"), None), events)
    }

    #[test]
    fn a_span_that_is_open_for_a_second_is_told_once_by_the_name_of_the_span() {
        let (mut route, events) = route();
        pass(&mut route, 10, record(Kind::Begin, 5, 7, 0, &[(1, 3)]));
        for second in 1..5 {
            pass(&mut route, second * SECOND + 4, Vec::new());
        }
        pass(&mut route, 9 * SECOND, record(Kind::End, 6 * SECOND + 5, 7, 0, &[]));
        let events = std::mem::take(&mut *events.lock().unwrap_or_else(PoisonError::into_inner));
        let [report, end] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((report.status, end.status), (Status::Pending, Status::Success));
        assert_eq!(
            (report.event_type.as_ref(), report.span_name.as_ref()),
            ("operation.work.done", "operation.work.done")
        );
        let took = |event: &CleanEvent| event.duration.map_or(0, |duration| duration.as_nanos() as u64);
        assert_eq!((took(report), took(end)), (2 * SECOND - 1, 6 * SECOND), "at the first look after a second");
        assert_eq!(report.data.get("count").and_then(serde_json::Value::as_u64), Some(3));
        assert_eq!(route.emitted, 2);
    }

    #[test]
    fn events_come_in_batches_and_none_is_left_behind() {
        let (mut route, events) = route();
        let spans = 3 * BATCH as u64 + 1;
        let ring = (1..=spans).flat_map(|n| [record(Kind::Begin, n, n, 0, &[]), record(Kind::End, n, n, 0, &[])]);
        pass(&mut route, spans, ring.flatten().collect());
        let ids: Vec<u64> =
            events.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|event| event.span_id.get()).collect();
        assert!(ids.iter().copied().eq(1..=spans));
        let health = route.health(spans);
        assert_eq!((health.emitted, health.delivered, health.records_lost, health.open_spans), (spans, spans, 0, 0));
        assert!(route.batch.capacity() <= BATCH);
    }
}
