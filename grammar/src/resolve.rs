//! Decides about a written name: it enters with a registry, and leaves as the events it stands for or as what is wrong
//! with it, all of it at once.
//!
//! One mistake gives one violation. Of several that explain each other the first of this order is told: a name that was
//! removed, that was renamed, that is unknown, that is in the wrong tense, that reports what another layer owns.

mod lives;

use std::borrow::Cow;

use crate::built_in;
use crate::life;
use crate::name::{self, Ending, Written};
use crate::nearest::nearest;
use crate::ownership;
use crate::registry::Registry;
use crate::suggest;
use crate::tense::{self, Action, Tense};
use crate::violation::{self, Violation};

/// What a written name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// One event, when the call ends. Its span carries the same name.
    Action {
        /// The event, and the span: `operation.tokens.created`.
        event: String,
        /// The event instead, when it fails: `operation.tokens.create_failed`.
        failed: String,
        /// That an old name was written, while the registry is migrating. It is a warning, and the events are the new
        /// ones.
        renamed: Option<Violation>,
    },
    /// A span with an event at each end.
    Life {
        /// The name without the word of its life: `dispatch.batch`.
        span_name: String,
        /// `dispatch.batch.start`
        start: String,
        /// `dispatch.batch.complete`
        complete: String,
        /// `dispatch.batch.fail`, unless the registry names another.
        fail: String,
        /// One attempt at it, where it is a stage that is tried again: `dispatch.batch.attempt`. Derived, never
        /// declared.
        attempted: String,
        /// An attempt that fails: `dispatch.batch.attempt_fail`.
        attempt_failed: String,
        /// That an old name was written, as above.
        renamed: Option<Violation>,
    },
}

/// The fewest characters that can say why.
pub(crate) const SHORTEST_REASON: usize = 15;

impl Registry {
    /// Says what a written name stands for, or everything that is wrong with it.
    ///
    /// ```
    /// use tense_grammar::{Form, Registry, Resolved, Written};
    ///
    /// let registry = Registry::builtin();
    /// let created = Written::new(&["operation", "tokens", "created"], Form::Action);
    /// assert_eq!(
    ///     registry.resolve(&created).unwrap(),
    ///     Resolved::Action {
    ///         event: "operation.tokens.created".into(),
    ///         failed: "operation.tokens.create_failed".into(),
    ///         renamed: None,
    ///     },
    /// );
    ///
    /// let create = Written::new(&["operation", "tokens", "create"], Form::Action);
    /// assert_eq!(
    ///     registry.resolve(&create).unwrap_err()[0].message,
    ///     "`operation` events say what has happened, so their action is in the past tense: write `created` [tense/past]",
    /// );
    /// ```
    pub fn resolve(&self, written: &Written<'_>) -> Result<Resolved, Vec<Violation>> {
        let mut violations = Vec::new();
        let (segments, ending) = name::read(written, &mut violations);
        let at = written.segments.len().saturating_sub(1);

        let reason = written.exempt_tense;
        if let Some(reason) = reason.filter(|reason| !is_reason(reason)) {
            violations.push(violation::weak_reason(at, reason));
        }

        let layer = segments.first().copied().filter(|layer| name::is_well_formed(layer));
        let stray = layer.and_then(|layer| self.stray_layer(layer));
        if violations.iter().all(|violation| violation.segment != 0)
            && let Some(stray) = stray
        {
            violations.push(stray);
        }

        let resolved = match (ending, layer) {
            (Some(Ending::Life), Some(layer)) => self.life(&segments, layer, reason, at, &mut violations),
            (Some(Ending::Action(action)), Some(layer)) => {
                self.action(&segments, layer, action, reason, at, &mut violations)
            }
            (Some(Ending::FromFunction), Some(layer)) => self
                .action_from_function(layer, written.function, reason, at, &mut violations)
                .and_then(|action| self.action(&segments, layer, &action, reason, at, &mut violations)),
            // whatever is missing here has been told
            _ => None,
        };
        match resolved {
            Some(resolved) if violations.is_empty() => Ok(resolved),
            _ => Err(in_order(violations)),
        }
    }

    fn action(
        &self,
        segments: &[&str],
        layer: &str,
        action: &str,
        reason: Option<&str>,
        at: usize,
        violations: &mut Vec<Violation>,
    ) -> Option<Resolved> {
        let whole = violations.iter().all(|violation| !violation.rule.starts_with("name/"));
        let event = [segments, &[action]].concat().join(".");
        let split = Action::split(action);
        let judged = self.out_of_tense(layer, &split);

        if whole {
            if let Some(reason) = self.removed(&event) {
                violations.push(violation::removed(at, &event, reason));
                return None;
            }
            if let Some(successor) = self.successor(&event) {
                let renamed = violation::renamed(differs_at(segments, action, successor), &event, successor);
                if self.migrating {
                    let failed = self.failure_of(successor);
                    return Some(Resolved::Action { event: successor.to_owned(), failed, renamed: Some(renamed) });
                }
                violations.push(renamed);
                return None;
            }
            if self.closed && self.declaring(&event).is_none() && !built_in::LINES.contains(&event.as_str()) {
                violations.push(self.unknown(&event, segments, action, &split, judged));
                return None;
            }
        }

        let declared = self.event(&event);
        let declared_exempt = declared.is_some_and(|event| event.exempt.is_some());
        // a derived name follows from a declared one, whatever its words are
        let excused = declared_exempt || self.derived.contains_key(&event);
        match (judged, reason) {
            (None, Some(_)) if self.tense_of(layer) == Tense::Any => {
                let why = format!("the layer `{}` has no tense to keep", violation::short(layer));
                violations.push(violation::stale_exemption(at, action, &why));
            }
            (None, Some(_)) => {
                let why = format!("`{}` is in the tense of its layer", violation::short(action));
                violations.push(violation::stale_exemption(at, action, &why));
            }
            (Some(_), Some(_)) if excused => {
                let why = "tense.toml exempts the name already";
                violations.push(violation::stale_exemption(at, action, why));
            }
            (Some(judged), None) if !excused => {
                violations.push(self.wrong_tense(segments, action, &split, judged, at));
                return None;
            }
            (None, None) | (Some(_), _) => {}
        }
        // between events of the file this was settled when it was read
        if whole
            && declared.is_none()
            && self.tense_of(layer) == Tense::Present
            && let Some(owner) = self.owner_of(&event)
        {
            violations.push(violation::owned(differs_at(segments, action, owner), &event, owner));
        }
        let failed = self.failure_of(&event);
        Some(Resolved::Action { event, failed, renamed: None })
    }

    /// The action that `_` stands for. With an exemption, a name that cannot be put into the tense is kept.
    fn action_from_function<'a>(
        &self,
        layer: &str,
        function: Option<&'a str>,
        reason: Option<&str>,
        at: usize,
        violations: &mut Vec<Violation>,
    ) -> Option<Cow<'a, str>> {
        let Some(function) = function.map(name::without_raw) else {
            violations.push(violation::no_function(at));
            return None;
        };
        if !name::is_well_formed(function) {
            violations.push(violation::malformed_function(at, function));
            return None;
        }
        let tense = self.tense_of(layer);
        match life::action_of_function(function, tense, &self.lexicon, self.outcomes_of(layer)) {
            Some(action) => Some(action),
            None if reason.is_some() => Some(Cow::Borrowed(function)),
            None => {
                violations.push(violation::no_verb_in_function(at, layer, function));
                None
            }
        }
    }

    /// Whether an action is in the tense of its layer.
    pub(crate) fn keeps_tense(&self, layer: &str, action: &str) -> bool {
        self.out_of_tense(layer, &Action::split(action)).is_none()
    }

    /// Holds an action against the tense of its layer.
    pub(crate) fn judge(&self, segments: &[&str], action: &str, at: usize) -> Result<(), Violation> {
        let split = Action::split(action);
        match self.out_of_tense(segments.first().copied().unwrap_or_default(), &split) {
            None => Ok(()),
            Some(judged) => Err(self.wrong_tense(segments, action, &split, judged, at)),
        }
    }

    /// What to write instead of an action in the wrong tense: most of the work, and only done for a message.
    fn wrong_tense(&self, segments: &[&str], action: &str, split: &Action<'_>, judged: usize, at: usize) -> Violation {
        let layer = segments.first().copied().unwrap_or_default();
        let word = split.words.get(judged).copied().unwrap_or_default();
        let right = self.put_into_tense(layer, split, judged);
        match self.tense_of(layer) {
            Tense::Past => violation::not_past(at, layer, word, right),
            _ => violation::not_present(at, layer, word, right, self.moved_to_past(segments, action)),
        }
    }

    /// The word that is in the wrong tense, by its index.
    fn out_of_tense(&self, layer: &str, action: &Action<'_>) -> Option<usize> {
        match self.tense_of(layer) {
            Tense::Any => None,
            Tense::Past => tense::past(action, &self.lexicon, self.outcomes_of(layer)).err(),
            Tense::Present => tense::present(action, &self.lexicon).err(),
        }
    }

    /// The action that keeps the tense, if one can be made of it.
    fn put_into_tense(&self, layer: &str, action: &Action<'_>, judged: usize) -> Option<String> {
        match self.tense_of(layer) {
            Tense::Past => suggest::past(action, &self.lexicon),
            _ => suggest::present(action, judged, &self.lexicon),
        }
    }

    /// A name that a closed registry does not hold. The right tense comes first, then the nearest spelling.
    fn unknown(
        &self,
        name: &str,
        segments: &[&str],
        action: &str,
        split: &Action<'_>,
        judged: Option<usize>,
    ) -> Violation {
        let layer = segments.first().copied().unwrap_or_default();
        let right = judged.and_then(|judged| self.put_into_tense(layer, split, judged));
        let right = right.map(|right| [segments, &[&right]].concat().join("."));
        let near = match right.as_deref().and_then(|right| self.event(right)) {
            Some(event) => Some(event.name.as_str()),
            None => {
                nearest(name, self.events.values().map(|event| event.name.as_str())).filter(|near| is_slip(name, near))
            }
        };
        let at = near.map_or(segments.len(), |near| differs_at(segments, action, near));
        violation::unknown_event(at, name, near)
    }

    /// The event of a past layer that reports what this one does, if it is another one.
    pub(crate) fn owner_of(&self, event: &str) -> Option<&str> {
        if self.owned.is_empty() {
            return None;
        }
        let owner = self.owned.get(&ownership::reported_by(event, self)?)?;
        (owner != event).then_some(owner.as_str())
    }

    /// A layer that nobody declared and that is a letter or two away from one that somebody did.
    fn stray_layer(&self, layer: &str) -> Option<Violation> {
        // in a closed registry the whole name is unknown, and is told as such
        if !self.declares_layers || self.closed || self.layers.contains_key(layer) {
            return None;
        }
        let near = nearest(layer, self.layers.keys())?;
        Some(violation::unknown_layer(layer, near))
    }
}

/// Whether every segment is near by itself: `craeted` is a slip of `created`, `stop` is none of `start`.
fn is_slip(name: &str, near: &str) -> bool {
    let (written, meant) = (name.split('.'), near.split('.'));
    if written.clone().count() != meant.clone().count() {
        return true;
    }
    written.zip(meant).all(|(written, meant)| nearest(written, [meant]).is_some())
}

/// In the order of the segments. Nearly all of them are found in it, so that each goes to the end.
fn in_order(violations: Vec<Violation>) -> Vec<Violation> {
    let mut ordered: Vec<Violation> = Vec::with_capacity(violations.len());
    for violation in violations {
        let at = ordered.partition_point(|before| before.segment <= violation.segment);
        ordered.insert(at, violation);
    }
    ordered
}

/// Whether a reason is one: long enough, and neither a note to oneself nor a row of the same letters.
pub(crate) fn is_reason(reason: &str) -> bool {
    const PLACEHOLDERS: &[&str] = &["fixme", "lorem", "placeholder", "tbd", "todo", "wip", "xxx"];
    const FEWEST_LETTERS: usize = 5;
    let reason = reason.trim();
    let opens_with = reason.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
    let mut letters: Vec<char> = Vec::with_capacity(FEWEST_LETTERS);
    for letter in reason.chars().filter(|c| c.is_alphabetic()) {
        if letters.len() < FEWEST_LETTERS && !letters.contains(&letter) {
            letters.push(letter);
        }
    }
    reason.chars().count() >= SHORTEST_REASON
        && !PLACEHOLDERS.contains(&opens_with.to_ascii_lowercase().as_str())
        && letters.len() >= FEWEST_LETTERS
}

/// The first written segment that another name has differently.
fn differs_at(segments: &[&str], action: &str, other: &str) -> usize {
    let written = segments.iter().copied().chain([action]);
    let same = written.zip(other.split('.')).take_while(|(a, b)| a == b).count();
    same.min(segments.len())
}
