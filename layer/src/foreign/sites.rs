//! The call sites of other crates that a layer has seen, each with what it found out about it the first time.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use tense::__private::layer::Apiece;
use tracing_core::Metadata;

use crate::mapping::Mapping;

/// What is known of a call site, once and for all.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    /// The number that records carry.
    pub(super) number: u32,
    /// It is one of our own.
    pub(super) is_ours: bool,
    pub(super) mapping: Option<&'static Mapping>,
}

/// Places in the table, as a power of two.
const BITS: u32 = 10;
/// Places that a call site may take.
const TRIES: usize = 8;

/// A table that nothing is taken out of; so to look is to load. It has some more places behind its end, so that those
/// of a call site lie in a row.
#[derive(Default)]
pub(super) struct Sites {
    table: OnceLock<Box<[Place]>>,
    /// Those for which no place was free.
    more: Apiece<HashMap<usize, Seen>>,
}

#[derive(Default)]
struct Place {
    /// Where the metadata lies, which is there as long as the program is; 0 where it is free.
    metadata: AtomicUsize,
    seen: OnceLock<Seen>,
}

impl Sites {
    /// What is known of that call site; what is not is found out.
    #[inline]
    pub(super) fn get(&self, metadata: &'static Metadata<'static>, find_out: impl Fn() -> Seen) -> Seen {
        let key = std::ptr::from_ref(metadata).addr();
        let table = self.table.get().map(Box::as_ref).unwrap_or_else(|| self.make());
        let first = ((key as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - BITS)) as usize;
        for place in table.get(first..first + TRIES).unwrap_or_default() {
            let mut here = place.metadata.load(Relaxed);
            if here == 0 {
                here = place.metadata.compare_exchange(0, key, Relaxed, Relaxed).err().unwrap_or(key);
            }
            if here == key {
                return place.seen.get().copied().unwrap_or_else(|| {
                    let seen = find_out();
                    *place.seen.get_or_init(|| seen)
                });
            }
        }
        self.get_more(key, find_out)
    }

    // What a cell keeps is made before the cell is touched: one that is being filled when the process forks stays so in
    // the child.

    #[cold]
    fn make(&self) -> &[Place] {
        let table = (0..(1 << BITS) + TRIES).map(|_| Place::default()).collect();
        self.table.get_or_init(|| table)
    }

    #[cold]
    fn get_more(&self, key: usize, find_out: impl Fn() -> Seen) -> Seen {
        let known = self.more.lock().and_then(|more| more.get(&key).copied());
        known.unwrap_or_else(|| {
            // Without the lock: this takes others.
            let seen = find_out();
            self.more.lock().map_or(seen, |mut more| *more.entry(key).or_insert(seen))
        })
    }
}
