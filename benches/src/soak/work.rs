//! A share of spans goes in; a thread makes them as a service would, and counts them: calls, futures, errors, panics,
//! large values, spans and lines of `tracing`, moments, and spans that another thread ends.

use std::panic::catch_unwind;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tense::{StartedSpan, event, span, traced};

use crate::accounts::Made;

/// After so many spans a thread that waits lets the drainer catch up: fewer than its ring and the queue have room for.
const BETWEEN_WAITS: u64 = 500;

/// A thread of the row; what it starts, the next one ends.
pub(crate) struct Worker {
    share: u64,
    waits: bool,
    made: Made,
    started: Sender<StartedSpan>,
    to_end: Receiver<StartedSpan>,
    page: String,
}

pub(crate) fn row(threads: usize, share: u64, waits: bool) -> Vec<Worker> {
    let (mut senders, receivers): (Vec<_>, Vec<_>) = (0..threads).map(|_| channel()).unzip();
    senders.rotate_left(1);
    let ends = senders.into_iter().zip(receivers);
    let worker = |(started, to_end)| Worker {
        share,
        waits,
        made: Made::default(),
        started,
        to_end,
        page: "a page of text ".repeat(200),
    };
    ends.map(worker).collect()
}

/// Whoever prints panics prints those that nobody has planned.
pub(crate) fn silence_planned_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.payload_as_str().is_some_and(|said| said.starts_with("planned")) {
            before(info);
        }
    }));
}

/// Has more spans open at a time than the layer follows, and ends them faster than their ends find room.
pub(crate) fn hoard() -> Made {
    let begin = |n: u64| {
        if n.is_multiple_of(100) {
            tense_layer::flush(Duration::ZERO);
        }
        span!(operation.answer.hoarded, fields(n)).start()
    };
    let hoard: Vec<StartedSpan> = (0..70_000).map(begin).map(StartedSpan::erase).collect();
    let made = Made { spans: hoard.len() as u64, moments: 0 };
    hoard.into_iter().for_each(StartedSpan::end);
    made
}

impl Worker {
    pub(crate) fn run(mut self, progress: &AtomicU64) -> Made {
        let (mut counted, mut waited) = (0, 0);
        let mut n = 0;
        while self.made.spans < self.share {
            self.request(n);
            n += 1;
            progress.fetch_add(self.made.spans - counted, SeqCst);
            counted = self.made.spans;
            if self.waits && counted - waited >= BETWEEN_WAITS {
                waited = counted;
                tense_layer::flush(Duration::MAX);
            }
        }
        // The neighbour hears that there is no more; what is on its way to here is ended.
        self.started = channel().0;
        self.to_end.iter().for_each(StartedSpan::end);
        self.made
    }

    fn request(&mut self, n: u64) {
        self.to_end.try_iter().for_each(StartedSpan::end);
        serve(n, self);
        self.made.spans += 1;
    }
}

#[traced(dispatch.request.*, fields(n))]
fn serve(n: u64, worker: &mut Worker) {
    for row in 0..4 {
        load(row, "orders").ok();
        worker.made.spans += 1;
    }
    event!(operation.rows.counted, n);
    worker.made.moments += 1;
    let task = fetch(n);
    match n % 13 {
        0 => drop_after_one_poll(task),
        _ => finish(task),
    }
    // With the one below it, which a future that is dropped at its first wait has called as well.
    worker.made.spans += 2;
    if n.is_multiple_of(5) {
        let _theirs = tracing::info_span!("theirs").entered();
        worker.made.spans += 1;
        // Where no span is recorded around it, a line is not either; but one that is lost with its span counts.
        tracing::info!("request {n}");
        worker.made.moments += 1;
    }
    if n.is_multiple_of(7) {
        render(&worker.page);
        worker.made.spans += 1;
    }
    if n.is_multiple_of(101) {
        catch_unwind(|| explode(n)).ok();
        worker.made.spans += 1;
    }
    if n.is_multiple_of(3) {
        worker.made.spans += 1;
        // To a neighbour that is gone it cannot go: then it is dropped, which ends it.
        drop(worker.started.send(span!(operation.answer.sent, fields(n)).start()));
    }
}

#[traced(operation.row.loaded, fields(row, table))]
fn load(row: u64, table: &str) -> Result<u64, String> {
    if row == 3 { Err(format!("no row {row} in {table}")) } else { Ok(row) }
}

#[traced(operation.page.fetched, fields(n))]
async fn fetch(n: u64) -> u64 {
    load(0, "pages").ok();
    Later(false).await;
    n
}

#[traced(operation.page.rendered, fields(page))]
fn render(page: &str) {}

#[traced(operation.bomb.defused, fields(n))]
fn explode(n: u64) {
    panic!("planned {n}");
}

fn finish<F: Future>(task: F) {
    let mut task = pin!(task);
    while task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
}

fn drop_after_one_poll<F: Future>(task: F) {
    drop(pin!(task).poll(&mut Context::from_waker(Waker::noop())));
}

/// Not ready, once.
struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
