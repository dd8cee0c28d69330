//! Records leave the rings here, for the drainer's thread, whose own crate decides what becomes of them.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::{OnceLock, PoisonError};

use crate::process::{self, known_room};
use crate::sync::Thread;
use crate::thread::{self, Local};
use crate::{clock, id};

/// What starts a drainer, in a process that was forked off and has none.
static START: OnceLock<fn()> = OnceLock::new();

/// Records that were in a ring when its thread found out that it was forked off, and that may be its own.
static LOST_AT_FORK: AtomicU64 = AtomicU64::new(0);

/// Names the thread to be woken when a ring is a quarter full, in this process, and what starts one in those that are
/// forked off it. Only the first one counts.
pub fn set_drainer(thread: Thread, start: fn()) -> bool {
    START.set(start).ok();
    process::room().is_some_and(|room| room.drainer.set(thread).is_ok())
}

#[cold]
pub(crate) fn wake() {
    look();
    if let Some(drainer) = known_room().and_then(|room| room.drainer.get()) {
        drainer.unpark();
    }
}

/// Finds out whether this is another process than before; then this thread's ring is its, and somebody has to drain it.
#[cold]
pub(crate) fn look() {
    Local::come_along(false);
    want();
}

/// Somebody records: where nobody drains because this process was forked off, a drainer is started, once.
pub(crate) fn want() {
    if process::is_forked_off()
        && let Some(room) = known_room()
        && room.drainer.get().is_none()
        && let Some(start) = START.get()
        && !room.is_wanted.swap(true, AcqRel)
    {
        start();
    }
}

/// This process, for somebody who looks at it from outside: its generation, after which all
/// that this thread records belongs to it. Takes no lock that another process may have held when this one was forked
/// off it.
pub fn arrive() -> Option<usize> {
    Local::come_along(false);
    process::generation()
}

/// The same right behind a fork: what is in this thread's ring is all its parent's.
pub fn forked() {
    Local::come_along(true);
}

pub(crate) fn lose_at_fork(records: u64) {
    LOST_AT_FORK.fetch_add(records, Relaxed);
}

/// Records that this process may have lost because it did not know that it was forked off.
pub fn lost_at_fork() -> u64 {
    LOST_AT_FORK.load(Relaxed)
}

/// Takes every record out of every ring, and puts its words behind those that are there already of the same thread;
/// `threads` grows to as many as there ever were at one time. One thread is drained after the other, so what is written
/// meanwhile can come without its cause on another thread; what happened before the call cannot.
pub fn drain<T: Default>(threads: &mut Vec<T>, words: fn(&mut T) -> &mut Vec<u64>) {
    let Some(room) = known_room() else { return };
    let _alone = room.draining.lock().unwrap_or_else(PoisonError::into_inner);
    id::is_the_same(clock::ticks());
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

/// What all rings and what belongs to them take, those that wait for a thread included, in bytes. The operating system
/// has given as much of it as records have reached.
pub fn ring_memory() -> usize {
    let mut bytes = 0;
    thread::each(|local| bytes += local.bytes());
    bytes
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
