//! Judges an action by its layer's tense: words enter, the word that decided leaves, in favour or against.
//!
//! Only the action is judged, never the segments before it. A *past* layer asks for a past word where one is expected
//! and says which word carried it. A *present* layer asks only that no word is past: nouns have no tense and pass.

use crate::inflect::{Lexicon, Past};
use crate::words;

/// What a layer's events say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tense {
    /// What has happened: `created`, `status_updated`.
    Past,
    /// What is being done: `apply`, `evaluate_transition`.
    Present,
    /// Either; nothing is checked.
    Any,
}

impl Tense {
    /// The word of `tense.toml`.
    ///
    /// ```
    /// assert_eq!(tense_grammar::Tense::Past.as_str(), "past");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Tense::Past => "past",
            Tense::Present => "present",
            Tense::Any => "any",
        }
    }
}

/// An action taken apart, with the words that only say how taken off its end.
#[derive(Clone, Debug)]
pub(crate) struct Action<'a> {
    /// What is judged, never empty for a well-formed action.
    pub(crate) words: Vec<&'a str>,
    /// Adverbs and counts that were taken off: `successfully`, `twice`.
    pub(crate) tail: Vec<&'a str>,
    /// The word before the first particle: `rolled` in `rolled_back`.
    pub(crate) head: Option<usize>,
}

impl<'a> Action<'a> {
    pub(crate) fn split(action: &'a str) -> Self {
        let mut words: Vec<&str> = action.split('_').collect();
        let mut kept = words.len();
        while kept > 1 && words.get(kept - 1).is_some_and(|word| words::is_adverb(word)) {
            kept -= 1;
        }
        let tail = words.split_off(kept);
        let head = words.iter().skip(1).position(|word| words::is_particle(word));
        Action { words, tail, head }
    }

    pub(crate) fn first(&self) -> &'a str {
        self.words.first().copied().unwrap_or_default()
    }

    pub(crate) fn last(&self) -> &'a str {
        self.words.last().copied().unwrap_or_default()
    }

    pub(crate) fn last_index(&self) -> usize {
        self.words.len().saturating_sub(1)
    }
}

/// What made an action fit for a past layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// The past word, by its index.
    Verb(usize),
    /// A noun that the layer declares as an outcome.
    Outcome,
}

/// Whether a past layer accepts the action, and by which word; otherwise the word it was judged on.
pub(crate) fn past(action: &Action<'_>, lexicon: &Lexicon, outcomes: &[String]) -> Result<Carrier, usize> {
    let last = action.last_index();
    // `status_updated`
    if lexicon.is_past(action.last()) != Past::No {
        return Ok(Carrier::Verb(last));
    }
    // `rolled_back`, `token_written_to_disk`
    if let Some(head) = action.head
        && action.words.get(head).is_some_and(|word| lexicon.is_past(word) != Past::No)
    {
        return Ok(Carrier::Verb(head));
    }
    // `skipped_wrong_group`; but a verb at the end makes the first word an adjective: `failed_retry`
    if opens_with_past(action, lexicon) {
        return Ok(Carrier::Verb(0));
    }
    if outcomes.iter().any(|outcome| outcome == action.last()) {
        return Ok(Carrier::Outcome);
    }
    Err(last)
}

/// Whether a present layer accepts the action; otherwise the word that is past.
pub(crate) fn present(action: &Action<'_>, lexicon: &Lexicon) -> Result<(), usize> {
    if words::excuses(action.first()) {
        return Ok(());
    }
    let last = action.last_index();
    let judged = match lexicon.is_past(action.last()) {
        Past::No => action.head,
        _ => Some(last),
    };
    // `rolled_back`, `status_updated`, but not the state `unmatched`
    if let Some(index) = judged
        && let Some(word) = action.words.get(index)
        && lexicon.is_past(word) == Past::Yes
        && !is_state(word, lexicon)
    {
        return Err(index);
    }
    // `skipped_wrong_group`; but `failed_job_retry` does something to failed jobs
    if opens_with_past(action, lexicon) {
        return Err(0);
    }
    Ok(())
}

/// More than one word, the first beyond doubt past, and no verb at the end that would make it an adjective.
fn opens_with_past(action: &Action<'_>, lexicon: &Lexicon) -> bool {
    action.words.len() > 1 && lexicon.is_past(action.first()) == Past::Yes && !lexicon.acts_at_end(action.last())
}

/// `unmatched` says how something is, since nobody unmatches; `unlocked` says what was done, and so does `understood`.
fn is_state(word: &str, lexicon: &Lexicon) -> bool {
    let un = word.starts_with("un") && !word.starts_with("under");
    un && lexicon.base(word).is_some_and(|base| !lexicon.is_listed(&base))
}
