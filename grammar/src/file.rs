//! Reads `tense.toml`: a text enters, a [`Registry`] leaves, or every mistake in it with its line and column.
//!
//! Nothing is skipped in silence. A key that is not known is an error, with the one that was probably meant.

mod values;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::name;
use crate::registry::{EventDecl, FieldDecl, FieldKind, ForeignRule, LayerDecl, Registry};
use crate::resolve::is_reason;
use crate::tense::Tense;
use crate::violation::{self, short};
use crate::words;
use values::{placed, unknown};

/// A mistake in `tense.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for RegistryError {}

/// The only version of the format so far.
const VERSION: &str = "1";

const KEYS: &[&str] = &[
    "closed",
    "context",
    "delivery",
    "events",
    "foreign",
    "layers",
    "migrating",
    "redact",
    "removed",
    "sampling",
    "version",
    "words",
];
/// Tables that belong to other readers; here they only have to be tables.
const RESERVED: &[&str] = &["delivery", "redact", "sampling"];
const LAYER_KEYS: &[&str] = &["about", "outcomes", "tense"];
const EVENT_KEYS: &[&str] = &["about", "exempt", "failed", "fields", "indexed", "slow_ms", "was"];
const EXEMPT_KEYS: &[&str] = &["reason", "rule"];
const FOREIGN_KEYS: &[&str] = &["event", "fields"];
const TENSES: &[&str] = &["any", "past", "present"];
const FIELD_KINDS: &[(&str, FieldKind)] = &[
    ("bool", FieldKind::Bool),
    ("float", FieldKind::Float),
    ("integer", FieldKind::Integer),
    ("json", FieldKind::Json),
    ("string", FieldKind::String),
];

impl Registry {
    /// Reads the text of a `tense.toml`. All mistakes are told at once, in the order of the file.
    ///
    /// ```
    /// use tense_grammar::Registry;
    ///
    /// let errors = Registry::parse("version = 1\n[layers.operation]\ntence = \"past\"\n").unwrap_err();
    /// assert_eq!(errors[0].to_string(), "line 3, column 1: `tence` is not a key of a layer: did you mean `tense`?");
    /// ```
    pub fn parse(text: &str) -> Result<Registry, Vec<RegistryError>> {
        let (document, syntax) = DeTable::parse_recoverable(text);
        if !syntax.is_empty() {
            // half a document would only yield mistakes that nobody made
            let faults = syntax.iter().map(|error| (error.span().unwrap_or(0..0), error.message().to_owned()));
            return Err(placed(text, faults.collect()));
        }
        let mut reader = Reader { registry: Registry::builtin(), faults: Vec::new(), names: BTreeMap::new() };
        reader.document(document.get_ref());
        if reader.faults.is_empty() { Ok(reader.registry) } else { Err(placed(text, reader.faults)) }
    }
}

/// Where in the text, and what.
type Fault = (Range<usize>, String);
type Key<'i> = Spanned<DeString<'i>>;
type Value<'i> = Spanned<DeValue<'i>>;

struct Reader {
    registry: Registry,
    faults: Vec<Fault>,
    /// Where each declared, old or removed name stands.
    names: BTreeMap<String, Range<usize>>,
}

impl Reader {
    fn document(&mut self, document: &DeTable<'_>) {
        let keys_known = self.known_keys("tense.toml", KEYS, document);
        match document.get("version") {
            None if !keys_known => {}
            None => self.fault(0..0, "the first thing to say is `version = 1`"),
            Some(version) => {
                let number = version.get_ref().as_integer().filter(|number| number.radix() == 10);
                if number.is_none_or(|number| number.as_str() != VERSION) {
                    self.fault(version.span(), "this is not a version that can be read here: write `version = 1`");
                }
            }
        }
        self.registry.closed = self.bool(document, "closed");
        self.registry.migrating = self.bool(document, "migrating");
        for name in RESERVED {
            self.table(document, name);
        }
        // the events are judged by the layers' tenses and the project's words, so these come first
        for (name, layer) in self.table(document, "layers").into_iter().flatten() {
            self.layer(name, layer);
        }
        for (verb, participle) in self.table(document, "words").into_iter().flatten() {
            self.word(verb, participle);
        }
        if let Some(context) = self.table(document, "context") {
            self.known_keys("[context]", &["inherit"], context);
            self.registry.inherit = self.strings(context, "inherit");
        }
        let events = self.table(document, "events");
        for (name, event) in events.into_iter().flatten() {
            self.event(name, event);
        }
        self.registry.derive_names();
        for (name, event) in events.into_iter().flatten() {
            self.failed(name, event);
            self.was(name, event);
        }
        for (name, reason) in self.table(document, "removed").into_iter().flatten() {
            self.removed(name, reason);
        }
        for (target, rule) in self.table(document, "foreign").into_iter().flatten() {
            self.foreign(target, rule);
        }
    }

    fn layer(&mut self, name: &Key<'_>, layer: &Value<'_>) {
        self.registry.declares_layers = true;
        if !name::is_well_formed(name.get_ref()) {
            self.fault(name.span(), "a layer is lower-case words joined by single underscores");
        }
        let Some(table) = self.as_table(layer, "a layer") else { return };
        let keys_known = self.known_keys("a layer", LAYER_KEYS, table);
        let tense = match (table.get("tense"), self.string(table, "tense").as_deref()) {
            (_, Some("past")) => Tense::Past,
            (_, Some("present")) => Tense::Present,
            (_, Some("any")) => Tense::Any,
            (Some(value), Some(other)) => {
                self.fault(value.span(), unknown("a tense", other, TENSES.iter().copied()));
                Tense::Any
            }
            (None, _) if !keys_known => Tense::Any,
            (None, _) => {
                self.fault(name.span(), "a layer declares its tense: `tense = \"past\"`, \"present\" or \"any\"");
                Tense::Any
            }
            // no string, and told so
            (Some(_), None) => Tense::Any,
        };
        let about = self.string(table, "about");
        let outcomes = self.strings(table, "outcomes");
        if let Some(value) = table.get("outcomes").filter(|_| tense != Tense::Past) {
            self.fault(value.span(), "outcomes are for past layers; elsewhere nouns pass as they are");
        }
        let layer = LayerDecl { tense, about, outcomes };
        self.registry.layers.insert(name.get_ref().to_string(), layer);
    }

    fn word(&mut self, verb: &Key<'_>, participle: &Value<'_>) {
        let Some(past) = participle.get_ref().as_str() else {
            return self.wrong_kind(participle, "the participle", "a string");
        };
        let base = verb.get_ref();
        if base.contains('_') || !name::is_well_formed(base) {
            self.fault(verb.span(), "a verb of [words] is one lower-case word");
        } else if !name::is_well_formed(past) {
            self.fault(participle.span(), "a participle is lower-case words joined by single underscores");
        } else if words::is_verb(base) || words::is_inflected_by_table(base) {
            let known = self.registry.lexicon.participle(base).into_owned();
            let advice = if known == past { "leave it out" } else { "which [words] cannot change" };
            self.fault(verb.span(), format!("`{base}` is known already, with the participle `{known}`: {advice}"));
        } else {
            self.registry.lexicon.add(base, past);
        }
    }

    fn event(&mut self, name: &Key<'_>, event: &Value<'_>) {
        let Some(table) = self.as_table(event, "an event") else { return };
        // [events.operation.tokens.created] declares an event `operation` with the key `tokens`
        let nested = table
            .iter()
            .find(|(key, value)| !EVENT_KEYS.contains(&key.get_ref().as_ref()) && value.get_ref().is_table());
        if !name.get_ref().contains('.')
            && let Some((key, _)) = nested
        {
            let message =
                format!("put the name of the event into quotes: [events.\"{}.{}..\"]", name.get_ref(), key.get_ref());
            return self.fault(name.span(), message);
        }
        self.known_keys("an event", EVENT_KEYS, table);

        let exempt = table.get("exempt").and_then(|exempt| self.exempt(exempt));
        let decl = EventDecl {
            name: name.get_ref().to_string(),
            about: self.string(table, "about"),
            fields: self.fields(table),
            was: self.strings(table, "was"),
            exempt: exempt.clone(),
            failed: self.string(table, "failed"),
            slow_ms: self.milliseconds(table, "slow_ms"),
            indexed: self.strings(table, "indexed"),
        };
        for field in &decl.indexed {
            if !decl.fields.contains_key(field)
                && let Some(indexed) = table.get("indexed")
            {
                self.fault(
                    indexed.span(),
                    unknown("a field of this event", field, decl.fields.keys().map(String::as_str)),
                );
            }
        }
        self.names.insert(decl.name.clone(), name.span());
        self.registry.events.insert(decl.name.clone(), decl);

        match (self.verdict(name.get_ref()), exempt) {
            (Err(Wrong::Form(message)), _) | (Err(Wrong::Tense(message)), None) => self.fault(name.span(), message),
            (Ok(()), Some(_)) => {
                let span = table.get("exempt").map_or(name.span(), Spanned::span);
                self.fault(span, "this exemption is not needed, since the name is in the tense of its layer: remove it [exempt/stale]");
            }
            (Ok(()), None) | (Err(Wrong::Tense(_)), Some(_)) => {}
        }
    }

    /// The reason of an exemption, whatever it is worth: a weak one is told once, and not the tense on top of it.
    fn exempt(&mut self, exempt: &Value<'_>) -> Option<String> {
        let table = self.as_table(exempt, "an exemption")?;
        let keys_known = self.known_keys("an exemption", EXEMPT_KEYS, table);
        match (table.get("rule"), self.string(table, "rule").as_deref()) {
            (None, _) if keys_known => self.fault(exempt.span(), "an exemption names its rule: `rule = \"tense\"`"),
            (Some(rule), Some(other)) if other != "tense" => {
                self.fault(rule.span(), format!("`{}` is no rule to be exempt from: write \"tense\"", short(other)));
            }
            _ => {}
        }
        let reason = self.string(table, "reason").unwrap_or_default();
        let told = !keys_known && !table.contains_key("reason");
        if !told && !is_reason(&reason) {
            let span = table.get("reason").map_or(exempt.span(), Spanned::span);
            self.fault(span, format!("{} [exempt/reason]", violation::weak_reason_sentence()));
        }
        Some(reason)
    }

    fn fields(&mut self, event: &DeTable<'_>) -> BTreeMap<String, FieldDecl> {
        let mut fields = BTreeMap::new();
        for (name, kind) in self.table(event, "fields").into_iter().flatten() {
            let Some(written) = kind.get_ref().as_str() else {
                self.wrong_kind(kind, "the type of a field", "a string");
                continue;
            };
            let (plain, optional) = match written.strip_suffix('?') {
                Some(plain) => (plain, true),
                None => (written, false),
            };
            match FIELD_KINDS.iter().find(|(known, _)| *known == plain) {
                Some(&(_, kind)) => {
                    fields.insert(name.get_ref().to_string(), FieldDecl { kind, optional });
                }
                None => self
                    .fault(kind.span(), unknown("a type of field", plain, FIELD_KINDS.iter().map(|(known, _)| *known))),
            }
        }
        fields
    }

    /// The event that `failed` names has to be a good name itself, and a declared one where names are closed.
    fn failed(&mut self, event_name: &Key<'_>, event: &Value<'_>) {
        let Some(value) = event.get_ref().as_table().and_then(|event| event.get("failed")) else { return };
        let Some(failed) = value.get_ref().as_str() else { return };
        if self.registry.declaring(failed).is_some() {
            return;
        }
        if self.registry.closed {
            let names = self.registry.events.keys().map(String::as_str);
            let message = format!(
                "{} (the failure of `{}`)",
                unknown("a declared event", failed, names),
                short(event_name.get_ref())
            );
            self.fault(value.span(), message);
        } else if let Err(Wrong::Form(message) | Wrong::Tense(message)) = self.verdict(failed) {
            self.fault(value.span(), message);
        }
    }

    /// An old name leads to one new name, and is never declared again.
    fn was(&mut self, name: &Key<'_>, event: &Value<'_>) {
        let old =
            event.get_ref().as_table().and_then(|event| event.get("was")).and_then(|was| was.get_ref().as_array());
        for old in old.into_iter().flat_map(|old| old.iter()) {
            let Some(old_name) = old.get_ref().as_str() else { continue };
            if self.reserve(old_name, old.span()) {
                self.registry.renamed.insert(old_name.to_owned(), name.get_ref().to_string());
            }
        }
    }

    fn removed(&mut self, name: &Key<'_>, reason: &Value<'_>) {
        match reason.get_ref().as_str() {
            None => self.wrong_kind(reason, "the reason of a removal", "a string"),
            Some(reason_text) if !is_reason(reason_text) => {
                self.fault(
                    reason.span(),
                    "say why it was removed and what tells the same now, for whoever still writes it",
                );
            }
            Some(reason_text) => {
                if self.reserve(name.get_ref(), name.span()) {
                    self.registry.removed.insert(name.get_ref().to_string(), reason_text.to_owned());
                }
            }
        }
    }

    /// Takes a name for good. It is refused when another entry has it.
    fn reserve(&mut self, name: &str, span: Range<usize>) -> bool {
        let free = !self.names.contains_key(name);
        if free {
            self.names.insert(name.to_owned(), span);
        } else {
            self.fault(
                span,
                format!("`{}` is taken by another entry: a name is declared, renamed or removed once", short(name)),
            );
        }
        free
    }

    fn foreign(&mut self, target: &Key<'_>, rule: &Value<'_>) {
        let Some(table) = self.as_table(rule, "a rule of [foreign]") else { return };
        let keys_known = self.known_keys("a rule of [foreign]", FOREIGN_KEYS, table);
        let fields = self.strings(table, "fields");
        let Some(event) = self.string(table, "event") else {
            if keys_known && !table.contains_key("event") {
                self.fault(target.span(), "a rule of [foreign] names the event to report: `event = \"sql.query\"`");
            }
            return;
        };
        let span = table.get("event").map_or(target.span(), Spanned::span);
        if self.registry.declaring(&event).is_none() {
            if self.registry.closed {
                let names = self.registry.events.keys().map(String::as_str);
                let message = unknown("a declared event", &event, names);
                self.fault(span, message);
            } else if let Err(Wrong::Form(message) | Wrong::Tense(message)) = self.verdict(&event) {
                self.fault(span, message);
            }
        }
        self.registry.foreign.insert(target.get_ref().to_string(), ForeignRule { event, fields });
    }

    /// Holds a full name against the form of names and the tense of its layer.
    fn verdict(&self, full_name: &str) -> Result<(), Wrong> {
        let segments: Vec<&str> = full_name.split('.').collect();
        if let Some(bad) = segments.iter().position(|segment| !name::is_well_formed(segment)) {
            let segment = segments.get(bad).copied().unwrap_or_default();
            return Err(Wrong::Form(violation::malformed(bad, segment, None).message));
        }
        match segments.split_last() {
            Some((action, before)) if !before.is_empty() => {
                self.registry.judge(before, action, before.len()).map_err(|violation| Wrong::Tense(violation.message))
            }
            _ => Err(Wrong::Form(violation::too_short(0, full_name, name::Form::Point).message)),
        }
    }
}

/// Why a name in the file cannot stand: an exemption may excuse the second, never the first.
enum Wrong {
    Form(String),
    Tense(String),
}
