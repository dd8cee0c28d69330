//! Says what an event reports, whatever its words look like: a name enters, the bag of its lemmas leaves.
//!
//! `dispatch.token.created`, `dispatch.token.create` and `operation.tokens.created` report the same operation. Two
//! layers that both report it make every count double and every question ambiguous, so it belongs to the layer of what
//! has happened.

use std::borrow::Cow;

use crate::inflect::{Lexicon, Past};
use crate::name;
use crate::registry::Registry;
use crate::tense::Action;
use crate::words;

/// Words of a life. A batch that starts and a merge that has started are different things, whatever they are about.
const LIFE: &[&str] = &["abort", "begin", "cancel", "complete", "end", "error", "fail", "finish", "start", "stop"];

impl Registry {
    /// What an event reports, whatever its words look like: two names of one operation give the same text. Nothing for
    /// a name that tells of a life, or of no operation at all. The text is to compare by, not to show.
    ///
    /// ```
    /// # use tense_grammar::Registry;
    /// let registry = Registry::builtin();
    /// let operation = registry.operation_of("operation.tokens.created");
    /// assert!(operation.is_some());
    /// assert_eq!(operation, registry.operation_of("dispatch.token.create"));
    /// assert_eq!(registry.operation_of("dispatch.batch.start"), None);
    /// ```
    pub fn operation_of(&self, event: &str) -> Option<String> {
        reported_by(event, self)
    }
}

/// What the event of that name reports, as its words without their inflection, in one order; nothing for a name that
/// tells of a life, or of no operation at all.
pub(crate) fn reported_by(event: &str, registry: &Registry) -> Option<String> {
    let segments: Vec<&str> = event.split('.').collect();
    if segments.len() < 3 || !segments.iter().all(|segment| name::is_well_formed(segment)) {
        return None;
    }
    let (action, things) = segments.get(1..)?.split_last()?;
    let lexicon = &registry.lexicon;
    // `rollback` is what `rolled_back` says, and `init` what `initialized` does
    let taken_apart: Vec<&str> =
        action.split('_').map(|word| words::compound(word).or_else(|| words::clipped(word)).unwrap_or(word)).collect();
    let taken_apart = taken_apart.join("_");
    let action = Action::split(&taken_apart);
    let mut bag: Vec<String> = action.words.iter().map(|word| lemma(word, lexicon)).collect();
    let has_verb =
        action.words.iter().zip(&bag).any(|(word, lemma)| lexicon.is_past(word) != Past::No || lexicon.is_verb(lemma));
    if !has_verb || bag.iter().any(|word| LIFE.contains(&word.as_str())) {
        return None;
    }
    bag.extend(things.iter().flat_map(|thing| thing.split('_')).map(|word| singular(word).into_owned()));
    bag.sort_unstable();
    bag.dedup();
    Some(bag.join(" "))
}

fn lemma(word: &str, lexicon: &Lexicon) -> String {
    match lexicon.is_past(word) {
        Past::No if lexicon.is_verb(word) => word.to_owned(),
        Past::No => lexicon.verb_in(word).unwrap_or_else(|| singular(word).into_owned()),
        Past::Yes | Past::Both => lexicon.base(word).unwrap_or_else(|| word.to_owned()),
    }
}

/// `tokens` and `token`, `branches` and `branch`, `caches` and `cache`: near enough to compare by, not to show, since a
/// last e is lost on the way.
fn singular(word: &str) -> Cow<'_, str> {
    const SHORTEST: usize = 4;
    if word.len() < SHORTEST || ["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        return word.into();
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y").into();
    }
    let one = match word.strip_suffix("es") {
        Some(stem) if ["ch", "sh", "s", "x", "z"].iter().any(|end| stem.ends_with(end)) => stem,
        _ => word.strip_suffix('s').unwrap_or(word),
    };
    one.strip_suffix('e').unwrap_or(one).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_operation_report_the_same() {
        let registry = Registry::builtin();
        let same: &[&[&str]] = &[
            &[
                "operation.tokens.created",
                "dispatch.token.created",
                "dispatch.token.create",
                "dispatch.tokens.creating",
            ],
            &["operation.tokens.status_updated", "dispatch.token.update_status", "dispatch.token.status_updated"],
            &["operation.context.branches_read", "dispatch.context.read_branch"],
            &["operation.branch_table.dropped", "dispatch.branch.table.drop", "dispatch.branch.drop_tables"],
            &["operation.caches.written", "dispatch.cache.write"],
            &["operation.db.rolled_back", "dispatch.db.rollback", "dispatch.db.roll_back"],
            &["operation.users.logged_in", "dispatch.user.login"],
            &["operation.jobs.initialized", "dispatch.job.init", "dispatch.job.initialize"],
        ];
        for names in same {
            for name in *names {
                assert_eq!(reported_by(name, &registry), reported_by(names[0], &registry), "{name}");
                assert!(reported_by(name, &registry).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn lives_and_nouns_report_no_operation() {
        let registry = Registry::builtin();
        for name in ["operation.merge.started", "dispatch.batch.complete", "dispatch.error", "decision.sync.status", ""]
        {
            assert_eq!(reported_by(name, &registry), None, "{name}");
        }
    }
}
