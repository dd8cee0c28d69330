//! The shop on one thread, for valgrind to count: `tense-shop fill DATABASE`, and then
//! `tense-shop on|off DATABASE REQUESTS`.
//!
//! Another thread sends the requests, each when it has the answer to the last one, over a connection of the loopback
//! interface. So what the answering thread does is the same in each run.

use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError};
use tense_shop::pages::{self, CUSTOMERS};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Takes every event and drops it.
struct Nowhere;

impl Sink for Nowhere {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        black_box(batch);
        Ok(())
    }
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["fill", database] => Ok(pages::fill(Path::new(database))?),
        [layer @ ("on" | "off"), database, requests] => {
            let guard = (*layer == "on").then(|| tense_layer::builder().sink(Nowhere).init()).transpose()?;
            answer(database.into(), requests.parse().context("the number of requests")?)?;
            let report = guard.map(|guard| guard.flush(Duration::from_secs(60)));
            ensure!(
                report.is_none_or(|report| !report.health.has_loss()),
                "something was dropped, and dropping is not what is counted"
            );
            Ok(())
        }
        _ => bail!("usage: tense-shop fill DATABASE, or tense-shop on|off DATABASE REQUESTS"),
    }
}

/// What valgrind looks for: everything that the answering thread does.
#[inline(never)]
fn answer(database: PathBuf, requests: u32) -> anyhow::Result<()> {
    let routes = tense_shop::routes(Box::leak(database.into_boxed_path()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (done, asked) = oneshot::channel();
        std::thread::Builder::new().name("asking".to_owned()).spawn(move || done.send(ask(port, requests)))?;
        tokio::spawn(async move { axum::serve(listener, routes).await });
        asked.await?
    })
}

/// A few for the warmth, and then so many.
fn ask(port: u16, requests: u32) -> anyhow::Result<()> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_nodelay(true)?;
    (0..10).try_for_each(|customer| get(&mut connection, customer))?;
    // The drainer has looked at both clocks by then, and at who is there.
    std::thread::sleep(Duration::from_millis(300));
    (0..requests).try_for_each(|request| get(&mut connection, request * 1_009 % CUSTOMERS))
}

fn get(connection: &mut TcpStream, customer: u32) -> anyhow::Result<()> {
    connection.write_all(format!("GET /customers/{customer} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes())?;
    // A page is sent in one piece, and fits.
    let mut answer = [0; 4096];
    let length = connection.read(&mut answer)?;
    ensure!(answer[..length].starts_with(b"HTTP/1.1 200 "), "the server answered no page for {customer}");
    Ok(())
}
