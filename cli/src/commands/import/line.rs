//! A line of a file enters; its event leaves, or what is wrong with it and where.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use tense_event::{Event, SCHEMA_VERSION};

use super::LONGEST;

/// Why a line is no event.
pub(super) struct Error {
    /// From 1, in bytes.
    pub(super) column: usize,
    pub(super) message: String,
}

/// What some editors write in front of a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The event of a line; nothing for an empty one.
pub(super) fn event(bytes: &[u8], is_first: bool) -> Result<Option<Event>, Error> {
    let at = |column, message: String| Err(Error { column, message });
    if bytes.len() as u64 > LONGEST {
        return at(1, format!("this line has more than {LONGEST} bytes and is left unread"));
    }
    let marked = bytes.strip_prefix(BYTE_ORDER_MARK).filter(|_| is_first);
    let line = match std::str::from_utf8(marked.unwrap_or(bytes)) {
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
    let event: Event = match serde_json::from_str(&with_span_name(line)) {
        Ok(event) => event,
        // what was added behind the line is no place in it
        Err(error) => {
            return at(
                error.column().clamp(1, line.len()),
                format!("this is no event of schema 1: {}", without_place(&error)),
            );
        }
    };
    if event.schema_version != SCHEMA_VERSION {
        let found = event.schema_version;
        return at(1, format!("this is an event of schema {found}, and schema {SCHEMA_VERSION} is read"));
    }
    Ok(Some(event))
}

/// A line that says what happened and not in which span: the span has its name then.
fn with_span_name(line: &str) -> Cow<'_, str> {
    #[derive(serde::Deserialize)]
    struct Name<'a> {
        #[serde(borrow)]
        event_type: Cow<'a, str>,
        span_name: Option<IgnoredAny>,
    }
    let added = || {
        let Name { event_type, span_name: None } = serde_json::from_str(line).ok()? else { return None };
        let before = line.strip_suffix('}')?;
        Some(format!("{before},\"span_name\":{}}}", serde_json::to_string(&event_type).ok()?))
    };
    added().map_or(Cow::Borrowed(line), Cow::Owned)
}

/// The message alone: its line is always the first, and its column is told elsewhere.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}
