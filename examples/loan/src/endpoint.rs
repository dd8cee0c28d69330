//! Notices enter over HTTP, as applicants' inboxes take them: at once, too late, or never.
//!
//! It runs inside the program, on a free port of the loopback, so that a real client has something real to wait for.

use std::collections::BTreeSet;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// What an applicant is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Notice {
    pub(crate) application: String,
    pub(crate) amount: u32,
    /// What is to be paid back a month.
    pub(crate) instalment: u32,
}

/// Applications whose drowsy inbox has been woken.
type Woken = Arc<Mutex<BTreeSet<String>>>;

/// Starts to listen, and returns where. It goes on until the program's runtime is gone.
pub(crate) async fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/prompt", post(prompt))
        .route("/drowsy", post(drowsy))
        .route("/silent", post(silent))
        .with_state(Woken::default());
    // Its only way to end is the end of the runtime, so nobody waits for it.
    drop(tokio::spawn(async move { axum::serve(listener, router).await }));
    Ok(address)
}

async fn prompt(Json(_): Json<Notice>) -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn drowsy(State(woken): State<Woken>, Json(notice): Json<Notice>) -> StatusCode {
    let is_first = woken.lock().unwrap_or_else(PoisonError::into_inner).insert(notice.application);
    // However long the client has patience, this is later; it hangs up, and the server drops this future.
    if is_first { pending().await } else { StatusCode::NO_CONTENT }
}

async fn silent(Json(_): Json<Notice>) -> StatusCode {
    pending().await
}
