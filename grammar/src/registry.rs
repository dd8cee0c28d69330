//! The model of `tense.toml`: what a project declares, and what holds where it declares nothing.
//!
//! The file's reader ([`crate::file`]) fills it, [`crate::resolve`] asks it.

use std::collections::BTreeMap;

use crate::inflect::Lexicon;
use crate::life;
use crate::named::Named;
use crate::suggest;
use crate::tense::Tense;

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

    /// All removed names with the reasons, by name.
    pub fn all_removed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.removed.iter().map(|(name, reason)| (name.as_str(), reason.as_str()))
    }

    /// All rules for other crates, by `target::name`.
    pub fn all_foreign(&self) -> impl Iterator<Item = (&str, &ForeignRule)> {
        self.foreign.iter()
    }

    /// The event that reports the failure of a declared one: what the file names, or else the derived name. The two ends
    /// of a life have one failure.
    ///
    /// ```
    /// # use tense_grammar::Registry;
    /// let registry = Registry::parse(
    ///     "version = 1\n[events]\n\"dispatch.batch.start\" = {}\n\"dispatch.batch.complete\" = {}\n\"sql.query\" = {}\n",
    /// )?;
    /// let failures: Vec<String> = registry.events().map(|event| registry.failure(event)).collect();
    /// assert_eq!(failures, ["dispatch.batch.fail", "dispatch.batch.fail", "sql.query_fail"]);
    /// # Ok::<(), Vec<tense_grammar::RegistryError>>(())
    /// ```
    pub fn failure(&self, event: &EventDecl) -> String {
        let complete = match self.life_of(&event.name) {
            Some((_, complete)) if event.failed.is_none() => complete,
            _ => return self.failure_of(&event.name),
        };
        complete.failed.clone().unwrap_or_else(|| {
            let before = complete.name.rsplit_once('.').map_or("", |(before, _)| before);
            let words = life::words_of(self.tense_of(before.split('.').next().unwrap_or_default()));
            format!("{before}.{}", words.fail)
        })
    }

    /// The start and the completion of the life that this name is an end of, when both are declared.
    ///
    /// ```
    /// # use tense_grammar::Registry;
    /// let registry =
    ///     Registry::parse("version = 1\n[events]\n\"dispatch.batch.start\" = {}\n\"dispatch.batch.complete\" = {}\n")?;
    /// let (start, complete) = registry.life_of("dispatch.batch.complete").unwrap();
    /// assert_eq!((&*start.name, &*complete.name), ("dispatch.batch.start", "dispatch.batch.complete"));
    /// # Ok::<(), Vec<tense_grammar::RegistryError>>(())
    /// ```
    pub fn life_of(&self, name: &str) -> Option<(&EventDecl, &EventDecl)> {
        let (before, action) = name.rsplit_once('.')?;
        let words = life::words_of(self.tense_of(before.split('.').next()?));
        let is_end = action == words.start || action == words.complete;
        // a life needs a name of its own before its word
        if !is_end || !before.contains('.') {
            return None;
        }
        Some((self.event(&format!("{before}.{}", words.start))?, self.event(&format!("{before}.{}", words.complete))?))
    }

    /// The outcome nouns of a layer.
    pub(crate) fn outcomes_of(&self, layer: &str) -> &[String] {
        self.layers.get(layer).map_or(&[], |layer| &layer.outcomes)
    }

    /// The failure event of a declared or free name.
    pub(crate) fn failure_of(&self, event: &str) -> String {
        if let Some(named) = self.event(event).and_then(|event| event.failed.as_ref()) {
            return named.clone();
        }
        let (before, action) = event.rsplit_once('.').unwrap_or(("", event));
        let layer = event.split('.').next().unwrap_or_default();
        let action = life::failed_action(action, self.tense_of(layer), &self.lexicon, self.outcomes_of(layer));
        format!("{before}.{action}")
    }

    /// Works out the names that declared events bring with them: the failure of each action and of each whole life.
    pub(crate) fn derive_names(&mut self) {
        let mut derived = BTreeMap::new();
        for (name, event) in self.events.iter() {
            // a failure that the file names stands in the file itself
            if event.failed.is_none() {
                derived.insert(self.failure_of(name), name.to_owned());
            }
            let (before, action) = name.rsplit_once('.').unwrap_or(("", name));
            let words = life::words_of(self.tense_of(name.split('.').next().unwrap_or_default()));
            if action == words.complete && self.events.contains_key(&format!("{before}.{}", words.start)) {
                derived.insert(format!("{before}.{}", words.fail), name.to_owned());
            }
        }
        self.derived = derived;
    }

    /// The name in a layer that is about the past, spelt with the nearest domain that layer has.
    pub(crate) fn moved_to_past(&self, segments: &[&str], action: &str) -> Option<String> {
        let mut past = self.layers.iter().filter(|(_, layer)| layer.tense == Tense::Past).map(|(name, _)| name);
        let layer = if self.tense_of("operation") == Tense::Past { "operation" } else { past.next()? };
        let events = self.events.keys_from(format!("{layer}.")).map(|name| name.split_once('.').unwrap_or((name, "")));
        let domains = events.take_while(|(of, _)| *of == layer).filter_map(|(_, rest)| rest.split('.').next());
        // as many past names as domains would otherwise take minutes to be told
        let domains = domains.take(1_000);
        let mut moved = vec![layer];
        if let Some((domain, objects)) = segments.get(1..).and_then(<[&str]>::split_first) {
            moved.push(suggest::nearest(domain, domains).unwrap_or(domain));
            moved.extend(objects);
        }
        moved.push(action);
        Some(moved.join("."))
    }
}
