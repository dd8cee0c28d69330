//! Records go in, one ring after the other; spans that begin, get values and end come out, each with what it inherits.
//!
//! The records of a pass are put in the order of their moments, whichever thread wrote them. A cause is in its ring before
//! its effect takes a moment, so of what happened before the rings were drained all causes are there, and what was written
//! meanwhile is kept for the next pass. What still makes no sense, because a ring was full or the clocks of two cores
//! disagree, waits for one pass, and is then taken as it is.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tense::__private::layer::{Ending, Kind, Listed, Record, Value, listed};

/// Fields that are handed down, by name.
pub(crate) type Inherited = Arc<Vec<(&'static str, Value)>>;

/// Spans that may be open at a time.
const OPEN_LIMIT: usize = 65_536;
/// Ended spans whose children may still come. Those of this pass and of the one before are not counted: what they cause
/// is on its way.
const ENDED_LIMIT: usize = 16_384;

/// A span that has begun.
pub(crate) struct Span {
    pub(crate) id: u64,
    pub(crate) trace: (u64, u64),
    pub(crate) parent: u64,
    pub(crate) site: Listed,
    /// On the process's monotonic clock, as every moment here.
    pub(crate) began: u64,
    pub(crate) values: Vec<(u8, Value)>,
    pub(crate) cut: Vec<u8>,
    pub(crate) inherited: Inherited,
    /// The span that it undoes; 0 for none.
    pub(crate) undoes: u64,
    /// What it says of its failure, before it ends.
    failed: Option<Box<Record>>,
}

/// What a span below needs of the one above.
#[derive(Clone)]
pub(crate) struct Above {
    inherited: Inherited,
    parent: u64,
    site: Listed,
}

/// Something to make an event of.
pub(crate) enum Step<'a> {
    /// A span has begun.
    Began(&'a Span),
    /// A span has ended.
    Ended(&'a Span, &'a Record),
    /// Something has happened at a moment.
    Point(&'a Span),
    /// A span has been open for a second.
    StillOpen(&'a Span, u64),
}

#[derive(Default)]
pub(crate) struct Joiner {
    open: HashMap<u64, Span>,
    ended: HashMap<u64, Above>,
    /// In the order of their ends, each with its pass.
    ended_order: VecDeque<(u64, u64)>,
    passes: u64,
    /// Spans in the order in which they began, those that have ended among them for a while.
    order: VecDeque<u64>,
    /// How many of the first in `order` have been looked at for being open long.
    looked_at: usize,
    /// Records of the last pass that were written while the rings were being drained.
    later: Vec<Record>,
    /// Records that did not make sense in the last pass.
    waiting: Vec<Record>,
    /// The spans that would begin with those.
    waiting_spans: HashSet<u64>,
    /// Records that never made sense, or for which there was no room.
    pub(crate) lost: u64,
}

/// A span that is open this long is reported once, in nanoseconds.
const LONG: u64 = 1_000_000_000;

impl Joiner {
    /// One pass over what the rings held, which were drained from that moment on. `emit` gets the steps, and the sites above
    /// the one that it asks for.
    pub(crate) fn pass(
        &mut self,
        mut records: Vec<Record>,
        drained_from: u64,
        now: u64,
        mut emit: impl FnMut(&Self, Step<'_>),
    ) {
        self.passes += 1;
        records.append(&mut self.later);
        self.later = records.extract_if(.., |record| record.moment > drained_from).collect();
        let mut all: Vec<(Record, bool)> = self.waiting.drain(..).map(|record| (record, true)).collect();
        self.waiting_spans.clear();
        all.extend(records.into_iter().map(|record| (record, false)));
        // Every ring has its own in order, so this is a merge of a few runs.
        all.sort_by_key(|(record, _)| record.moment);
        for (record, has_waited) in all {
            self.take(record, has_waited, &mut emit);
        }
        self.forget();
        self.report_long(now, &mut emit);
    }

    /// Whether records are left for a further pass.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty() || !self.later.is_empty()
    }

    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// The call sites of the spans above, nearest first.
    pub(crate) fn sites_above(&self, mut parent: u64) -> impl Iterator<Item = Listed> {
        std::iter::from_fn(move || {
            let above = self.above(parent)?;
            parent = above.parent;
            Some(above.site)
        })
    }

    fn take(&mut self, record: Record, has_waited: bool, emit: &mut impl FnMut(&Self, Step<'_>)) {
        let (needed, is_known) = match record.kind {
            Kind::Begin | Kind::Point => (record.other, record.other == 0 || self.knows(record.other)),
            Kind::End | Kind::Fields | Kind::Link | Kind::Failed => (record.span, self.open.contains_key(&record.span)),
        };
        if !is_known && (!has_waited || self.waiting_spans.contains(&needed)) {
            if record.kind == Kind::Begin {
                self.waiting_spans.insert(record.span);
            }
            self.waiting.push(record);
            return;
        }
        match record.kind {
            Kind::Begin => {
                if let Some(span) = self.span(record) {
                    emit(self, Step::Began(&span));
                    self.begin(span);
                }
            }
            Kind::Point => {
                if let Some(span) = self.span(record) {
                    emit(self, Step::Point(&span));
                }
            }
            Kind::Fields => self.fill(record),
            Kind::Link => match self.open.get_mut(&record.span) {
                Some(span) => span.undoes = record.other,
                None => self.lost += 1,
            },
            Kind::Failed => match self.open.get_mut(&record.span) {
                // The first reason stands.
                Some(span) => {
                    span.failed.get_or_insert_with(|| Box::new(record));
                }
                None => self.lost += 1,
            },
            Kind::End => match self.open.remove(&record.span) {
                Some(mut span) => {
                    let record = self.as_said(&mut span, record);
                    emit(self, Step::Ended(&span, &record));
                    self.remember(&span);
                }
                None => self.lost += 1,
            },
        }
    }

    /// An end that is no failure in itself, of a span that has said that it failed. Where it is an attempt that is the last one, the
    /// stage has failed with it.
    fn as_said(&mut self, span: &mut Span, mut end: Record) -> Record {
        let is_open = end.ending == Ending::Success || end.ending == Ending::Cancelled;
        let Some(said) = span.failed.take().filter(|_| is_open) else { return end };
        let is_attempt = span.site.spec().is_some_and(|spec| spec.more.is_attempt);
        if let Some(stage) = self.open.get_mut(&span.parent).filter(|_| is_attempt && end.ending == Ending::Success) {
            stage.failed.get_or_insert_with(|| said.clone());
        }
        (end.ending, end.values, end.cut) = (Ending::Error, said.values, said.cut);
        end
    }

    /// What the body of a stage fills in during an attempt stands on the stage's end as well: for it, it was declared.
    fn fill(&mut self, record: Record) {
        let Some(span) = self.open.get(&record.span) else {
            self.lost += 1;
            return;
        };
        let stage = Some(span.parent).filter(|_| span.site.spec().is_some_and(|spec| spec.more.is_attempt));
        if let Some(stage) = stage.and_then(|stage| self.open.get_mut(&stage)) {
            stage.fill(record.clone());
        }
        if let Some(span) = self.open.get_mut(&record.span) {
            span.fill(record);
        }
    }

    /// A span of a record that begins one; nothing when its call site is not known, which only mixed-up words can cause.
    fn span(&mut self, record: Record) -> Option<Span> {
        let Some(site) = listed(record.site) else {
            self.lost += 1;
            return None;
        };
        let inherited = self.above(record.other).map(|above| above.inherited).unwrap_or_default();
        let mut span = Span {
            id: record.span,
            trace: record.trace,
            parent: record.other,
            site,
            began: record.moment,
            values: Vec::new(),
            cut: Vec::new(),
            inherited,
            undoes: 0,
            failed: None,
        };
        span.fill(record);
        Some(span)
    }

    /// Where there are too many, the oldest makes room: its end has probably been lost, and nothing may keep new spans out.
    fn begin(&mut self, span: Span) {
        while self.open.len() >= OPEN_LIMIT {
            let Some(oldest) = self.order.pop_front() else { break };
            self.looked_at = self.looked_at.saturating_sub(1);
            if let Some(oldest) = self.open.remove(&oldest) {
                self.lost += 1;
                self.remember(&oldest);
            }
        }
        self.order.push_back(span.id);
        self.open.insert(span.id, span);
    }

    fn remember(&mut self, span: &Span) {
        let above = Above { inherited: Arc::clone(&span.inherited), parent: span.parent, site: span.site };
        self.ended.insert(span.id, above);
        self.ended_order.push_back((span.id, self.passes));
    }

    fn forget(&mut self) {
        while self.ended_order.len() > ENDED_LIMIT
            && let Some((oldest, _)) = self.ended_order.pop_front_if(|(_, pass)| *pass + 1 < self.passes)
        {
            self.ended.remove(&oldest);
        }
    }

    fn knows(&self, span: u64) -> bool {
        self.open.contains_key(&span) || self.ended.contains_key(&span)
    }

    fn above(&self, span: u64) -> Option<Above> {
        match self.open.get(&span) {
            Some(span) => Some(Above { inherited: Arc::clone(&span.inherited), parent: span.parent, site: span.site }),
            None => self.ended.get(&span).cloned(),
        }
    }

    fn report_long(&mut self, now: u64, emit: &mut impl FnMut(&Self, Step<'_>)) {
        while let Some(id) = self.order.get(self.looked_at).copied() {
            if let Some(span) = self.open.get(&id) {
                if now.saturating_sub(span.began) < LONG {
                    break;
                }
                emit(self, Step::StillOpen(span, now));
            }
            self.looked_at += 1;
        }
        // Spans that have ended leave their places behind; those go before they are many.
        if self.order.len() > 2 * self.open.len() + 1024 {
            let (open, looked_at) = (&self.open, self.looked_at);
            self.looked_at = self.order.iter().take(looked_at).filter(|id| open.contains_key(id)).count();
            self.order.retain(|id| open.contains_key(id));
        }
    }
}

impl Span {
    fn fill(&mut self, record: Record) {
        for (field, value) in record.values {
            if let Some(spec) = self.site.spec()
                && spec.more.inherited >> field.min(63) & 1 == 1
                && let Some(name) = spec.fields.get(usize::from(field))
            {
                let handed_down = Arc::make_mut(&mut self.inherited);
                handed_down.retain(|(known, _)| known != name);
                handed_down.push((name, value.clone()));
            }
            self.values.retain(|(known, _)| *known != field);
            self.values.push((field, value));
        }
        self.cut.extend(record.cut);
    }
}

#[cfg(test)]
mod tests;
