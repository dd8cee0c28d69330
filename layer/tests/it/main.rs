//! What a program's calls become: events, compared as trees. Each test captures its own thread; what needs the global
//! default runs in a process of its own (`global`).

// The twins run elsewhere too, where something else is called so.

mod attempts;
mod captured;
mod corners;
mod events;
mod outcomes;
mod errors;
mod groups;
mod rows;
mod stops;
mod span;
mod fail;
mod log;
mod futures;
mod polls;
mod methods;
mod twins;
mod fields;
#[path = "../kept/mod.rs"]
mod kept;
mod tree;
mod context;
mod spawned;
mod given;
mod placed;
mod deep;
mod real;
mod late;

/// What is recorded of this thread. With room for all of it: the drainer may be late on a busy machine, and what is
/// dropped then is not what these tests are about. A ring is taken up again by the next thread, so all ask for it.
fn capture() -> tense_layer::testing::Capture {
    tense_layer::testing::capture_with(tense_layer::builder().ring_bytes(4 << 20))
}

/// What is recorded of this thread from the level INFO on.
fn capture_at_info() -> tense_layer::testing::Capture {
    tense_layer::testing::capture_with(tense_layer::builder().filter(tracing_subscriber::filter::LevelFilter::INFO))
}
