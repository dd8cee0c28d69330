//! Proposes what to write instead: an action that was refused enters, one that will be accepted leaves, or nothing.
//!
//! Nothing is invented. Where no word of the action is a verb that the tables know, there is no proposal, and the
//! message states the rule instead.

use crate::inflect::{Lexicon, Past};
use crate::tense::{self, Action};
use crate::words;

/// An action for a past layer; the first way that fits is taken.
pub(crate) fn past(action: &Action<'_>, lexicon: &Lexicon) -> Option<String> {
    let words = &action.words;
    let (first, last) = (action.first(), action.last());
    let head = action.head.and_then(|head| words.get(head).map(|word| (head, *word)));

    // a word that is a command wherever it stands makes an object of the compound: `set_timeout` is `timeout_set`
    let commanded = words.len() > 1 && lexicon.acts_at_end(first) && lexicon.is_past(first) != Past::Yes;

    let proposal = if words::compound(last).is_some() && !commanded {
        // `rollback` is `rolled_back`, `request_timeout` is `request_timed_out`
        with(words, action.last_index(), &lexicon.participle(last))
    } else if let Some((head, verb)) = head.filter(|(_, verb)| lexicon.is_verb(verb)) {
        // a verb keeps its particle behind it: `write_to_disk` is `written_to_disk`
        with(words, head, &lexicon.participle(verb))
    } else if words.len() == 1 {
        if lexicon.is_verb(last) {
            lexicon.participle(last).into_owned()
        } else {
            lexicon.participle(&lexicon.verb_in(last)?).into_owned()
        }
    } else if lexicon.is_verb(first)
        && lexicon.is_past(first) != Past::Yes
        && (!lexicon.acts_at_end(last) || words::compound(last).is_some())
    {
        // the object goes before the verb, what comes after a particle stays behind it:
        // `update_status` is `status_updated`, `update_user_by_id` is `user_updated_by_id`
        let object_ends = action.head.map_or(words.len(), |head| head + 1);
        let object = words.get(1..object_ends)?;
        let rest = words.get(object_ends..)?;
        let verb = lexicon.participle(first);
        [object, &[&*verb], rest].concat().join("_")
    } else if lexicon.is_verb(last) {
        // `fetch_start` is `fetch_started`
        with(words, action.last_index(), &lexicon.participle(last))
    } else {
        return None;
    };

    let accepted = tense::past(&Action::split(&proposal), lexicon, &[]).is_ok();
    accepted.then(|| with_tail(proposal, &action.tail))
}

/// An action for a present layer, given the word that is past there: `status_updated` is `update_status`.
pub(crate) fn present(action: &Action<'_>, culprit: usize, lexicon: &Lexicon) -> Option<String> {
    let base = lexicon.base(action.words.get(culprit)?)?;
    let object = action.words.get(..culprit)?;
    let rest = action.words.get(culprit + 1..)?;
    let proposal = [&[base.as_str()], object, rest].concat().join("_");
    let accepted = tense::present(&Action::split(&proposal), lexicon).is_ok();
    accepted.then(|| with_tail(proposal, &action.tail))
}

/// The nearest of the candidates, if one is near enough to be a slip of the pen: at most a third of the letters, and four,
/// are others.
///
/// ```
/// assert_eq!(tense_grammar::nearest("levle", ["level", "target"]), Some("level"));
/// assert_eq!(tense_grammar::nearest("colour", ["level", "target"]), None);
/// ```
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // a third of the letters may differ, four at most: beyond that a proposal confuses more than it helps
    let limit = ((written.len() + 1) / 3).clamp(1, 4);
    let near = candidates.into_iter().filter_map(|candidate| {
        let distance = distance(written, candidate, limit)?;
        Some((distance, candidate))
    });
    near.min().map(|(_, candidate)| candidate)
}

/// How many letters to change to get from one to the other, unless there are more than `limit`.
///
/// Names can be as long as the source allows, so lengths that differ by more are not compared at all, and rows are given
/// up once no cell is within the limit.
fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    const LONGEST: usize = 256;
    if a == b {
        return Some(0);
    }
    if a.len().abs_diff(b.len()) > limit || a.len() > LONGEST {
        return None;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (pair, to) in row.windows(2).zip(&b) {
            let &[diagonal, above] = pair else { continue };
            let left = next.last().copied().unwrap_or(i);
            let change = diagonal + usize::from(from != to);
            next.push(change.min(above + 1).min(left + 1));
        }
        if next.iter().all(|cell| *cell > limit) {
            return None;
        }
        row = next;
    }
    row.last().copied().filter(|distance| *distance <= limit)
}

fn with(words: &[&str], index: usize, word: &str) -> String {
    let replaced = words.iter().enumerate().map(|(at, old)| if at == index { word } else { old });
    replaced.collect::<Vec<_>>().join("_")
}

fn with_tail(mut action: String, tail: &[&str]) -> String {
    for word in tail {
        action.push('_');
        action.push_str(word);
    }
    action
}
