//! Decides about a written name: it enters with a registry, and leaves as the events it stands for or as what is wrong
//! with it, all of it at once.
//!
//! One mistake gives one violation. Of several that explain each other the first of this order is told: a name that was
//! removed, that was renamed, that is unknown, that is in the wrong tense, that reports what another layer owns.

mod lives;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::life;
use crate::name::{self, Ending, Written};
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
        /// That an old name was written, while the registry is migrating. It is a warning, and the events are the new ones.
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
            _ => {
                violations.sort_by_key(|violation| violation.segment);
                Err(violations)
            }
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
        let verdict = self.judge(segments, action, at);

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
            if self.closed && self.declaring(&event).is_none() {
                let right = verdict.as_ref().err().and_then(|verdict| verdict.suggestion.as_deref());
                violations.push(self.unknown(segments, action, right));
                return None;
            }
        }

        let declared_exempt = self.event(&event).is_some_and(|event| event.exempt.is_some());
        // a derived name follows from a declared one, whatever its words are
        let excused = declared_exempt || self.derived.contains_key(&event);
        match (verdict, reason) {
            (Ok(()), Some(_)) if self.tense_of(layer) == Tense::Any => {
                let why = format!("the layer `{}` has no tense to keep", violation::short(layer));
                violations.push(violation::stale_exemption(at, action, &why));
            }
            (Ok(()), Some(_)) => {
                let why = format!("`{}` is in the tense of its layer", violation::short(action));
                violations.push(violation::stale_exemption(at, action, &why));
            }
            (Err(_), Some(_)) if excused => {
                let why = "tense.toml exempts the name already";
                violations.push(violation::stale_exemption(at, action, why));
            }
            (Err(verdict), None) if !excused => {
                violations.push(verdict);
                return None;
            }
            (Ok(()), None) | (Err(_), _) => {}
        }
        if whole
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

    /// Holds an action against the tense of its layer.
    pub(crate) fn judge(&self, segments: &[&str], action: &str, at: usize) -> Result<(), Violation> {
        let layer = segments.first().copied().unwrap_or_default();
        let split = Action::split(action);
        let word = |index: usize| split.words.get(index).copied().unwrap_or_default();
        match self.tense_of(layer) {
            Tense::Any => Ok(()),
            Tense::Past => match tense::past(&split, &self.lexicon, self.outcomes_of(layer)) {
                Ok(_) => Ok(()),
                Err(judged) => {
                    let right = suggest::past(&split, &self.lexicon);
                    Err(violation::not_past(at, layer, word(judged), right))
                }
            },
            Tense::Present => tense::present(&split, &self.lexicon).map_err(|judged| {
                let right = suggest::present(&split, judged, &self.lexicon);
                violation::not_present(at, layer, word(judged), right, self.moved_to_past(segments, action))
            }),
        }
    }

    /// A name that a closed registry does not hold. The right tense comes first, then the nearest spelling.
    fn unknown(&self, segments: &[&str], action: &str, right_action: Option<&str>) -> Violation {
        let name = [segments, &[action]].concat().join(".");
        let right = right_action.map(|right| [segments, &[right]].concat().join("."));
        let near = match right.as_deref().and_then(|right| self.event(right)) {
            Some(event) => Some(event.name.as_str()),
            None => suggest::nearest(&name, self.events.keys().map(String::as_str)),
        };
        let at = near.map_or(segments.len(), |near| differs_at(segments, action, near));
        violation::unknown_event(at, &name, near)
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
        let near = suggest::nearest(layer, self.layers.keys().map(String::as_str))?;
        Some(violation::unknown_layer(layer, near))
    }
}

/// Whether a reason is one: long enough, and neither a note to oneself nor a row of the same letters.
pub(crate) fn is_reason(reason: &str) -> bool {
    const PLACEHOLDERS: &[&str] = &["fixme", "lorem", "placeholder", "tbd", "todo", "wip", "xxx"];
    const FEWEST_LETTERS: usize = 5;
    let reason = reason.trim();
    let opens_with = reason.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
    let letters: BTreeSet<char> = reason.chars().filter(|c| c.is_alphabetic()).collect();
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
