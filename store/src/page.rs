//! What a search finds comes in pages: an answer leaves with a cursor, and the next question enters with it.

use std::fmt;
use std::str::FromStr;

use tense_event::{Event, Timestamp};

use crate::statistics::Statistics;

/// So long is no cursor of any store.
const LONGEST: usize = 200;

/// A place in what a store holds, to go on from there. Only the store knows what is in it; it stays good for as long as
/// the store does, and for programs that come later.
///
/// As text it is a word of letters, digits, `_` and `.`, to be passed on a command line.
///
/// ```
/// use tense_store::Cursor;
/// let cursor: Cursor = "s.1f.3a9".parse()?;
/// assert_eq!(cursor.to_string(), "s.1f.3a9");
/// assert!("../3a9".parse::<Cursor>().is_err());
/// # Ok::<(), tense_store::CursorError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(String);

impl Cursor {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A place that these numbers say, of that kind of question.
    pub(crate) fn of(kind: char, numbers: &[u64]) -> Self {
        let numbers: Vec<String> = numbers.iter().map(|number| format!("{number:x}")).collect();
        Self(format!("{kind}.{}", numbers.join(".")))
    }

    /// The numbers again; `None` when it is of another kind, or somebody made it up.
    pub(crate) fn numbers<const N: usize>(&self, kind: char) -> Option<[u64; N]> {
        let numbers = self.0.strip_prefix(kind)?.strip_prefix('.')?.split('.');
        let numbers: Option<Vec<u64>> = numbers.map(|number| u64::from_str_radix(number, 16).ok()).collect();
        numbers?.try_into().ok()
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read `{}` as a cursor: use the one of an earlier answer as it is, or none to begin anew", given.escape_debug())]
#[non_exhaustive]
pub struct CursorError {
    /// The text, or its beginning when it is long.
    pub given: String,
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.len() <= LONGEST && text.chars().all(is_word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CursorError { given: text.chars().take(40).collect() })
        }
    }
}

/// A part of what a search finds.
///
/// A store looks for about a tenth of a second at most, and then says how far it came: a page may be empty and have a
/// `next` all the same.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// What was found: the newest trace first, by when the store first heard of it, and within a trace in order of
    /// time.
    pub events: Vec<Event>,
    /// Where to go on; none when this was the end.
    pub next: Option<Cursor>,
    /// How far it came.
    pub progress: Progress,
}

/// How far a search or a count has come with one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Events that were looked at; those that an index passed over are not. Of those that the store counted as they
    /// came, none has to be looked at, and a count says how many they are all the same.
    pub looked_at: u64,
    /// Rows among them that are no events.
    pub unreadable: u64,
    /// When the last of them happened; or, where there was none for as long as a call looks, when the last trace began
    /// that was passed over.
    pub reached: Option<Timestamp>,
}

/// A part of what is to be counted; [`Statistics::merge`] puts parts together.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Count {
    /// What was counted in this part.
    pub statistics: Statistics,
    /// Where to go on; none when this was the end.
    pub next: Option<Cursor>,
    /// How far it came.
    pub progress: Progress,
}

/// What has arrived behind a cursor.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Tail {
    /// In the order of arrival.
    pub events: Vec<Event>,
    /// Behind the last of them: where to go on, now or when there is more.
    pub next: Cursor,
    /// Whether some that had arrived behind the cursor were purged before they were asked for, or came too long ago.
    /// Told until the cursor is behind them: once, for whoever asks for all there is.
    pub is_torn: bool,
    /// Rows that are no events.
    pub unreadable: u64,
}

impl Tail {
    /// Nothing yet, from there on.
    pub const fn from(next: Cursor) -> Self {
        Self { events: Vec::new(), next, is_torn: false, unreadable: 0 }
    }
}
