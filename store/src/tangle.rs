//! Spans that name their parents enter, a forest leaves: what is no tree is cut, and said.

use std::collections::HashMap;

use tense_event::SpanId;

use crate::{Gaps, Outcome, Span};

/// Clocks are read one after the other: a child seems to begin before its parent by less than this without anything
/// being wrong.
pub(crate) const CLOCK_TOLERANCE: i64 = 1_000_000;

/// Fills in who hangs below whom and gives back the roots. `spans` are in the order in which they began, so that
/// children and roots come out in that order too. Linear, and without recursion: a trace may be one chain of a million
/// spans.
pub(crate) fn hang(spans: &mut [Span], places: &HashMap<SpanId, u32>, gaps: &mut Gaps) -> Vec<u32> {
    for span in &mut *spans {
        span.above = span.parent_id.and_then(|parent| places.get(&parent)).copied();
        if span.parent_id.is_some() && span.above.is_none() {
            gaps.missing_parents.push(span.id);
        }
    }
    cut_circles(spans, gaps);
    let mut roots = Vec::new();
    for (at, place) in (0..spans.len()).zip(0..) {
        match spans[at].above {
            Some(above) => {
                spans[above as usize].below.push(place);
                if spans[at].began.unix_nanos()
                    < spans[above as usize].began.unix_nanos().saturating_sub(CLOCK_TOLERANCE)
                {
                    gaps.clocks.push(spans[at].id);
                }
            }
            None => roots.push(place),
        }
        let span = &spans[at];
        if span.ended.is_some_and(|ended| ended < span.began) {
            gaps.clocks.push(span.id);
        }
        if span.outcome == Outcome::Open {
            gaps.open.push(span.id);
        }
    }
    gaps.clocks.dedup();
    roots
}

/// Goes up from every span until it meets a root or a span that was met before; when that was on the same way up, the
/// way is a circle, and its span that began first becomes a root.
fn cut_circles(spans: &mut [Span], gaps: &mut Gaps) {
    let mut way_of = vec![0_u32; spans.len()];
    for (from, way) in (0..spans.len()).zip(1..) {
        let mut at = from;
        while way_of[at] == 0 {
            way_of[at] = way;
            match spans[at].above {
                Some(above) => at = above as usize,
                None => break,
            }
        }
        if way_of[at] != way || spans[at].above.is_none() {
            continue;
        }
        let mut first = at;
        let mut next = spans[at].above;
        while let Some(place) = next.filter(|place| *place as usize != at) {
            first = first.min(place as usize);
            next = spans[place as usize].above;
        }
        spans[first].above = None;
        gaps.circles.push(spans[first].id);
    }
}
