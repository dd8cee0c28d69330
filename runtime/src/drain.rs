//! Records leave the rings here, for the drainer's thread, whose own crate decides what becomes of them.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::Thread;

use crate::clock;
use crate::record::{self, Record};
use crate::thread;

static DRAINER: OnceLock<Thread> = OnceLock::new();

/// One drain at a time, also if two versions of a layer should meet on one runtime.
static DRAINING: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// Names the thread to be woken when a ring is half full. Only the first one counts.
pub fn set_drainer(thread: Thread) -> bool {
    DRAINER.set(thread).is_ok()
}

#[cold]
pub(crate) fn wake() {
    if let Some(drainer) = DRAINER.get() {
        drainer.unpark();
    }
}

/// Takes every record out of every ring: those of one thread in their order, one thread after the other. So what is written
/// meanwhile can come before its cause on another thread; what happened before the call cannot.
pub fn drain(mut take: impl FnMut(Record)) {
    let mut words = DRAINING.lock().unwrap_or_else(PoisonError::into_inner);
    let line = clock::line();
    thread::each(|local| {
        words.clear();
        local.ring.drain(&mut words);
        record::decode(&words, &line, &mut take);
    });
}

/// Records that found their ring full, ever.
pub fn dropped() -> u64 {
    let mut dropped = 0;
    thread::each(|local| dropped += local.ring.dropped());
    dropped
}

/// Sets how many bytes the rings of further threads have.
pub fn set_ring_bytes(bytes: usize) {
    thread::set_ring_bytes(bytes);
}
