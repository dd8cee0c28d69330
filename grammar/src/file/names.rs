//! Reads what entries say about each other: names that were given up, that report a failure, that two layers claim.
//!
//! Every name belongs to one entry for good, so that whoever meets it, in a source or in an old trace, is led to one
//! place.

use std::collections::BTreeMap;
use std::ops::Range;

use super::values::unknown;
use super::{Key, Reader, Value};
use crate::name;
use crate::ownership;
use crate::registry::FieldKind;
use crate::resolve::is_reason;
use crate::tense::Tense;
use crate::violation::{self, Violation, short};

/// Who has a name.
pub(super) enum Taken {
    /// An event is declared under it.
    Declared,
    /// It follows from the event that is named.
    Derived(String),
    /// It is an old name of the event that is named.
    Old(String),
    Removed,
}

/// Why a name in the file cannot stand: an exemption may excuse the second, never the first.
pub(super) enum Wrong {
    Form(Violation),
    Tense,
}

impl Reader {
    /// Holds a full name against the form of names and the tense of its layer.
    pub(super) fn verdict(&self, full_name: &str) -> Result<(), Wrong> {
        let segments: Vec<&str> = full_name.split('.').collect();
        if name::is_too_long(&segments) {
            return Err(Wrong::Form(violation::too_long(full_name)));
        }
        if let Some(bad) = segments.iter().position(|segment| !name::is_well_formed(segment)) {
            let segment = segments.get(bad).copied().unwrap_or_default();
            return Err(Wrong::Form(violation::malformed(bad, segment, name::tidied(segment))));
        }
        match segments.split_last() {
            Some((action, before)) if !before.is_empty() => {
                let layer = before.first().copied().unwrap_or_default();
                if self.registry.keeps_tense(layer, action) { Ok(()) } else { Err(Wrong::Tense) }
            }
            _ => Err(Wrong::Form(violation::too_short(0, full_name, name::Form::Point))),
        }
    }

    /// Tells what is wrong with a full name, if anything is.
    pub(super) fn judge(&mut self, span: Range<usize>, full_name: &str) {
        if let Err(wrong) = self.verdict(full_name) {
            self.tell(span, full_name, wrong);
        }
    }

    pub(super) fn tell(&mut self, span: Range<usize>, full_name: &str, wrong: Wrong) {
        let violation = match wrong {
            Wrong::Form(violation) => Some(violation),
            Wrong::Tense => {
                let segments: Vec<&str> = full_name.split('.').collect();
                let judged = segments.split_last();
                judged.and_then(|(action, before)| self.registry.judge(before, action, before.len()).err())
            }
        };
        if let Some(violation) = violation {
            self.pass_on(span, &violation);
        }
    }

    pub(super) fn take_derived_names(&mut self) {
        for (name, event) in &self.registry.derived {
            if !self.taken.contains_key(name) {
                self.taken.insert(name.clone(), Taken::Derived(event.clone()));
            }
        }
    }

    /// The event that `failed` names has to be a good name itself, and a declared one where names are closed.
    pub(super) fn failed(&mut self, event_name: &Key<'_>, event: &Value<'_>) {
        let Some(value) = event.get_ref().as_table().and_then(|event| event.get("failed")) else { return };
        let Some(failed) = value.get_ref().as_str() else { return };
        if failed == event_name.get_ref().as_ref() {
            let sentence = "an event cannot be its own failure: name another one, or leave `failed` out";
            return self.fault(value.span(), "file/failed", sentence);
        }
        let is_start = self
            .registry
            .life_of(event_name.get_ref())
            .filter(|(start, _)| start.name == event_name.get_ref().as_ref());
        if let Some((_, complete)) = is_start {
            let sentence = format!(
                "a life fails once, and what that is called is said where it ends: move this to `{}`",
                short(&complete.name)
            );
            return self.fault(value.span(), "file/failed", sentence);
        }
        if self.leads_back(event_name.get_ref(), failed) {
            let sentence = format!(
                "the failure of `{}` leads back to it, so that a failure would look like a success",
                short(failed)
            );
            return self.fault(value.span(), "file/failed", sentence);
        }
        if self.registry.declaring(failed).is_some() {
            return;
        }
        if self.registry.closed {
            let names = self.registry.events.keys();
            let sentence = format!(
                "{} (the failure of `{}`)",
                unknown("a declared event", failed, names),
                short(event_name.get_ref())
            );
            self.fault(value.span(), "file/failed", sentence);
        } else {
            self.judge(value.span(), failed);
        }
    }

    /// Whether the failures from that one on come to the event again.
    fn leads_back<'a>(&'a self, event: &str, mut failed: &'a str) -> bool {
        // a chain has no more links than there are events
        for _ in 0..self.registry.events.len() {
            match self.registry.event(failed).and_then(|next| next.failed.as_deref()) {
                Some(next) if next == event => return true,
                Some(next) => failed = next,
                None => return false,
            }
        }
        false
    }

    /// An old name leads to one new name, and is never declared again.
    pub(super) fn was(&mut self, name: &Key<'_>, event: &Value<'_>) {
        let old =
            event.get_ref().as_table().and_then(|event| event.get("was")).and_then(|was| was.get_ref().as_array());
        for old in old.into_iter().flat_map(|old| old.iter()) {
            let Some(old_name) = old.get_ref().as_str() else { continue };
            let new_name = name.get_ref().to_string();
            match self.taken.get(old_name) {
                None if !is_old_name(old_name) => {
                    let sentence = "an old name is what was written once: words between dots, without `_` or `*` alone";
                    self.fault(old.span(), "file/was", sentence);
                }
                None => {
                    self.taken.insert(old_name.to_owned(), Taken::Old(new_name.clone()));
                    self.registry.renamed.insert(old_name.to_owned(), new_name);
                }
                Some(taken) => {
                    let sentence = taken.against(old_name, "an old name is one that nothing is called any more");
                    self.fault(old.span(), "file/was", sentence);
                }
            }
        }
    }

    pub(super) fn removed(&mut self, name: &Key<'_>, reason: &Value<'_>) {
        let removed = name.get_ref();
        if let Some(taken) = self.taken.get(removed.as_ref()) {
            let sentence = taken.against(removed, "what is removed is called by nothing any more");
            self.fault(name.span(), "file/removed", sentence);
        }
        match reason.get_ref().as_str() {
            None => self.wrong_kind(reason, "the reason of a removal", "a string"),
            Some(reason_text) if !is_reason(reason_text) => {
                let sentence = "say why it was removed and what tells the same now, for whoever still writes it";
                self.fault(reason.span(), "file/removed", sentence);
            }
            Some(reason_text) => {
                self.taken.insert(removed.to_string(), Taken::Removed);
                self.registry.removed.insert(removed.to_string(), reason_text.to_owned());
            }
        }
    }

    /// One call records the start and the end of a life, and what is emitted when it fails; so a field of several of
    /// them has one type.
    pub(super) fn fields_of_call(&mut self, name: &Key<'_>, event: &Value<'_>) {
        let Some(decl) = self.registry.event(name.get_ref()) else { return };
        let start = self.registry.life_of(&decl.name).filter(|(_, complete)| complete.name == decl.name);
        let failed = decl.failed.as_ref().and_then(|failed| self.registry.event(failed));
        let others = [start.map(|(start, _)| start), failed];
        let mut sentences = Vec::new();
        for other in others.into_iter().flatten() {
            for (field, this) in &decl.fields {
                if other.fields.get(field).is_some_and(|that| that.kind != this.kind) {
                    sentences.push(format!(
                        "`{}` has another type in `{}`, which the same call records: give it one type",
                        short(field),
                        short(&other.name)
                    ));
                }
            }
        }
        // the message is put there
        let is_text = |kind| matches!(kind, FieldKind::String | FieldKind::Json);
        if let Some(failed) =
            failed.filter(|failed| failed.fields.get("error").is_some_and(|field| !is_text(field.kind)))
        {
            sentences.push(format!(
                "the field `error` of `{}` is filled in with the message of the failure: make it a `string`",
                short(&failed.name)
            ));
        }
        let fields = event.get_ref().as_table().and_then(|event| event.get("fields"));
        let span = fields.map_or(name.span(), toml::Spanned::span);
        for sentence in sentences {
            self.fault(span.clone(), "file/field", sentence);
        }
    }

    /// Two events whose failures would have one name could not be told apart when they fail.
    pub(super) fn failures<'k, 'i: 'k>(&mut self, names: impl Iterator<Item = &'k Key<'i>>) {
        for name in names {
            let Some(decl) = self.registry.event(name.get_ref()).filter(|decl| decl.failed.is_none()) else { continue };
            let failure = self.registry.failure_of(&decl.name);
            let owner = self.registry.derived.get(&failure).filter(|owner| **owner != decl.name);
            if let Some(owner) = owner {
                let sentence = format!(
                    "`{}` and `{}` would both be called `{}` when they fail: are they one event, or has one of them a \
                     failure of another name, as in `failed = \"..\"`?",
                    short(&decl.name),
                    short(owner),
                    short(&failure)
                );
                self.fault(name.span(), "file/failed", sentence);
            }
        }
    }

    /// One operation, one event: what a past layer reports, no present layer reports as well.
    pub(super) fn owners<'k, 'i: 'k>(&mut self, names: impl Iterator<Item = &'k Key<'i>>) {
        let mut owned = BTreeMap::new();
        for name in self.registry.events.keys().filter(|name| layer_tense(&self.registry, name) == Tense::Past) {
            if let Some(key) = ownership::reported_by(name, &self.registry) {
                owned.insert(key, name.to_owned());
            }
        }
        self.registry.owned = owned;
        for name in names {
            let written = name.get_ref();
            if layer_tense(&self.registry, written) == Tense::Present
                && let Some(owner) = self.registry.owner_of(written)
            {
                let violation = violation::owned(0, written, owner);
                self.pass_on(name.span(), &violation);
            }
        }
    }
}

/// Old names may have been made by other rules than ours; but they were names.
fn is_old_name(name: &str) -> bool {
    let is_word = |segment: &str| {
        segment.bytes().any(|byte| byte.is_ascii_alphanumeric())
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    name.len() <= name::LONGEST && name.split('.').all(is_word)
}

fn layer_tense(registry: &crate::Registry, name: &str) -> Tense {
    registry.tense_of(name.split('.').next().unwrap_or_default())
}

impl Taken {
    /// Why a name cannot be taken again.
    fn against(&self, name: &str, rule: &str) -> String {
        let name = short(name);
        match self {
            Taken::Declared => {
                format!("`{name}` is a declared event, and {rule}: take it out of one of the two places")
            }
            Taken::Derived(event) => {
                format!("`{name}` is what the declared `{}` is called when it fails, and {rule}", short(event))
            }
            Taken::Old(event) => format!(
                "`{name}` is an old name of `{}` already, and leads to one place: take it out of one of the two",
                short(event)
            ),
            Taken::Removed => format!("`{name}` stands under [removed] already: take it out of one of the two places"),
        }
    }
}
