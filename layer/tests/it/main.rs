//! What a program's calls become: events, compared as trees. Each test captures its own thread; what needs the global
//! default runs in a process of its own (`global`).

mod corners;
mod events;
mod fields;
mod tree;
