//! Why a trace failed, and what its failures were, held against a reference that asks of every span, for every other
//! one, whether that explains it.

use proptest::prelude::*;
use tense_event::{ErrorInfo, ErrorKind, Status};
use tense_store::why::Link;
use tense_store::{Outcome, Span, Trace};

use super::drawn::{TRACE, call, is_made_again, said_above, siblings, was_dropped};

const NAMES: [&str; 4] = ["operation.card.charged", "dispatch.loan", "sql.query", "log.info"];
const MESSAGES: [&str; 5] = ["", "declined", "card: declined", "funding: card: declined", "decline"];

prop_compose! {
    /// Spans of which each is below one of the three before it, or below none: most fail, some are dropped, some are
    /// compensations, and each says for what it was called.
    fn any_trace()(
        spans in proptest::collection::vec(
            (0_i64..12, 0_i64..8, 0_u64..3, 0_usize..4, 0_u8..10, 0_usize..5, 0_i64..2, 0_u8..12),
            1..14,
        ),
    ) -> Trace {
        let events = (1..).zip(spans).map(|(id, (began, took, above, name, how, message, item, role))| {
            let mut event = call(id, id.saturating_sub(1 + above), NAMES[name], began..began + took);
            event.data.insert("item", item);
            if role == 0 {
                event.tags.push("compensation".into());
            }
            let kind = match how {
                0..4 => ErrorKind::Error,
                4 => ErrorKind::Panic,
                5 | 6 => ErrorKind::Cancelled,
                7 => {
                    (event.status, event.duration) = (Status::Pending, None);
                    return event;
                }
                _ => return event,
            };
            let mut error = ErrorInfo::new(kind);
            error.error_message = MESSAGES[message].to_owned();
            (event.status, event.error) = (Status::Failed, Some(error));
            event
        });
        Trace::from_events(TRACE, events)
    }
}

/// Whether it failed and the same call went well later.
fn is_recovered(trace: &Trace, span: &Span) -> bool {
    let went_well = |other: &&Span| other.outcome == Outcome::Success && is_made_again(trace, span, other);
    span.outcome.is_failure() && !span.is_log() && siblings(trace, span).into_iter().any(|other| went_well(&other))
}

/// The call below that explains a failure, and what connects them: no other candidate is a better one.
fn cause<'t>(trace: &'t Trace, failed: &'t Span) -> Option<(&'t Span, Link)> {
    let may_explain = |child: &&Span| {
        let is_in_time = match failed.outcome {
            Outcome::Cancelled => child.outcome == Outcome::Cancelled,
            _ => child.outcome.is_failure() && child.ended <= failed.ended,
        };
        // What undoes something follows from a failure, unless it panics and all above with it.
        let is_undoing = child.is_compensation() && [child.outcome, failed.outcome] != [Outcome::Panicked; 2];
        // Who was dropped explains nothing to whoever was not.
        let is_of_its_own = child.outcome != Outcome::Cancelled || failed.outcome == Outcome::Cancelled;
        let is_told = said_above(child, failed).is_some();
        is_in_time && !child.is_log() && !is_undoing && (is_told || is_of_its_own && !is_recovered(trace, child))
    };
    let candidates: Vec<&Span> = trace.children(failed).filter(may_explain).collect();
    let worth = |child: &Span| (said_above(child, failed).is_some(), child.ended, child.began, child.id);
    let best = candidates.iter().find(|one| candidates.iter().all(|other| worth(other) <= worth(one)))?;
    let went_on = trace.children(failed).any(|other| {
        other.id != best.id
            && other.outcome == Outcome::Success
            && other.duration.is_some()
            && !other.is_compensation()
            && Some(other.began) >= best.ended
    });
    let guessed = if went_on { Link::Perhaps } else { Link::LastDone };
    Some((best, said_above(best, failed).unwrap_or(guessed)))
}

/// The root that is asked about: one that failed, of these one that nobody elsewhere has called; else one that is open;
/// else any, but no line of a log.
fn asked(trace: &Trace) -> Option<&Span> {
    let roots: Vec<&Span> = trace.roots().collect();
    let first = |is_meant: &dyn Fn(&Span) -> bool| roots.iter().copied().find(|root| is_meant(root));
    first(&|root| root.outcome.is_failure() && root.parent_id.is_none() && !root.is_log())
        .or_else(|| first(&|root| root.outcome.is_failure() && !root.is_log()))
        .or_else(|| first(&|root| root.outcome == Outcome::Open && !root.is_log()))
        .or_else(|| first(&|root| !root.is_log()))
        .or_else(|| first(&|_| true))
}

fn ids<'s>(spans: impl IntoIterator<Item = &'s Span>) -> Vec<u64> {
    spans.into_iter().map(|span| span.id.get()).collect()
}

/// Itself, then those above it, as long as they failed and are no lines of a log.
fn up<'t>(trace: &'t Trace, span: &'t Span) -> Vec<&'t Span> {
    let (mut way, mut at) = (Vec::new(), Some(span));
    while let Some(span) = at {
        way.push(span);
        at = trace.parent(span).filter(|above| above.outcome.is_failure() && !above.is_log());
    }
    way
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_way_to_the_first_cause_is_what_one_finds_span_by_span(trace in any_trace()) {
        let why = trace.why();
        let root = asked(&trace).unwrap();
        prop_assert_eq!(why.root.map(|root| root.id), Some(root.id));
        let mut way = Vec::new();
        let mut next = Some((root, Link::Root)).filter(|_| root.outcome.is_failure());
        while let Some((span, link)) = next {
            let tries = siblings(&trace, span).into_iter().filter(|other| {
                other.outcome.is_failure() && link != Link::Root && is_made_again(&trace, other, span)
            });
            way.push((span.id.get(), link, 1 + tries.count()));
            next = cause(&trace, span);
        }
        let told: Vec<_> = why.chain.iter().map(|cause| (cause.span.id.get(), cause.link, cause.attempts)).collect();
        prop_assert_eq!(told, way);
        for span in trace.spans().iter().filter(|span| span.outcome.is_failure()) {
            let mut last = span;
            while let Some((below, _)) = cause(&trace, last) {
                last = below;
            }
            prop_assert_eq!(trace.first_cause_of(span).id, last.id);
        }
    }

    #[test]
    fn retries_are_folded_and_the_rest_is_told_apart(trace in any_trace()) {
        let why = trace.why();
        let way = ids(why.chain.iter().map(|cause| cause.span));
        let is_on_the_way = |span: &Span| way.contains(&span.id.get());
        // What was made good: each failure once, with the call that went well.
        let recovered = trace.spans().iter().filter(|span| is_recovered(&trace, span)).count();
        prop_assert_eq!(why.recovered.iter().map(|group| group.failures).sum::<usize>(), recovered);
        for group in &why.recovered {
            prop_assert!(is_recovered(&trace, group.last_failure));
        }
        let cause_beside = |span: &Span| {
            let above = trace.parent(span)?;
            trace.children(above).find(|other| is_on_the_way(other))
        };
        // What was dropped by somebody who went on has not failed itself; what was dropped with it is not told.
        let is_dropped_first = |span: &Span| {
            was_dropped(&trace, span) && !trace.parent(span).is_some_and(|above| was_dropped(&trace, above))
        };
        let is_of_another_kind = |span: &Span| span.is_log() || span.is_compensation() || is_on_the_way(span);
        let cancelled = trace.spans().iter().filter(|span| {
            is_dropped_first(span) && !is_of_another_kind(span) && !is_recovered(&trace, span)
        });
        prop_assert_eq!(ids(why.cancelled.iter().copied()), ids(cancelled));
        // All that failed is on the way, or below another failure that is not, or an attempt, or dropped; or it has
        // failed as well.
        let is_an_attempt =
            |span: &Span| cause_beside(span).is_some_and(|cause| is_made_again(&trace, span, cause));
        let is_below_another = |span: &Span| {
            trace.parent(span).is_some_and(|above| above.outcome.is_failure() && !is_on_the_way(above))
        };
        let also = trace.spans().iter().filter(|span| {
            span.outcome.is_failure() && !is_of_another_kind(span) && !is_recovered(&trace, span)
                && !is_below_another(span) && !is_an_attempt(span) && !was_dropped(&trace, span)
        });
        prop_assert_eq!(ids(why.also_failed.iter().copied()), ids(also));
        // Where it stands: what is open, and waits for none below that is.
        let is_open = |span: &Span| span.outcome == Outcome::Open;
        let open = trace.spans().iter().filter(|span| is_open(span) && !trace.children(span).any(is_open));
        prop_assert_eq!(ids(why.open.iter().copied()), ids(open));
    }

    /// Of all failures: what is explained by one below, or was dropped because of one beside it, is told apart from
    /// what was tried again, and that from what it began with.
    #[test]
    fn what_followed_is_told_apart_from_what_it_began_with(trace in any_trace()) {
        let failed = |span: &Span| span.outcome.is_failure() && !span.is_log();
        let is_tried_again =
            |span: &Span| siblings(&trace, span).into_iter().any(|other| is_made_again(&trace, span, other));
        // Dropped with all above it up to one that has not failed: it lost a race.
        let has_lost = |span: &Span| {
            let way = up(&trace, span);
            way.iter().all(|above| was_dropped(&trace, above))
        };
        let (mut causes, mut cascades, mut again) = (0, 0, 0);
        for span in trace.spans().iter().filter(|span| failed(span) && !has_lost(span)) {
            let is_explained = cause(&trace, span).is_some_and(|(_, link)| link != Link::Perhaps);
            if is_explained || was_dropped(&trace, span) {
                cascades += 1;
            } else if up(&trace, span).into_iter().any(is_tried_again) {
                again += 1;
            } else {
                causes += 1;
            }
        }
        let groups = trace.errors();
        let sum = |of: fn(&tense_store::errors::ErrorGroup) -> u64| groups.iter().map(of).sum::<u64>();
        let told = (sum(|group| group.causes), sum(|group| group.cascades), sum(|group| group.tried_again));
        prop_assert_eq!(told, (causes, cascades, again));
    }
}
