//! A trace enters; the rows of its waterfall leave: a span each, or several of a kind, with when they were open and
//! which part of that everything waited for.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;
use std::time::Duration;

use tense_event::Timestamp;

use crate::timing::length;
use crate::{Outcome, Span, Trace};

/// So many siblings of a kind stand in rows of their own, where there is no room for all.
const APART: usize = 3;

/// A trace to scale.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Waterfall<'t> {
    /// When the trace begins.
    pub from: Timestamp,
    /// The last moment that anything is known of.
    pub to: Timestamp,
    /// Each before what is below it, siblings in the order in which they began.
    pub rows: Vec<Row<'t>>,
}

/// One row of a waterfall.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Row<'t> {
    /// Whose row it is.
    pub what: RowKind<'t>,
    /// How many rows are above it in the tree.
    pub depth: usize,
    /// When the first of it began.
    pub from: Timestamp,
    /// When the last of it ended; for what has not ended, the last moment that is known of the trace.
    pub to: Timestamp,
    /// How many spans are below it that have no row, lines of logs left out.
    pub hidden: usize,
    /// The parts of the [critical path](Trace::critical_path) that are its own, or of what is hidden below it: in the
    /// order of time, none next to another.
    pub waited_for: Vec<(Timestamp, Timestamp)>,
}

impl Row<'_> {
    /// From when to when it was open.
    pub fn duration(&self) -> Duration {
        length(&(self.from.unix_nanos()..self.to.unix_nanos()))
    }
}

/// Whose a row is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum RowKind<'t> {
    /// That span's.
    One(&'t Span),
    /// That of several spans with the same name and outcome below the same one.
    Several {
        /// The one that began first.
        first: &'t Span,
        /// How many.
        count: usize,
    },
    /// That of all others below the same one, of different kinds.
    Others {
        /// How many.
        count: usize,
    },
}

/// Siblings that share a row, by their places.
struct Group {
    members: Vec<u32>,
    parent: Option<u32>,
}

/// Whether it is a line of a log and nothing else.
fn is_line(span: &Span) -> bool {
    span.is_log() && span.below.is_empty()
}

/// What is below each span, itself included.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Below {
    has_failure: bool,
    is_waited_for: bool,
}

impl Trace {
    /// The trace as rows to draw: all of its spans in a row each if these are no more than so many, lines of logs left
    /// out. Else siblings of a kind share a row; first come rows with failures, then those that were waited for, then
    /// the longest, and what is left over below each of them shares a row. Those rows do not count, so that there may
    /// be twice as many and one.
    ///
    /// Time: *n* log *n*; no recursion.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    /// use tense_store::waterfall::RowKind;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let call = |span, parent, name, ms: std::ops::Range<u64>| {
    ///     let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + ms.end as i64 * 1_000_000);
    ///     let mut event = Event::new(id, SpanId::new(span).unwrap(), name, Status::Success, at);
    ///     event.parent_span_id = SpanId::new(parent);
    ///     event.duration = Some(Duration::from_millis(ms.end - ms.start));
    ///     event
    /// };
    /// let rows = (2..=38).map(|n| call(n, 1, "operation.row.read", n..n + 1));
    /// let trace = Trace::from_events(id, rows.chain([call(1, 0, "operation.page.served", 0..40)]));
    /// let waterfall = trace.waterfall(20);
    /// assert!(matches!(waterfall.rows[1].what, RowKind::Several { count: 37, .. }));
    /// ```
    pub fn waterfall(&self, limit: usize) -> Waterfall<'_> {
        let last = self.last_moment();
        let from = self.spans().first().map_or(last, |first| first.began.unix_nanos());
        let way: Vec<u32> = self.walk_places().map(|(_, place)| place).collect();
        let path = self.longest_root().map_or_else(Vec::new, |root| self.critical_path(root));
        let shown = way.iter().filter(|place| !is_line(&self.spans()[**place as usize])).count();
        let groups = match shown <= limit {
            true => way.iter().map(|place| self.alone(*place)).filter(|group| self.has_row(group)).collect(),
            false => self.foremost(limit, &self.worth(&way, &path), last),
        };
        let rows = self.in_rows(groups, &way, &path, last);
        Waterfall { from: Timestamp::from_unix_nanos(from), to: Timestamp::from_unix_nanos(last.max(from)), rows }
    }

    fn alone(&self, place: u32) -> Group {
        Group { members: vec![place], parent: self.spans()[place as usize].above() }
    }

    fn has_row(&self, group: &Group) -> bool {
        group.members.iter().any(|place| !is_line(&self.spans()[*place as usize]))
    }

    /// What is worth a row for what is at or below each span.
    fn worth(&self, way: &[u32], path: &[crate::timing::Stretch<'_>]) -> Vec<Below> {
        let failed = |span: &Span| span.outcome.is_failure() && !span.is_log();
        let mut below: Vec<Below> =
            self.spans().iter().map(|span| Below { has_failure: failed(span), is_waited_for: false }).collect();
        for place in path.iter().filter_map(|stretch| self.place(stretch.span)) {
            below[place].is_waited_for = true;
        }
        for place in way.iter().rev() {
            let Below { has_failure, is_waited_for } = below[*place as usize];
            if let Some(above) = self.spans()[*place as usize].above() {
                let above = &mut below[above as usize];
                *above = Below {
                    has_failure: above.has_failure | has_failure,
                    is_waited_for: above.is_waited_for | is_waited_for,
                };
            }
        }
        below
    }

    /// Goes down from the roots to what matters most, until there are rows enough.
    fn foremost(&self, limit: usize, below: &[Below], last: i64) -> Vec<Group> {
        let mut waiting: BinaryHeap<(Below, Duration, Reverse<u32>)> = BinaryHeap::new();
        let mut group_of: HashMap<u32, Group> = HashMap::new();
        let mut chosen = Vec::new();
        let come_to = |siblings: &[u32], parent, waiting: &mut BinaryHeap<_>, group_of: &mut HashMap<u32, Group>| {
            for members in self.of_a_kind(siblings) {
                let Some(first) = members.first().copied() else { continue };
                let worth = members.iter().map(|place| below[*place as usize]).max().unwrap_or_default();
                let time = self.extent_of(&members, last);
                waiting.push((worth, length(&time), Reverse(first)));
                group_of.insert(first, Group { members, parent });
            }
        };
        come_to(self.root_places(), None, &mut waiting, &mut group_of);
        while let Some((_, _, Reverse(first))) = waiting.pop().filter(|_| chosen.len() < limit) {
            let Some(group) = group_of.remove(&first) else { continue };
            if let [place] = group.members.as_slice() {
                come_to(self.below(&self.spans()[*place as usize]), Some(*place), &mut waiting, &mut group_of);
            }
            chosen.push(group);
        }
        // What has not been come to shares a row with its siblings.
        let mut others: HashMap<Option<u32>, Vec<Group>> = HashMap::new();
        for group in group_of.into_values() {
            others.entry(group.parent).or_default().push(group);
        }
        chosen.extend(others.into_iter().map(|(parent, groups)| {
            let mut members: Vec<u32> = groups.into_iter().flat_map(|group| group.members).collect();
            members.sort_unstable();
            Group { members, parent }
        }));
        chosen
    }

    /// Siblings by name and outcome, few of a kind apart, without lines of logs.
    fn of_a_kind(&self, siblings: &[u32]) -> Vec<Vec<u32>> {
        let mut places: HashMap<(&str, Outcome), usize> = HashMap::new();
        let mut kinds: Vec<Vec<u32>> = Vec::new();
        for place in siblings {
            let span = &self.spans()[*place as usize];
            if is_line(span) {
                continue;
            }
            let kind = *places.entry((&span.name, span.outcome)).or_insert(kinds.len());
            match kinds.get_mut(kind) {
                Some(kind) => kind.push(*place),
                None => kinds.push(vec![*place]),
            }
        }
        let apart = |kind: Vec<u32>| match kind.len() > APART {
            true => vec![kind],
            false => kind.into_iter().map(|place| vec![place]).collect(),
        };
        kinds.into_iter().flat_map(apart).collect()
    }

    fn extent_of(&self, members: &[u32], last: i64) -> Range<i64> {
        let extents = members.iter().map(|place| self.extent(*place as usize, last));
        let whole = extents.reduce(|one, other| one.start.min(other.start)..one.end.max(other.end));
        whole.unwrap_or(last..last)
    }

    /// Puts the groups into the order of the tree, and says what each shows.
    fn in_rows<'t>(
        &'t self,
        groups: Vec<Group>,
        way: &[u32],
        path: &[crate::timing::Stretch<'_>],
        last: i64,
    ) -> Vec<Row<'t>> {
        const NONE: u32 = u32::MAX;
        let mut group_of = vec![NONE; self.spans().len()];
        let mut below: HashMap<Option<u32>, Vec<u32>> = HashMap::new();
        for (group, number) in groups.iter().zip(0..) {
            below.entry(group.parent).or_default().push(number);
            for place in &group.members {
                group_of[*place as usize] = number;
            }
        }
        for siblings in below.values_mut() {
            // Those that are left over stand behind.
            siblings.sort_by_cached_key(|number| {
                let group = &groups[*number as usize];
                (self.is_mixed(group), group.members.first().copied())
            });
        }
        let mut rows: Vec<Row<'t>> = Vec::with_capacity(groups.len());
        let mut row_of_group = vec![NONE; groups.len()];
        let mut next: Vec<(usize, u32)> = Vec::new();
        let push = |next: &mut Vec<(usize, u32)>, depth, parent: Option<u32>| {
            let siblings = below.get(&parent).into_iter().flatten();
            next.extend(siblings.rev().map(|number| (depth, *number)));
        };
        push(&mut next, 0, None);
        while let Some((depth, number)) = next.pop() {
            let group = &groups[number as usize];
            let Some(first) = group.members.first() else { continue };
            let (count, first_span) = (group.members.len(), &self.spans()[*first as usize]);
            let what = match count {
                1 => RowKind::One(first_span),
                _ if self.is_mixed(group) => RowKind::Others { count },
                _ => RowKind::Several { first: first_span, count },
            };
            if count == 1 {
                push(&mut next, depth + 1, Some(*first));
            }
            row_of_group[number as usize] = u32::try_from(rows.len()).unwrap_or(NONE);
            let time = self.extent_of(&group.members, last);
            let [from, to] = [time.start, time.end].map(Timestamp::from_unix_nanos);
            rows.push(Row { what, depth, from, to, hidden: 0, waited_for: Vec::new() });
        }
        // What has no row belongs to the one above it.
        let mut row_of = vec![NONE; self.spans().len()];
        for place in way {
            let span = &self.spans()[*place as usize];
            row_of[*place as usize] = match group_of[*place as usize] {
                NONE => {
                    let row = span.above().map_or(NONE, |above| row_of[above as usize]);
                    if let Some(row) = rows.get_mut(row as usize).filter(|_| !is_line(span)) {
                        row.hidden += 1;
                    }
                    row
                }
                group => row_of_group[group as usize],
            };
        }
        for stretch in path {
            let row = self.place(stretch.span).and_then(|place| rows.get_mut(row_of[place] as usize));
            let Some(row) = row else { continue };
            match row.waited_for.last_mut() {
                Some((_, to)) if *to >= stretch.from => *to = stretch.to,
                _ => row.waited_for.push((stretch.from, stretch.to)),
            }
        }
        rows
    }

    /// Whether its members are of different kinds.
    fn is_mixed(&self, group: &Group) -> bool {
        let kind = |place: &u32| {
            let span = &self.spans()[*place as usize];
            (span.name.as_ref(), span.outcome)
        };
        group.members.windows(2).any(|pair| kind(&pair[0]) != kind(&pair[1]))
    }
}
