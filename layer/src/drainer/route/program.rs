//! For tests: a program whose calls are records at moments of the test's own, and what a layer makes of them.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tense::__private::layer::{Ending, Kind, Line, enlist_foreign, unix_nanos};
use tense::__private::{Form, MARK, More, Site, Spec};
use tense_event::{CleanEvent, UNSAMPLED};

use super::{Route, Wanted};
use crate::mark::Mark;
use crate::order::Order;
use crate::outlet::Outlet;
use crate::sampling::{Limits, Sampling};

pub(super) const MS: u64 = 1_000_000;
pub(super) const SECOND: u64 = 1_000 * MS;
/// The half of all traces is kept from here on.
pub(super) const HALF: u64 = 1 << 55;
/// Not sampled where the half is; and sampled there.
pub(super) const OUT: (u64, u64) = (1, HALF - 1);
pub(super) const IN: (u64, u64) = (1, HALF);

static SITE: Site = Site::action(&SITE, module_path!(), "", "", "", &[MARK]);

const fn life(span_name: &'static str, names: [&'static str; 3]) -> Spec {
    let [start, done, failed] = names;
    Spec { form: Form::Life, span_name, start, done, failed, ..Spec::action(span_name, &[]) }
}

/// An author's tag may be the word of ours.
const TAGGED: More = More { tags: &["database", UNSAMPLED], ..More::NONE };

static SPECS: [Spec; 4] = [
    Spec { failed: "sql.query_fail", more: TAGGED, ..Spec::action("sql.query", &[]) },
    life("dispatch.batch", ["dispatch.batch.start", "dispatch.batch.complete", "dispatch.batch.fail"]),
    life("dispatch.step", ["dispatch.step.start", "dispatch.step.complete", "dispatch.step.fail"]),
    Spec { form: Form::Point, ..Spec::action("log.step", &[]) },
];

/// The numbers of the call sites.
static NUMBERS: LazyLock<[u32; 4]> =
    LazyLock::new(|| std::array::from_fn(|at| enlist_foreign(SITE.metadata(), SPECS.get(at))));

/// A call site.
#[derive(Clone, Copy)]
pub(super) enum At {
    Query,
    Batch,
    Step,
    Log,
}

/// What one thread has recorded, in the order of its moments.
#[derive(Default)]
pub(super) struct Program {
    words: Vec<u64>,
    spans: u64,
}

impl Program {
    pub(super) fn begin(&mut self, at: At, trace: (u64, u64), parent: u64, moment: u64) -> u64 {
        self.first(Kind::Begin, at, trace, parent, moment)
    }

    pub(super) fn point(&mut self, trace: (u64, u64), parent: u64, moment: u64) {
        self.first(Kind::Point, At::Log, trace, parent, moment);
    }

    fn first(&mut self, kind: Kind, at: At, trace: (u64, u64), parent: u64, moment: u64) -> u64 {
        self.spans += 1;
        let site = u64::from(NUMBERS[at as usize]) << 40;
        self.words.extend([6 | (kind as u64) << 16 | site, moment, self.spans, parent, trace.0, trace.1]);
        self.spans
    }

    pub(super) fn end(&mut self, span: u64, moment: u64, ending: Ending) {
        self.words.extend([3 | (Kind::End as u64) << 16 | (ending as u64) << 20, moment, span]);
    }

    /// What was written since the last time.
    pub(super) fn take(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.words)
    }
}

/// A layer, and where its events go.
pub(super) struct Layer {
    pub(super) route: Route,
    events: Arc<Mutex<Vec<CleanEvent>>>,
}

impl Layer {
    pub(super) fn with(sampling: Sampling, limits: Limits) -> Self {
        Self::of(Wanted { sampling, limits, ..Wanted::all("test") })
    }

    pub(super) fn of(wanted: Wanted) -> Self {
        let events = Arc::new(Mutex::new(Vec::new()));
        let outlet = Outlet::Memory(Arc::clone(&events));
        Self { route: Route::new(Mark::without_number(), outlet, wanted, None), events }
    }

    /// A pass at that moment.
    pub(super) fn pass(&mut self, now: u64, words: Vec<u64>) {
        let mut order = Order::new();
        order.drain_of(now, &[words]);
        self.route.joiner.begin_pass(Line::SAME);
        while order.take(1000, &Line::SAME, |record| self.route.take(record)) {}
        self.route.end_pass(now);
    }

    /// What came since the last time.
    pub(super) fn events(&self) -> Vec<CleanEvent> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Types and weights, in their order.
pub(super) fn told(events: &[CleanEvent]) -> Vec<(&str, u32)> {
    events.iter().map(|event| (event.event_type.as_ref(), event.sample_weight)).collect()
}

/// Whether it says that its trace was not sampled, which it does once.
pub(super) fn is_unsampled(event: &CleanEvent) -> bool {
    let times = event.tags.iter().filter(|tag| *tag == UNSAMPLED).count();
    assert!(times <= 1, "{:?}", event.tags);
    times == 1
}

/// The id that a trace gets which begins at that moment.
pub(super) fn trace_at(moment: u64, randomness: u64) -> (u64, u64) {
    ((unix_nanos(moment) / MS) << 16 | 0x7000, 0b10 << 62 | randomness)
}
