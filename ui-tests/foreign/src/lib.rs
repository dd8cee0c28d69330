//! A small service as many are: axum, tower-http's `TraceLayer`, a pool of sqlx. Two of its functions are annotated;
//! all else that its traces show comes from spans and events of crates that know nothing of `tense`.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use tense::traced;
use tower_http::trace::TraceLayer;

/// What `tense.toml` says, for the layer.
pub mod events {
    tense::registry!();
}

/// Answers `GET /greet/{name}`.
pub async fn app() -> Result<Router, sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    sqlx::query("create table greeted (name text not null)").execute(&pool).await?;
    Ok(Router::new().route("/greet/{name}", get(answer)).with_state(pool).layer(TraceLayer::new_for_http()))
}

async fn answer(Path(name): Path<String>, State(pool): State<SqlitePool>) -> Result<String, StatusCode> {
    greet(&name, &pool).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

#[traced(operation.greetings.given, fields(name))]
async fn greet(name: &str, pool: &SqlitePool) -> Result<String, sqlx::Error> {
    let times = count(name, pool).await?;
    tracing::info!("greeted");
    Ok(format!("hello {name}, {times}"))
}

#[traced(operation.greetings.counted, fields(name))]
async fn count(name: &str, pool: &SqlitePool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from greeted where name = ?").bind(name).fetch_one(pool).await
}
