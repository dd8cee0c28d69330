//! What a call site says of its calls, for whoever makes events of them.

use tracing_core::Level;

/// How the names of these fields begin in all versions of this crate.
pub(crate) const MARKS: &str = "__tense";

/// The field by which our own call sites are known among those of `tracing`. It never has a value. A call site gets it
/// when it becomes known, in the place that its static has for it. It names the version as far as Cargo lets versions
/// stand side by side, so that the call sites of another one are foreign ones.
pub const MARK: &str = concat!("__tense_", env!("CARGO_PKG_VERSION_MAJOR"), "_", env!("CARGO_PKG_VERSION_MINOR"));

/// Whether an annotated call is one event or a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One event, when the call ends.
    Action,
    /// A start event and an end event.
    Life,
    /// A moment without a duration.
    Point,
}

/// What a call site says about its calls, worked out by the compiler.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// One event or two.
    pub form: Form,
    /// The declared name without the word of its life.
    pub span_name: &'static str,
    /// The event that says that it has begun; empty without a life.
    pub start: &'static str,
    /// The event that says that it is done.
    pub done: &'static str,
    /// The event that says that it failed.
    pub failed: &'static str,
    /// Names of the fields, by number.
    pub fields: &'static [&'static str],
    /// The function.
    pub function: &'static str,
    /// What most say nothing of.
    pub more: More,
}

impl Spec {
    /// One event of that name, which carries all of these fields.
    pub const fn action(name: &'static str, fields: &'static [&'static str]) -> Self {
        Self {
            form: Form::Action,
            span_name: name,
            start: "",
            done: name,
            failed: name,
            fields,
            function: "",
            more: More::NONE,
        }
    }
}

/// What most call sites say nothing of.
#[derive(Debug, Clone, Copy)]
pub struct More {
    /// How important it is to the filters of `tracing`.
    pub level: Level,
    /// Empty for the module's path.
    pub target: &'static str,
    /// A bit for every field that is handed down to the spans below.
    pub inherited: u64,
    /// Fields by which people search for its events, those of spans above among them.
    pub indexed: &'static [&'static str],
    /// Words that group events across names.
    pub tags: &'static [&'static str],
    /// The function that undoes it; empty for none.
    pub compensate: &'static str,
    /// Whether a call is one attempt of the stage above it, which has the same fields.
    pub is_attempt: bool,
    /// Whether a call has fields that its body fills in.
    pub is_left_open: bool,
    /// What each of its events takes of the fields.
    pub carried: CarriedBy,
}

impl More {
    /// What holds where nothing is said.
    pub const NONE: Self = Self {
        level: Level::INFO,
        target: "",
        inherited: 0,
        indexed: &[],
        tags: &[],
        compensate: "",
        is_attempt: false,
        is_left_open: false,
        carried: CarriedBy::ALL,
    };
}

/// What the events of a call take of its fields.
#[derive(Debug, Clone, Copy)]
pub struct CarriedBy {
    /// The one that says that it has begun.
    pub start: Carried,
    /// The one that says that it is done.
    pub done: Carried,
    /// The one that says that it failed.
    pub failed: Carried,
    /// Whether that one has a field `error`, which is filled in from the message.
    pub error_is_field: bool,
}

impl CarriedBy {
    /// What holds where no registry says anything.
    pub const ALL: Self = Self { start: Carried::ALL, done: Carried::ALL, failed: Carried::ALL, error_is_field: false };
}

/// What one event takes of the fields of its call.
#[derive(Debug, Clone, Copy)]
pub struct Carried {
    /// A bit for every field that the event carries.
    pub fields: u64,
    /// Fields that the registry declares as always there, and that only running can show to be.
    pub needed: &'static [&'static str],
}

impl Carried {
    /// All fields, and none is needed.
    pub const ALL: Self = Self { fields: u64::MAX, needed: &[] };
}
