//! What the compiler worked out about a call goes in, as constants; what a call site says of its calls comes out.
//!
//! The macros write these constants, a thousand times in a large crate, so the usual ones are one call with few arguments,
//! and what is rare is added by a method.

use tracing_core::Level;

/// The field by which our own call sites are known among those of `tracing`. It never has a value.
pub const MARK: &str = "__tense";

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
    /// The same, and [`MARK`] behind them.
    pub marked_fields: &'static [&'static str],
    /// How important it is to the filters of `tracing`.
    pub level: Level,
    /// Empty for the module's path.
    pub target: &'static str,
    /// A bit for every field that is handed down to the spans below.
    pub inherited: u64,
    /// Words that group events across names.
    pub tags: &'static [&'static str],
    /// The function.
    pub function: &'static str,
    /// The function that undoes it; empty for none.
    pub compensate: &'static str,
    /// Whether a call is one attempt of the stage above it, which has the same fields.
    pub is_attempt: bool,
    /// What each of its events takes of the fields.
    pub carried: CarriedBy,
}

impl Spec {
    /// One event, when the call ends. The last of the fields is [`MARK`].
    pub const fn action(
        function: &'static str,
        done: &'static str,
        failed: &'static str,
        fields: &'static [&'static str],
    ) -> Self {
        Self::of(Form::Action, function, [done, "", done, failed], fields)
    }

    /// The name of the span, the event when it starts, when it is done, and when it failed.
    pub const fn life(function: &'static str, names: [&'static str; 4], fields: &'static [&'static str]) -> Self {
        Self::of(Form::Life, function, names, fields)
    }

    /// A moment.
    pub const fn point(done: &'static str, failed: &'static str, fields: &'static [&'static str]) -> Self {
        Self::of(Form::Point, "", [done, "", done, failed], fields)
    }

    const fn of(
        form: Form,
        function: &'static str,
        [span_name, start, done, failed]: [&'static str; 4],
        marked_fields: &'static [&'static str],
    ) -> Self {
        let fields = match marked_fields.split_last() {
            Some((_, fields)) => fields,
            None => marked_fields,
        };
        Self {
            form,
            span_name,
            start,
            done,
            failed,
            fields,
            marked_fields,
            level: Level::INFO,
            target: "",
            inherited: 0,
            tags: &[],
            function,
            compensate: "",
            is_attempt: false,
            carried: CarriedBy::ALL,
        }
    }

    /// Another level than `INFO`.
    pub const fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Another target than the module.
    pub const fn target(mut self, target: &'static str) -> Self {
        self.target = target;
        self
    }

    /// A bit for every field that is handed down.
    pub const fn inherited(mut self, fields: u64) -> Self {
        self.inherited = fields;
        self
    }

    /// Words that group its events.
    pub const fn tags(mut self, tags: &'static [&'static str]) -> Self {
        self.tags = tags;
        self
    }

    /// The function that undoes it.
    pub const fn compensate(mut self, function: &'static str) -> Self {
        self.compensate = function;
        self
    }

    /// One attempt of a stage.
    pub const fn attempt(mut self) -> Self {
        self.is_attempt = true;
        self
    }

    /// What its events take of the fields, where that is not all of them.
    pub const fn carried(mut self, carried: CarriedBy) -> Self {
        self.carried = carried;
        self
    }
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
