//! For the benches: what the drainer does, step by step, on the thread that asks. Each step takes everything out of the
//! rings, as far as it goes, and says how many things came of it. Nobody else: it changes without notice.

use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};

use tense::__private::layer as runtime;
use tense_event::{CleanEvent, Event, Sanitizer};

use crate::drainer::{Route, Wanted};
use crate::emit;
use crate::join::{Joiner, Step};
use crate::mark::Mark;
use crate::order::Order;
use crate::outlet::Outlet;
use crate::sampling::{Limits, Sampling};
use crate::watch::{Slowness, UNLESS_SET};

/// A drainer of one's own, which only makes sense where no layer is installed.
pub struct Measured {
    sanitizer: Sanitizer,
    order: Order,
    joiner: Joiner,
    whole: Layer,
    sampled: Layer,
}

/// All that the drainer has of a layer, and where its events go.
struct Layer {
    route: Route,
    events: Arc<Mutex<Vec<CleanEvent>>>,
}

impl Layer {
    fn new(sampling: Sampling) -> Self {
        let events = Arc::new(Mutex::new(Vec::new()));
        let slowness = Slowness { registry: None, unless_set: UNLESS_SET };
        let (sanitizer, limits) = (Sanitizer::default(), Limits::new());
        let wanted = Wanted { service: "service", sanitizer, sampling, limits, slowness };
        let outlet = Outlet::Memory(Arc::clone(&events));
        Self { route: Route::new(Mark::without_number(), outlet, wanted, None), events }
    }

    fn take_all(&mut self, order: &mut Order) -> u64 {
        let line = runtime::line();
        order.drain();
        self.route.joiner.begin_pass(line);
        order.take(usize::MAX, &line, |record| self.route.take(record));
        self.route.end_pass(runtime::now());
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let came = events.len() as u64;
        events.clear();
        came
    }
}

#[expect(clippy::new_without_default, reason = "it is no value, it is a machine")]
impl Measured {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self {
            sanitizer: Sanitizer::default(),
            order: Order::new(),
            joiner: Joiner::new(&Limits::new()),
            whole: Layer::new(Sampling::new()),
            sampled: Layer::new(Sampling::all()),
        }
    }

    /// As far as the records and their values.
    #[inline(never)]
    pub fn decode(&mut self) -> u64 {
        let (line, mut came) = (runtime::line(), 0);
        self.order.drain();
        self.order.take(usize::MAX, &line, |record| {
            came += 1;
            record.values.for_each(|valued| {
                black_box(valued.value);
            });
        });
        came
    }

    /// As far as spans that are joined.
    #[inline(never)]
    pub fn join(&mut self) -> u64 {
        let Self { order, joiner, .. } = self;
        let (line, mut came) = (runtime::line(), 0);
        order.drain();
        joiner.begin_pass(line);
        let mut emit = |_: &Joiner, step: Step<'_>| {
            black_box(&step);
            came += 1;
        };
        order.take(usize::MAX, &line, |record| joiner.take(record, &mut emit));
        joiner.end_pass(runtime::now(), &mut emit);
        came
    }

    /// As far as events, which are dropped.
    #[inline(never)]
    pub fn make_events(&mut self) -> u64 {
        self.events(|event| {
            black_box(&event);
        })
    }

    /// As far as clean events, which are dropped.
    #[inline(never)]
    pub fn clean_events(&mut self) -> u64 {
        let sanitizer = self.sanitizer.clone();
        self.events(|event| {
            black_box(&sanitizer.clean(event));
        })
    }

    /// All that the drainer does for a layer: what is slow or fails is counted by type as well, and clean events leave
    /// in batches.
    #[inline(never)]
    pub fn whole(&mut self) -> u64 {
        self.whole.take_all(&mut self.order)
    }

    /// The same, where each event is held against a sampling that keeps all of them.
    #[inline(never)]
    pub fn sampled(&mut self) -> u64 {
        self.sampled.take_all(&mut self.order)
    }

    #[inline]
    fn events(&mut self, mut take: impl FnMut(Event)) -> u64 {
        let Self { order, joiner, .. } = self;
        let (line, mut came) = (runtime::line(), 0);
        order.drain();
        joiner.begin_pass(line);
        let mut emit = |joiner: &Joiner, step: Step<'_>| {
            if let Some(event) = emit::event(joiner, &step, "service") {
                take(event);
                came += 1;
            }
        };
        order.take(usize::MAX, &line, |record| joiner.take(record, &mut emit));
        joiner.end_pass(runtime::now(), &mut emit);
        came
    }
}
