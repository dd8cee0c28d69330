//! What a term is about: its name enters, a key leaves; a key and an event enter, the values leave that it has there.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;
use tense_event::{ErrorInfo, ErrorKind, Event};

use super::Number;

/// What of an event a term asks about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// `type`: what happened, `operation.tokens.create_failed`.
    Type,
    /// `name`: the declared name of the span, the same however it ended.
    Name,
    /// `status`: `pending`, `success` or `failed`.
    Status,
    /// `level`: `trace` to `error`.
    Level,
    /// `service`: the program.
    Service,
    /// `source`: the place of the annotation, `src/tokens.rs:12`.
    Source,
    /// `trace`: the whole id, or its last digits.
    Trace,
    /// `span`: the whole id, or its last digits.
    Span,
    /// `parent`: the span above, likewise.
    Parent,
    /// `job`: the job's id.
    Job,
    /// `worker`: the worker's id.
    Worker,
    /// `machine`: the machine's id.
    Machine,
    /// `user`: the user's id.
    User,
    /// `correlation`: the caller's own id.
    Correlation,
    /// `tag`: one of its words.
    Tag,
    /// `duration`: how long it took.
    Duration,
    /// `sample_weight`: how many events it stands for.
    Weight,
    /// `error.kind`: `error`, `panic` or `cancelled`.
    ErrorKind,
    /// `error.type`: the name of the error's type.
    ErrorType,
    /// `error.message` or `error`: what the error says.
    ErrorMessage,
    /// `error.processor`: the function that failed.
    ErrorProcessor,
    /// Any other name: a field of its data, as `order` or `data.order`; what lies in it by a path,
    /// `order.address.city`.
    Field(String),
}

/// The words for keys, the one that is written in front of those that are understood as well.
const WORDS: [(&str, Key); 39] = [
    ("type", Key::Type),
    ("event_type", Key::Type),
    ("name", Key::Name),
    ("span_name", Key::Name),
    ("status", Key::Status),
    ("level", Key::Level),
    ("service", Key::Service),
    ("source", Key::Source),
    ("trace", Key::Trace),
    ("trace_id", Key::Trace),
    ("span", Key::Span),
    ("span_id", Key::Span),
    ("parent", Key::Parent),
    ("parent_span_id", Key::Parent),
    ("job", Key::Job),
    ("job_id", Key::Job),
    ("worker", Key::Worker),
    ("worker_id", Key::Worker),
    ("machine", Key::Machine),
    ("machine_id", Key::Machine),
    ("user", Key::User),
    ("user_id", Key::User),
    ("correlation", Key::Correlation),
    ("correlation_key", Key::Correlation),
    ("tag", Key::Tag),
    ("tags", Key::Tag),
    ("duration", Key::Duration),
    ("duration_ms", Key::Duration),
    ("sample_weight", Key::Weight),
    ("error.kind", Key::ErrorKind),
    ("error.type", Key::ErrorType),
    ("error.error_type", Key::ErrorType),
    ("error.message", Key::ErrorMessage),
    ("error.error_message", Key::ErrorMessage),
    ("error", Key::ErrorMessage),
    ("error_type", Key::ErrorType),
    ("error_message", Key::ErrorMessage),
    ("error.processor", Key::ErrorProcessor),
    ("processor", Key::ErrorProcessor),
];

/// Before the name of a field that would be taken for something else.
const DATA: &str = "data.";

impl Key {
    /// The key of that name: one of those above, else a field.
    pub fn named(name: &str) -> Self {
        match WORDS.iter().find(|(word, _)| *word == name) {
            Some((_, key)) => key.clone(),
            None => Self::Field(name.strip_prefix(DATA).unwrap_or(name).to_owned()),
        }
    }

    /// The name that [`Key::named`] reads back.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Field(name) if name.starts_with(DATA) || WORDS.iter().any(|(word, _)| word == name) => {
                Cow::Owned(format!("{DATA}{name}"))
            }
            Self::Field(name) => Cow::Borrowed(name),
            known => Cow::Borrowed(WORDS.iter().find(|(_, key)| key == known).map_or("", |(word, _)| word)),
        }
    }

    /// The only words that it can have, where they are fixed.
    pub(super) fn words(&self) -> &'static [&'static str] {
        match self {
            Self::Status => &["pending", "success", "failed"],
            Self::Level => &["trace", "debug", "info", "warn", "error"],
            Self::ErrorKind => &["error", "panic", "cancelled"],
            _ => &[],
        }
    }

    /// How many digits an id of it has, if it is one.
    pub(super) const fn digits(&self) -> Option<usize> {
        match self {
            Self::Trace => Some(32),
            Self::Span | Self::Parent => Some(16),
            _ => None,
        }
    }

    /// Whether any of the texts that the event has under it passes. What is empty is not there.
    pub(super) fn any_text(&self, event: &Event, mut passes: impl FnMut(&str) -> bool) -> bool {
        let error = event.error.as_ref();
        let of_error = |text: fn(&ErrorInfo) -> &str| error.map(text);
        let one = match self {
            Self::Type => Some(event.event_type.as_ref()),
            Self::Name => Some(event.span_name.as_ref()),
            Self::Status => Some(event.status.as_str()),
            Self::Level => Some(event.level.as_str()),
            Self::Service => Some(event.service.as_ref()),
            Self::Source => Some(event.source.as_ref()),
            Self::Trace => return passes(&event.trace_id.to_string()),
            Self::Span => return passes(&event.span_id.to_string()),
            Self::Parent => return event.parent_span_id.is_some_and(|id| passes(&id.to_string())),
            Self::Job => event.job_id.as_deref(),
            Self::Worker => event.worker_id.as_deref(),
            Self::Machine => event.machine_id.as_deref(),
            Self::User => event.user_id.as_deref(),
            Self::Correlation => event.correlation_key.as_deref(),
            Self::Tag => return event.tags.iter().any(|tag| passes(tag)),
            // Any duration and any weight, when it is asked for as a text.
            Self::Duration => return event.duration.is_some() && passes("0"),
            Self::Weight => return passes(&event.sample_weight.to_string()),
            Self::ErrorKind => of_error(kind),
            Self::ErrorType => of_error(|error| &error.error_type),
            // An error that says nothing is one all the same.
            Self::ErrorMessage => return error.is_some_and(|error| passes(&error.error_message)),
            Self::ErrorProcessor => of_error(|error| &error.processor),
            Self::Field(path) => return any_value(event, path, |value| passes(&text(value))),
        };
        one.is_some_and(|text| !text.is_empty() && passes(text))
    }

    /// Whether any of the numbers that the event has under it passes.
    pub(super) fn any_number(&self, event: &Event, mut passes: impl FnMut(Number) -> bool) -> bool {
        match self {
            Self::Weight => passes(Number::Whole(event.sample_weight.into())),
            Self::Field(path) => any_value(event, path, |value| Number::of(value).is_some_and(&mut passes)),
            _ => false,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

const fn kind(error: &ErrorInfo) -> &'static str {
    match error.kind {
        ErrorKind::Error => "error",
        ErrorKind::Panic => "panic",
        ErrorKind::Cancelled => "cancelled",
    }
}

/// A value as it is searched: a text as it is, anything else as JSON.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// Whether any value passes that lies at the path in the data of an event. A name may itself have dots, and of a list
/// each element counts. Walks; the data may be as deep as it likes.
fn any_value(event: &Event, path: &str, mut passes: impl FnMut(&Value) -> bool) -> bool {
    // What is left of the path below each value.
    let mut open: Vec<(&Value, &str)> = Vec::new();
    for (name, value) in event.data.iter() {
        open.extend(below(path, name).map(|rest| (value, rest)));
    }
    while let Some((value, rest)) = open.pop() {
        match value {
            Value::Array(list) => open.extend(list.iter().map(|item| (item, rest))),
            Value::Object(map) if !rest.is_empty() => {
                open.extend(map.iter().filter_map(|(name, value)| Some((value, below(rest, name)?))));
            }
            value if rest.is_empty() && passes(value) => return true,
            _ => {}
        }
    }
    false
}

/// What is left of a path behind that name; `None` when it does not lead there.
fn below<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(name)?;
    // Names that are empty lead nowhere, or a path would never end.
    if rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix('.').filter(|rest| !rest.is_empty() && !name.is_empty())
    }
}
