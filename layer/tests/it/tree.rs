//! Events go in; a tree comes out as text, one line an event, without ids and times.

use tense_event::{CleanEvent, Status};

/// Events under the event of their parent, in the order in which they came. Two spaces a level.
pub(crate) fn tree(events: &[CleanEvent]) -> String {
    let mut lines = String::new();
    let is_root = |event: &CleanEvent| {
        !events.iter().any(|other| Some(other.span_id) == event.parent_span_id && other.trace_id == event.trace_id)
    };
    for event in events.iter().filter(|event| is_root(event)) {
        write(events, event, 0, &mut lines);
    }
    lines
}

fn write(events: &[CleanEvent], event: &CleanEvent, depth: usize, lines: &mut String) {
    let data: String = event.data.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let status = match event.status {
        Status::Success => String::new(),
        Status::Pending => " pending".to_owned(),
        Status::Failed => " failed".to_owned(),
    };
    let error =
        event.error.as_ref().map(|error| format!(" {:?} {}: {}", error.kind, error.error_type, error.error_message));
    lines.push_str(&format!("{}{}{data}{status}{}\n", "  ".repeat(depth), event.event_type, error.unwrap_or_default()));
    // The children of a life stand under its start.
    let is_first =
        events.iter().find(|other| other.span_id == event.span_id).is_some_and(|first| std::ptr::eq(first, event));
    if is_first {
        for child in events.iter().filter(|child| child.parent_span_id == Some(event.span_id)) {
            write(events, child, depth + 1, lines);
        }
    }
}
