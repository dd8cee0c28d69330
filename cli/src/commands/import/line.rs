//! A line of a file enters; its event leaves, or what is wrong with it and where.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::error::Category;
use tense_event::{Event, SCHEMA_VERSION};
use tense_store::import::foreign;

use super::digits;

/// The longest line that is read, in bytes: a hundred times what an event may have.
pub(super) const LONGEST: u64 = 1 << 20;

/// Why a line is no event.
pub(super) struct Error {
    /// From 1, in bytes.
    pub(super) column: usize,
    pub(super) message: String,
}

/// What a line says.
pub(super) struct Line {
    pub(super) event: Event,
    /// So many of its numbers have no room in 64 bits, and are texts of their digits.
    pub(super) long_numbers: usize,
    /// Whether it says a duration that no clock has measured, which is left out.
    pub(super) has_lost_duration: bool,
}

/// The event of a line; nothing for an empty one.
pub(super) fn event(bytes: &[u8]) -> Result<Option<Line>, Error> {
    let at = |column, message: String| Err(Error { column, message });
    let message = |message: String| Error { column: 1, message };
    if bytes.len() as u64 > LONGEST {
        return at(1, format!("this line has more than {LONGEST} bytes and is left unread"));
    }
    let line = match std::str::from_utf8(bytes) {
        // the end of the line is no part of it: a mistake there would be told of the next one
        Ok(line) => line.trim_end(),
        Err(error) => {
            let message = "this line is not UTF-8: write the file anew as UTF-8, and import it again";
            return at(error.valid_up_to() + 1, message.to_owned());
        }
    };
    if line.is_empty() {
        return Ok(None);
    }
    if !line.trim_start().starts_with('{') {
        return at(1, no_object(line));
    }
    let wrong =
        |error: &serde_json::Error| Error { column: error.column().clamp(1, line.len()), message: cause(line, error) };
    let head = serde_json::from_str(line).ok();
    // What says a key twice has no head, and may be of another system all the same.
    let is_ours = match &head {
        Some(Head { schema_version, .. }) => schema_version.is_some(),
        None => serde_json::from_str::<Keys>(line).map_err(|error| wrong(&error))?.contains_key("schema_version"),
    };
    if !is_ours {
        let (kept, long_numbers) = digits::kept(line, 1);
        let (said, long_numbers) = match serde_json::from_str(&kept) {
            Ok(said) => (said, long_numbers),
            Err(_) => (serde_json::from_str(line).map_err(|error| wrong(&error))?, 0),
        };
        let event = foreign::event(said, line.trim().as_bytes()).map_err(|error| message(error.to_string()))?;
        // What is no duration stays there as a field.
        return Ok(Some(Line { event, long_numbers, has_lost_duration: false }));
    }
    let says_duration = head.as_ref().is_some_and(|head| head.duration_ms.is_some());
    let named = head.and_then(|head| with_span_name(line, &head));
    let named = named.as_deref().unwrap_or(line);
    // Only of what others have named: our own numbers are numbers.
    let (kept, long_numbers) = digits::kept(named, 2);
    let (mut event, long_numbers): (Event, usize) = match serde_json::from_str(&kept) {
        Ok(event) => (event, long_numbers),
        // An error at a column behind the line is in the name that was added to it.
        Err(_) => (serde_json::from_str(named).map_err(|error| wrong(&error))?, 0),
    };
    if event.schema_version != SCHEMA_VERSION {
        let found = event.schema_version;
        return at(1, format!("this is an event of schema {found}, and schema {SCHEMA_VERSION} is read"));
    }
    if event.event_type.trim().is_empty() {
        return at(1, "this is no event: its `event_type` is empty, and says nothing of what happened".to_owned());
    }
    if event.span_name.trim().is_empty() {
        event.span_name = event.event_type.clone();
    }
    let has_lost_duration = says_duration && event.duration.is_none();
    Ok(Some(Line { event, long_numbers, has_lost_duration }))
}

/// Its keys, whatever they hold.
type Keys = BTreeMap<String, IgnoredAny>;

/// What to say of a line that is none of JSON's objects.
fn no_object(line: &str) -> String {
    if line.starts_with('\0') {
        return "this line begins with NUL bytes, as a crash leaves them where something was to be written; what that was is lost"
            .to_owned();
    }
    "this line is no JSON object, and an event is one".to_owned()
}

/// What to say of a line that is no event for that reason.
fn cause(line: &str, error: &serde_json::Error) -> String {
    let message = without_place(error);
    let behind = || line.as_bytes().get(error.column().saturating_sub(1));
    match error.classify() {
        Category::Eof => format!("this line breaks off: {message}"),
        Category::Syntax if message == "trailing characters" && behind() == Some(&b'{') => {
            "another object stands behind the first one: `jq -c . FILE | tense import -` reads one a line".to_owned()
        }
        Category::Syntax if message == "trailing characters" && behind() == Some(&b',') => {
            "a comma stands behind the object, as in a list: `jq -c '.[]' FILE | tense import -` reads one".to_owned()
        }
        Category::Syntax | Category::Io => format!("this line cannot be read as JSON: {message}"),
        Category::Data => format!("this is no event of schema 1: {message}"),
    }
}

/// What has to be known of a line before it is read: whether it claims a version of ours, and names its span.
#[derive(serde::Deserialize)]
struct Head<'a> {
    schema_version: Option<IgnoredAny>,
    span_name: Option<IgnoredAny>,
    duration_ms: Option<IgnoredAny>,
    #[serde(borrow)]
    event_type: Option<Cow<'a, str>>,
}

/// A line that says what happened and not in which span: the span has its name then.
fn with_span_name(line: &str, head: &Head<'_>) -> Option<String> {
    let Head { event_type: Some(event_type), span_name: None, .. } = head else { return None };
    let before = line.strip_suffix('}')?;
    Some(format!("{before},\"span_name\":{}}}", serde_json::to_string(event_type).ok()?))
}

/// The message alone: its line is always the first, and its column is told elsewhere.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}
