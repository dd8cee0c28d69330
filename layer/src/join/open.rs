//! Spans that have begun and not ended, in the order in which they began.
//!
//! They lie in one list of places, which are taken again by others with the room that they had for values; so a span
//! costs no allocation.

use tense::__private::layer::{Kind, Listed, Record, Values};

use super::Inherited;

/// The number of a place; [`NONE`] for none.
pub(super) type At = u32;
const NONE: At = At::MAX;

/// Room for values that a place keeps when its span has ended, in words.
const KEPT_ROOM: usize = 64;
/// As many free places are few.
const FEW: usize = 1024;

/// A span that has begun.
pub(crate) struct Span {
    pub(crate) id: u64,
    pub(crate) trace: (u64, u64),
    pub(crate) parent: u64,
    pub(crate) site: Listed,
    /// The number of its call site.
    pub(crate) number: u32,
    /// On the process's monotonic clock, as every moment here.
    pub(crate) began: u64,
    /// Its values in the words of their records; of a field the last one.
    values: Vec<u64>,
    pub(crate) inherited: Inherited,
    /// The words that it has added to what is inherited.
    pub(super) handed_down: u32,
    /// The span that it undoes; 0 for none.
    pub(crate) undoes: u64,
    /// The record in which it has said that it failed.
    pub(super) failed: Option<Box<[u64]>>,
    /// A bit for every field whose value had to make room.
    pub(crate) given_up: u64,
    /// What came with its trace about keeping it.
    pub(crate) decided: Decided,
    /// The span above that had too many below it already, so that this one is left out; 0 for none.
    pub(crate) crowded_by: u64,
    /// Spans, and moments, that have begun right below.
    pub(super) below: [u32; 2],
    /// What was left out below, because there were too many.
    pub(crate) left_out: u64,
}

/// What a span has of the one above.
pub(super) struct Above {
    pub(super) inherited: Inherited,
    /// The words that it gets in addition to what it inherits.
    pub(super) given: u32,
    pub(super) decided: Decided,
    pub(super) crowded_by: u64,
}

/// What somebody else has decided about a trace: the threshold by which it was kept, `NO_TRACE` where it was not, or
/// [`UNDECIDED`].
pub(crate) type Decided = u64;
pub(crate) const UNDECIDED: Decided = u64::MAX;

impl Span {
    /// The span that a record begins.
    #[inline]
    pub(super) fn of(record: &Record<'_>, site: Listed, above: Above) -> Self {
        let mut span = Self::blank(site);
        span.begin(record, site, above);
        span
    }

    /// A place for one.
    fn blank(site: Listed) -> Self {
        Self {
            id: 0,
            trace: (0, 0),
            parent: 0,
            site,
            number: 0,
            began: 0,
            values: Vec::new(),
            inherited: Inherited::default(),
            handed_down: 0,
            undoes: 0,
            failed: None,
            given_up: 0,
            decided: UNDECIDED,
            crowded_by: 0,
            below: [0; 2],
            left_out: 0,
        }
    }

    /// It begins, field by field in its place: a span that is moved as soon as it is written costs more than its
    /// making. The room for values stays.
    #[inline]
    fn begin(&mut self, record: &Record<'_>, site: Listed, above: Above) {
        self.id = record.span;
        self.trace = record.trace;
        self.parent = record.other;
        self.site = site;
        self.number = record.site;
        self.began = record.moment;
        self.inherited = above.inherited;
        self.handed_down = above.given;
        self.undoes = 0;
        self.failed = None;
        self.given_up = 0;
        self.decided = above.decided;
        self.crowded_by = above.crowded_by;
        self.below = [0; 2];
        self.left_out = 0;
        self.values.extend_from_slice(record.values.words());
        self.hand_down(record);
    }

    /// Counts what begins right below. Says which span had too many already; 0: none.
    #[inline]
    pub(super) fn count_below(&mut self, record: &Record<'_>, limits: [u32; 2]) -> u64 {
        if self.crowded_by != 0 {
            return self.crowded_by;
        }
        let kind = usize::from(record.kind == Kind::Point);
        let is_crowded = self.below[kind] >= limits[kind];
        self.below[kind] = self.below[kind].saturating_add(1);
        if is_crowded { self.id } else { 0 }
    }

    /// Its values; of a field there is one.
    #[inline]
    pub(crate) fn values(&self) -> Values<'_> {
        Values::of(&self.values)
    }

    /// What it takes of the memory that is bounded, in words.
    pub(super) fn words(&self) -> usize {
        self.values.len() + self.handed_down as usize + self.failed.as_ref().map_or(0, |failed| failed.len())
    }

    /// The same with all the room that it has for values.
    fn room(&self) -> usize {
        self.words() - self.values.len() + self.values.capacity()
    }

    /// Takes values of a record that may be there already, and hands down what of them is inherited.
    pub(super) fn fill_in(&mut self, record: &Record<'_>) {
        self.hand_down(record);
        self.fill(record.values);
    }

    /// What of the values is declared to be inherited is handed down to the spans that begin below from now on.
    #[inline]
    fn hand_down(&mut self, record: &Record<'_>) {
        let Some(spec) = self.site.spec().filter(|spec| spec.more.inherited != 0) else { return };
        for valued in record.values {
            if spec.more.inherited >> valued.field.min(63) & 1 == 1
                && let Some(name) = spec.fields.get(usize::from(valued.field))
            {
                self.inherited.hand_down(name, valued, spec.more.indexed);
                self.handed_down = self.handed_down.saturating_add(valued.words.len() as u32);
            }
        }
    }

    fn fill(&mut self, values: Values<'_>) {
        for valued in values {
            if let Some(known) = self.values().get(valued.field) {
                let len = known.words.len();
                let mut from = 0;
                for before in self.values().take_while(|before| before.field != valued.field) {
                    from += before.words.len();
                }
                self.values.drain(from..from + len);
            }
            self.values.extend_from_slice(valued.words);
        }
    }

    /// Forgets the values, and which there were.
    pub(super) fn give_up(&mut self) {
        self.given_up = self.values().fold(self.given_up, |bits, valued| bits | 1 << valued.field.min(63));
        self.values = Vec::new();
    }
}

#[derive(Default)]
pub(super) struct Open {
    places: Vec<Place>,
    free: Vec<At>,
    /// The oldest, the youngest, and the oldest that nobody has looked at for being open long.
    ends: Option<(At, At)>,
    not_looked_at: Option<At>,
    len: usize,
    /// What the values of all take, in words.
    words: usize,
    /// The same with all the room that there is for them, also in places that are free.
    room: usize,
}

struct Place {
    span: Span,
    before: At,
    behind: At,
}

impl Open {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// What all of it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let places = self.places.capacity() * size_of::<Place>() + self.free.capacity() * size_of::<At>();
        places + self.room * size_of::<u64>()
    }

    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.places.capacity()
    }

    #[inline]
    pub(super) fn get(&self, at: At) -> Option<&Span> {
        self.places.get(at as usize).map(|place| &place.span)
    }

    /// For what changes nothing of the memory that it takes.
    #[inline]
    pub(super) fn get_mut(&mut self, at: At) -> Option<&mut Span> {
        self.places.get_mut(at as usize).map(|place| &mut place.span)
    }

    /// Changes a span.
    #[inline]
    pub(super) fn change(&mut self, at: At, change: impl FnOnce(&mut Span)) {
        if let Some(place) = self.places.get_mut(at as usize) {
            self.words -= place.span.words();
            self.room -= place.span.room();
            change(&mut place.span);
            self.words += place.span.words();
            self.room += place.span.room();
        }
    }

    /// Puts the span that a record begins behind all others.
    #[inline]
    pub(super) fn push(&mut self, record: &Record<'_>, site: Listed, above: Above) -> At {
        let at = self.free.pop().unwrap_or_else(|| self.add_place(Span::blank(site)));
        if let Some(place) = self.places.get_mut(at as usize) {
            // Its room was counted when the one before went.
            self.room -= place.span.values.capacity();
            place.span.begin(record, site, above);
        }
        self.append(at);
        at
    }

    fn add_place(&mut self, span: Span) -> At {
        self.places.push(Place { span, before: NONE, behind: NONE });
        (self.places.len() - 1) as At
    }

    /// What is in that place is the youngest.
    #[inline]
    fn append(&mut self, at: At) {
        let (oldest, before) = self.ends.unwrap_or((at, NONE));
        self.link(before, |place| place.behind = at);
        if let Some(place) = self.places.get_mut(at as usize) {
            (place.before, place.behind) = (before, NONE);
            self.words += place.span.words();
            self.room += place.span.room();
        }
        self.ends = Some((oldest, at));
        self.not_looked_at.get_or_insert(at);
        self.len += 1;
    }

    #[inline]
    fn link(&mut self, at: At, change: impl FnOnce(&mut Place)) {
        if let Some(place) = self.places.get_mut(at as usize) {
            change(place);
        }
    }

    /// Takes a span out, whose place the next one gets.
    #[inline]
    pub(super) fn remove(&mut self, at: At) {
        let Some(place) = self.places.get_mut(at as usize) else { return };
        self.words -= place.span.words();
        self.room -= place.span.room();
        place.span.values.clear();
        place.span.values.shrink_to(KEPT_ROOM);
        self.room += place.span.values.capacity();
        // A free place keeps nothing alive.
        place.span.inherited = Inherited::default();
        place.span.failed = None;
        let (before, behind) = (place.before, place.behind);
        self.link(before, |place| place.behind = behind);
        self.link(behind, |place| place.before = before);
        self.ends = self.ends.and_then(|(oldest, youngest)| {
            let oldest = if oldest == at { behind } else { oldest };
            let youngest = if youngest == at { before } else { youngest };
            (oldest != NONE && youngest != NONE).then_some((oldest, youngest))
        });
        if self.not_looked_at == Some(at) {
            self.not_looked_at = Some(behind).filter(|behind| *behind != NONE);
        }
        self.free.push(at);
        self.len -= 1;
    }

    /// The one that began first.
    pub(super) fn oldest(&self) -> Option<At> {
        self.ends.map(|(oldest, _)| oldest)
    }

    /// The one that began next.
    pub(super) fn behind(&self, at: At) -> Option<At> {
        self.places.get(at as usize).map(|place| place.behind).filter(|behind| *behind != NONE)
    }

    /// The first that nobody has looked at.
    pub(super) fn not_looked_at(&self) -> Option<&Span> {
        self.get(self.not_looked_at?)
    }

    /// It has been looked at.
    pub(super) fn look_further(&mut self) {
        self.not_looked_at = self.not_looked_at.and_then(|at| self.behind(at));
    }

    /// Gives places back where nearly all are free; says where each span lies then.
    pub(super) fn shrink(&mut self, mut moved: impl FnMut(u64, At)) {
        if self.places.len() <= FEW || self.places.len() / 8 < self.len {
            return;
        }
        let mut old: Vec<Option<Place>> = std::mem::take(&mut self.places).into_iter().map(Some).collect();
        let (mut next, not_looked_at) = (self.oldest(), self.not_looked_at);
        *self = Self::default();
        let mut first = None;
        while let Some((at, place)) = next.and_then(|at| Some((at, old.get_mut(at as usize)?.take()?))) {
            next = Some(place.behind);
            let id = place.span.id;
            let here = self.add_place(place.span);
            self.append(here);
            moved(id, here);
            if not_looked_at == Some(at) {
                first = Some(here);
            }
        }
        self.not_looked_at = first;
    }
}
