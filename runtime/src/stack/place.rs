//! One of the places of a stack, in words that only the owner of the thread changes.

use std::sync::atomic::Ordering::Relaxed;

use super::{EVERY, Entry, Hint};
use crate::call::Open;
use crate::sync::Word;

/// Of a place where there is a word for what begins below it. Elsewhere what is left of an old one means nothing.
const HINTED: u64 = 1 << 8;
/// Of an entry of a scope.
const SCOPE: u64 = 1 << 9;
/// Of one of a lost span.
const LOST: u64 = 1 << 10;

/// They are nothing but words so that their memory can come zeroed from the operating system, page by page: hardly a
/// thread is hundreds of spans deep.
pub(crate) type Words = [Word; 8];

/// A look at them.
#[derive(Clone, Copy)]
pub(super) struct Place<'a>(&'a Words);

/// Two for the trace, then the span; of an entry of a scope none.
const HIGH: usize = 0;
const LOW: usize = 1;
const SPAN: usize = 2;
/// The layer, and [`HINTED`], [`SCOPE`] or [`LOST`], so that the usual way finds its own layer in none of these.
const LAYER: usize = 3;
/// Of an entry of a scope the span, which is not in its place.
const HINT_TO: usize = 4;
/// Of an entry of a scope the scope's number.
const HINT_SPAN: usize = 5;
const HINT_UNDOES: usize = 6;
const HINT_ATTEMPT: usize = 7;

/// What the usual way looks at.
impl<'a> Place<'a> {
    #[inline(always)]
    pub(super) const fn of(words: &'a Words) -> Self {
        Self(words)
    }

    #[inline(always)]
    pub(super) fn trace(self) -> (u64, u64) {
        (self.0[HIGH].load(Relaxed), self.0[LOW].load(Relaxed))
    }

    #[inline(always)]
    pub(super) fn span(self) -> u64 {
        self.0[SPAN].load(Relaxed)
    }

    /// The layer, with what else is said there.
    #[inline(always)]
    pub(super) fn layer(self) -> u64 {
        self.0[LAYER].load(Relaxed)
    }

    /// Puts a span there without a word for the next one.
    #[inline(always)]
    pub(super) fn open(self, open: Open) {
        self.0[HIGH].store(open.trace.0, Relaxed);
        self.0[LOW].store(open.trace.1, Relaxed);
        self.0[SPAN].store(open.span, Relaxed);
        self.0[LAYER].store(open.layer.into(), Relaxed);
    }
}

impl Place<'_> {
    pub(super) fn set(self, entry: Entry) {
        let hinted = if entry.hint == Hint::NONE { 0 } else { HINTED };
        // A scope below a span of this process has its id, and is not that span: who leaves the span must not take the
        // scope for it.
        let (span, to, said, bits) = match entry.scope {
            Some(number) => (0, entry.span, number, SCOPE),
            None => (entry.span, entry.hint.to, entry.hint.span, hinted),
        };
        let (high, low) = entry.trace;
        let layer = u64::from(entry.layer) | bits | if entry.is_lost { LOST } else { 0 };
        let all = [high, low, span, layer, to, said, entry.hint.undoes, entry.hint.attempt];
        self.0.iter().zip(all).for_each(|(word, value)| word.store(value, Relaxed));
    }

    pub(super) fn get(self) -> Entry {
        let word = |at: usize| self.0[at].load(Relaxed);
        let (to, said, undoes) = (word(HINT_TO), word(HINT_SPAN), word(HINT_UNDOES));
        let layer = self.layer();
        let (trace, span, is_lost) = (self.trace(), self.span(), layer & LOST != 0);
        let of = Entry { trace, span, layer: layer as u8, hint: Hint::NONE, scope: None, is_lost };
        if layer & SCOPE != 0 {
            return Entry { span: to, scope: Some(said), hint: Hint { undoes, ..Hint::NONE }, ..of };
        }
        if layer & HINTED == 0 {
            return of;
        }
        Entry { hint: Hint { to, span: said, undoes, attempt: word(HINT_ATTEMPT) }, ..of }
    }

    #[inline]
    pub(super) fn is_lost(self) -> bool {
        self.layer() & LOST != 0
    }

    /// Whether what that layer sees begin may be below it.
    #[inline]
    pub(super) fn is_seen_by(self, layer: u8) -> bool {
        !self.is_lost() && [layer, EVERY].contains(&(self.layer() as u8))
    }
}
