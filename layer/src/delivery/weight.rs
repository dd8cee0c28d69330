//! A clean event goes in; about how much memory it takes comes out, in bytes.

use std::borrow::Cow;

use serde_json::Value;
use tense_event::{CleanEvent, Event};

/// What the heap keeps beside a piece of memory.
const PIECE: usize = 16;

/// Some 50 ns. What is borrowed for the whole life of the program costs nothing.
pub(super) fn bytes(event: &CleanEvent) -> usize {
    let event: &Event = event;
    let mut sum = size_of::<Event>() + PIECE;
    sum += owned(&event.event_type) + owned(&event.span_name) + owned(&event.service) + owned(&event.source);
    for id in [&event.job_id, &event.worker_id, &event.machine_id, &event.user_id, &event.correlation_key] {
        sum += id.as_ref().map_or(0, |id| piece(id.capacity()));
    }
    sum += event.tags.iter().chain(&event.absent).map(|text| size_of::<Cow<'_, str>>() + owned(text)).sum::<usize>();
    sum += event.cut.iter().map(|text| size_of::<String>() + piece(text.capacity())).sum::<usize>();
    if let Some(error) = &event.error {
        sum += owned(&error.error_type) + piece(error.error_message.capacity()) + owned(&error.processor);
        sum += error.input_preview.as_ref().map_or(0, |text| piece(text.capacity()));
        sum += error.stack_frames.iter().map(|text| size_of::<String>() + piece(text.capacity())).sum::<usize>();
    }
    event.data.iter().map(|(key, value)| size_of::<Cow<'_, str>>() + key.len() + of_value(value)).sum::<usize>() + sum
}

#[expect(clippy::ptr_arg, reason = "whether it is borrowed is what counts")]
fn owned(text: &Cow<'_, str>) -> usize {
    match text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(text) => piece(text.capacity()),
    }
}

fn piece(capacity: usize) -> usize {
    if capacity == 0 { 0 } else { capacity + PIECE }
}

/// The sanitizer has bounded how deep it is.
fn of_value(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => piece(text.capacity()),
            Value::Array(values) => values.iter().map(of_value).sum(),
            // A map keeps places for more than it holds.
            Value::Object(map) => map.iter().map(|(key, value)| 2 * PIECE + piece(key.len()) + of_value(value)).sum(),
        }
}
