//! Call sites go in and get the number that records carry; whoever reads records gets them back by it.
//!
//! They lie in blocks, each twice as large as the one before it, which stay where they are: reading takes no lock.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};

use tracing_core::Metadata;

use crate::site::Known;
use crate::spec::Spec;

/// A call site that records refer to by number.
#[derive(Debug, Clone, Copy)]
pub enum Listed {
    /// One of ours.
    Ours(&'static Known),
    /// One of `tracing`'s own.
    Foreign(&'static Metadata<'static>),
    /// One of `tracing`'s own that a registry maps to an event of ours.
    Mapped(&'static Spec, &'static Metadata<'static>),
}

impl Listed {
    /// What it says about its calls; a foreign one says nothing.
    pub fn spec(self) -> Option<&'static Spec> {
        match self {
            Self::Ours(known) => Some(known.spec()),
            Self::Foreign(_) => None,
            Self::Mapped(spec, _) => Some(spec),
        }
    }

    /// One of ours.
    pub(crate) fn ours(self) -> Option<&'static Known> {
        if let Self::Ours(known) = self { Some(known) } else { None }
    }

    /// What `tracing` knows of it.
    pub fn metadata(self) -> &'static Metadata<'static> {
        match self {
            Self::Ours(known) => known.metadata(),
            Self::Foreign(metadata) | Self::Mapped(_, metadata) => metadata,
        }
    }
}

/// What stands under a number.
struct Entry {
    site: OnceLock<Listed>,
    /// `src/tokens.rs:12`, put together when the first event names it.
    source: OnceLock<Box<str>>,
    /// What the layer calls the events of a foreign one.
    name: OnceLock<Box<str>>,
}

type Block = Box<[Entry]>;

/// The numbers from 2^n on lie in the block n, which has room for 2^n of them.
static BLOCKS: [OnceLock<Block>; u32::BITS as usize] = [const { OnceLock::new() }; u32::BITS as usize];

static NEXT: AtomicU32 = AtomicU32::new(1);

/// How many entries have been written.
static ENTRIES: AtomicU32 = AtomicU32::new(0);

/// As many as a record's header has bits for. It stands for every call site that came too late for a number of its own:
/// what is recorded of those nobody can place, so it is counted as lost.
const LAST: u32 = 0xff_ffff;

/// Puts a call site on the list; its number is from 1 on. Allocates where a block begins.
pub(crate) fn enlist(site: Listed) -> u32 {
    enlist_as(NEXT.update(Relaxed, Relaxed, |next| next.saturating_add(1)), site)
}

fn enlist_as(number: u32, site: Listed) -> u32 {
    if number >= LAST {
        return LAST;
    }
    if let Some((block, first)) = block_of(number) {
        let entry = |_| Entry { site: OnceLock::new(), source: OnceLock::new(), name: OnceLock::new() };
        // Made before, because a cell that is being filled when the process forks stays so in the child.
        let block = block.get().unwrap_or_else(|| {
            let made = (0..first).map(entry).collect();
            block.get_or_init(|| made)
        });
        if let Some(free) = block.get((number - first) as usize) {
            free.site.set(site).ok();
            ENTRIES.fetch_add(1, AcqRel);
        }
    }
    number
}

/// The call site of a number.
///
/// A thread may have the number by a relaxed load, and hand it on in a record: then nothing orders the reading here
/// behind the writing there. Who finds no entry takes part in the order of `ENTRIES`, in which each entry has a place
/// behind its writing. If this place is behind that one, the entry is seen. It cannot be before it: then the number
/// would have been written after it was read.
#[inline]
pub fn listed(number: u32) -> Option<Listed> {
    look(number).or_else(|| look_again(number))
}

#[inline]
fn look(number: u32) -> Option<Listed> {
    entry(number)?.site.get().copied()
}

#[cold]
#[inline(never)]
fn look_again(number: u32) -> Option<Listed> {
    ENTRIES.fetch_add(0, AcqRel);
    look(number)
}

/// All call sites there are. One that is being put on the list may be missing.
pub(crate) fn all() -> impl Iterator<Item = Listed> {
    (1..NEXT.load(Relaxed).min(LAST)).filter_map(look)
}

/// Where the call site of a number stands: `src/tokens.rs:12`, or its target where `tracing` was not told.
#[inline]
pub fn source(number: u32) -> &'static str {
    let Some(entry) = entry(number) else { return "" };
    match entry.source.get() {
        Some(source) => source,
        None => put_together(entry),
    }
}

#[cold]
fn put_together(entry: &'static Entry) -> &'static str {
    let Some(metadata) = entry.site.get().map(|site| site.metadata()) else { return "" };
    let source: Box<str> = match (metadata.file(), metadata.line()) {
        (Some(file), Some(line)) => format!("{file}:{line}").into(),
        _ => metadata.target().into(),
    };
    // As above.
    entry.source.get_or_init(|| source)
}

/// The name that the first caller made for the call site of a number.
#[inline]
pub fn named(number: u32, make: impl FnOnce(&'static Metadata<'static>) -> String) -> &'static str {
    let Some(entry) = entry(number) else { return "" };
    let Some(site) = entry.site.get() else { return "" };
    if let Some(name) = entry.name.get() {
        return name;
    }
    // As above.
    let name = make(site.metadata()).into();
    entry.name.get_or_init(|| name)
}

#[inline]
fn entry(number: u32) -> Option<&'static Entry> {
    let (block, first) = block_of(number)?;
    block.get()?.get((number - first) as usize)
}

/// The block that the number lies in, and the first number of it.
#[inline]
fn block_of(number: u32) -> Option<(&'static OnceLock<Block>, u32)> {
    let log = number.checked_ilog2()?;
    Some((BLOCKS.get(log as usize)?, 1 << log))
}

#[cfg(test)]
mod tests {
    use tracing_core::callsite::DefaultCallsite;
    use tracing_core::field::FieldSet;
    use tracing_core::metadata::Kind;
    use tracing_core::{Level, identify_callsite};

    use super::*;

    static CALLSITE: DefaultCallsite = DefaultCallsite::new(&METADATA);
    static METADATA: Metadata<'static> = Metadata::new(
        "listed",
        "",
        Level::INFO,
        None,
        None,
        None,
        FieldSet::new(&[], identify_callsite!(&CALLSITE)),
        Kind::SPAN,
    );

    #[test]
    fn every_number_is_found_again_and_no_other() {
        let numbers: Vec<u32> = (0..1_000).map(|_| enlist(Listed::Foreign(&METADATA))).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "a number was given twice");
        for number in &numbers {
            assert!(listed(*number).is_some_and(|listed| listed.metadata().name() == "listed"), "{number}");
        }
        assert!(listed(0).is_none());
        assert!(listed(u32::MAX).is_none());
    }

    /// Whether two threads that enlist call sites at the same time are given the same number.
    fn is_given_twice(enlist: impl Fn() -> u32 + Sync) -> bool {
        let together = std::sync::Barrier::new(2);
        let take = || {
            together.wait();
            (0..2_000).map(|_| enlist()).collect::<Vec<u32>>()
        };
        let [a, b] = std::thread::scope(|scope| [scope.spawn(take), scope.spawn(take)].map(|all| all.join().unwrap()));
        let all = [a, b].concat();
        all.iter().collect::<std::collections::BTreeSet<_>>().len() < all.len()
    }

    #[test]
    fn threads_that_enlist_at_the_same_time_get_numbers_of_their_own() {
        let enlisted = || {
            let number = enlist(Listed::Foreign(&METADATA));
            assert!(listed(number).is_some(), "{number} is given and not there");
            number
        };
        assert!(!is_given_twice(enlisted));
    }

    #[test]
    fn the_test_sees_numbers_that_are_taken_in_two_steps() {
        let next = AtomicU32::new(1);
        let in_two_steps = || {
            let number = next.load(Relaxed);
            next.store(number + 1, Relaxed);
            number
        };
        assert!((0..1000).any(|_| is_given_twice(in_two_steps)), "the seeded bug was not seen");
    }

    #[test]
    fn what_comes_when_the_numbers_are_used_up_is_nobody_elses() {
        for number in [LAST, LAST + 1, u32::MAX] {
            assert_eq!(enlist_as(number, Listed::Foreign(&METADATA)), LAST);
        }
        assert!(listed(LAST).is_none());
        assert_eq!(source(LAST), "");
    }

    #[test]
    fn a_number_lies_in_the_block_that_has_room_for_it() {
        for number in [1, 2, 3, 4, 7, 8, 1 << 20, (1 << 20) + 5, u32::MAX] {
            let (_, first) = block_of(number).unwrap();
            assert!(first <= number && number - first < first, "{number}: {first}");
        }
    }
}
