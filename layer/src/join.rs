//! Records go in, in the order of their moments; spans that begin, get values and end come out, each with what it
//! inherits.
//!
//! What makes no sense, because a ring was full or the clocks of two cores disagree, waits for one pass, and is then
//! taken as it is. Of the spans that are open (`open`) a joiner keeps the values as the words that they came in, of
//! those that have ended only what their children may need; both have bounds.

mod spread;
mod inherited;
mod given;
mod open;
mod ended;
mod places;
mod held;
mod marked;

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use tense::__private::layer::{Ending, Kind, Line, Listed, Record, first_len_and_ticks, listed};
use tense_grammar::SettingSpec;

use crate::sampling::Limits;
use ended::{ENDED_LIMIT, Ended, Row};
use given::Given;
use held::Held;
pub(crate) use inherited::Inherited;
pub(crate) use marked::Marked;
use open::{Above, At, Open};
pub(crate) use open::{Decided, Span, UNDECIDED};
use places::{Place, Places};
use spread::Spread;
pub(crate) use spread::table;

/// Spans that may be open at a time, and what may be right below one, unless set.
const OPEN_LIMIT: usize = SettingSpec::at("limits", "open_spans").count() as usize;
const CHILDREN_LIMIT: u32 = SettingSpec::at("limits", "children_per_span").count() as u32;
const MOMENTS_LIMIT: u32 = SettingSpec::at("limits", "events_per_span").count() as u32;
/// What the values of all open spans may take, in words: 32 MiB. Where they take more the oldest lose theirs, until
/// half of it is free.
const OPEN_WORDS: usize = 4 << 20;
/// A span that is open this long is reported once, in nanoseconds.
const LONG: u64 = 1_000_000_000;

/// Something to make an event of.
pub(crate) enum Step<'a> {
    /// A span has begun.
    Began(&'a Span),
    /// A span has ended.
    Ended(&'a Span, &'a Record<'a>),
    /// Something has happened at a moment.
    Point(&'a Span),
    /// A span has been open for a second; or for longer, where that is told late.
    StillOpen(&'a Span, u64),
}

impl Step<'_> {
    /// The span that it is a step of; a moment is one of its own.
    #[inline]
    pub(crate) fn span(&self) -> &Span {
        match self {
            Self::Began(span) | Self::Ended(span, _) | Self::Point(span) | Self::StillOpen(span, _) => span,
        }
    }

    /// When it was.
    pub(crate) fn moment(&self) -> u64 {
        match self {
            Self::Began(span) | Self::Point(span) => span.began,
            Self::Ended(_, end) => end.moment,
            Self::StillOpen(_, now) => *now,
        }
    }

    /// Whether it is the last of its span: of those every span, and moment, has one.
    #[inline]
    pub(crate) fn is_last(&self) -> bool {
        matches!(self, Self::Ended(..) | Self::Point(_))
    }
}

pub(crate) struct Joiner {
    line: Line,
    spans: Places,
    open: Open,
    ended: Row,
    passes: u32,
    /// Records that did not make sense in this pass, and those of the one before that are still to be taken.
    waiting: Vec<u64>,
    waited: Vec<u64>,
    /// How much of `waited` was taken.
    taken: usize,
    /// The spans, and moments, that would begin with those that wait.
    waiting_spans: HashSet<u64, BuildHasherDefault<Spread>>,
    /// What spans get at their begin, and whose contexts somebody has.
    given: Given,
    held: Held,
    open_limit: usize,
    /// How many spans, and moments, may be right below one span.
    below_limits: [u32; 2],
    /// Records that never made sense, or for which there was no room.
    pub(crate) lost: u64,
    /// Spans that had to make room for others.
    pub(crate) given_up: u64,
    /// Values of open spans for which there was no room.
    pub(crate) values_lost: u64,
}

impl Joiner {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            open_limit: limits.open_spans.unwrap_or(OPEN_LIMIT),
            below_limits: [
                limits.children_per_span.unwrap_or(CHILDREN_LIMIT),
                limits.events_per_span.unwrap_or(MOMENTS_LIMIT),
            ],
            line: Line::SAME,
            spans: Places::default(),
            open: Open::default(),
            ended: Row::default(),
            passes: 0,
            waiting: Vec::new(),
            waited: Vec::new(),
            taken: 0,
            waiting_spans: HashSet::default(),
            given: Given::default(),
            held: Held::default(),
            lost: 0,
            given_up: 0,
            values_lost: 0,
        }
    }

    /// A pass begins.
    pub(crate) fn begin_pass(&mut self, line: Line) {
        self.line = line;
        self.passes = self.passes.wrapping_add(1);
        self.waited.clear();
        self.taken = 0;
        std::mem::swap(&mut self.waiting, &mut self.waited);
        self.waiting_spans.clear();
    }

    /// Takes the next record. `emit` gets the steps, and the sites above the one that it asks for.
    #[inline]
    pub(crate) fn take(&mut self, record: &Record<'_>, emit: &mut impl FnMut(&Self, Step<'_>)) {
        if self.taken < self.waited.len() {
            self.take_waited(record.ticks, emit);
        }
        self.take_one(record, false, emit);
    }

    /// A pass ends: takes what has waited long enough, and reports what has been open for long.
    pub(crate) fn end_pass(&mut self, now: u64, emit: &mut impl FnMut(&Self, Step<'_>)) {
        self.take_waited(u64::MAX, emit);
        self.forget();
        self.given.forget(now, |span| self.waiting_spans.contains(&span));
        while let Some(span) = self.open.not_looked_at().filter(|span| now.saturating_sub(span.began) >= LONG) {
            emit(self, Step::StillOpen(span, now));
            self.open.look_further();
        }
        self.shrink();
    }

    /// Whether records are left for a further pass.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// What it takes, in bytes. What is handed down is counted once, by the span that says it.
    pub(crate) fn bytes(&self) -> usize {
        let waiting = (self.waiting.capacity() + self.waited.capacity()) * size_of::<u64>();
        let tables = self.spans.bytes() + table::<u64, ()>(self.waiting_spans.capacity());
        self.open.bytes() + self.ended.bytes() + self.given.bytes() + self.held.bytes() + waiting + tables
    }

    /// The numbers of the call sites of the spans above, nearest first.
    pub(crate) fn sites_above(&self, mut parent: u64) -> impl Iterator<Item = u32> {
        std::iter::from_fn(move || {
            let number;
            (parent, number) = match self.spans.get(parent)? {
                Place::Open(at) => self.open.get(at).map(|span| (span.parent, span.number))?,
                Place::Ended(nth) => self.ended.get(nth).map(|ended| (ended.parent, ended.number))?,
                Place::Held => self.held.kept(parent).map(|ended| (ended.parent, ended.number))?,
            };
            Some(number)
        })
    }

    /// The spans above that have not ended, the nearest first; those that have ended are passed by.
    pub(crate) fn open_above(&self, mut parent: u64) -> impl Iterator<Item = &Span> {
        // Words that are mixed up could put two spans below each other.
        let mut steps = 0..self.open_limit.saturating_add(1 << 20);
        std::iter::from_fn(move || {
            while steps.next().is_some() {
                parent = match self.spans.get(parent)? {
                    Place::Open(at) => {
                        let span = self.open.get(at)?;
                        parent = span.parent;
                        return Some(span);
                    }
                    Place::Ended(nth) => self.ended.get(nth)?.parent,
                    Place::Held => self.held.kept(parent)?.parent,
                };
            }
            None
        })
    }

    /// A span that has not ended.
    pub(crate) fn open_span(&self, id: u64) -> Option<&Span> {
        match self.spans.get(id)? {
            Place::Open(at) => self.open.get(at),
            Place::Ended(_) | Place::Held => None,
        }
    }

    /// What waits since the pass before comes in its turn, before what was written at the same moment.
    #[cold]
    fn take_waited(&mut self, until: u64, emit: &mut impl FnMut(&Self, Step<'_>)) {
        let (waited, line) = (std::mem::take(&mut self.waited), self.line);
        while let Some((len, ticks)) = waited.get(self.taken..).and_then(first_len_and_ticks)
            && ticks <= until
        {
            if let Some(record) = waited.get(self.taken..).and_then(|words| Record::first(words, &line)) {
                self.take_one(&record, true, emit);
            }
            self.taken += len;
        }
        self.waited = waited;
    }

    fn take_one(&mut self, record: &Record<'_>, has_waited: bool, emit: &mut impl FnMut(&Self, Step<'_>)) {
        if matches!(record.kind, Kind::Context | Kind::Announced | Kind::Hold | Kind::Release) {
            return self.take_context(record);
        }
        let is_first = matches!(record.kind, Kind::Begin | Kind::Point);
        let needed = if is_first { record.other } else { record.span };
        let place = if needed == 0 { None } else { self.spans.get_mut(needed) };
        let is_known = match place {
            Some(Place::Open(_)) => true,
            Some(Place::Ended(_) | Place::Held) => is_first,
            None => is_first && (needed == 0 || self.given.announces(record.span)),
        };
        if !is_known && (!has_waited || self.waiting_spans.contains(&needed)) {
            return self.wait(record);
        }
        match (record.kind, place) {
            (Kind::Begin, place) => {
                let above = place.copied();
                self.begin(record, above, emit);
            }
            (Kind::Point, place) => {
                let above = place.copied();
                if let Some((site, above)) = self.known(record, above) {
                    emit(self, Step::Point(&Span::of(record, site, above)));
                }
            }
            (Kind::End, Some(place @ Place::Open(_))) => {
                let nth = self.ended.next();
                if let Place::Open(at) = std::mem::replace(place, Place::Ended(nth)) {
                    self.end(at, Some(record), emit);
                }
            }
            (Kind::Fields, Some(&mut Place::Open(at))) => self.fill(at, record),
            (Kind::Link, Some(&mut Place::Open(at))) => self.open.change(at, |span| span.undoes = record.other),
            (Kind::Failed, Some(&mut Place::Open(at))) => {
                // The first reason stands.
                self.open.change(at, |span| {
                    span.failed.get_or_insert_with(|| record.words.into());
                });
                self.make_room();
            }
            (Kind::End | Kind::Fields | Kind::Link | Kind::Failed, _) => self.lost += 1,
            // Taken above.
            (Kind::Context | Kind::Announced | Kind::Hold | Kind::Release, _) => {}
        }
    }

    /// They need nothing that is there already, and count for what will be.
    #[cold]
    fn take_context(&mut self, record: &Record<'_>) {
        match record.kind {
            Kind::Hold => self.held.hold(record.span),
            Kind::Release => self.release(record.span),
            _ => self.give(record),
        }
    }

    /// One that was kept is among the last that ended: what it causes may be on its way.
    fn release(&mut self, span: u64) {
        if let Some(mut ended) = self.held.release(span) {
            ended.pass = self.passes;
            self.spans.insert(span, Place::Ended(self.ended.push(ended)));
        }
    }

    #[cold]
    fn wait(&mut self, record: &Record<'_>) {
        if matches!(record.kind, Kind::Begin | Kind::Point) {
            self.waiting_spans.insert(record.span);
        }
        self.waiting.extend_from_slice(record.words);
    }

    /// What a record that begins a span has besides: its call site, and what comes from above. Nothing when its call
    /// site is not known, which only mixed-up words can cause, or more call sites than there are numbers.
    #[inline(always)]
    fn known(&mut self, record: &Record<'_>, above: Option<Place>) -> Option<(Listed, Above)> {
        let Some(site) = listed(record.site) else {
            self.lost += 1;
            return None;
        };
        let ended = match above {
            Some(Place::Ended(nth)) => self.ended.get(nth),
            Some(Place::Held) => self.held.kept(record.other),
            _ => None,
        };
        let (mut inherited, decided, crowded_by) = match (above, ended) {
            (Some(Place::Open(at)), _) => match self.open.get_mut(at) {
                Some(span) => (span.inherited.clone(), span.decided, span.count_below(record, self.below_limits)),
                None => (Inherited::default(), UNDECIDED, 0),
            },
            (_, Some(ended)) => (ended.inherited.clone(), ended.decided, ended.crowded_by),
            _ => (Inherited::default(), UNDECIDED, 0),
        };
        if crowded_by != 0 {
            self.leave_out(crowded_by);
        }
        let (given, word) = self.given.take(record.span, &mut inherited);
        let decided = if word == UNDECIDED { decided } else { word };
        Some((site, Above { inherited, given, decided, crowded_by }))
    }

    /// One more is left out below that span.
    #[cold]
    fn leave_out(&mut self, crowded: u64) {
        if let Some(Place::Open(at)) = self.spans.get(crowded)
            && let Some(span) = self.open.get_mut(at)
        {
            span.left_out += 1;
        }
    }

    #[inline]
    fn begin(&mut self, record: &Record<'_>, above: Option<Place>, emit: &mut impl FnMut(&Self, Step<'_>)) {
        let Some((site, above)) = self.known(record, above) else { return };
        // Where there are too many, the oldest makes room: its end has probably been lost, and nothing may keep new
        // spans out.
        while self.open.len() >= self.open_limit {
            let Some((oldest, id)) = self.open.oldest().and_then(|at| Some((at, self.open.get(at)?.id))) else { break };
            self.spans.insert(id, Place::Ended(self.ended.next()));
            self.given_up += 1;
            self.end(oldest, None, emit);
        }
        let at = self.open.push(record, site, above);
        self.spans.insert(record.span, Place::Open(at));
        self.make_room();
        if let Some(span) = self.open.get(at) {
            emit(self, Step::Began(span));
        }
    }

    /// A span is over, and the next number of an ended one is its place already.
    #[inline]
    fn end(&mut self, at: At, record: Option<&Record<'_>>, emit: &mut impl FnMut(&Self, Step<'_>)) {
        let said = record.and_then(|record| self.said(at, record));
        let Some(span) = self.open.get(at) else { return };
        let Span { id, parent, number, handed_down, decided, crowded_by, .. } = *span;
        let inherited = span.inherited.clone();
        self.ended.push(Ended { id, parent, number, pass: self.passes, handed_down, decided, crowded_by, inherited });
        if let Some(record) = record {
            match said.as_deref().and_then(|words| Record::first(words, &self.line)) {
                Some(said) => {
                    emit(self, Step::Ended(span, &Record { ending: Ending::Error, values: said.values, ..*record }));
                }
                None => emit(self, Step::Ended(span, record)),
            }
        }
        self.open.remove(at);
    }

    /// What a span has said of its failure, where its end is none in itself. If it is an attempt that is the last one,
    /// the stage has failed with it.
    #[inline]
    fn said(&mut self, at: At, end: &Record<'_>) -> Option<Box<[u64]>> {
        self.open.get(at)?.failed.as_ref()?;
        let mut said = None;
        self.open.change(at, |span| said = span.failed.take());
        let said = said.filter(|_| matches!(end.ending, Ending::Success | Ending::Cancelled))?;
        if end.ending == Ending::Success
            && let Some(stage) = self.stage_of(at)
        {
            self.open.change(stage, |stage| {
                stage.failed.get_or_insert_with(|| said.clone());
            });
        }
        Some(said)
    }

    /// What the body of a stage fills in during an attempt stands on the stage's end as well: for it, it was declared.
    fn fill(&mut self, at: At, record: &Record<'_>) {
        if let Some(stage) = self.stage_of(at) {
            self.open.change(stage, |stage| stage.fill_in(record));
        }
        self.open.change(at, |span| span.fill_in(record));
        self.make_room();
    }

    /// What the body sets for its span, and for all below; in an attempt for the stage as well.
    fn give(&mut self, record: &Record<'_>) {
        let Some(Place::Open(at)) = self.spans.get(record.span) else {
            return self.given.keep(record);
        };
        for at in [self.stage_of(at), Some(at)].into_iter().flatten() {
            self.open.change(at, |span| {
                let more = given::hand_down(&mut span.inherited, record);
                span.handed_down = span.handed_down.saturating_add(more);
            });
        }
        self.make_room();
    }

    /// The stage that the span is an attempt of.
    fn stage_of(&self, at: At) -> Option<At> {
        let attempt = self.open.get(at).filter(|span| span.site.spec().is_some_and(|spec| spec.more.is_attempt))?;
        match self.spans.get(attempt.parent) {
            Some(Place::Open(stage)) => Some(stage),
            _ => None,
        }
    }

    /// Takes the values of the oldest spans away where all take too much.
    #[inline]
    fn make_room(&mut self) {
        if self.open.words() > OPEN_WORDS {
            self.give_up_values(OPEN_WORDS / 2);
        }
    }

    #[cold]
    fn give_up_values(&mut self, until: usize) {
        let mut next = self.open.oldest();
        while let Some(at) = next.filter(|_| self.open.words() > until) {
            next = self.open.behind(at);
            self.values_lost += self.open.get(at).map_or(0, |span| span.values().count() as u64);
            self.open.change(at, Span::give_up);
        }
    }

    fn forget(&mut self) {
        while let Some(oldest) = self.ended.forget(self.passes) {
            let id = oldest.id;
            if self.held.keep(oldest).is_ok() {
                self.spans.insert(id, Place::Held);
            } else {
                self.spans.remove(id);
            }
        }
    }

    /// Gives back what a burst took.
    fn shrink(&mut self) {
        let spans = &mut self.spans;
        self.open.shrink(|id, at| {
            spans.insert(id, Place::Open(at));
        });
        self.spans.shrink(ENDED_LIMIT);
        self.ended.shrink();
        self.held.shrink();
        for words in [&mut self.waiting, &mut self.waited] {
            if words.capacity() > 8 * words.len().max(1024) {
                words.shrink_to(2 * words.len());
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
