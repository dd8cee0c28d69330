//! A process number goes in; the room of that process comes out, in which its threads leave their rings for its
//! drainer.
//!
//! A fork copies the whole memory and takes along one thread. Whichever locks the others held then are held for ever in
//! the child, and what they had recorded is their process's to deliver. So the child touches nothing of that: it has a
//! room of its own, with locks of its own, and what a room is found by is one number that nobody has to lock.

mod apiece;

use std::sync::OnceLock;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize};

use crate::sync::{Mutex, Thread, shared};
use crate::thread::Local;

pub use apiece::Apiece;

/// How many processes may be forked off one another and each record: a row, not a family. In one behind them nothing is
/// recorded.
pub const GENERATIONS: usize = 8;

pub(crate) struct Room {
    /// Every one ever made, for the drainer.
    pub(crate) all: Mutex<Vec<&'static Local>>,
    /// Those that no thread owns.
    pub(crate) parked: Mutex<Vec<&'static Local>>,
    /// One drain at a time, also if two versions of a layer should meet on one runtime.
    pub(crate) draining: Mutex<()>,
    /// The thread that drains, to be woken.
    pub(crate) drainer: OnceLock<Thread>,
    /// Somebody has asked for one.
    pub(crate) is_wanted: AtomicBool,
}

macro_rules! room {
    () => {
        Room {
            all: Mutex::new(Vec::new()),
            parked: Mutex::new(Vec::new()),
            draining: Mutex::new(()),
            drainer: OnceLock::new(),
            is_wanted: AtomicBool::new(false),
        }
    };
}

shared! {
    static ROOMS: [Room; GENERATIONS] = [room!(), room!(), room!(), room!(), room!(), room!(), room!(), room!()];
}

/// The processes that have taken a room, each behind the one that it was forked off from; 0 where one is free.
static PROCESSES: [AtomicU32; GENERATIONS] = [const { AtomicU32::new(0) }; GENERATIONS];
/// The room that was found last.
static FOUND: AtomicUsize = AtomicUsize::new(0);

/// How many of those that this process was forked off from have recorded; the number of its room. `None` where there
/// are no more. It asks the operating system: not for every record.
pub(crate) fn generation() -> Option<usize> {
    let this = std::process::id();
    let number = PROCESSES.iter().position(|process| {
        let known = match process.load(Acquire) {
            // Another thread of this process may be the first; another process cannot be.
            0 => process.compare_exchange(0, this, AcqRel, Acquire).err().unwrap_or(this),
            known => known,
        };
        known == this
    });
    FOUND.store(number.unwrap_or(GENERATIONS), Relaxed);
    number
}

/// This process's.
pub(crate) fn room() -> Option<&'static Room> {
    ROOMS.get(generation()?)
}

/// The same without a question, for whoever knows that this process has asked before: the drainer, and what comes
/// behind somebody who has.
pub(crate) fn known_room() -> Option<&'static Room> {
    ROOMS.get(FOUND.load(Relaxed))
}

/// Whether this process was forked off one that has recorded. As above, without a question.
pub(crate) fn is_forked_off() -> bool {
    FOUND.load(Relaxed) > 0
}
