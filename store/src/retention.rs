//! What is to be forgotten enters; how much of it was leaves.

use std::time::Duration;

use tense_event::Timestamp;

/// For how long after its last event a program keeps a trace unless it says otherwise: 90 days.
pub const DEFAULT_RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Which traces to forget: whole ones, those first that ended first.
///
/// ```
/// use tense_event::Timestamp;
/// use tense_store::Retention;
///
/// let day = 86_400_000_000_000;
/// let now = 1_795_255_200_000_000_000;
/// let quarter_ago = Timestamp::from_unix_nanos(now - 90 * day);
/// let retention = Retention::nothing().ended_before(quarter_ago).larger_than(2_000_000_000);
/// assert_eq!(retention.bytes, Some(2_000_000_000));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retention {
    /// Those whose last event happened before.
    pub before: Option<Timestamp>,
    /// As many as are needed until what is kept takes at most so many bytes, indexes included.
    pub bytes: Option<u64>,
}

impl Retention {
    /// Nothing is to be forgotten.
    pub const fn nothing() -> Self {
        Self { before: None, bytes: None }
    }

    /// As well those whose last event happened before that moment.
    #[must_use]
    pub const fn ended_before(self, before: Timestamp) -> Self {
        Self { before: Some(before), ..self }
    }

    /// As well as many, the oldest first, as it takes to bring the rest down to so many bytes.
    #[must_use]
    pub const fn larger_than(self, bytes: u64) -> Self {
        Self { bytes: Some(bytes), ..self }
    }
}

/// What a step of a purge has removed, or would remove.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Purged {
    /// Traces that are gone.
    pub traces: u64,
    /// Events that are gone.
    pub events: u64,
    /// How many bytes they took, as far as the store knows.
    pub bytes: u64,
    /// Whether there is more to remove.
    pub more: bool,
}

impl Purged {
    /// The same with what another step has removed.
    pub const fn and(self, next: Self) -> Self {
        Self {
            traces: self.traces.saturating_add(next.traces),
            events: self.events.saturating_add(next.events),
            bytes: self.bytes.saturating_add(next.bytes),
            more: next.more,
        }
    }
}
