//! Events that were drained go in; the tree that they are comes out, in the words of the reference.

use std::collections::{BTreeSet, HashMap};

use tense_event::{CleanEvent, ErrorKind, Status};

use crate::program::{Body, Promise, Shape, Step};
use crate::run::remote;
use crate::tree::{self, Line};

pub(crate) fn shown(events: &[CleanEvent], program: &[Body]) -> String {
    let mut keys = Vec::new();
    program.iter().for_each(|body| remotes(body, &mut keys));
    let mut lines: Vec<Line> = Vec::new();
    // Below what a span or a place is found, by its trace and its id.
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for key in keys {
        let place = remote(key);
        places.insert((place.trace_id(), place.parent_span_id().unwrap_or_default()), lines.len());
        lines.push(Line { above: None, text: format!("remote {key}"), is_place: true });
    }
    let key_of = |event: &CleanEvent| (event.trace_id.to_string(), event.span_id.to_string());
    // On a busy machine some have been open for a second on the way, which nobody planned: they end as well.
    let is_planned = |event: &&CleanEvent| !(is_start(event) && event.duration.is_some());
    let events: Vec<&CleanEvent> = events.iter().filter(is_planned).collect();
    let first = lines.len();
    for event in &events {
        let is_twice = !is_start(event) && places.insert(key_of(event), lines.len()).is_some();
        let text = if is_twice { format!("{} once more", text(event)) } else { text(event) };
        lines.push(Line { above: None, text, is_place: false });
    }
    let mut roots = BTreeSet::new();
    for (event, at) in events.iter().zip(first..) {
        let parent = event.parent_span_id.map(|parent| parent.to_string()).unwrap_or_default();
        let above = if is_start(event) {
            places.get(&key_of(event)).copied()
        } else {
            places.get(&(event.trace_id.to_string(), parent.clone())).copied()
        };
        if above.is_none() && !parent.is_empty() {
            lines[at].text += " below what is not there";
        }
        if above.is_none() && !roots.insert(event.trace_id.to_string()) {
            lines[at].text += " in the trace of another root";
        }
        lines[at].above = above;
    }
    tree::shown(&lines)
}

fn is_start(event: &CleanEvent) -> bool {
    event.status == Status::Pending
}

fn text(event: &CleanEvent) -> String {
    let name = &event.event_type;
    let mut text = match event.data.get("name").and_then(|name| name.as_str()) {
        Some(theirs) => format!("{name} {theirs}"),
        None => name.to_string(),
    };
    if let Some(n) = event.data.get("n") {
        text += &format!(" n={n}");
    }
    if let Some(n) = event.data.get("message").and_then(|message| message.as_str()) {
        text += &format!(" n={n}");
    }
    if let Some(key) = &event.correlation_key {
        text += &format!(" {key}");
    }
    if let Some(job) = &event.job_id {
        text += &format!(" job={job}");
    }
    if let Some(error) = &event.error {
        let said = error.error_message.split(" at ").next().unwrap_or_default();
        text += &match error.kind {
            ErrorKind::Cancelled => " Cancelled".to_owned(),
            kind => format!(" {kind:?} {said}"),
        };
    }
    text
}

/// The numbers of the places in other processes.
fn remotes(body: &Body, keys: &mut Vec<u32>) {
    for step in body.iter() {
        if let Step::Remote { key, .. }
        | Step::PlacedPoint(key)
        | Step::Call { n: key, shape: Shape::Placed, .. }
        | Step::Await { n: key, shape: Promise::Placed, .. } = step
        {
            keys.push(*key);
        }
        step.bodies().into_iter().for_each(|body| remotes(body, keys));
    }
}
