//! What a thread owns: a [`Ring`], the stack of the spans it is in, and ids to give away.
//!
//! It is made at the first record, parked when the thread ends, and reused by the next thread; so memory is bounded by
//! the largest number of threads at one time. The thread-local is a constant without a destructor: one load on the hot
//! path, and safe to touch while the thread is being torn down.

use std::cell::Cell;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::clock::Ticker;
use crate::drain;
use crate::id;
use crate::process::{known_room, room};
use crate::ring::Ring;
use crate::stack::Stack;
use crate::sync::{Seed, Word, seeded};

/// A number that only the owning thread changes; atomic because its place passes from thread to thread when it is
/// parked.
pub(crate) struct Owned(Word);

impl Owned {
    pub(crate) const fn new(value: u64) -> Self {
        Self(Word::new(value))
    }

    #[inline]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    #[inline]
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }
}

pub(crate) struct Local {
    pub(crate) ring: Ring,
    pub(crate) stack: Stack,
    clock: Ticker,
    next_span: Owned,
    block_end: Owned,
    random: Owned,
    /// The process whose drainer knows it.
    process: Owned,
}

thread_local! {
    static LOCAL: Cell<Option<&'static Local>> = const { Cell::new(None) };
    static CLOSED: Cell<bool> = const { Cell::new(false) };
    static PARK: ParkAtExit = const { ParkAtExit };
}

/// Bytes of a ring where nobody sets them. The layer's list of settings says the same; a test there holds both.
pub const RING_BYTES_UNLESS_SET: usize = 256 * 1024;

/// Bytes of a ring that is made from now on.
static RING_BYTES: AtomicUsize = AtomicUsize::new(RING_BYTES_UNLESS_SET);

impl Local {
    /// This thread's; `None` while the thread is being torn down.
    #[inline]
    pub(crate) fn current() -> Option<&'static Self> {
        match LOCAL.try_with(Cell::get) {
            Ok(Some(local)) => Some(local),
            _ => Self::first_use(),
        }
    }

    /// This thread's, if it has recorded something before.
    #[inline]
    pub(crate) fn existing() -> Option<&'static Self> {
        LOCAL.try_with(Cell::get).ok().flatten()
    }

    /// Works with this thread's, or, while the thread is being torn down, with one that no thread owns: what is still
    /// open then belongs to another thread-local, whose destructor comes after ours, and can end.
    #[cold]
    pub(crate) fn lend(work: impl FnOnce(&'static Self)) {
        if let Some(local) = Self::current() {
            return work(local);
        }
        let Some(room) = room() else { return };
        let parked = room.parked.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(local) = parked {
            work(local);
            room.parked.lock().unwrap_or_else(PoisonError::into_inner).push(local);
        }
    }

    #[cold]
    fn first_use() -> Option<&'static Self> {
        // A destructor of another thread-local may trace after ours has run: it then goes without.
        if CLOSED.try_with(Cell::get).unwrap_or(true) || PARK.try_with(|_| ()).is_err() {
            return None;
        }
        let local = Self::take_up()?;
        LOCAL.try_with(|cell| cell.set(Some(local))).ok()?;
        drain::want();
        Some(local)
    }

    /// One that a thread has left, or a new one. `None` in a process whose records nobody would drain: see
    /// [`GENERATIONS`](crate::process::GENERATIONS).
    pub(crate) fn take_up() -> Option<&'static Self> {
        id::notice_fork();
        let room = room()?;
        let parked = room.parked.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let local = parked.unwrap_or_else(|| {
            // Never freed, but parked and taken up again: the drainer may be reading it.
            let local: &'static Self = Box::leak(Box::new(Self {
                ring: Ring::new(RING_BYTES.load(Relaxed)),
                stack: Stack::new(),
                clock: Ticker::new(),
                next_span: Owned::new(0),
                block_end: Owned::new(0),
                random: Owned::new(id::random()),
                process: Owned::new(std::process::id().into()),
            }));
            room.all.lock().unwrap_or_else(PoisonError::into_inner).push(local);
            local
        });
        local.forget_ids();
        Some(local)
    }

    /// In a process that was forked off, on the one thread that it has of its parent: from now on what this thread
    /// records is its own. What is in the ring is the parent's, which delivers it; where nobody has said that the fork
    /// was just now, the last of it may be this process's. That is counted and given up, because nobody can tell, and
    /// nothing is to be delivered twice. The spans that the thread is in stay.
    #[cold]
    pub(crate) fn come_along(is_just_now: bool) {
        let Some(local) = Self::existing() else { return };
        let process = u64::from(std::process::id());
        if local.process.get() == process {
            return;
        }
        id::notice_fork();
        let Some(room) = room() else { return };
        let perhaps = local.ring.begin_anew(id::last_of_parent());
        if !is_just_now {
            drain::lose_at_fork(perhaps);
        }
        local.forget_ids();
        local.process.set(process);
        room.all.lock().unwrap_or_else(PoisonError::into_inner).push(local);
    }

    /// Leaves it to the next thread that takes one up. Its caller does not touch it any more: what is in its ring is
    /// the drainer's.
    pub(crate) fn park(&'static self) {
        let leave = || {
            if let Some(room) = room() {
                room.parked.lock().unwrap_or_else(PoisonError::into_inner).push(self);
            }
        };
        if seeded(Seed::ParkedEarly) {
            leave();
            return self.stack.clear();
        }
        self.stack.clear();
        leave();
    }

    /// Ticks, now.
    #[inline(always)]
    pub(crate) fn ticks(&self) -> u64 {
        self.clock.ticks()
    }

    /// An id that was given out before, or a new one for 0.
    #[inline]
    pub(crate) fn span_id_or(&self, wish: u64) -> u64 {
        if wish == 0 { self.span_id() } else { wish }
    }

    /// A span id that nobody else in this process has.
    pub(crate) fn span_id(&self) -> u64 {
        self.easy_span_id().unwrap_or_else(|| {
            drain::look();
            let first = id::span_block();
            self.next_span.set(first.wrapping_add(1));
            self.block_end.set(first.wrapping_add(id::BLOCK));
            first
        })
    }

    /// The same, as long as those last that this thread has taken.
    #[inline(always)]
    pub(crate) fn easy_span_id(&self) -> Option<u64> {
        let next = self.next_span.get();
        if next == self.block_end.get() {
            return None;
        }
        self.next_span.set(next.wrapping_add(1));
        Some(next)
    }

    /// What it takes, in bytes, without spans that are too deep for the places of its stack.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.ring.bytes() + Stack::PLACES
    }

    /// A trace id of that tick.
    pub(crate) fn trace_id(&self, ticks: u64) -> (u64, u64) {
        // Another thread may have been the one to notice.
        if id::has_forked(ticks) || self.process.get() != id::owner() {
            drain::look();
        }
        let (state, random) = id::splitmix(self.random.get());
        self.random.set(state);
        id::trace_id(crate::clock::unix_nanos(crate::clock::line().nanos(ticks)), id::salted(random))
    }

    /// What is left of the block may be given away in another process as well.
    #[cold]
    fn forget_ids(&self) {
        self.next_span.set(self.block_end.get());
    }
}

/// Calls for every ring of this process. The list only grows, so the lock is held for a copy.
pub(crate) fn each(mut visit: impl FnMut(&'static Local)) {
    let Some(room) = known_room() else { return };
    let all: Vec<_> = room.all.lock().unwrap_or_else(PoisonError::into_inner).clone();
    all.into_iter().for_each(&mut visit);
}

/// Sets the size of rings made from now on, in bytes.
pub(crate) fn set_ring_bytes(bytes: usize) {
    RING_BYTES.store(bytes, Relaxed);
}

struct ParkAtExit;

impl Drop for ParkAtExit {
    fn drop(&mut self) {
        close();
    }
}

/// From now on this thread records nothing: it ends, or it is one of the layer's own, whose work is not the host's.
pub fn close() {
    CLOSED.set(true);
    Local::come_along(false);
    if let Some(local) = LOCAL.take() {
        local.park();
    }
}

#[cfg(test)]
#[cfg(not(tense_loom))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_ends_leaves_its_ring_to_the_next() {
        let address = || Local::current().map(|local| std::ptr::from_ref(local) as usize);
        // Other tests' threads park theirs too, so the same one may not come back at once; but no new ones pile up.
        let seen: std::collections::BTreeSet<_> =
            (0..200).map(|_| std::thread::spawn(address).join().unwrap()).collect();
        assert!(seen.len() < 100, "{} rings for 200 threads that ran one after another", seen.len());
    }

    /// The ids of two threads that take them at the same time, and how many of them are the same.
    fn taken_twice(take: impl Fn() -> Vec<u64> + Sync) -> usize {
        let together = std::sync::Barrier::new(2);
        let take = || {
            together.wait();
            take()
        };
        let [a, b] = std::thread::scope(|scope| [scope.spawn(take), scope.spawn(take)].map(|ids| ids.join().unwrap()));
        let all = [a, b].concat();
        assert!(!all.contains(&0));
        all.len() - all.iter().collect::<std::collections::BTreeSet<_>>().len()
    }

    #[test]
    fn span_ids_of_two_threads_do_not_meet() {
        assert_eq!(taken_twice(|| (0..20_000).map(|_| Local::current().unwrap().span_id()).collect()), 0);
    }

    #[test]
    fn the_test_sees_ids_that_are_taken_in_two_steps() {
        let next = std::sync::atomic::AtomicU64::new(1);
        let in_two_steps = || {
            let id = next.load(Relaxed);
            next.store(id + 1, Relaxed);
            id
        };
        let is_seen = (0..1000).any(|_| taken_twice(|| (0..20_000).map(|_| in_two_steps()).collect()) > 0);
        assert!(is_seen, "the seeded bug was not seen");
    }
}
