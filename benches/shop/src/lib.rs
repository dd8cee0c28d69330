//! A service to be measured: a port goes in, and pages of a shop come out of it, each with ten annotated calls behind
//! it. Whether they are recorded is the program's affair.

pub mod pages;

use std::path::Path;

use axum::Router;
use axum::routing::get;

/// `GET /customers/{id}`, out of the database at that path.
pub fn routes(database: &'static Path) -> Router {
    Router::new().route("/customers/{id}", get(pages::get)).with_state(database)
}
