//! One of the places of a stack, in words that only the owner of the thread changes.

use super::{EVERY, Entry, Hint};
use crate::call::Open;
use crate::thread::Owned;

/// Of a place where there is a word for what begins below it. Elsewhere what is left of an old one means nothing.
const HINTED: u64 = 1 << 8;
/// Of an entry of a scope.
const SCOPE: u64 = 1 << 9;

pub(super) struct Place {
    pub(super) high: Owned,
    pub(super) low: Owned,
    /// The span; of an entry of a scope none.
    pub(super) span: Owned,
    /// The layer, and [`HINTED`] or [`SCOPE`], so that the usual way finds its own layer in none of these.
    pub(super) layer: Owned,
    /// Of an entry of a scope the span, which is not in `span`.
    hint_to: Owned,
    /// Of an entry of a scope the scope's number.
    hint_span: Owned,
    hint_undoes: Owned,
    hint_attempt: Owned,
}

impl Place {
    pub(super) const fn new() -> Self {
        Self {
            high: Owned::new(0),
            low: Owned::new(0),
            span: Owned::new(0),
            layer: Owned::new(0),
            hint_to: Owned::new(0),
            hint_span: Owned::new(0),
            hint_undoes: Owned::new(0),
            hint_attempt: Owned::new(0),
        }
    }

    pub(super) fn set(&self, entry: Entry) {
        self.high.set(entry.trace.0);
        self.low.set(entry.trace.1);
        let hinted = if entry.hint == Hint::NONE { 0 } else { HINTED };
        // A scope below a span of this process has its id, and is not that span: who leaves the span must not take the
        // scope for it.
        let (span, to, said, bits) = match entry.scope {
            Some(number) => (0, entry.span, number, SCOPE),
            None => (entry.span, entry.hint.to, entry.hint.span, hinted),
        };
        self.span.set(span);
        self.layer.set(u64::from(entry.layer) | bits);
        self.hint_to.set(to);
        self.hint_span.set(said);
        self.hint_undoes.set(entry.hint.undoes);
        self.hint_attempt.set(entry.hint.attempt);
    }

    pub(super) fn get(&self) -> Entry {
        let (layer, trace) = (self.layer.get(), (self.high.get(), self.low.get()));
        let (to, said, undoes) = (self.hint_to.get(), self.hint_span.get(), self.hint_undoes.get());
        let of = Entry { trace, span: self.span.get(), layer: layer as u8, hint: Hint::NONE, scope: None };
        if layer & SCOPE != 0 {
            return Entry { span: to, scope: Some(said), hint: Hint { undoes, ..Hint::NONE }, ..of };
        }
        if layer & HINTED == 0 {
            return of;
        }
        Entry { hint: Hint { to, span: said, undoes, attempt: self.hint_attempt.get() }, ..of }
    }

    /// Without a word for the next span.
    #[inline(always)]
    pub(super) fn open(&self, open: Open) {
        self.high.set(open.trace.0);
        self.low.set(open.trace.1);
        self.span.set(open.span);
        self.layer.set(open.layer.into());
    }

    /// Whether what that layer sees begin may be below it.
    #[inline]
    pub(super) fn is_seen_by(&self, layer: u8) -> bool {
        [layer, EVERY].contains(&(self.layer.get() as u8))
    }
}
