//! The spans that a thread is in, ours and foreign ones alike: entered spans go on top, left ones are taken out
//! wherever they are, because a foreign guard may be dropped early.
//!
//! Nearly all stand in places of their own (`place`), which the usual way looks at; what is deeper goes to a list
//! beside them (`deep`). It is bounded: a guard that is leaked would otherwise grow it for ever. Spans that are deeper
//! still hang under the last one that fitted. One whose begin found no room in the ring stands there as well (`lost`),
//! for lines that are written in it.

mod place;
mod deep;
mod lost;

use crate::call::Open;
use crate::site::Site;
use crate::sync::{Word, zeroed_places};
use crate::thread::Owned;

use deep::{DEEPEST, Deep};
use place::Place;
pub(crate) use place::Words;

pub use deep::entered_too_deep;
pub(crate) use lost::Inside;

/// How many of the spans that a thread is in have a place of their own.
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
    /// The number of the scope that it is an entry of; `None` of a span that was entered itself.
    pub(crate) scope: Option<u64>,
    /// Its begin found no room. To all but lines it is not there.
    pub(crate) is_lost: bool,
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
    /// Whether what that layer sees begin may be below it.
    fn is_seen_by(&self, layer: u8) -> bool {
        !self.is_lost && [layer, EVERY].contains(&self.layer)
    }

    /// Whether nothing that begins right below it is recorded.
    pub(crate) fn is_silence(self) -> bool {
        self.layer == EVERY && self.hint == Hint::SILENCE
    }
}

pub(crate) struct Stack {
    /// How deep the thread is, with what has no place.
    depth: Owned,
    places: Box<[Words; DEPTH]>,
    deep: Deep,
}

/// Where the next span comes to stand.
pub(crate) struct Below<'a> {
    stack: &'a Stack,
    depth: usize,
    pub(crate) trace: (u64, u64),
    pub(crate) parent: u64,
}

impl Below<'_> {
    /// Puts it there. `None` where there is no place.
    #[inline(always)]
    pub(crate) fn enter(&self, open: Open) -> Option<()> {
        let place = self.stack.places.get(self.depth)?;
        self.stack.depth.set(self.depth as u64 + 1);
        Place::of(place).open(open);
        Some(())
    }
}

/// The usual way. Where there is more on the stack than places, its depth says so, and all of these find no place.
impl Stack {
    /// What its places take, in bytes.
    pub(crate) const PLACES: usize = size_of::<[Words; DEPTH]>();

    pub(crate) fn new() -> Self {
        // Made where it stays: on the stack of a small thread there may be no room for it.
        let places = zeroed_places(DEPTH).try_into();
        let places = places.unwrap_or_else(|_| Box::new([const { [const { Word::new(0) }; 8] }; DEPTH]));
        Self { depth: Owned::new(0), places, deep: Deep::new() }
    }

    /// Puts it on top, where there is room.
    #[inline(always)]
    pub(crate) fn enter(&self, open: Open) {
        let depth = self.depth.get();
        let Some(place) = self.places.get(depth as usize) else { return self.enter_deep(open) };
        self.depth.set(depth + 1);
        Place::of(place).open(open);
    }

    /// What is right below the innermost span, when this layer records that and it has no word for the one that begins.
    #[inline(always)]
    pub(crate) fn below(&self, layer: u8) -> Option<Below<'_>> {
        let depth = self.depth.get() as usize;
        // With nothing entered that is no place either.
        let top = Place::of(self.places.get(depth.wrapping_sub(1))?);
        if top.layer() != u64::from(layer) {
            return None;
        }
        Some(Below { stack: self, depth, trace: top.trace(), parent: top.span() })
    }

    /// Takes the topmost entry of that span out; one that is not there was too deep or belongs to another thread.
    #[inline(always)]
    pub(crate) fn exit(&self, span: u64) {
        let top = (self.depth.get() as usize).wrapping_sub(1);
        match self.places.get(top) {
            Some(place) if Place::of(place).span() == span => self.depth.set(top as u64),
            _ => self.exit_below(span),
        }
    }

    /// The same, for who knows the span's id alone: what it was entered as.
    #[inline(always)]
    pub(crate) fn take(&self, span: u64) -> Option<Open> {
        let top = (self.depth.get() as usize).wrapping_sub(1);
        match self.places.get(top) {
            Some(place) if Place::of(place).span() == span => {
                let place = Place::of(place);
                self.depth.set(top as u64);
                Some(Open { trace: place.trace(), span, layer: place.layer() as u8, is_real: false })
            }
            _ => self.take_below(span),
        }
    }
}

/// All others.
impl Stack {
    #[cold]
    #[inline(never)]
    fn enter_deep(&self, open: Open) {
        self.push(open.entry(Hint::NONE));
    }

    /// Puts a span on top, with a word to the one that begins below it; says whether there was room.
    pub(crate) fn enter_with(&self, open: Open, hint: Hint) -> bool {
        self.push(open.entry(hint))
    }

    /// Puts an entry of the scope of that number on top, for which there always is room.
    pub(crate) fn enter_scope(&self, open: Open, number: u64, hint: Hint) {
        self.push(Entry { scope: Some(number), ..open.entry(hint) });
    }

    /// Takes the entries of that scope out, the one for every layer being the last of them.
    #[cold]
    pub(crate) fn exit_scope(&self, number: u64) {
        while let Some((at, entry)) = self.find(|entry| entry.scope == Some(number)) {
            self.take_out(at);
            if entry.layer == EVERY {
                break;
            }
        }
    }

    fn push(&self, entry: Entry) -> bool {
        let depth = self.depth.get();
        let depth = match self.places.get(depth as usize) {
            Some(place) => {
                Place::of(place).set(entry);
                depth + 1
            }
            None => match self.deep.push(entry) {
                Some(deep) => (DEPTH + deep) as u64,
                None => return false,
            },
        };
        self.depth.set(depth);
        true
    }

    #[cold]
    #[inline(never)]
    fn exit_below(&self, span: u64) {
        if self.depth.get() as usize >= DEEPEST && self.deep.was_missed(span) {
            return;
        }
        if let Some(at) = self.place_of(span) {
            self.take_out(at);
        }
    }

    #[cold]
    #[inline(never)]
    fn take_below(&self, span: u64) -> Option<Open> {
        let at = self.place_of(span)?;
        let Entry { trace, layer, .. } = self.at(at)?;
        self.take_out(at);
        Some(Open { trace, span, layer, is_real: false })
    }

    /// Where that span is entered by itself, the topmost time.
    fn place_of(&self, span: u64) -> Option<usize> {
        self.find_deep(|entry| entry.scope.is_none() && entry.span == span)
            .map(|(at, _)| at)
            .or_else(|| self.placed().rposition(|place| place.span() == span))
    }

    fn take_out(&self, at: usize) {
        let top = self.depth.get() as usize - 1;
        if top >= DEPTH {
            let mut deep = self.deep.entries();
            // What is out of its place is out of order, and rare.
            let next = deep.remove(at.saturating_sub(DEPTH));
            if at < DEPTH {
                self.move_down(at, DEPTH - 1);
                Place::of(&self.places[DEPTH - 1]).set(next);
            }
        } else {
            self.move_down(at, top);
        }
        self.depth.set(top as u64);
    }

    fn move_down(&self, at: usize, top: usize) {
        for i in at..top {
            Place::of(&self.places[i]).set(Place::of(&self.places[i + 1]).get());
        }
    }

    fn placed(&self) -> impl DoubleEndedIterator<Item = Place<'_>> + ExactSizeIterator {
        self.places[..(self.depth.get() as usize).min(DEPTH)].iter().map(Place::of)
    }

    fn at(&self, index: usize) -> Option<Entry> {
        match self.placed().nth(index) {
            Some(place) => Some(place.get()),
            None => self.deep.entries().get(index.checked_sub(DEPTH)?).copied(),
        }
    }

    /// The topmost entry that is such a one, and where.
    fn find(&self, is_one: impl Fn(&Entry) -> bool) -> Option<(usize, Entry)> {
        self.find_deep(&is_one).or_else(|| {
            self.placed().enumerate().rev().map(|(at, place)| (at, place.get())).find(|(_, entry)| is_one(entry))
        })
    }

    #[inline]
    fn find_deep(&self, is_one: impl Fn(&Entry) -> bool) -> Option<(usize, Entry)> {
        if self.depth.get() as usize <= DEPTH {
            return None;
        }
        let deep = self.deep.entries();
        let at = deep.iter().rposition(is_one)?;
        Some((DEPTH + at, *deep.get(at)?))
    }

    /// What that layer sees innermost: a span that it records, or what a scope is under.
    #[inline]
    pub(crate) fn innermost(&self, layer: u8) -> Option<Entry> {
        let found = match self.find_deep(|entry| entry.is_seen_by(layer)) {
            Some((_, entry)) => Some(entry),
            None => self.placed().rev().find(|place| place.is_seen_by(layer)).map(Place::get),
        };
        // What has begun outside of silence is heard in it, also what is lost, and so is what begins in there.
        found.filter(|entry| !entry.is_silence() || !self.is_in_lost(layer))
    }

    /// The innermost span that this layer records, or the one of another process that a scope is under.
    #[inline]
    pub(crate) fn top(&self, layer: u8) -> Option<Entry> {
        // A scope that is under nothing has no trace.
        self.innermost(layer).filter(|entry| entry.trace != (0, 0))
    }

    /// Whether what begins now is not to be recorded by that layer.
    #[inline]
    pub(crate) fn silences(&self, layer: u8) -> bool {
        !self.is_empty() && self.has_silence_for(layer)
    }

    #[cold]
    fn has_silence_for(&self, layer: u8) -> bool {
        self.innermost(layer).is_some_and(Entry::is_silence)
    }

    /// Whether what begins now is not to be recorded by anybody.
    #[cold]
    pub(crate) fn is_silent(&self) -> bool {
        self.all().next().is_some_and(Entry::is_silence)
    }

    /// Whether this thread is in nothing.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.depth.get() == 0
    }

    /// The innermost entry of all.
    pub(crate) fn topmost(&self) -> Option<Entry> {
        self.entries().next()
    }

    /// All entries, the innermost first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.all().filter(|entry| !entry.is_lost)
    }

    /// The innermost span's word to the one that begins below it; it is given once.
    #[cold]
    pub(crate) fn take_hint(&self, layer: u8) -> Hint {
        let found = self.find(|entry| entry.is_seen_by(layer));
        // What a scope has there is no word to a span.
        let Some((at, entry)) = found.filter(|(_, entry)| entry.scope.is_none()) else { return Hint::NONE };
        let told = Entry { hint: Hint::NONE, ..entry };
        match self.places.get(at) {
            Some(place) => Place::of(place).set(told),
            None => {
                if let Some(place) = self.deep.entries().get_mut(at - DEPTH) {
                    *place = told;
                }
            }
        }
        entry.hint
    }

    /// The id that a span of that site is to have, by the word of whatever is on the very top.
    pub(crate) fn hinted_span(&self, site: &Site) -> Option<u64> {
        let hint = self.topmost()?.hint;
        Some(hint.span).filter(|span| *span != 0 && hint.is_for(site))
    }

    /// The layer that records that span, when this thread is in it.
    pub(crate) fn layer_of(&self, span: u64) -> Option<u8> {
        self.find(|entry| entry.span == span && entry.layer != EVERY && !entry.is_lost).map(|(_, entry)| entry.layer)
    }

    pub(crate) fn clear(&self) {
        if self.depth.get() as usize > DEPTH {
            self.deep.clear();
        }
        self.depth.set(0);
    }
}

#[cfg(test)]
mod tests;
