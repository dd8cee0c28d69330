//! Takes an [`Event`] with raw values and gives back a [`CleanEvent`]: secrets redacted, texts and sizes within
//! [`Limits`].
//!
//! The order never changes: bound the input, redact, then shorten. Shortening first would leave the head of a token
//! that no rule knows any more.
//!
//! | file | what it decides |
//! |---|---|
//! | `limits` | how much of everything |
//! | `walk` | which parts of an event are texts, and the tree of its data |
//! | `known` | which texts of the program need not be looked at again |
//! | `recent` | which others need not, because they were clean a moment ago |
//! | `text` | one text: bound, redact until nothing changes, shorten |
//! | `rules`, `own` | what the sanitizer goes by: families, keys and patterns of a project's own |
//! | `decoded` | the text behind `%22`, `\u0022` and `&quot;` |
//! | `kinds` | what a text has in it at all, in one look: most have nothing that any rule begins with |
//! | `values` | values that are secret by their own shape, from the places where one may begin |
//! | `tokens` | the table of how credentials begin |
//! | `blocks`, `authorization`, `addresses`, `commands`, `numbers` | what the places say that need more than a table |
//! | `keys` | whether a key names a secret |
//! | `pairs`, `pair_values` | keys and values inside texts |
//! | `homes` | home directories in paths |
//! | `size` | what goes when the whole is too large |
//!
//! It lowers the odds and does not remove every secret: a password in the middle of a sentence, a key without a known
//! prefix or a telephone number in national form look like any other word. What is not recorded needs no rule.

mod limits;
mod walk;
mod known;
mod recent;
mod text;
mod families;
mod rules;
mod own;
mod decoded;
mod kinds;
mod values;
mod found;
mod tokens;
mod blocks;
mod authorization;
mod addresses;
mod commands;
mod numbers;
mod keys;
mod pairs;
mod pair_values;
mod homes;
mod size;
mod made;

#[cfg(test)]
mod carriers;
#[cfg(test)]
mod examples;

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use serde::Serialize;

use crate::Event;

pub use families::Family;
use known::Known;
pub use limits::Limits;
pub use own::{Rule, RuleError, SanitizerBuilder};
use rules::Rules;

/// What stands where a secret stood.
pub const MARKER: &str = "[REDACTED]";

/// An event that has passed the sanitizer: the only kind that can be queued, stored, sent or printed.
///
/// It reads like an [`Event`] and cannot be changed; [`Sanitizer::clean`] is the only way to one. A stored event is
/// read back as an [`Event`].
///
/// ```compile_fail
/// let smuggled: tense_event::CleanEvent = serde_json::from_str("{}").unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CleanEvent(Box<Event>);

impl Deref for CleanEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.0
    }
}

/// Redacts and bounds events. Cheap to clone; the compiled rules are shared.
///
/// ```
/// use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
///
/// let mut event = Event::new(
///     TraceId::from_bytes([7; 16]),
///     SpanId::new(1).unwrap(),
///     "operation.users.created",
///     Status::Success,
///     Timestamp::from_unix_nanos(0),
/// );
/// event.data.insert("password", 1234);
/// event.data.insert("note", "write to jane@example.com");
/// event.data.insert("token_id", "t1");
/// let clean = Sanitizer::default().clean(event);
/// assert_eq!(
///     serde_json::to_string(&clean.data).unwrap(),
///     r#"{"password":"[REDACTED]","note":"write to [REDACTED]","token_id":"t1"}"#,
/// );
/// ```
#[derive(Debug, Clone)]
pub struct Sanitizer {
    limits: Limits,
    rules: Arc<Rules>,
    known: Known,
    recent: recent::Shared,
}

impl Default for Sanitizer {
    fn default() -> Self {
        Self::by(Limits::default(), Rules::built_in())
    }
}

impl Sanitizer {
    /// A sanitizer with limits of its own; those that contradict each other are raised until they do not
    /// ([`Limits`] says which).
    ///
    /// ```
    /// let strict = tense_event::Limits { text_chars: 100, ..Default::default() };
    /// let sanitizer = tense_event::Sanitizer::with_limits(strict);
    /// ```
    pub fn with_limits(limits: Limits) -> Self {
        Self::by(limits.consistent(), Rules::built_in())
    }

    fn by(limits: Limits, rules: Arc<Rules>) -> Self {
        Self { limits, rules, known: Known::default(), recent: recent::Shared::default() }
    }

    /// Patterns of one's own in one sanitizer: each has a search of its own in every text.
    pub const MOST_RULES: usize = 64;

    /// Begins a sanitizer with keys and patterns of your own, or without some of the built-in ones.
    pub fn builder() -> SanitizerBuilder {
        SanitizerBuilder::default()
    }

    /// Redacts a text of any length, such as a line of a log, and does not shorten it. Home directories become `~`.
    ///
    /// ```
    /// let sanitizer = tense_event::Sanitizer::default();
    /// assert_eq!(sanitizer.redact("login user=bob password=hunter2"), "login user=bob password=[REDACTED]");
    /// ```
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        text::settled(text, &self.rules).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Redacts what is secret, shortens what is too long, and names in `cut` what was shortened or left out.
    ///
    /// Cleaning a clean event again changes nothing.
    pub fn clean(&self, mut event: Event) -> CleanEvent {
        let mut recent = self.recent.try_lock();
        let spent = walk::clean(&mut event, &self.limits, &self.rules, &self.known, recent.as_deref_mut());
        drop(recent);
        size::fit(&mut event, spent, &self.limits, &self.rules);
        CleanEvent(Box::new(event))
    }
}
