//! Spans that name their parents enter, a forest leaves: what is no tree is cut, and said.

use std::ops::Range;

use crate::places::Places;
use crate::{Gaps, Outcome, Span};

/// Clocks are read one after the other: a child seems to begin before its parent by less than this without anything
/// being wrong.
pub(crate) const CLOCK_TOLERANCE: i64 = 1_000_000;

/// The place of a span that is not there.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// Who hangs below whom, by places.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Forest {
    pub(crate) roots: Vec<u32>,
    pub(crate) starts: Starts,
    /// Those below the first span, then those below the second: each span knows its part.
    children: Vec<u32>,
}

impl Forest {
    /// Those of one part.
    pub(crate) fn children(&self, part: &Range<u32>) -> &[u32] {
        // The part may be that of a span of another trace.
        self.children.get(part.start as usize..part.end as usize).unwrap_or_default()
    }
}

/// The spans that questions begin with, by their places: few, and nobody walks over a million others to find them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Starts {
    /// Those that ended otherwise than well.
    pub(crate) failed: Vec<u32>,
    /// Those with a field `stages`.
    pub(crate) pipelines: Vec<u32>,
    /// Those that undo another one.
    pub(crate) compensations: Vec<u32>,
}

/// Fills in who hangs below whom. `spans` are in the order in which they began, so that children and roots come out in
/// that order too. Without recursion: a trace may be one chain of a million spans.
pub(crate) fn hang(spans: &mut [Span], places: &Places, gaps: &mut Gaps) -> Forest {
    let mut hint = 0;
    let mut above: Vec<u32> = Vec::with_capacity(spans.len());
    // By itself, because spans are large, and the one above may be anywhere.
    let mut began: Vec<i64> = Vec::with_capacity(spans.len());
    let mut starts = Starts::default();
    for (place, span) in (0..).zip(&*spans) {
        let parent = span.parent_id.map(|parent| places.get_near(parent, &mut hint));
        gaps.missing_parents.extend((parent == Some(None)).then_some(span.id));
        above.push(parent.flatten().unwrap_or(NOWHERE));
        began.push(span.began.unix_nanos());
        starts.failed.extend(span.outcome.is_failure().then_some(place));
        starts.pipelines.extend(span.has_stages().then_some(place));
        starts.compensations.extend(span.is_compensation().then_some(place));
    }
    cut_circles(spans, &mut above, gaps);
    let forest = forest(&above);
    let mut ahead = starts.failed.clone();
    ahead.retain(|place| {
        let caller = spans.get(above[*place as usize] as usize);
        caller.is_some_and(|caller| spans[*place as usize].is_ahead_of(caller))
    });
    let mut ahead = ahead.into_iter().peekable();
    let mut from = 0;
    for ((place, span), above) in (0..).zip(spans).zip(above) {
        say_what_is_wrong(span, began.get(above as usize).copied(), ahead.next_if_eq(&place).is_some(), gaps);
        let to = forest.ends[place as usize];
        (span.place, span.above, span.below) = (place, above, from..to);
        from = to;
    }
    Forest { roots: forest.roots, starts, children: forest.children }
}

/// A forest that is being put together, and where the part of each span ends.
struct Parts {
    roots: Vec<u32>,
    children: Vec<u32>,
    ends: Vec<u32>,
}

/// Counts what is below each span, so that there is a part for each of one list, and fills these.
fn forest(above: &[u32]) -> Parts {
    let mut ends = vec![0_u32; above.len()];
    for above in above.iter().filter(|above| **above != NOWHERE) {
        ends[*above as usize] += 1;
    }
    let mut until = 0;
    for end in &mut ends {
        (*end, until) = (until, until + *end);
    }
    // For now each says where the next one of its part comes.
    let (mut roots, mut children) = (Vec::new(), vec![0; until as usize]);
    for (place, above) in (0..).zip(above) {
        if *above == NOWHERE {
            roots.push(place);
        } else {
            let next = &mut ends[*above as usize];
            children[*next as usize] = place;
            *next += 1;
        }
    }
    Parts { roots, children, ends }
}

/// Notes what is wrong with a span, below one that began then.
fn say_what_is_wrong(span: &Span, above_began: Option<i64>, is_ahead: bool, gaps: &mut Gaps) {
    let began = span.began.unix_nanos();
    let is_before = |above: i64| began < above.saturating_sub(CLOCK_TOLERANCE);
    if is_ahead || above_began.is_some_and(is_before) || span.ended.is_some_and(|ended| ended < span.began) {
        gaps.clocks.push(span.id);
    }
    if span.outcome == Outcome::Open {
        gaps.open.push(span.id);
    }
    if span.is_unsampled() {
        gaps.unsampled.push(span.id);
    }
}

/// Goes up from every span until it meets a root or a span that was met before; when that was on the same way up, the
/// way is a circle, and its span that began first becomes a root.
fn cut_circles(spans: &[Span], above: &mut [u32], gaps: &mut Gaps) {
    let mut way_of = vec![0_u32; above.len()];
    for (from, way) in (0..above.len()).zip(1..) {
        let mut at = from;
        while way_of[at] == 0 && above[at] != NOWHERE {
            way_of[at] = way;
            at = above[at] as usize;
        }
        if way_of[at] != way || above[at] == NOWHERE {
            continue;
        }
        let mut first = at;
        let mut next = above[at] as usize;
        while next != at {
            first = first.min(next);
            next = above[next] as usize;
        }
        above[first] = NOWHERE;
        gaps.circles.push(spans[first].id);
    }
}
