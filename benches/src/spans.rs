//! The same work for everybody: a function with an integer and a text, both recorded, that returns a `Result`, called a
//! hundred times below a root. Peers record it in their ways; each case sets one up, and is a process's only one.

use std::hint::black_box;

/// Spans under one root.
pub const CHILDREN: u64 = 100;

#[derive(Debug)]
struct Odd;

impl std::fmt::Display for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("odd")
    }
}

impl std::error::Error for Odd {}

/// Functions of one peer: the child that is measured, and the root around a hundred of them.
macro_rules! peer {
    ($peer:ident, child($id:ident, $name:ident): $(#[$child:meta])*, root: $(#[$root:meta])*) => {
        mod $peer {
            use super::*;

            $(#[$child])*
            #[inline(never)]
            fn child($id: u64, $name: &str) -> Result<u64, Odd> {
                black_box($name);
                if $id == u64::MAX { Err(Odd) } else { Ok(black_box($id)) }
            }

            $(#[$root])*
            #[inline(never)]
            pub(super) fn root(children: u64) -> u64 {
                (0..children).map(|id| child(black_box(id), black_box("a name")).unwrap_or(0)).sum()
            }
        }
    };
}

peer!(plain, child(id, name): , root: );
peer!(with_tense, child(id, name): #[tense::traced(operation.cards.charged, fields(id, name))], root: #[tense::traced(operation.orders.placed)]);
peer!(with_tracing, child(id, name): #[tracing::instrument(skip_all, fields(id, name), err)], root: #[tracing::instrument]);
peer!(with_fastrace, child(id, name): #[fastrace::trace(properties = { "id": "{id}", "name": "{name}" })], root: #[fastrace::trace]);

/// A layer that does nothing, on a registry that does what every layer needs.
struct Nothing;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Nothing {}

/// Takes every event and drops it: what is measured is the caller's side.
struct Void;

impl tense_layer::Sink for Void {
    fn deliver(&mut self, batch: &[tense_event::CleanEvent]) -> Result<(), tense_layer::SinkError> {
        black_box(batch);
        Ok(())
    }
}

struct Drop;

impl fastrace::collector::Reporter for Drop {
    fn report(&mut self, spans: Vec<fastrace::prelude::SpanRecord>) {
        black_box(spans);
    }
}

/// One root with so many children.
pub type Burst = Box<dyn FnMut(u64) -> u64>;
/// Its name, and what sets it up.
pub type Case = (&'static str, fn() -> Burst);

/// What is compared.
pub const CASES: [Case; 7] = [
    ("plain function", || Box::new(plain::root)),
    ("tense, no layer", || Box::new(with_tense::root)),
    ("tracing, no subscriber", || Box::new(with_tracing::root)),
    ("tense", || {
        // The rings hold a burst, so that what is measured is the recording and not the dropping.
        let guard = tense_layer::builder().sink(Void).ring_bytes(4 << 20).init();
        Box::new(move |children| {
            black_box(&guard);
            with_tense::root(children)
        })
    }),
    ("tense beside another layer", || {
        use tracing_subscriber::prelude::*;
        let layer = tense_layer::builder().sink(Void).ring_bytes(4 << 20).layer();
        tracing_subscriber::registry().with(layer).with(Nothing).init();
        Box::new(with_tense::root)
    }),
    ("tracing, registry, empty layer", || {
        use tracing_subscriber::prelude::*;
        tracing_subscriber::registry().with(Nothing).init();
        Box::new(with_tracing::root)
    }),
    ("fastrace, reporter that drops", || {
        fastrace::set_reporter(Drop, fastrace::collector::Config::default());
        Box::new(|children| {
            let root = fastrace::Span::root("root", fastrace::prelude::SpanContext::random());
            let _guard = root.set_local_parent();
            with_fastrace::root(children)
        })
    }),
];
