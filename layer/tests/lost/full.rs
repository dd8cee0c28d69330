//! A ring that is full while whoever drains is held, and the sum that has to come out afterwards.

use std::cell::Cell;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tense::__private::Route;
use tense::__private::layer as runtime;
use tense::traced;
use tense_layer::{Guard, Health, builder};

use crate::kept::Kept;
use crate::route::wait_for;

/// The ring of the thread that has made it is full, and stays so until this is dropped: whoever would drain it waits.
pub(crate) struct Full {
    release: Option<Sender<()>>,
    holder: Option<JoinHandle<()>>,
    pub(crate) calls: Calls,
}

/// What has filled a ring.
#[derive(Clone, Copy, Default)]
pub(crate) struct Calls {
    made: u64,
    /// Begins of the last of them, one for each layer, or for one of them.
    lost: u64,
}

thread_local! {
    static HOLD: Cell<Option<(Sender<()>, Receiver<()>)>> = const { Cell::new(None) };
}

/// Called with the lock that all who drain take, before anything is taken out of a ring.
fn hold(_: &mut Vec<u64>) -> &mut Vec<u64> {
    if let Some((is_held, released)) = HOLD.take() {
        is_held.send(()).unwrap();
        released.recv().ok();
    }
    resume_unwind(Box::new("nothing is to be taken out"))
}

#[traced(operation.ring.filled)]
fn fill() {}

impl Full {
    pub(crate) fn new() -> Self {
        // There has to be a ring, so that there is one to be drained.
        fill();
        let ((is_held, held), (release, released)) = (channel(), channel());
        let holder = thread::spawn(move || {
            HOLD.set(Some((is_held, released)));
            catch_unwind(|| runtime::drain(&mut Vec::new(), hold)).unwrap_err();
        });
        held.recv().unwrap();
        let (mut calls, before) = (Calls { made: 1, lost: 0 }, runtime::dropped());
        while calls.lost == 0 {
            fill();
            calls = Calls { made: calls.made + 1, lost: runtime::dropped() - before };
        }
        Self { release: Some(release), holder: Some(holder), calls }
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        self.release.take();
        self.holder.take().unwrap().join().unwrap();
    }
}

/// The layer of all, with the smallest ring there is.
pub(crate) fn layer(kept: &Kept) -> Guard {
    let guard = builder().sink(kept.clone()).ring_bytes(0).init().unwrap();
    wait_for(Route::Direct);
    guard
}

pub(crate) fn settled() -> Health {
    let report = tense_layer::flush(Duration::from_secs(30));
    assert!(report.is_complete, "{report:?}");
    report.health
}

/// Holds against each other what the work says that it has made, by how many layers see it, and what was counted.
/// It gives back what filled the ring, and how many spans and lines were recorded and lost besides.
pub(crate) fn adds_up(layers: u64, work: impl FnOnce() -> (Calls, Made)) {
    let before = settled();
    let (calls, Made { recorded, lost }) = work();
    let after = settled();
    let emitted = |health: &Health| health.emitted - health.pending;
    let counted = (emitted(&after) - emitted(&before), after.ring_full - before.ring_full);
    let expected = (layers * (calls.made + recorded) - calls.lost, layers * lost + calls.lost);
    assert_eq!(counted, expected, "recorded, and lost; {after:?}");
    assert_eq!((after.records_lost, after.open_spans), (0, 0), "{after:?}");
}

#[derive(Clone, Copy)]
pub(crate) struct Made {
    pub(crate) recorded: u64,
    pub(crate) lost: u64,
}
