//! The words, locks and threads that the recorder is made of: those of the standard library, and those of loom in the
//! models.
//!
//! `--cfg tense_loom` makes the unit tests of this crate the models of [`crate::models`], which look at every order in
//! which what is done here can happen. The flag has a name of its own because tokio, which other tests use, changes
//! with `--cfg loom`.

/// Makes the same declarations statics, and in a model values that every run of it makes anew.
macro_rules! shared {
    ($($(#[$doc:meta])* static $name:ident: $type:ty = $value:expr;)*) => {
        $crate::sync::statics! { $($(#[$doc])* static $name: $type = $value;)* }
    };
}
pub(crate) use shared;

/// A bug that a model is given, and has to find. There is none outside of the models, and nothing is left of the
/// question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seed {
    /// The drainer can see a tail before the words that it stands for ..
    TailStore,
    TailLoad,
    TailEarly,
    /// .. and the producer a head before its words were read.
    HeadStore,
    HeadLoad,
    HeadEarly,
    /// The moment to wake the drainer is passed by.
    WakePassedBy,
    /// A thread's place is given away before its thread is done with it.
    ParkedEarly,
    /// Somebody drains who does not ask whether another one does; the model does that by itself.
    #[cfg(all(test, tense_loom))]
    DrainedBeside,
}

#[cfg(not(all(test, tense_loom)))]
pub(crate) use real::*;

#[cfg(not(all(test, tense_loom)))]
mod real {
    use std::sync::atomic::Ordering;

    pub(crate) use std::sync::Mutex;
    pub(crate) use std::sync::atomic::AtomicU64;
    pub(crate) use std::thread::Thread;

    use super::Seed;
    use crate::stack::Words;

    /// A word that at any one time either one thread writes, or some read, because of what is done with other atomics.
    pub(crate) type Word = AtomicU64;

    /// As many words of 0, in memory that the operating system gives page by page when it is first written.
    pub(crate) fn zeroed(words: usize) -> Box<[Word]> {
        bytemuck::allocation::try_zeroed_slice_box(words).unwrap_or_default()
    }

    /// The same for what is made of several words each.
    pub(crate) fn zeroed_places(places: usize) -> Box<[Words]> {
        bytemuck::allocation::try_zeroed_slice_box(places).unwrap_or_default()
    }

    macro_rules! statics {
        ($($item:item)*) => { $($item)* };
    }
    pub(crate) use statics;

    #[inline(always)]
    pub(crate) const fn seeded(_: Seed) -> bool {
        false
    }

    /// The order that a memory access has, unless the seeded bug is that it has none.
    #[inline(always)]
    pub(crate) const fn order(_: Seed, order: Ordering) -> Ordering {
        order
    }
}

#[cfg(all(test, tense_loom))]
pub(crate) use model::*;

#[cfg(all(test, tense_loom))]
mod model {
    use std::cell::Cell;
    use std::sync::OnceLock;
    use std::sync::atomic::Ordering;

    pub(crate) use loom::sync::Mutex;
    pub(crate) use loom::sync::atomic::AtomicU64;
    pub(crate) use loom::thread::Thread;

    use super::Seed;
    use crate::stack::Words;

    /// A word of which loom knows who has read and written it: if two of them are not ordered by something else, the
    /// model fails. So nothing is said of what the word's own accesses are good for: they might as well be those of a
    /// plain `u64`.
    pub(crate) struct Word {
        value: std::sync::atomic::AtomicU64,
        /// Made when it is first needed, because places of the stack are made in constants.
        seen: OnceLock<loom::cell::UnsafeCell<()>>,
    }

    impl Word {
        pub(crate) const fn new(value: u64) -> Self {
            Self { value: std::sync::atomic::AtomicU64::new(value), seen: OnceLock::new() }
        }

        pub(crate) fn load(&self, order: Ordering) -> u64 {
            self.seen.get_or_init(|| loom::cell::UnsafeCell::new(())).with(|_| self.value.load(order))
        }

        pub(crate) fn store(&self, value: u64, order: Ordering) {
            self.seen.get_or_init(|| loom::cell::UnsafeCell::new(())).with_mut(|_| self.value.store(value, order));
        }
    }

    pub(crate) fn zeroed(words: usize) -> Box<[Word]> {
        (0..words).map(|_| Word::new(0)).collect()
    }

    pub(crate) fn zeroed_places(places: usize) -> Box<[Words]> {
        (0..places).map(|_| [const { Word::new(0) }; 8]).collect()
    }

    macro_rules! statics {
        ($($(#[$doc:meta])* static $name:ident: $type:ty = $value:expr;)*) => {
            $(loom::lazy_static! { $(#[$doc])* static ref $name: $type = $value; })*
        };
    }
    pub(crate) use statics;

    impl Seed {
        pub(crate) const ALL: [Self; 9] = [
            Self::TailStore,
            Self::TailLoad,
            Self::TailEarly,
            Self::HeadStore,
            Self::HeadLoad,
            Self::HeadEarly,
            Self::WakePassedBy,
            Self::ParkedEarly,
            Self::DrainedBeside,
        ];
    }

    thread_local! {
        /// loom runs all threads of a model on one of the system's.
        pub(crate) static SEED: Cell<Option<Seed>> = const { Cell::new(None) };
    }

    pub(crate) fn seeded(seed: Seed) -> bool {
        SEED.get() == Some(seed)
    }

    pub(crate) fn order(seed: Seed, order: Ordering) -> Ordering {
        if seeded(seed) { Ordering::Relaxed } else { order }
    }
}
