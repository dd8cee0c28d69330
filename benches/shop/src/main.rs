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

/// Annotated calls of one request.
const SPANS_OF_A_PAGE: u64 = 10;

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["fill", database] => Ok(pages::fill(Path::new(database))?),
        [layer @ ("on" | "off"), database, requests] => {
            let guard = (*layer == "on").then(|| tense_layer::builder().sink(Nowhere).init()).transpose()?;
            let requests = requests.parse().context("the number of requests")?;
            answer(database.into(), requests)?;
            if let Some(guard) = guard {
                let report = guard.flush(Duration::from_secs(60));
                let made = SPANS_OF_A_PAGE * u64::from(requests);
                ensure!(
                    report.is_complete && !report.health.has_loss() && report.health.emitted >= made,
                    "of {made} spans not all were recorded, and to record them is what is counted: {report:?}"
                );
            }
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
    let (mut answer, mut length) = ([0; 4096], 0);
    while !is_whole(&answer[..length]) {
        let more = connection.read(&mut answer[length..])?;
        ensure!(more > 0, "the server closed the connection, or a page for {customer} does not fit");
        length += more;
    }
    ensure!(answer.starts_with(b"HTTP/1.1 200 "), "the server answered no page for {customer}");
    Ok(())
}

/// Whether that is all of an answer: its head, and as many bytes behind it as that says.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    length.is_some_and(|length: usize| body.len() >= length)
}
