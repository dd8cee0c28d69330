//! What [`registry!`](macro@crate::registry) makes of a `tense.toml`: the declared events as constant data, and (in
//! `typed`) the values of a recorded event as the struct that was made for it.
//!
//! ```
//! // A crate without a `tense.toml` has the built-in layers, and no events.
//! mod events {
//!     tense::registry!();
//! }
//! use tense::registry::Tense;
//!
//! assert_eq!(events::REGISTRY.layer("operation").map(|layer| layer.tense), Some(Tense::Past));
//! assert!(events::REGISTRY.event("operation.tokens.created").is_none());
//! ```
//!
//! The structs below can be put together by hand as well, by `new` and then one call for each part that is not empty.
//! That is how the macro writes them; a test may want a registry of its own.

mod redact;
mod setting;
pub(crate) mod typed;

use std::fmt;

pub use redact::{Redact, RedactRule};
pub use setting::Setting;
pub use typed::{FieldValue, ReadError, TypedEvent, Values};

/// A registry: what a project says about its events. Nothing of it is allocated.
///
/// ```
/// use tense::registry::{Event, Field, Kind, Registry};
///
/// const EVENTS: &[Event] = &[
///     Event::new("operation.tokens.created", "operation.tokens.create_failed").fields(FIELDS),
///     Event::new("operation.tokens.deleted", "operation.tokens.delete_failed"),
/// ];
/// const FIELDS: &[Field] = &[Field::new("count", Kind::Integer), Field::new("token_id", Kind::Text)];
/// static REGISTRY: Registry = Registry::new().events(EVENTS);
///
/// let created = REGISTRY.event("operation.tokens.created").unwrap();
/// assert_eq!(created.field("count").unwrap().kind, Kind::Integer);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registry {
    /// Whether a name that is not declared does not compile.
    pub is_closed: bool,
    /// The layers, by name.
    pub layers: &'static [Layer],
    /// Fields that a span hands down to what happens below it, besides `job_id`, `worker_id`, `machine_id` and
    /// `user_id`.
    pub inherit: &'static [&'static str],
    /// The declared events, by name.
    pub events: &'static [Event],
    /// Names that were given up, by name.
    pub removed: &'static [Removed],
    /// What becomes of spans and events of other crates, by where they come from.
    pub foreign: &'static [Foreign],
    /// What is secret in the values of events, beyond what always is.
    pub redact: Redact,
    /// How much is recorded and kept, and how it is delivered.
    pub settings: &'static [Setting],
}

impl Registry {
    /// One that declares nothing.
    pub const fn new() -> Self {
        Self {
            is_closed: false,
            layers: &[],
            inherit: &[],
            events: &[],
            removed: &[],
            foreign: &[],
            redact: Redact::new(),
            settings: &[],
        }
    }

    /// With a name that is not declared being an error.
    pub const fn closed(self) -> Self {
        Self { is_closed: true, ..self }
    }

    /// With these layers, in the order of their names.
    pub const fn layers(self, layers: &'static [Layer]) -> Self {
        Self { layers, ..self }
    }

    /// With these fields handed down.
    pub const fn inherit(self, inherit: &'static [&'static str]) -> Self {
        Self { inherit, ..self }
    }

    /// With these events, in the order of their names.
    pub const fn events(self, events: &'static [Event]) -> Self {
        Self { events, ..self }
    }

    /// With these names given up, in their order.
    pub const fn removed(self, removed: &'static [Removed]) -> Self {
        Self { removed, ..self }
    }

    /// With these rules for other crates, in the order of where things come from.
    pub const fn foreign(self, foreign: &'static [Foreign]) -> Self {
        Self { foreign, ..self }
    }

    /// With this said of secrets.
    pub const fn redact(self, redact: Redact) -> Self {
        Self { redact, ..self }
    }

    /// With these settings.
    pub const fn settings(self, settings: &'static [Setting]) -> Self {
        Self { settings, ..self }
    }

    /// The event declared under exactly this name, by binary search.
    ///
    /// ```
    /// # use tense::registry::{Event, Registry};
    /// const EVENTS: &[Event] = &[Event::new("sql.query", "sql.query_fail")];
    /// assert!(Registry::new().events(EVENTS).event("sql.query").is_some());
    /// ```
    pub fn event(&self, name: &str) -> Option<&'static Event> {
        find(self.events, name, |event| event.name)
    }

    /// The event that declares this name: itself, or else one whose failure it reports. The second is looked for in all
    /// events.
    ///
    /// ```
    /// # use tense::registry::{Event, Registry};
    /// const EVENTS: &[Event] = &[Event::new("sql.query", "sql.query_fail")];
    /// let declaring = Registry::new().events(EVENTS).declaring("sql.query_fail");
    /// assert_eq!(declaring.unwrap().name, "sql.query");
    /// ```
    pub fn declaring(&self, name: &str) -> Option<&'static Event> {
        self.event(name).or_else(|| self.events.iter().find(|event| event.failed == name))
    }

    /// What is said about a layer, by binary search.
    ///
    /// ```
    /// # use tense::registry::{Layer, Registry, Tense};
    /// const LAYERS: &[Layer] = &[Layer::new("billing", Tense::Past)];
    /// assert_eq!(Registry::new().layers(LAYERS).layer("billing").unwrap().tense, Tense::Past);
    /// ```
    pub fn layer(&self, name: &str) -> Option<&'static Layer> {
        find(self.layers, name, |layer| layer.name)
    }

    /// Why a name was given up, by binary search.
    ///
    /// ```
    /// # use tense::registry::{Registry, Removed};
    /// const REMOVED: &[Removed] = &[Removed::new("operation.tokens.cached", "the cache is gone")];
    /// assert_eq!(Registry::new().removed(REMOVED).why_removed("operation.tokens.cached"), Some("the cache is gone"));
    /// ```
    pub fn why_removed(&self, name: &str) -> Option<&'static str> {
        find(self.removed, name, |removed| removed.name).map(|removed| removed.reason)
    }

    /// The rule for a span or an event of another crate: `target::name`, or the target of an event.
    ///
    /// ```
    /// # use tense::registry::{Foreign, Registry};
    /// const RULES: &[Foreign] = &[Foreign::new("sqlx::query", "sql.query", &["rows"])];
    /// assert_eq!(Registry::new().foreign(RULES).foreign_rule("sqlx::query").unwrap().event, "sql.query");
    /// ```
    pub fn foreign_rule(&self, source: &str) -> Option<&'static Foreign> {
        find(self.foreign, source, |rule| rule.source)
    }

    /// Whether a span that records this field hands it down.
    ///
    /// ```
    /// # use tense::registry::Registry;
    /// let registry = Registry::new().inherit(&["token_id"]);
    /// assert!(registry.is_inherited("token_id") && registry.is_inherited("job_id"));
    /// assert!(!registry.is_inherited("path"));
    /// ```
    pub fn is_inherited(&self, field: &str) -> bool {
        matches!(field, "job_id" | "worker_id" | "machine_id" | "user_id") || self.inherit.contains(&field)
    }
}

fn find<T>(sorted: &'static [T], name: &str, name_of: impl Fn(&T) -> &'static str) -> Option<&'static T> {
    sorted.get(sorted.binary_search_by_key(&name, |entry| name_of(entry)).ok()?)
}

/// A layer: the first segment of a name.
///
/// ```
/// use tense::registry::{Layer, Tense};
///
/// const OPERATION: Layer = Layer::new("operation", Tense::Past).about("State that has changed.").outcomes(&["hit", "miss"]);
/// assert_eq!(OPERATION.outcomes, ["hit", "miss"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Layer {
    /// `operation`
    pub name: &'static str,
    /// The tense of its actions.
    pub tense: Tense,
    /// What it is for.
    pub about: Option<&'static str>,
    /// Nouns that may close a name although the layer is about the past.
    pub outcomes: &'static [&'static str],
}

impl Layer {
    /// A layer of which nothing else is said.
    pub const fn new(name: &'static str, tense: Tense) -> Self {
        Self { name, tense, about: None, outcomes: &[] }
    }

    /// With what it is for.
    pub const fn about(self, about: &'static str) -> Self {
        Self { about: Some(about), ..self }
    }

    /// With these outcomes.
    pub const fn outcomes(self, outcomes: &'static [&'static str]) -> Self {
        Self { outcomes, ..self }
    }
}

/// The tense of a layer's actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tense {
    /// They have happened: `created`.
    Past,
    /// They are being done: `create`.
    Present,
    /// Nothing is asked of them.
    Any,
}

/// A declared event.
///
/// ```
/// use tense::registry::{Event, Field, Kind};
///
/// const FIELDS: &[Field] = &[Field::new("rows", Kind::Integer).optional(), Field::new("statement", Kind::Text).indexed()];
/// const QUERY: Event = Event::new("sql.query", "sql.query_fail").about("A statement was run.").fields(FIELDS).slow_ms(50);
/// assert!(QUERY.field("statement").is_some_and(|field| field.is_indexed && !field.is_optional));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Its full name.
    pub name: &'static str,
    /// The event instead, when it fails: the one that the file names, or else the derived one.
    pub failed: &'static str,
    /// What it reports.
    pub about: Option<&'static str>,
    /// Its fields, by name.
    pub fields: &'static [Field],
    /// Names that it once had.
    pub was: &'static [&'static str],
    /// Why its action need not be in the tense of its layer.
    pub exempt: Option<&'static str>,
    /// From how many milliseconds on it is slow.
    pub slow_ms: Option<u64>,
}

impl Event {
    /// An event without fields.
    pub const fn new(name: &'static str, failed: &'static str) -> Self {
        Self { name, failed, about: None, fields: &[], was: &[], exempt: None, slow_ms: None }
    }

    /// With what it reports.
    pub const fn about(self, about: &'static str) -> Self {
        Self { about: Some(about), ..self }
    }

    /// With these fields, in the order of their names.
    pub const fn fields(self, fields: &'static [Field]) -> Self {
        Self { fields, ..self }
    }

    /// With the names that it once had.
    pub const fn was(self, was: &'static [&'static str]) -> Self {
        Self { was, ..self }
    }

    /// With the reason why its action is in no tense, or in the other one.
    pub const fn exempt(self, reason: &'static str) -> Self {
        Self { exempt: Some(reason), ..self }
    }

    /// With how many milliseconds are slow.
    pub const fn slow_ms(self, slow_ms: u64) -> Self {
        Self { slow_ms: Some(slow_ms), ..self }
    }

    /// The field of that name, by binary search.
    ///
    /// ```
    /// # use tense::registry::{Event, Field, Kind};
    /// const FIELDS: &[Field] = &[Field::new("rows", Kind::Integer)];
    /// assert_eq!(Event::new("sql.query", "sql.query_fail").fields(FIELDS).field("rows").unwrap().kind, Kind::Integer);
    /// ```
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        find(self.fields, name, |field| field.name)
    }
}

/// A field of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it is declared as one that may be absent.
    pub is_optional: bool,
    /// Whether stores should be able to search by it.
    pub is_indexed: bool,
}

impl Field {
    /// A field that every such event has.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, is_optional: false, is_indexed: false }
    }

    /// One that may be absent.
    pub const fn optional(self) -> Self {
        Self { is_optional: true, ..self }
    }

    /// One to search by.
    pub const fn indexed(self) -> Self {
        Self { is_indexed: true, ..self }
    }
}

/// What a field holds.
///
/// ```
/// assert_eq!(tense::registry::Kind::Text.to_string(), "string");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A `string`: a `String` in the event's struct.
    // Not called so: of two things called `String` the compiler says everywhere which it means.
    Text,
    /// A whole number: `i64`.
    Integer,
    /// A number: `f64`.
    Float,
    /// True or false: `bool`.
    Bool,
    /// Anything that JSON can hold: [`Json`](crate::Json).
    Json,
}

impl fmt::Display for Kind {
    /// The word in `tense.toml`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Json => "json",
        })
    }
}

/// A name that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// The name.
    pub name: &'static str,
    /// Why, and what tells the same now.
    pub reason: &'static str,
}

impl Removed {
    /// That name, for that reason.
    pub const fn new(name: &'static str, reason: &'static str) -> Self {
        Self { name, reason }
    }
}

/// What becomes of the spans or events of one call site of another crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Foreign {
    /// `target::name` of the span or event, or the target of an event.
    pub source: &'static str,
    /// The event that is reported.
    pub event: &'static str,
    /// The only fields that are kept.
    pub fields: &'static [&'static str],
}

impl Foreign {
    /// What comes from there is reported as that event, with these of its fields.
    pub const fn new(source: &'static str, event: &'static str, fields: &'static [&'static str]) -> Self {
        Self { source, event, fields }
    }
}
