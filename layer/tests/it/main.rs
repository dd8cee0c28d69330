//! What a program's calls become: events, compared as trees. Each test captures its own thread; what needs the global
//! default runs in a process of its own (`global`).

// The twins run elsewhere too, where something else is called so.
use tense_layer::testing::capture;

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
mod tree;
mod context;
mod spawned;
mod given;
mod deep;
mod real;
