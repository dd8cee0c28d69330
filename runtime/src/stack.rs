//! The spans that a thread is in, ours and foreign ones alike: entered spans go on top, left ones are taken out
//! wherever they are, because a foreign guard may be dropped early.
//!
//! It is bounded: a guard that is leaked would otherwise grow it for ever. Deeper spans hang under the last one that
//! fitted.

use std::sync::atomic::Ordering::Relaxed;

use crate::call::Open;
use crate::site::Site;
use crate::sync::{Word, zeroed_places};
use crate::thread::Owned;

/// How many spans deep a thread is followed.
const DEPTH: usize = if cfg!(all(test, tense_loom)) { 2 } else { 512 };

/// No layer has this number. An entry of it stands for every layer, and says what a whole scope is under: a span of
/// another process, nothing at all, or silence. The usual way passes it by, so that only the cold one looks at it.
pub(crate) const EVERY: u8 = 0;

/// A span that was entered, as the layer number `layer` sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The trace, in two halves.
    pub trace: (u64, u64),
    /// The span.
    pub span: u64,
    /// The layer that records it: 1 to 255, or [`EVERY`].
    pub layer: u8,
    /// What the next span that begins right below is told.
    pub(crate) hint: Hint,
}

/// A pipeline's word to the span that it is about to cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Hint {
    /// Whom it is for, see [`Hint::addressee`]; 0 for nobody.
    pub(crate) to: u64,
    /// The id it is to have, so that the pipeline knows it; 0 for any.
    pub(crate) span: u64,
    /// The span that it undoes; 0 for none.
    pub(crate) undoes: u64,
    /// The [`Attempt`] that it is, packed; 0 for none.
    pub(crate) attempt: u64,
}

/// One try of a stage, which is recorded under a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// The number of its call site: 24 bits, as in a record.
    pub(crate) site: u32,
    /// From 1 on; 12 bits.
    pub(crate) number: u32,
    /// How long was waited before it; 28 bits, three days.
    pub(crate) backoff_ms: u64,
}

impl Attempt {
    pub(crate) fn packed(self) -> u64 {
        let (number, backoff) = (u64::from(self.number).min(0xfff), self.backoff_ms.min(0xfff_ffff));
        number | backoff << 12 | u64::from(self.site) << 40
    }

    pub(crate) fn unpacked(packed: u64) -> Self {
        Self { site: (packed >> 40) as u32, number: (packed & 0xfff) as u32, backoff_ms: packed >> 12 & 0xfff_ffff }
    }
}

impl Hint {
    pub(crate) const NONE: Self = Self { to: 0, span: 0, undoes: 0, attempt: 0 };

    /// Of an entry for every layer: nothing that begins below it is recorded.
    pub(crate) const SILENCE: Self = Self { undoes: 1, ..Self::NONE };

    /// The name of a stage's span or of a compensation's function, as a number (FNV-1a, 64 bits).
    pub(crate) fn addressee(name: &str) -> u64 {
        name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// Whether a call of that site is the one that is meant; what it calls itself is not.
    #[inline]
    pub(crate) fn is_for(self, site: &Site) -> bool {
        self.to != 0 && self.names(site)
    }

    #[cold]
    fn names(self, site: &Site) -> bool {
        self.to == Self::addressee(site.span_name()) || self.undoes != 0 && self.to == Self::addressee(site.function())
    }
}

impl Entry {
    fn is_silence(self) -> bool {
        self.layer == EVERY && self.hint == Hint::SILENCE
    }
}

/// Of a place where there is a word for what begins below it. Elsewhere what is left of an old one means nothing.
const HINTED: u64 = 1 << 8;

/// The words of a place. They are nothing but words so that their memory can come zeroed from the operating system,
/// page by page: hardly a thread is hundreds of spans deep.
pub(crate) type Words = [Word; 8];

/// A look at them.
struct Place<'a> {
    high: One<'a>,
    low: One<'a>,
    span: One<'a>,
    /// The layer, and [`HINTED`].
    layer: One<'a>,
    /// Of an entry for every layer the span, which is not in `span`.
    hint_to: One<'a>,
    hint_span: One<'a>,
    hint_undoes: One<'a>,
    hint_attempt: One<'a>,
}

/// A number that only the owning thread changes, as [`Owned`] is.
struct One<'a>(&'a Word);

impl One<'_> {
    #[inline(always)]
    fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    #[inline(always)]
    fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }
}

impl<'a> Place<'a> {
    #[inline(always)]
    fn of(words: &'a Words) -> Self {
        let [high, low, span, layer, hint_to, hint_span, hint_undoes, hint_attempt] = words;
        Self {
            high: One(high),
            low: One(low),
            span: One(span),
            layer: One(layer),
            hint_to: One(hint_to),
            hint_span: One(hint_span),
            hint_undoes: One(hint_undoes),
            hint_attempt: One(hint_attempt),
        }
    }

    #[inline]
    fn set(&self, entry: Entry) {
        self.high.set(entry.trace.0);
        self.low.set(entry.trace.1);
        // A scope below a span of this process has its id, and is not that span: who leaves the span must not take the
        // scope for it.
        let (span, to) = if entry.layer == EVERY { (0, entry.span) } else { (entry.span, entry.hint.to) };
        self.span.set(span);
        self.layer.set(u64::from(entry.layer) | if entry.hint == Hint::NONE { 0 } else { HINTED });
        self.hint_to.set(to);
        self.hint_span.set(entry.hint.span);
        self.hint_undoes.set(entry.hint.undoes);
        self.hint_attempt.set(entry.hint.attempt);
    }

    #[inline]
    fn get(&self) -> Entry {
        let layer = self.layer.get();
        let (span, to) = (self.span.get(), self.hint_to.get());
        let (span, to) = if layer as u8 == EVERY { (to, 0) } else { (span, to) };
        let hint =
            Hint { to, span: self.hint_span.get(), undoes: self.hint_undoes.get(), attempt: self.hint_attempt.get() };
        Entry {
            trace: (self.high.get(), self.low.get()),
            span,
            layer: layer as u8,
            hint: if layer & HINTED == 0 { Hint::NONE } else { hint },
        }
    }

    #[inline]
    fn is_of(&self, layer: u8) -> bool {
        self.layer.get() as u8 == layer
    }
}

/// Puts a span there without a word for the next one. As every place on the usual way without a look in between, which
/// is not free where nothing is optimized.
#[inline(always)]
fn put(words: &Words, open: Open) {
    let [high, low, span, layer, ..] = words;
    high.store(open.trace.0, Relaxed);
    low.store(open.trace.1, Relaxed);
    span.store(open.span, Relaxed);
    layer.store(open.layer.into(), Relaxed);
}

pub(crate) struct Stack {
    depth: Owned,
    places: Box<[Words; DEPTH]>,
}

/// Where the next span comes to stand.
pub(crate) struct Below<'a> {
    stack: &'a Stack,
    depth: usize,
    pub(crate) trace: (u64, u64),
    pub(crate) parent: u64,
}

impl Below<'_> {
    /// Puts it there. `None` where there is no room.
    #[inline(always)]
    pub(crate) fn enter(&self, open: Open) -> Option<()> {
        let place = self.stack.places.get(self.depth)?;
        self.stack.depth.set(self.depth as u64 + 1);
        put(place, open);
        Some(())
    }
}

impl Stack {
    pub(crate) fn new() -> Self {
        // Made where it stays: on the stack of a small thread there may be no room for it.
        let places = zeroed_places(DEPTH).try_into();
        let places = places.unwrap_or_else(|_| Box::new([const { [const { Word::new(0) }; 8] }; DEPTH]));
        Self { depth: Owned::new(0), places }
    }

    #[inline(always)]
    fn place(&self, at: usize) -> Option<Place<'_>> {
        self.places.get(at).map(Place::of)
    }

    /// From the bottom to a depth.
    fn up_to(&self, depth: usize) -> impl DoubleEndedIterator<Item = Place<'_>> + ExactSizeIterator {
        self.places[..depth].iter().map(Place::of)
    }

    #[inline]
    fn depth(&self) -> usize {
        (self.depth.get() as usize).min(DEPTH)
    }

    /// Puts it on top, where there is room.
    #[inline(always)]
    pub(crate) fn enter(&self, open: Open) {
        let depth = self.depth.get();
        let Some(place) = self.places.get(depth as usize) else { return };
        self.depth.set(depth + 1);
        put(place, open);
    }

    /// The same, with a word to the span that begins below it; says whether there was room.
    pub(crate) fn enter_with(&self, open: Open, hint: Hint) -> bool {
        let depth = self.depth();
        let Some(place) = self.place(depth) else { return false };
        place.set(open.entry(hint));
        self.depth.set(depth as u64 + 1);
        true
    }

    /// What is right below the innermost span, when this layer records that and it has no word for the one that begins.
    #[inline(always)]
    pub(crate) fn below(&self, layer: u8) -> Option<Below<'_>> {
        let depth = self.depth.get() as usize;
        // With nothing entered that is no place either.
        let [high, low, span, of, ..] = self.places.get(depth.wrapping_sub(1))?;
        if of.load(Relaxed) != u64::from(layer) {
            return None;
        }
        Some(Below { stack: self, depth, trace: (high.load(Relaxed), low.load(Relaxed)), parent: span.load(Relaxed) })
    }

    /// Takes the topmost entry of that span out; one that is not there was too deep or belongs to another thread.
    #[inline(always)]
    pub(crate) fn exit(&self, span: u64) {
        let top = (self.depth.get() as usize).wrapping_sub(1);
        match self.places.get(top) {
            Some([_, _, here, ..]) if here.load(Relaxed) == span => self.depth.set(top as u64),
            _ => self.exit_below(span),
        }
    }

    #[cold]
    #[inline(never)]
    fn exit_below(&self, span: u64) {
        let Some(top) = self.depth().checked_sub(1) else { return };
        let Some(at) = self.up_to(top).rposition(|place| place.span.get() == span) else { return };
        self.take_out(at, top);
    }

    /// Takes the topmost entry for every layer out.
    #[cold]
    pub(crate) fn exit_every(&self) {
        let depth = self.depth();
        let Some(at) = self.up_to(depth).rposition(|place| place.is_of(EVERY)) else {
            return;
        };
        self.take_out(at, depth - 1);
    }

    fn take_out(&self, at: usize, top: usize) {
        for i in at..top {
            Place::of(&self.places[i]).set(Place::of(&self.places[i + 1]).get());
        }
        self.depth.set(top as u64);
    }

    /// The innermost span that this layer records, or the one of another process that a scope is under.
    #[inline]
    pub(crate) fn top(&self, layer: u8) -> Option<Entry> {
        // A scope that is under nothing has no trace.
        self.top_place(layer).map(|place| place.get()).filter(|entry| entry.trace != (0, 0))
    }

    /// Whether what begins now is not to be recorded by that layer.
    #[inline]
    pub(crate) fn silences(&self, layer: u8) -> bool {
        self.depth.get() != 0 && self.has_silence_for(layer)
    }

    #[cold]
    fn has_silence_for(&self, layer: u8) -> bool {
        self.top_place(layer).is_some_and(|place| place.get().is_silence())
    }

    /// Whether what begins now is not to be recorded by anybody.
    #[cold]
    pub(crate) fn is_silent(&self) -> bool {
        self.entries().next().is_some_and(Entry::is_silence)
    }

    /// All entries, the innermost first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.up_to(self.depth()).rev().map(|place| place.get())
    }

    /// The innermost span's word to the one that begins below it; it is given once.
    #[cold]
    pub(crate) fn take_hint(&self, layer: u8) -> Hint {
        let Some(place) = self.top_place(layer) else { return Hint::NONE };
        let hint = place.get().hint;
        place.layer.set(u64::from(layer));
        hint
    }

    /// The id that a span of that site is to have, by the word of whatever is on the very top.
    pub(crate) fn hinted_span(&self, site: &Site) -> Option<u64> {
        let hint = self.place(self.depth().checked_sub(1)?)?.get().hint;
        Some(hint.span).filter(|span| *span != 0 && hint.is_for(site))
    }

    /// That span, if it is entered.
    #[inline(always)]
    pub(crate) fn entered(&self, span: u64) -> Option<Open> {
        let top = (self.depth.get() as usize).wrapping_sub(1);
        let place = match self.place(top) {
            Some(place) if place.span.get() == span => place,
            _ => self.place_of(span)?,
        };
        Some(Open { trace: (place.high.get(), place.low.get()), span, layer: place.layer.get() as u8 })
    }

    #[cold]
    #[inline(never)]
    fn place_of(&self, span: u64) -> Option<Place<'_>> {
        self.up_to(self.depth()).rev().find(|place| place.span.get() == span)
    }

    /// The layer that records that span, when this thread is in it.
    pub(crate) fn layer_of(&self, span: u64) -> Option<u8> {
        self.entries().find(|entry| entry.span == span && entry.layer != EVERY).map(|entry| entry.layer)
    }

    #[inline]
    fn top_place(&self, layer: u8) -> Option<Place<'_>> {
        self.up_to(self.depth()).rev().find(|place| place.is_of(layer) || place.is_of(EVERY))
    }

    pub(crate) fn clear(&self) {
        self.depth.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(span: u64, layer: u8) -> Open {
        Open { trace: (1, 1), span, layer }
    }

    /// Trace and span that the usual begin finds above it.
    fn below(stack: &Stack, layer: u8) -> Option<((u64, u64), u64)> {
        stack.below(layer).map(|below| (below.trace, below.parent))
    }

    #[test]
    fn spans_left_out_of_order_do_not_come_back() {
        let stack = Stack::new();
        for span in [1, 2, 3] {
            stack.enter(open(span, 1));
        }
        stack.exit(2);
        assert_eq!(stack.top(1).map(|top| top.span), Some(3));
        stack.exit(3);
        assert_eq!(stack.top(1).map(|top| top.span), Some(1));
        stack.exit(99);
        stack.exit(1);
        assert_eq!(stack.top(1), None);
    }

    #[test]
    fn a_layer_sees_its_own_spans_only() {
        let stack = Stack::new();
        stack.enter(open(1, 1));
        stack.enter(open(2, 2));
        assert_eq!(stack.top(1).map(|top| top.span), Some(1));
        assert_eq!(stack.top(3), None);
    }

    #[test]
    fn an_attempt_comes_out_as_it_was_packed() {
        let attempt = Attempt { site: 0xff_ffff, number: 3, backoff_ms: 86_400_000 };
        assert_eq!(Attempt::unpacked(attempt.packed()), attempt);
        let bounded = Attempt::unpacked(Attempt { site: 1, number: 5000, backoff_ms: u64::MAX }.packed());
        assert_eq!(bounded, Attempt { site: 1, number: 4095, backoff_ms: 0xfff_ffff });
    }

    #[test]
    fn deeper_than_the_bound_hangs_under_the_last_that_fitted() {
        let stack = Stack::new();
        for span in 1..=600 {
            stack.enter(open(span, 1));
        }
        assert_eq!(stack.top(1).map(|top| top.span), Some(512));
        for span in (1..=600).rev() {
            stack.exit(span);
        }
        assert_eq!(stack.top(1), None);
    }

    const ELSEWHERE: Open = Open { trace: (7, 7), span: 70, layer: EVERY };

    #[test]
    fn an_entry_for_every_layer_is_seen_by_each_and_passed_by_on_the_usual_way() {
        let stack = Stack::new();
        stack.enter(open(1, 1));
        assert!(stack.enter_with(ELSEWHERE, Hint::NONE));
        assert_eq!((below(&stack, 1), stack.top(1).map(|top| top.span)), (None, Some(70)));
        assert_eq!(stack.top(2).map(|top| top.trace), Some((7, 7)));
        stack.enter(open(2, 2));
        assert_eq!((stack.top(2).map(|top| top.span), stack.top(1).map(|top| top.span)), (Some(2), Some(70)));
        assert_eq!(stack.layer_of(70), None, "no layer records it");
        // Also from below a span that a guard has left there.
        stack.exit_every();
        assert_eq!((stack.top(1).map(|top| top.span), below(&stack, 2)), (Some(1), Some(((1, 1), 2))));
        stack.exit_every();
        assert_eq!(stack.entries().count(), 2);
    }

    #[test]
    fn a_span_that_is_left_within_a_scope_below_it_takes_itself_out_and_not_the_scope() {
        let stack = Stack::new();
        stack.enter(open(70, 1));
        assert!(stack.enter_with(ELSEWHERE, Hint { span: 3, ..Hint::NONE }));
        stack.exit(70);
        let left: Vec<_> = stack.entries().map(|entry| (entry.layer, entry.span, entry.hint.span)).collect();
        assert_eq!(left, [(EVERY, 70, 3)]);
        stack.exit_every();
        assert_eq!(stack.entries().count(), 0);
    }

    #[test]
    fn nothing_and_silence_hide_what_is_below_them() {
        let stack = Stack::new();
        let nothing = Open { layer: EVERY, ..Open::OFF };
        stack.enter(open(1, 1));
        assert!(stack.enter_with(nothing, Hint::NONE));
        assert_eq!((stack.top(1), stack.silences(1), stack.is_silent()), (None, false, false));
        assert!(stack.enter_with(nothing, Hint::SILENCE));
        assert_eq!((stack.top(1), stack.silences(1), stack.is_silent()), (None, true, true));
        // What has begun outside and is entered within goes on being recorded.
        stack.enter(open(2, 1));
        assert_eq!((stack.silences(1), stack.silences(2), stack.is_silent()), (false, true, false));
        stack.exit(2);
        stack.exit_every();
        stack.exit_every();
        assert_eq!(below(&stack, 1), Some(((1, 1), 1)));
    }
}
