//! fastrace, with two properties and a reporter that drops. A root is a `Span::root` of its own, as its documentation
//! has it; its attribute does not know errors, so the body adds one as a property.

use std::hint::black_box;

use fastrace::collector::{Config, Reporter};
use fastrace::future::FutureExt as _;
use fastrace::local::LocalSpan;
use fastrace::prelude::{SpanContext, SpanRecord};

use super::{Odd, Recorder, Work, arrived_with};

work!(
    child(id, name): #[fastrace::trace(properties = { "id": "{id}", "name": "{name}" })];
    root: ;
    told: |error: &Odd| LocalSpan::add_property(|| ("error", error.to_string())),
);

pub(super) const FASTRACE: Recorder = Recorder {
    name: super::FASTRACE,
    set_up: || {
        fastrace::set_reporter(Nowhere, Config::default());
        Ok(Box::new(fastrace::flush))
    },
    roots: &[
        (Work::Sync, |children| {
            let span = new_root();
            let _parent = span.set_local_parent();
            root(children)
        }),
        (Work::Async, |children| super::later::block_on(root_later(children).in_span(new_root()))),
        (Work::Errors, |children| {
            let span = new_root();
            let _parent = span.set_local_parent();
            failing_root(children)
        }),
    ],
    delivers: true,
};

fn new_root() -> fastrace::Span {
    fastrace::Span::root("root", SpanContext::random())
}

struct Nowhere;

impl Reporter for Nowhere {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        arrived_with(black_box(spans).len());
    }
}
