//! The twins, blocks, lines, and what goes along with work once more, on the way that programs take: the layer is the
//! global one, and records go straight into the ring. One capture at a time, because there is one layer for all.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

mod route;
#[path = "it/tree.rs"]
mod tree;
#[path = "it/twins.rs"]
mod twins;
#[path = "it/context.rs"]
mod context;
#[path = "it/spawned.rs"]
mod spawned;
#[path = "it/deep.rs"]
mod deep;
#[path = "it/placed.rs"]
mod placed;
#[path = "it/given.rs"]
mod given;
#[path = "direct/threads.rs"]
mod threads;
#[path = "it/span.rs"]
mod span;
#[path = "it/fail.rs"]
mod fail;
#[path = "it/log.rs"]
mod log;
#[path = "it/futures.rs"]
mod futures;
#[path = "it/polls.rs"]
mod polls;
#[path = "direct/elsewhere.rs"]
mod elsewhere;
#[path = "direct/refitted.rs"]
mod refitted;
#[path = "direct/unwanted.rs"]
mod unwanted;

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use route::wait_for;
use tense::__private::Route;
use tense_event::CleanEvent;
use tense_layer::{Guard, Sink, SinkError};

static KEPT: Mutex<Vec<CleanEvent>> = Mutex::new(Vec::new());

struct Keeper;

impl Sink for Keeper {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        lock(&KEPT).extend_from_slice(batch);
        Ok(())
    }
}

thread_local! {
    static IS_CAPTURING: Cell<bool> = const { Cell::new(false) };
}

/// What is recorded from now on, until it is dropped. One within another is the same.
struct Capture {
    layer: &'static Guard,
    alone: Option<MutexGuard<'static, ()>>,
}

fn capture() -> Capture {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = (!IS_CAPTURING.replace(true)).then(|| lock(&ALONE));
    let capture = Capture { layer: layer(), alone };
    capture.events();
    lock(&KEPT).clear();
    capture
}

/// The layer of all wants nothing that is less than that.
fn capture_at_info() -> Capture {
    capture()
}

impl Drop for Capture {
    fn drop(&mut self) {
        if self.alone.is_some() {
            IS_CAPTURING.set(false);
        }
    }
}

impl Capture {
    fn events(&self) -> Vec<CleanEvent> {
        assert!(self.layer.flush(Duration::MAX).is_complete);
        lock(&KEPT).clone()
    }
}

/// Installed once, when the direct way is open.
fn layer() -> &'static Guard {
    static LAYER: OnceLock<Guard> = OnceLock::new();
    LAYER.get_or_init(|| {
        // Room for all that a test records: the drainer may be late on a busy machine, and what is dropped then is not
        // what these are about. A ring is taken up again by the next thread, so it holds for all of them.
        let guard = tense_layer::builder().sink(Keeper).ring_bytes(4 << 20).init().unwrap();
        wait_for(Route::Direct);
        guard
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
