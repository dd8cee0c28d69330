//! The model of `tense.toml`: what a project declares, and what holds where it declares nothing.
//!
//! The file's reader ([`crate::file`]) fills it, [`crate::resolve`] asks it.

mod derived;
mod redact;

use std::collections::BTreeMap;

use crate::inflect::Lexicon;
use crate::named::Named;
use crate::settings::Setting;
use crate::tense::Tense;

pub use redact::{REDACT_FAMILIES, Redact, RedactRule};

/// What a project says about its events: layers with their tense, declared names, words of its own.
///
/// ```
/// use tense_grammar::{Registry, Tense};
///
/// let registry = Registry::parse("version = 1\n[layers.billing]\ntense = \"past\"\n")?;
/// assert_eq!(registry.tense_of("billing"), Tense::Past);
/// assert_eq!(registry.tense_of("operation"), Tense::Past);    // built in
/// assert_eq!(registry.tense_of("weather"), Tense::Any);       // not declared
/// # Ok::<(), Vec<tense_grammar::RegistryError>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Registry {
    pub(crate) closed: bool,
    pub(crate) migrating: bool,
    /// Whether the file declares layers of its own; only then is an unknown one suspicious.
    pub(crate) declares_layers: bool,
    pub(crate) layers: Named<LayerDecl>,
    pub(crate) inherit: Vec<String>,
    /// The same, to be searched.
    pub(crate) inherit_sorted: Vec<String>,
    pub(crate) lexicon: Lexicon,
    pub(crate) events: Named<EventDecl>,
    /// Names that nobody wrote into the file, each with the event that declares it.
    pub(crate) derived: BTreeMap<String, String>,
    /// Old name to new name.
    pub(crate) renamed: BTreeMap<String, String>,
    pub(crate) removed: BTreeMap<String, String>,
    /// What each event of a past layer reports, with the event: see [`crate::ownership`].
    pub(crate) owned: BTreeMap<String, String>,
    pub(crate) foreign: Named<ForeignRule>,
    pub(crate) redact: Redact,
    pub(crate) settings: Vec<Setting>,
}

/// A layer: the first segment of a name, with the tense of all its actions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerDecl {
    /// The tense of its actions.
    pub tense: Tense,
    /// What it is for.
    pub about: Option<String>,
    /// Nouns that may close a name although the layer is a past one: `cache_miss`.
    pub outcomes: Vec<String>,
}

/// A declared event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventDecl {
    /// Its full name.
    pub name: String,
    /// What it reports.
    pub about: Option<String>,
    /// Its fields, by name.
    pub fields: BTreeMap<String, FieldDecl>,
    /// Whether the file says which fields it has, if only that it has none. In a closed registry it always does.
    pub declares_fields: bool,
    /// Names that it once had. They stay reserved.
    pub was: Vec<String>,
    /// Why its action need not be in the layer's tense.
    pub exempt: Option<String>,
    /// The event that reports its failure, where that is not the derived name.
    pub failed: Option<String>,
    /// From how many milliseconds on it is slow.
    pub slow_ms: Option<u64>,
    /// Fields that stores should be able to search by.
    pub indexed: Vec<String>,
}

/// A field of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldDecl {
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it may be absent: a trailing `?` in the file.
    pub optional: bool,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// True or false.
    Bool,
    /// Anything that JSON can hold.
    Json,
}

/// What becomes of a span of another crate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForeignRule {
    /// The event it is reported as.
    pub event: String,
    /// The only fields that are kept.
    pub fields: Vec<String>,
}

impl Registry {
    /// What holds without a file: `operation` is past, `dispatch` and `decision` are present, `sql`, `debug` and `log`
    /// either; other layers are taken as they come, and names are open.
    ///
    /// ```
    /// # use tense_grammar::{Registry, Tense};
    /// assert_eq!(Registry::builtin().tense_of("dispatch"), Tense::Present);
    /// ```
    pub fn builtin() -> Registry {
        const LAYERS: &[(&str, Tense)] = &[
            ("debug", Tense::Any),
            ("decision", Tense::Present),
            ("dispatch", Tense::Present),
            ("log", Tense::Any),
            ("operation", Tense::Past),
            ("sql", Tense::Any),
        ];
        let mut layers = Named::new();
        for (name, tense) in LAYERS {
            layers.insert((*name).to_owned(), LayerDecl { tense: *tense, about: None, outcomes: Vec::new() });
        }
        Registry {
            closed: false,
            migrating: false,
            declares_layers: false,
            layers,
            inherit: Vec::new(),
            inherit_sorted: Vec::new(),
            lexicon: Lexicon::default(),
            events: Named::new(),
            derived: BTreeMap::new(),
            renamed: BTreeMap::new(),
            removed: BTreeMap::new(),
            owned: BTreeMap::new(),
            foreign: Named::new(),
            redact: Redact::default(),
            settings: Vec::new(),
        }
    }

    /// Whether names that are not declared are errors.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether old names still compile and stand for the new ones.
    pub fn is_migrating(&self) -> bool {
        self.migrating
    }

    /// The tense of a layer's actions; [`Tense::Any`] for a layer that nobody declared.
    pub fn tense_of(&self, layer: &str) -> Tense {
        self.layers.get(layer).map_or(Tense::Any, |layer| layer.tense)
    }

    /// The layers with what is declared about them, by name.
    pub fn layers(&self) -> impl Iterator<Item = (&str, &LayerDecl)> {
        self.layers.iter()
    }

    /// Fields that a span hands down to what happens below it. The reserved `job_id`, `worker_id`, `machine_id` and
    /// `user_id` always are, and need no mention.
    pub fn inherit(&self) -> impl Iterator<Item = &str> {
        self.inherit.iter().map(String::as_str)
    }

    /// The declared events, by name.
    pub fn events(&self) -> impl Iterator<Item = &EventDecl> {
        self.events.iter().map(|(_, event)| event)
    }

    /// The event declared under exactly this name.
    pub fn event(&self, name: &str) -> Option<&EventDecl> {
        self.events.get(name)
    }

    /// The event that declares this name: itself, or the one whose failure it reports.
    ///
    /// ```
    /// # use tense_grammar::Registry;
    /// let registry = Registry::parse("version = 1\n[events.\"operation.tokens.created\"]\n")?;
    /// let event = registry.declaring("operation.tokens.create_failed");
    /// assert_eq!(event.map(|event| event.name.as_str()), Some("operation.tokens.created"));
    /// # Ok::<(), Vec<tense_grammar::RegistryError>>(())
    /// ```
    pub fn declaring(&self, name: &str) -> Option<&EventDecl> {
        self.event(name).or_else(|| self.event(self.derived.get(name)?))
    }

    /// The name that an old one was given up for, from the `was` of the declared events.
    pub fn successor(&self, old_name: &str) -> Option<&str> {
        self.renamed.get(old_name).map(String::as_str)
    }

    /// Why a name was removed.
    pub fn removed(&self, name: &str) -> Option<&str> {
        self.removed.get(name).map(String::as_str)
    }

    /// The names that were removed, each with the reason.
    pub fn removals(&self) -> impl Iterator<Item = (&str, &str)> {
        self.removed.iter().map(|(name, reason)| (name.as_str(), reason.as_str()))
    }

    /// What becomes of spans of other crates: `target::name`, and the rule.
    pub fn foreign_rules(&self) -> impl Iterator<Item = (&str, &ForeignRule)> {
        self.foreign.iter()
    }

    /// What becomes of a span of another crate, given as `target::name`.
    pub fn foreign(&self, target_and_name: &str) -> Option<&ForeignRule> {
        self.foreign.get(target_and_name)
    }

    /// What is secret in the values of events, beyond what always is.
    pub fn redact(&self) -> &Redact {
        &self.redact
    }

    /// The outcome nouns of a layer.
    pub(crate) fn outcomes_of(&self, layer: &str) -> &[String] {
        self.layers.get(layer).map_or(&[], |layer| &layer.outcomes)
    }
}
