//! For the benches: what the drainer does, step by step, on the thread that asks. Each step takes everything out of the
//! rings, as far as it goes, and says how many things came of it. Nobody else: it changes without notice.

use std::hint::black_box;

use tense::__private::layer as runtime;
use tense_event::{Event, Sanitizer};

use crate::emit;
use crate::join::{Joiner, Step};
use crate::order::Order;
use crate::sampling::Limits;

/// A drainer of one's own, which only makes sense where no layer is installed.
pub struct Measured {
    sanitizer: Sanitizer,
    order: Order,
    joiner: Joiner,
}

#[expect(clippy::new_without_default, reason = "it is no value, it is a machine")]
impl Measured {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self { sanitizer: Sanitizer::default(), order: Order::new(), joiner: Joiner::new(&Limits::new()) }
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
