//! Tasks of the kind `http` enter over HTTP, and are answered: words are counted, stock is reserved, cards are charged.
//!
//! It runs inside the program, on a free port of the loopback, so that a real client has something real to talk to.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// More than this no card pays.
const CARD_LIMIT: u64 = 500;
/// So many of each thing are in stock, for every order anew.
const STOCK: u64 = 20;

/// How often `/flaky/..` was asked, by key.
type Asked = Arc<Mutex<BTreeMap<String, u32>>>;

/// Starts to listen, and returns where. It goes on until the program's runtime is gone.
pub(crate) async fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/words", post(words))
        .route("/stock", post(stock))
        .route("/cards", post(cards))
        .route("/flaky/{key}", post(flaky))
        .with_state(Asked::default());
    // Its only way to end is the end of the runtime, so nobody waits for it.
    drop(tokio::spawn(async move { axum::serve(listener, router).await }));
    Ok(address)
}

async fn words(Json(body): Json<Value>) -> Json<Value> {
    let text = body["text"].as_str().unwrap_or_default();
    Json(json!({"words": text.split_whitespace().count(), "lines": text.lines().count()}))
}

async fn stock(Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let quantity = body["quantity"].as_u64().unwrap_or_default();
    if quantity > STOCK {
        return (StatusCode::CONFLICT, Json(json!({"error": format!("{quantity} are wanted, and {STOCK} are there")})));
    }
    (StatusCode::OK, Json(json!({"reserved": quantity})))
}

async fn cards(Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let amount = body["amount"].as_u64().unwrap_or_default();
    if amount > CARD_LIMIT {
        let error = format!("the card is declined: {amount} is more than {CARD_LIMIT}");
        return (StatusCode::PAYMENT_REQUIRED, Json(json!({ "error": error })));
    }
    (StatusCode::OK, Json(json!({"charged": amount})))
}

/// Fails the first time that it is asked with a key, and never again.
async fn flaky(State(asked): State<Asked>, Path(key): Path<String>) -> (StatusCode, Json<Value>) {
    let times = {
        let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        let times = asked.entry(key).or_default();
        *times += 1;
        *times
    };
    if times == 1 {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"error": "not yet"})));
    }
    (StatusCode::OK, Json(json!({"asked": times})))
}
