//! Holds the fields of a call against what its events declare: the names of the fields enter; what each value has to
//! be, and what each event carries, leave, or everything that is wrong with them.
//!
//! An event is held to its fields when the file says which it has; in a closed registry it always does. Fields that are
//! handed down from the span above may come from there, so that they are missing is found out at run time, and counted.

use crate::filled_in;
use crate::name::Form;
use crate::named::Named;
use crate::nearest::nearest;
use crate::registry::{EventDecl, FieldDecl, FieldKind, Registry};
use crate::resolve::Resolved;
use crate::violation::{listed, short};

/// Fields that every span hands down, declared or not. They are text, and stand at the top of an event.
pub(crate) const ALWAYS_INHERITED: &[&str] = &["job_id", "machine_id", "user_id", "worker_id"];

/// The most fields that a call can have, and the most mistakes that are told of them.
const MOST_FIELDS: usize = 64;

/// A field as it was named at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenField<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it is declared `= _`, to be filled in by the body: too late for the start of a life.
    pub later: bool,
}

/// What the events of a call ask of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contract {
    /// What each written field has to be, by number; nothing where no event says so.
    pub fields: Vec<Option<FieldDecl>>,
    /// The event at the start of a life.
    pub start: Carried,
    /// The event of a call that succeeds.
    pub done: Carried,
    /// The event of a call that fails.
    pub failed: Carried,
    /// Whether the event of a failure has a field `error`, to be filled in from the message.
    pub failed_has_error: bool,
}

/// What one event takes of the fields of its call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Carried {
    /// A bit for every written field that the event carries.
    pub fields: u64,
    /// Fields that it needs and that only running can show to be there: inherited ones, those that a body fills in.
    pub needed: Vec<String>,
}

impl Default for Carried {
    /// Everything, and nothing is needed: an event of which the file says nothing.
    fn default() -> Self {
        Carried { fields: u64::MAX, needed: Vec::new() }
    }
}

/// One mistake in the fields of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldViolation {
    /// The rule's id: `fields/unknown`, `fields/missing`, `fields/later`, `fields/inherit`.
    pub rule: &'static str,
    /// Which of the written fields to underline; nothing when fields are missing.
    pub field: Option<usize>,
    /// The field that was probably meant.
    pub suggestion: Option<String>,
    /// The whole of it as a sentence, ending with the rule's id in brackets.
    pub message: String,
}

impl FieldKind {
    /// The word of `tense.toml`.
    pub const fn as_str(self) -> &'static str {
        match self {
            FieldKind::String => "string",
            FieldKind::Integer => "integer",
            FieldKind::Float => "float",
            FieldKind::Bool => "bool",
            FieldKind::Json => "json",
        }
    }
}

/// One event of a call: what is declared of it, and whether all of its fields may be absent.
#[derive(Clone, Copy)]
struct Side<'r> {
    decl: Option<&'r EventDecl>,
    all_optional: bool,
}

impl<'r> Side<'r> {
    /// What the file says about the fields of the event, if it says anything.
    fn said(self) -> Option<&'r EventDecl> {
        self.decl.filter(|decl| decl.declares_fields)
    }

    fn required(self) -> impl Iterator<Item = (&'r str, FieldDecl)> {
        let fields = self.said().filter(|_| !self.all_optional).map(|decl| &decl.fields);
        fields.into_iter().flatten().filter(|(_, field)| !field.optional).map(|(name, field)| (name.as_str(), *field))
    }
}

impl Registry {
    /// Whether a field comes down from the span above when a call does not set it itself.
    pub fn is_handed_down(&self, field: &str) -> bool {
        ALWAYS_INHERITED.contains(&field)
            || self.inherit_sorted.binary_search_by(|inherited| inherited.as_str().cmp(field)).is_ok()
    }

    /// Whether `context!` may set a field: only what is handed down, so that a reader knows where to look for it.
    ///
    /// # Errors
    /// Which fields may be set, and which one was probably meant.
    ///
    /// ```
    /// # use tense_grammar::Registry;
    /// let registry = Registry::builtin();
    /// assert!(registry.set_by_context("job_id").is_ok());
    /// assert_eq!(registry.set_by_context("jobb_id").unwrap_err().suggestion.as_deref(), Some("job_id"));
    /// ```
    pub fn set_by_context(&self, field: &str) -> Result<(), FieldViolation> {
        if self.is_handed_down(field) {
            return Ok(());
        }
        // the ids in the order in which an event has them
        let known: Vec<&str> =
            ["job_id", "worker_id", "machine_id", "user_id"].into_iter().chain(self.inherit()).collect();
        let suggestion = nearest(field, known.iter().copied()).map(str::to_owned);
        let meant = suggestion.as_ref().map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
        let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "`{}` is not handed down{meant}; handed down are {}: add it to `[context] inherit` in tense.toml, or record \
             it in `fields(..)` [fields/inherit]",
            short(field),
            known.join(", "),
        );
        Err(FieldViolation { rule: "fields/inherit", field: None, suggestion, message })
    }

    /// Holds the fields of a call against what its events declare. All mistakes are told at once.
    ///
    /// ```
    /// use tense_grammar::{Form, Registry, Written, WrittenField};
    ///
    /// let registry = Registry::parse(
    ///     "version = 1\n[events.\"operation.tokens.created\"]\nfields = { token_id = \"string\", branch = \"integer?\" }\n",
    /// )
    /// .unwrap();
    /// let name = Written::new(&["operation", "tokens", "created"], Form::Action);
    /// let resolved = registry.resolve(&name).unwrap();
    ///
    /// let field = |name| WrittenField { name, later: false };
    /// assert!(registry.contract(&resolved, Form::Action, &[field("token_id")]).is_ok());
    /// assert_eq!(
    ///     registry.contract(&resolved, Form::Action, &[field("token_id"), field("brunch")]).unwrap_err()[0].message,
    ///     "`operation.tokens.created` declares no field `brunch`: write `branch`, or declare it in tense.toml [fields/unknown]",
    /// );
    /// ```
    pub fn contract(
        &self,
        resolved: &Resolved,
        form: Form,
        fields: &[WrittenField<'_>],
    ) -> Result<Contract, Vec<FieldViolation>> {
        let none = Side { decl: None, all_optional: false };
        let (start, done, failed) = match resolved {
            // what happens at a moment has no failure
            Resolved::Action { event, .. } if form == Form::Point => (none, self.side(event), none),
            Resolved::Action { event, failed, .. } => (none, self.side(event), self.side(failed)),
            Resolved::Life { start, complete, fail, .. } => (self.side(start), self.side(complete), self.side(fail)),
        };
        let is_life = matches!(resolved, Resolved::Life { .. });
        let mut violations = Vec::new();

        // a field may belong to an event of which the file says nothing; then nobody can call it unknown
        let is_open = done.said().is_none() || (is_life && start.said().is_none());
        let mut known = known_fields([start, done, failed]);
        for (index, field) in fields.iter().enumerate() {
            if let Some(known) = known.get_mut(field.name) {
                known.written.get_or_insert(index);
                known.later |= field.later;
            }
        }
        if let Some(decl) = done.decl.filter(|_| !is_open) {
            let strange = fields.iter().enumerate().filter(|(_, field)| {
                !known.contains_key(field.name) && !self.is_handed_down(field.name) && !is_filled_in(field.name)
            });
            for (index, field) in strange.take(MOST_FIELDS) {
                violations.push(unknown(index, field.name, &decl.name, &known));
            }
        }
        for side in [start, done] {
            let mut missing: Vec<(&str, FieldDecl)> = Vec::new();
            for (name, field) in side.required() {
                let Some(known) = known.get_mut(name) else { continue };
                if known.written.is_none() && !known.told && !self.is_handed_down(name) && !is_filled_in(name) {
                    known.told = true;
                    missing.push((name, field));
                }
            }
            if let Some(decl) = side.decl.filter(|_| !missing.is_empty()) {
                violations.push(missing_fields(&decl.name, &missing));
            }
        }
        for (name, _) in start.required().filter(|(name, _)| !self.is_handed_down(name)) {
            let written = known.get(name).and_then(|known| known.written);
            if let Some(index) = written.filter(|index| fields.get(*index).is_some_and(|field| field.later)) {
                violations.push(too_late(index, name, start));
            }
        }
        if !violations.is_empty() {
            return Err(violations);
        }

        let kinds = fields.iter().map(|field| {
            // these become texts, whatever they are at the call
            if ALWAYS_INHERITED.contains(&field.name) {
                return None;
            }
            let decl = known.get(field.name)?.decl;
            let optional = decl.optional || self.is_handed_down(field.name);
            Some(FieldDecl { kind: decl.kind, optional })
        });
        let failed_has_error = failed.said().is_some_and(|decl| decl.fields.contains_key("error"));
        Ok(Contract {
            fields: kinds.collect(),
            start: self.carried(start, fields, |_| false),
            done: self.carried(done, fields, |name| known.get(name).is_some_and(|known| known.later)),
            // nobody can be asked to record what only a failure has, so it is found out when one comes
            failed: self.carried(failed, fields, |name| name != "error"),
            failed_has_error,
        })
    }

    /// What is declared of an event; of a failure that nobody wrote into the file, by the event that it comes from.
    fn side(&self, event: &str) -> Side<'_> {
        match self.event(event) {
            Some(decl) => Side { decl: Some(decl), all_optional: false },
            None => Side { decl: self.declaring(event), all_optional: true },
        }
    }

    fn carried(&self, side: Side<'_>, fields: &[WrittenField<'_>], may_be_absent: impl Fn(&str) -> bool) -> Carried {
        let Some(decl) = side.said() else { return Carried::default() };
        let carries = |name: &str| decl.fields.contains_key(name) || self.is_handed_down(name) || is_filled_in(name);
        let bits = (0..64).zip(fields).filter(|(_, field)| carries(field.name)).fold(0, |bits, (n, _)| bits | 1 << n);
        let needed = side.required().map(|(name, _)| name);
        let needed = needed.filter(|name| self.is_handed_down(name) || may_be_absent(name)).map(str::to_owned);
        Carried { fields: bits, needed: needed.collect() }
    }
}

/// A field that an event of the call declares.
struct Known {
    decl: FieldDecl,
    /// Where it was written first.
    written: Option<usize>,
    later: bool,
    /// That it is missing has been told.
    told: bool,
}

/// The fields of all events of a call. One that any of them needs is needed.
fn known_fields(sides: [Side<'_>; 3]) -> Named<Known> {
    let mut known = Named::new();
    for side in sides {
        for (name, field) in side.said().into_iter().flat_map(|decl| &decl.fields) {
            let optional = field.optional || side.all_optional;
            let decl = FieldDecl { kind: field.kind, optional };
            match known.get_mut(name) {
                Some(Known { decl, .. }) => decl.optional &= optional,
                None => known.insert(name.clone(), Known { decl, written: None, later: false, told: false }),
            }
        }
    }
    known
}

/// Whether a field can be named at a call and in an expansion: one identifier.
pub(crate) fn is_field_name(name: &str) -> bool {
    let mut letters = name.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
        && name != "_"
}

pub(crate) fn is_filled_in(field: &str) -> bool {
    filled_in::RESERVED.contains(&field)
}

fn violation(rule: &'static str, field: Option<usize>, suggestion: Option<&str>, sentence: &str) -> FieldViolation {
    let message = format!("{sentence} [{rule}]");
    FieldViolation { rule, field, suggestion: suggestion.map(str::to_owned), message }
}

fn unknown(index: usize, name: &str, event: &str, known: &Named<Known>) -> FieldViolation {
    const MOST: usize = 8;
    let near = nearest(name, known.keys());
    let fact = format!("`{}` declares no field `{}`", short(event), short(name));
    let sentence = match (near, known.len()) {
        (Some(near), _) => format!("{fact}: write `{}`, or declare it in tense.toml", short(near)),
        (None, 0) => format!("{fact}, and no other: declare it in tense.toml, or leave it out"),
        (None, 1..=MOST) => {
            let all: Vec<String> = known.keys().map(|field| format!("`{}`", listed(field))).collect();
            format!("{fact}: it has {}; declare it in tense.toml, or leave it out", all.join(", "))
        }
        (None, _) => format!("{fact}: declare it in tense.toml, or leave it out"),
    };
    violation("fields/unknown", Some(index), near, &sentence)
}

fn missing_fields(event: &str, missing: &[(&str, FieldDecl)]) -> FieldViolation {
    const MOST: usize = 8;
    let named = |(name, field): &(&str, FieldDecl)| format!("`{}` ({})", listed(name), field.kind.as_str());
    let mut all = missing.iter().take(MOST).map(named).collect::<Vec<_>>().join(", ");
    if missing.len() > MOST {
        all += &format!(" and {} more", missing.len() - MOST);
    }
    let kind = missing.first().map(|(_, field)| field.kind.as_str()).unwrap_or_default();
    let (are, them, they) = if missing.len() == 1 { ("is", "it", "it") } else { ("are", "them", "they") };
    let sentence = format!(
        "{all} {are} missing, which `{}` declares: record {them} in `fields(..)`, \
         or say in tense.toml that {they} may be absent, as in `\"{kind}?\"`",
        short(event)
    );
    violation("fields/missing", None, None, &sentence)
}

fn too_late(index: usize, name: &str, start: Side<'_>) -> FieldViolation {
    let start = start.decl.map(|decl| decl.name.as_str()).unwrap_or_default();
    let sentence = format!(
        "`{}` belongs to `{}`, which is emitted before the body could fill it in: give its value here",
        short(name),
        short(start)
    );
    violation("fields/later", Some(index), None, &sentence)
}
