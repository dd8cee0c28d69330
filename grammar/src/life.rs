//! Derives the names that nobody writes: a name enters; the start, the end and the failure that belong to it leave.

use std::borrow::Cow;

use crate::inflect::{Lexicon, Past};
use crate::suggest;
use crate::tense::{self, Action, Carrier, Tense};
use crate::words;

/// The last words of a life, in one tense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LifeWords {
    pub(crate) start: &'static str,
    pub(crate) complete: &'static str,
    pub(crate) fail: &'static str,
    /// One attempt of several, and one that fails.
    pub(crate) attempted: &'static str,
    pub(crate) attempt_failed: &'static str,
}

pub(crate) fn words_of(tense: Tense) -> LifeWords {
    match tense {
        Tense::Past => LifeWords {
            start: "started",
            complete: "completed",
            fail: "failed",
            attempted: "attempted",
            attempt_failed: "attempt_failed",
        },
        Tense::Present | Tense::Any => LifeWords {
            start: "start",
            complete: "complete",
            fail: "fail",
            attempted: "attempt",
            attempt_failed: "attempt_fail",
        },
    }
}

/// What an action is called when it fails: `created` gives `create_failed`, `apply` gives `apply_fail`.
///
/// In a past layer the word that carries the tense goes back to its base in its own place, so `rolled_back` gives
/// `roll_back_failed`. An action without such a word (an outcome, an exempt noun) keeps what it has.
pub(crate) fn failed_action(action: &str, tense: Tense, lexicon: &Lexicon, outcomes: &[String]) -> String {
    if tense != Tense::Past {
        return format!("{action}_fail");
    }
    let split = Action::split(action);
    let Ok(Carrier::Verb(carrier)) = tense::past(&split, lexicon, outcomes) else {
        return format!("{action}_failed");
    };
    let words = split.words.iter().enumerate().map(|(index, word)| match lexicon.base(word) {
        Some(base) if index == carrier => Cow::Owned(base),
        _ => Cow::Borrowed(*word),
    });
    let mut failed = String::with_capacity(action.len() + 7);
    for word in words {
        failed.push_str(&word);
        failed.push('_');
    }
    failed.push_str("failed");
    failed
}

/// The action that a function's name stands for: in a past layer `update_status` gives `status_updated`; elsewhere the
/// name itself. Nothing when a past layer cannot make one of it.
pub(crate) fn action_of_function<'a>(
    function: &'a str,
    tense: Tense,
    lexicon: &Lexicon,
    outcomes: &[String],
) -> Option<Cow<'a, str>> {
    if tense != Tense::Past {
        return Some(Cow::Borrowed(function));
    }
    let action = Action::split(function);
    // a command whose object only happens to look past: `update_offset`
    let object = action.words.len() > 1
        && words::is_noun_first(action.last())
        && lexicon.is_past(action.last()) == Past::Both
        && lexicon.is_past(action.first()) != Past::Yes
        && lexicon.is_verb(action.first());
    if !object && tense::past(&action, lexicon, outcomes).is_ok() {
        return Some(Cow::Borrowed(function));
    }
    suggest::past(&action, lexicon).map(Cow::Owned)
}
