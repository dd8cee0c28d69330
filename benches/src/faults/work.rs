//! A number goes in; a thread does what a program does, sees that each result is the one that it would be without us,
//! and says how much it has recorded.

use std::fmt;
use std::panic::catch_unwind;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use anyhow::ensure;
use tense::{event, traced};

/// Does that many requests, and says how many spans and moments that were.
pub(crate) fn requests(from: u64, requests: u64) -> anyhow::Result<u64> {
    let mut recorded = 0;
    for n in from..from + requests {
        let (answer, more) = request(n);
        ensure!(answer == expected(n), "request {n} was answered {answer} and not {}", expected(n));
        recorded += more;
    }
    Ok(recorded)
}

/// What the same would be if nobody recorded.
fn expected(n: u64) -> u64 {
    let panicked = if n.is_multiple_of(31) { 1_000_000 } else { 0 };
    let rendered = if n.is_multiple_of(17) { PAGE as u64 } else { 0 };
    let odd = if n.is_multiple_of(5) { 7 } else { 0 };
    3 * n + u64::from(n % 4 == 3) + panicked + rendered + odd
}

/// Characters of a page, many times as many as an event has room for.
const PAGE: usize = 50_000;

#[traced(dispatch.request.*, fields(n))]
fn request(n: u64) -> (u64, u64) {
    let mut recorded = 4;
    let mut answer = 2 * n + load(n, "orders").map_or_else(|error| error.len() as u64 - ERROR, |row| row - n);
    event!(operation.rows.counted, n);
    answer += finish(fetch(n));
    if n.is_multiple_of(31) {
        let panicked = catch_unwind(|| explode(n)).err().and_then(|panic| panic.downcast::<Planned>().ok());
        answer += if panicked.is_some_and(|planned| planned.0 == n) { 1_000_000 } else { 0 };
        recorded += 1;
    }
    if n.is_multiple_of(17) {
        answer += render(&"page ".repeat(PAGE / 5)) as u64;
        recorded += 1;
    }
    if n.is_multiple_of(5) {
        answer += show(&Odd);
        recorded += 1;
    }
    (answer, recorded)
}

/// Characters of the error, less one.
const ERROR: u64 = 15;

#[traced(operation.row.loaded, fields(row, table))]
fn load(row: u64, table: &str) -> Result<u64, String> {
    if row % 4 == 3 { Err(format!("no row of {table}")) } else { Ok(row) }
}

#[traced(operation.page.fetched, fields(n))]
async fn fetch(n: u64) -> u64 {
    Later(false).await;
    n
}

#[traced(operation.page.rendered, fields(page))]
fn render(page: &str) -> usize {
    page.len()
}

/// What it panics with is the program's own, and nobody prints it.
pub(crate) struct Planned(u64);

#[traced(operation.bomb.defused, fields(n))]
fn explode(n: u64) {
    std::panic::panic_any(Planned(n));
}

/// Panics where it is to be recorded.
struct Odd;

impl fmt::Debug for Odd {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        std::panic::panic_any(Planned(0));
    }
}

#[traced(operation.oddity.shown, fields(?odd))]
fn show(odd: &Odd) -> u64 {
    let Odd = odd;
    7
}

fn finish<F: Future>(task: F) -> F::Output {
    let mut task = pin!(task);
    loop {
        if let Poll::Ready(output) = task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// Not ready, once.
struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
