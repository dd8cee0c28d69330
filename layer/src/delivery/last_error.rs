//! What a sink says of its failure goes in; what can be shown of it comes out, bounded and without secrets.

use std::any::Any;
use std::error::Error;
use std::fmt::{self, Write};

use serde::Serialize;
use tense::__private::layer::{now, unix_nanos};
use tense_event::{ErrorInfo, ErrorKind, Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

/// What is looked at of a text, in bytes.
const INPUT: usize = 4096;
/// Errors behind an error that are told with it.
const SOURCES: usize = 8;

/// What a sink said last when it did not take a batch. Part of [`SinkHealth`](crate::SinkHealth).
///
/// ```
/// for sink in tense_layer::health().sinks {
///     if let Some(error) = &sink.last_error {
///         eprintln!("{}: {}, at {}", sink.name, error.text, error.at);
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LastError {
    /// The error with those behind it, a panic, or for how long a call had not come back. Cleaned of secrets as the
    /// text of an error in an event, and as long as such a one at most.
    pub text: String,
    /// When that was.
    pub at: Timestamp,
}

impl LastError {
    /// The error with its sources: code of the sink's, which may panic.
    pub(super) fn of_error(error: &dyn Error, sanitizer: &Sanitizer) -> Self {
        let mut text = Bounded::default();
        // What does not fit is left out.
        write!(text, "{error}").ok();
        let mut next = error.source();
        for _ in 0..SOURCES {
            let Some(source) = next else { break };
            write!(text, ": {source}").ok();
            next = source.source();
        }
        Self::clean(text, sanitizer)
    }

    pub(super) fn of_panic(panic: &(dyn Any + Send), sanitizer: &Sanitizer) -> Self {
        let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self::of_text(&format_args!("it panicked: {}", said.unwrap_or("it is not known why")), sanitizer)
    }

    pub(super) fn of_text(text: &dyn fmt::Display, sanitizer: &Sanitizer) -> Self {
        let mut bounded = Bounded::default();
        write!(bounded, "{text}").ok();
        Self::clean(bounded, sanitizer)
    }

    /// As an event that told of it would be cleaned, also of what the end that was cut off may have begun with.
    fn clean(text: Bounded, sanitizer: &Sanitizer) -> Self {
        let at = Timestamp::from_unix_nanos(i64::try_from(unix_nanos(now())).unwrap_or(i64::MAX));
        let Some(span) = SpanId::new(1) else { return Self { text: String::new(), at } };
        let mut event = Event::new(TraceId::from_halves(0, 1), span, "", Status::Failed, at);
        let mut error = ErrorInfo::new(ErrorKind::Error);
        error.error_message = text.text;
        event.error = Some(error);
        if text.is_cut {
            event.torn.push("error_message".to_owned());
        }
        let clean = sanitizer.clean(event);
        Self { text: clean.error.as_ref().map_or_else(String::new, |error| error.error_message.clone()), at }
    }
}

/// As much of a text as is looked at.
#[derive(Default)]
struct Bounded {
    text: String,
    is_cut: bool,
}

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let fits = more.floor_char_boundary(INPUT - self.text.len());
        self.text.push_str(more.get(..fits).unwrap_or_default());
        self.is_cut |= fits < more.len();
        // Whoever formats may be at it for ever.
        if self.is_cut { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Said {
        #[error("cannot connect to postgres://tense:hunter2@db/trace")]
        Connection(#[source] Box<Self>),
        #[error("password=hunter2 is wrong")]
        Password,
        #[error("it goes on and on")]
        Round(#[source] &'static Self),
        #[error("{}", "word ".repeat(10_000_000))]
        Long,
        #[error("{}token=ghp_{}", "word ".repeat(815), "1b2C".repeat(100))]
        Torn,
    }

    fn said(error: &Said) -> String {
        LastError::of_error(error, &Sanitizer::default()).text
    }

    #[test]
    fn an_error_is_told_with_its_sources_and_without_its_secrets() {
        let told = said(&Said::Connection(Box::new(Said::Password)));
        assert!(told.starts_with("cannot connect to postgres://") && told.contains("is wrong"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
        let panic: Box<dyn Any + Send> = Box::new("password=hunter2".to_owned());
        assert_eq!(LastError::of_panic(panic.as_ref(), &Sanitizer::default()).text, "it panicked: password=[REDACTED]");
    }

    #[test]
    fn an_error_of_any_length_is_bounded() {
        static ROUND: Said = Said::Round(&ROUND);
        assert_eq!(said(&ROUND).matches("on and on").count(), SOURCES + 1);
        let long = said(&Said::Long);
        assert!((400..=500).contains(&long.chars().count()), "{long}");
        assert!(!said(&Said::Torn).contains("ghp_"), "half of a secret is one");
    }
}
