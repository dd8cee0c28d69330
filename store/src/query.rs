//! What a search asks for enters, as terms that a person typed; whether an event is meant leaves, and what a store can
//! look up in an index before it reads any.
//!
//! [`Pattern`] is a text with stars, [`Key`] what of an event is asked about, [`Term`] one thing that is asked.

mod pattern;
mod number;
mod key;
mod term;

use tense_event::{Event, Timestamp, TraceId};

pub use key::Key;
pub use number::{Number, Operator, duration};
pub use pattern::Pattern;
pub use term::{Problem, Term, TermError, Test};

/// Which events are meant: all of what it asks for has to hold of an event.
///
/// ```
/// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
/// use tense_store::query::{Key, Query, Term};
///
/// let query = Query::new()
///     .any_of(["operation.tokens.*", "sql.query"].map(|wanted| Term::is(Key::Type, wanted)))
///     .with("status:failed".parse()?)
///     .with("-error.kind:panic".parse()?);
///
/// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
/// let event = |status| Event::new(TraceId::from_bytes([7; 16]), SpanId::new(1).unwrap(), "sql.query", status, at);
/// assert!(query.matches(&event(Status::Failed)) && !query.matches(&event(Status::Success)));
/// assert_eq!(query.exact(&Key::Status), Some(vec!["failed"]));
/// # Ok::<(), tense_store::query::TermError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    /// Of each group, one term has to hold.
    groups: Vec<Vec<Term>>,
}

impl Query {
    /// All events.
    pub const fn new() -> Self {
        Self { since: None, until: None, groups: Vec::new() }
    }

    /// Those of them that happened then or later. An event happens at its [`timestamp`](Event::timestamp): a span's end
    /// is when it ended.
    #[must_use]
    pub fn since(self, since: Timestamp) -> Self {
        Self { since: Some(since), ..self }
    }

    /// Those of them that happened before.
    #[must_use]
    pub fn until(self, until: Timestamp) -> Self {
        Self { until: Some(until), ..self }
    }

    /// Those of them of which this holds.
    #[must_use]
    pub fn with(self, term: Term) -> Self {
        self.any_of([term])
    }

    /// Those of them of which one of these holds. An empty list asks for nothing.
    #[must_use]
    pub fn any_of(mut self, terms: impl IntoIterator<Item = Term>) -> Self {
        let group: Vec<Term> = terms.into_iter().collect();
        if !group.is_empty() {
            self.groups.push(group);
        }
        self
    }

    /// Whether the event is one of them.
    pub fn matches(&self, event: &Event) -> bool {
        self.since.is_none_or(|since| event.timestamp >= since)
            && self.until.is_none_or(|until| event.timestamp < until)
            && self.groups.iter().all(|group| group.iter().any(|term| term.matches(event)))
    }

    /// Whether it is every event.
    pub fn is_all(&self) -> bool {
        *self == Self::new()
    }
}

/// What a store can narrow its search by, before it asks [`Query::matches`].
impl Query {
    /// From when on (included) until when (excluded).
    pub const fn range(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.since, self.until)
    }

    /// What is asked for: of each group, one has to hold.
    pub fn groups(&self) -> impl Iterator<Item = &[Term]> {
        self.groups.iter().map(Vec::as_slice)
    }

    /// Texts of which an event has one under that key when it is meant; `None` when nothing is asked of the key that
    /// could be said so. Where several groups ask of it, those of the one with the fewest texts.
    pub fn patterns(&self, key: &Key) -> Option<Vec<&Pattern>> {
        let groups = self.groups.iter();
        let asked = groups.filter_map(|group| group.iter().map(|term| wanted(term, key)).collect::<Option<Vec<_>>>());
        asked.min_by_key(Vec::len)
    }

    /// The same, of texts without a star. Of a field, `1` also means the number 1.0.
    pub fn exact(&self, key: &Key) -> Option<Vec<&str>> {
        let groups = self.groups.iter();
        let asked =
            groups.map(|group| group.iter().map(|term| wanted(term, key)?.as_exact()).collect::<Option<Vec<_>>>());
        asked.flatten().min_by_key(Vec::len)
    }

    /// The only traces that are meant, when their whole ids are asked for.
    pub fn traces(&self) -> Option<Vec<TraceId>> {
        Some(self.exact(&Key::Trace)?.into_iter().filter_map(|id| id.parse().ok()).collect())
    }
}

/// The text that a term asks for under that key.
fn wanted<'t>(term: &'t Term, key: &Key) -> Option<&'t Pattern> {
    match &term.test {
        Test::Is(pattern) if term.key == *key && !term.is_negated => Some(pattern),
        _ => None,
    }
}
