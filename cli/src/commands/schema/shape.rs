//! A registry enters; for every event that its program may write, what a reader can rely on leaves.

use std::collections::{BTreeMap, BTreeSet};

use tense_event::{ErrorKind, Level, Status};
use tense_grammar::{EventDecl, FieldDecl, FieldKind, Registry};

use crate::redaction;

/// Fields that stand at the top of an event, as texts.
pub(crate) const AT_THE_TOP: [&str; 4] = ["job_id", "worker_id", "machine_id", "user_id"];

/// What `info!` and its like become, in every project.
const LOG: [&str; 5] = ["log.debug", "log.error", "log.info", "log.trace", "log.warn"];

/// How an event may have ended, all words of it.
pub(super) const STATUSES: [Status; 3] = [Status::Pending, Status::Success, Status::Failed];

/// The words for how much an event matters.
pub(super) const LEVELS: [&str; 5] =
    [Level::Trace.as_str(), Level::Debug.as_str(), Level::Info.as_str(), Level::Warn.as_str(), Level::Error.as_str()];

/// The words for why a call failed.
pub(super) const KINDS: [&str; 3] =
    [ErrorKind::Error.as_str(), ErrorKind::Panic.as_str(), ErrorKind::Cancelled.as_str()];

/// Everything that may be read.
pub(crate) struct Shapes<'r> {
    /// Declared events and the failures that follow from them, by name.
    pub(crate) events: Vec<Shape<'r>>,
    /// Names under which a span that is still open is reported once.
    pub(crate) open_spans: BTreeSet<&'r str>,
    /// Names that every program writes without declaring them.
    pub(crate) logs: Vec<&'static str>,
    /// Whether there may be names that nobody has declared.
    pub(crate) is_closed: bool,
}

/// One type of event.
pub(crate) struct Shape<'r> {
    pub(crate) name: String,
    /// The event that it is the failure of, where the file does not declare it itself.
    pub(crate) fails: Option<&'r str>,
    pub(crate) about: Option<&'r str>,
    pub(crate) statuses: Vec<Status>,
    /// Under these of its statuses, what is declared as always there is there, or named under `absent` or `cut`.
    pub(crate) whole: Vec<Status>,
    /// By name; none where the file says nothing of its fields.
    pub(crate) fields: Vec<Field<'r>>,
}

/// One of its fields.
pub(crate) struct Field<'r> {
    pub(crate) name: &'r str,
    pub(crate) kind: FieldKind,
    pub(crate) is_required: bool,
    /// Whether it may come from a span above, so that the compiler cannot ask for it.
    pub(crate) is_handed_down: bool,
    /// What stands in its place where nobody ever sees what it holds.
    pub(crate) hidden_as: Option<String>,
}

impl Field<'_> {
    pub(crate) fn is_at_the_top(&self) -> bool {
        AT_THE_TOP.contains(&self.name)
    }
}

impl<'r> Shapes<'r> {
    pub(crate) fn of(registry: &'r Registry) -> Self {
        let mut failures: BTreeMap<String, Vec<&EventDecl>> = BTreeMap::new();
        for event in registry.events() {
            failures.entry(registry.failure(event)).or_default().push(event);
        }
        let foreign: BTreeSet<&str> = registry.foreign_rules().map(|(_, rule)| rule.event.as_str()).collect();
        let mut events: Vec<Shape<'_>> = Vec::new();
        for event in registry.events() {
            let is_failure = failures.contains_key(&event.name);
            events.push(Shape::declared(registry, event, is_failure, foreign.contains(event.name.as_str())));
        }
        for (name, of) in failures {
            if registry.event(&name).is_none() {
                events.push(Shape::failure(registry, name, &of));
            }
        }
        events.sort_by(|a, b| a.name.cmp(&b.name));

        let is_start = |event: &EventDecl| registry.life_of(&event.name).is_some_and(|(start, _)| start == event);
        let actions = registry.events().filter(|event| !is_start(event)).map(|event| event.name.as_str());
        let lives = registry.events().filter(|event| is_start(event)).filter_map(|event| event.name.rsplit_once('.'));
        let open_spans: BTreeSet<&str> = actions.chain(lives.map(|(before, _)| before)).collect();
        let logs = LOG.into_iter().filter(|log| !events.iter().any(|event| event.name == *log)).collect();
        Self { events, open_spans, logs, is_closed: registry.is_closed() }
    }
}

impl<'r> Shape<'r> {
    fn declared(registry: &'r Registry, event: &'r EventDecl, is_failure: bool, is_foreign: bool) -> Self {
        let is_start = registry.life_of(&event.name).is_some_and(|(start, _)| start == event);
        let mut statuses = vec![Status::Success];
        if is_start {
            statuses.insert(0, Status::Pending);
        }
        let mut whole = statuses.clone();
        // A span of another crate fails under the same name, and nobody could ask it for anything.
        if is_failure || is_foreign {
            statuses.push(Status::Failed);
        }
        if is_failure && !is_foreign {
            whole.push(Status::Failed);
        }
        let fields = fields(registry, event, |field| !field.optional);
        Self { name: event.name.clone(), fails: None, about: event.about.as_deref(), statuses, whole, fields }
    }

    /// What a failed call had recorded by then.
    fn failure(registry: &'r Registry, name: String, of: &[&'r EventDecl]) -> Self {
        // A life fails as its completion, which is the one that declares the name.
        let of = of.iter().find(|event| registry.declaring(&name).is_some_and(|decl| decl == **event)).or(of.last());
        let fields = of.map(|event| fields(registry, event, |_| false)).unwrap_or_default();
        // Where a body reports the failure itself, the report is no failure.
        let statuses = vec![Status::Success, Status::Failed];
        Self { name, fails: of.map(|event| event.name.as_str()), about: None, whole: Vec::new(), statuses, fields }
    }

    pub(crate) fn required(&self) -> impl Iterator<Item = &Field<'r>> {
        self.fields.iter().filter(|field| field.is_required)
    }

    /// Whether a type can promise a field: it is always there, and whether it is, is known before the program runs.
    pub(crate) fn promises(&self, field: &Field<'_>) -> bool {
        field.is_required && !field.is_handed_down && self.whole == self.statuses
    }
}

fn fields<'r>(registry: &Registry, event: &'r EventDecl, is_required: impl Fn(FieldDecl) -> bool) -> Vec<Field<'r>> {
    let field = |(name, decl): (&'r String, &FieldDecl)| Field {
        name,
        kind: decl.kind,
        is_required: is_required(*decl),
        is_handed_down: registry.is_handed_down(name),
        hidden_as: redaction::hidden_as(name, decl.kind, registry),
    };
    event.fields.iter().map(field).collect()
}
