//! Who hangs below whom, and how a tree is drawn, held against going through all events for each of them.

use proptest::prelude::*;
use tense_event::{Event, SpanId, Status};
use tense_store::{Span, Trace};

use super::drawn::{TRACE, call};

const NAMES: [&str; 3] = ["operation.tokens.created", "dispatch.batch", "log.info"];

prop_compose! {
    /// Events of one span each, whose parents are any: themselves, each other, or nobody who is here.
    fn any_events()(
        spans in proptest::collection::vec((0_u64..14, 0_i64..9, 0_i64..9, 0_usize..3, any::<bool>()), 0..12),
    ) -> Vec<Event> {
        let events = (1..).zip(spans).map(|(id, (parent, began, took, name, has_failed))| {
            let mut event = call(id, parent, NAMES[name], began..began + took);
            event.status = if has_failed { Status::Failed } else { Status::Success };
            event
        });
        events.collect()
    }
}

/// When a span begins, and which one comes first of those that begin together.
fn rank(event: &Event) -> (i64, u64) {
    let took = event.duration.map_or(0, |took| took.as_nanos() as i64);
    (event.timestamp.unix_nanos() - took, event.span_id.get())
}

fn of(events: &[Event], id: Option<SpanId>) -> Option<&Event> {
    events.iter().find(|event| Some(event.span_id) == id)
}

/// Whom one comes by, going up, before somebody is missing or comes again.
fn way_up(events: &[Event], from: &Event) -> Vec<u64> {
    let (mut way, mut at) = (Vec::new(), Some(from));
    while let Some(event) = at.filter(|event| !way.contains(&event.span_id.get())) {
        way.push(event.span_id.get());
        at = of(events, event.parent_span_id);
    }
    way
}

/// Whether it is its own ancestor.
fn is_in_a_circle(events: &[Event], event: &Event) -> bool {
    of(events, event.parent_span_id).is_some_and(|above| way_up(events, above).contains(&event.span_id.get()))
}

/// Of a circle, the one that began first: there it is cut.
fn is_cut(events: &[Event], event: &Event) -> bool {
    let circle = way_up(events, event);
    let is_first = |id: &u64| of(events, SpanId::new(*id)).is_none_or(|other| rank(event) <= rank(other));
    is_in_a_circle(events, event) && circle.iter().all(is_first)
}

/// Those right below one, or below none that is here, in the order in which they began.
fn below<'e>(events: &'e [Event], above: Option<&Event>) -> Vec<&'e Event> {
    let is_below = |event: &&Event| {
        let parent = of(events, event.parent_span_id).filter(|_| !is_cut(events, event));
        parent.map(|parent| parent.span_id) == above.map(|above| above.span_id)
    };
    let mut below: Vec<&Event> = events.iter().filter(is_below).collect();
    below.sort_by_key(|event| rank(event));
    below
}

/// The lines of a tree, drawn by going down: what stands before the children of a line begins with what stands before
/// that line.
fn draw(events: &[Event], above: Option<&Event>, before: &str, lines: &mut Vec<String>) {
    let children = below(events, above);
    for (nth, event) in children.iter().enumerate() {
        let is_last = nth + 1 == children.len();
        let (branch, further) = match (above, is_last) {
            (None, _) => ("", ""),
            (Some(_), false) => ("├─ ", "│  "),
            (Some(_), true) => ("└─ ", "   "),
        };
        let parent = of(events, event.parent_span_id).is_some();
        let note = match (event.status, event.parent_span_id) {
            (Status::Failed, Some(_)) if is_cut(events, event) => "failed, below itself",
            (Status::Failed, Some(_)) if !parent => "failed, parent missing",
            (Status::Failed, _) => "failed",
            (_, Some(_)) if is_cut(events, event) => "below itself",
            (_, Some(_)) if !parent => "parent missing",
            _ => "",
        };
        lines.push(format!("{before}{branch}{}|{note}", event.event_type));
        draw(events, Some(event), &format!("{before}{further}"), lines);
    }
}

fn ids<'s>(spans: impl IntoIterator<Item = &'s Span>) -> Vec<u64> {
    spans.into_iter().map(|span| span.id.get()).collect()
}

fn ids_of(events: &[&Event]) -> Vec<u64> {
    events.iter().map(|event| event.span_id.get()).collect()
}

proptest! {
    #[test]
    fn roots_and_children_are_those_that_one_finds_event_by_event(events in any_events()) {
        let trace = Trace::from_events(TRACE, events.clone());
        prop_assert_eq!(ids(trace.roots()), ids_of(&below(&events, None)));
        for event in &events {
            let span = trace.get(event.span_id).unwrap();
            let children = below(&events, Some(event));
            prop_assert_eq!(ids(trace.children(span)), ids_of(&children), "below {}", span.id);
            for child in children {
                let above = trace.parent(trace.get(child.span_id).unwrap());
                prop_assert_eq!(above.map(|above| above.id), Some(span.id));
            }
        }
        // What is wrong is said of those that it is wrong with, and of nobody else.
        let told = |mut ids: Vec<SpanId>| {
            ids.sort_unstable();
            ids
        };
        let those = |is_meant: &dyn Fn(&Event) -> bool| {
            events.iter().filter(|event| is_meant(event)).map(|event| event.span_id).collect::<Vec<_>>()
        };
        let is_missing = |event: &Event| event.parent_span_id.is_some() && of(&events, event.parent_span_id).is_none();
        prop_assert_eq!(told(trace.gaps().missing_parents.clone()), those(&is_missing));
        prop_assert_eq!(told(trace.gaps().circles.clone()), those(&|event| is_cut(&events, event)));
    }

    #[test]
    fn a_tree_is_what_one_draws_going_down(events in any_events()) {
        let trace = Trace::from_events(TRACE, events.clone());
        let told: Vec<String> = trace
            .tree()
            .iter()
            .map(|line| {
                let notes: Vec<&str> = line.notes.iter().map(|note| note.word).collect();
                format!("{}{}|{}", line.branch, line.label, notes.join(", "))
            })
            .collect();
        let mut lines = Vec::new();
        draw(&events, None, "", &mut lines);
        prop_assert_eq!(told, lines);
    }
}
