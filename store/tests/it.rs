//! The store as its callers meet it.

#![expect(clippy::unwrap_used, reason = "in tests a panic is how a failure is told")]

#[path = "it/fold.rs"]
mod fold;
#[path = "it/sqlite.rs"]
mod sqlite;
#[path = "it/timing.rs"]
mod timing;
