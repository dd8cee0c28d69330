//! The store as its callers meet it.

#![expect(clippy::unwrap_used, reason = "in tests a panic is how a failure is told")]

#[path = "it/place.rs"]
mod place;
#[path = "it/below.rs"]
mod below;
#[path = "it/causes.rs"]
mod causes;
#[path = "it/conforms.rs"]
mod conforms;
#[path = "it/contradictions.rs"]
mod contradictions;
#[path = "it/drawn.rs"]
mod drawn;
#[path = "it/edges.rs"]
mod edges;
#[path = "it/examined.rs"]
mod examined;
#[path = "it/export.rs"]
mod export;
#[path = "it/fold.rs"]
mod fold;
#[path = "it/full.rs"]
mod full;
#[path = "it/import.rs"]
mod import;
#[path = "it/job.rs"]
mod job;
#[path = "it/pipelines.rs"]
mod pipelines;
#[path = "it/query.rs"]
mod query;
#[path = "it/sqlite.rs"]
mod sqlite;
#[path = "it/layout.rs"]
mod layout;
#[path = "it/counts.rs"]
mod counts;
#[path = "it/statistics.rs"]
mod statistics;
#[path = "it/timing.rs"]
mod timing;
#[path = "it/idle.rs"]
mod idle;
#[path = "it/concurrency.rs"]
mod concurrency;
#[path = "it/waterfall.rs"]
mod waterfall;
#[path = "it/linear.rs"]
mod linear;
#[path = "it/costs.rs"]
mod costs;
#[path = "it/shape.rs"]
mod shape;
#[path = "it/retries.rs"]
mod retries;
