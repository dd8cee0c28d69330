//! Records leave the rings here, for the drainer's thread, whose own crate decides what becomes of them.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{OnceLock, PoisonError};

use crate::sync::{Mutex, Thread, shared};
use crate::thread;

shared! {
    static DRAINER: OnceLock<Thread> = OnceLock::new();

    /// One drain at a time, also if two versions of a layer should meet on one runtime.
    static DRAINING: Mutex<()> = Mutex::new(());
}

/// Names the thread to be woken when a ring is a quarter full. Only the first one counts.
pub fn set_drainer(thread: Thread) -> bool {
    PROCESS.store(std::process::id(), Relaxed);
    DRAINER.set(thread).is_ok()
}

/// The process that has the drainer's thread; 0 before there is one.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// Whether this process was forked off the one that drains. A fork takes along the thread that forks, and no other:
/// nobody drains and nobody delivers here, and a lock that was held then is held for ever. So nothing here may wait for
/// one.
pub fn is_forked_off() -> bool {
    ![0, std::process::id()].contains(&PROCESS.load(Relaxed))
}

#[cold]
pub(crate) fn wake() {
    if let Some(drainer) = DRAINER.get() {
        drainer.unpark();
    }
}

/// Takes every record out of every ring, and puts its words behind those that are there already of the same thread;
/// `threads` grows to as many as there ever were at one time. One thread is drained after the other, so what is written
/// meanwhile can come without its cause on another thread; what happened before the call cannot.
pub fn drain<T: Default>(threads: &mut Vec<T>, words: fn(&mut T) -> &mut Vec<u64>) {
    let _alone = DRAINING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut number = 0;
    thread::each(|local| {
        if threads.len() <= number {
            threads.push(T::default());
        }
        if let Some(thread) = threads.get_mut(number) {
            local.ring.drain(words(thread));
        }
        number += 1;
    });
}

/// Records that found their ring full, ever.
pub fn dropped() -> u64 {
    let mut dropped = 0;
    thread::each(|local| dropped += local.ring.dropped());
    dropped
}

/// How many rings there are, those that wait for a thread included.
pub fn rings() -> usize {
    let mut rings = 0;
    thread::each(|_| rings += 1);
    rings
}

/// Sets how many bytes the rings of further threads have.
pub fn set_ring_bytes(bytes: usize) {
    thread::set_ring_bytes(bytes);
}
