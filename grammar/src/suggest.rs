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

/// So many letters may differ: beyond that a proposal confuses more than it helps.
const MOST_CHANGES: usize = 4;

/// The nearest of the candidates, if one is near enough to be a slip of the pen: at most a third of the letters, and four,
/// are others.
///
/// ```
/// assert_eq!(tense_grammar::nearest("levle", ["level", "target"]), Some("level"));
/// assert_eq!(tense_grammar::nearest("colour", ["level", "target"]), None);
/// ```
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = ((written.len() + 1) / 3).clamp(1, MOST_CHANGES);
    let near = candidates.into_iter().filter_map(|candidate| {
        let distance = distance(written, candidate, limit)?;
        Some((distance, candidate))
    });
    near.min().map(|(_, candidate)| candidate)
}

/// How many letters to change to get from one to the other, unless there are more than `limit`.
///
/// A closed registry has all its names looked through for each unknown one, so this allocates nothing for plain letters.
fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    // names can be as long as the source allows
    const LONGEST: usize = 256;
    if a == b {
        return Some(0);
    }
    if a.len().abs_diff(b.len()) > limit || a.len() > LONGEST {
        return None;
    }
    if a.is_ascii() && b.is_ascii() {
        return changes(a.as_bytes(), b.as_bytes(), limit);
    }
    changes(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>(), limit)
}

/// Of the matrix of all beginnings of both, only the cells that are within the limit of the diagonal can lead to an end
/// within it; and once a row has none, there is no way.
fn changes<T: PartialEq>(a: &[T], b: &[T], limit: usize) -> Option<usize> {
    const FAR: usize = usize::MAX / 2;
    // in the row of `i` the cell at `k` belongs to `j = i + k - limit`
    let mut row = [FAR; 2 * MOST_CHANGES + 1];
    let row = row.get_mut(..=2 * limit)?;
    for (k, cell) in row.iter_mut().enumerate().skip(limit) {
        *cell = k - limit;
    }
    for (i, from) in (1..).zip(a) {
        let (mut left, mut least) = (FAR, FAR);
        for k in 0..row.len() {
            let above = row.get(k + 1).copied().unwrap_or(FAR);
            let Some(cell) = row.get_mut(k) else { break };
            *cell = match (i + k).checked_sub(limit) {
                None => FAR,
                Some(0) => i,
                Some(j) => match b.get(j - 1) {
                    None => FAR,
                    Some(to) => (*cell + usize::from(from != to)).min(above + 1).min(left + 1),
                },
            };
            left = *cell;
            least = least.min(left);
        }
        if least > limit {
            return None;
        }
    }
    let end = (b.len() + limit).checked_sub(a.len())?;
    row.get(end).copied().filter(|changes| *changes <= limit)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole matrix, as it stands in every book.
    fn plainly(a: &[u8], b: &[u8]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, from) in (1..).zip(a) {
            let mut next = vec![i];
            for (j, to) in b.iter().enumerate() {
                next.push((row[j] + usize::from(from != to)).min(row[j + 1] + 1).min(next[j] + 1));
            }
            row = next;
        }
        row[b.len()]
    }

    #[test]
    fn distances_are_those_of_the_whole_matrix() {
        // all words of up to five letters, of two that differ
        let words: Vec<String> = (1_u32..64)
            .map(|bits| format!("{bits:b}").chars().skip(1).map(|bit| if bit == '1' { 'a' } else { 'b' }).collect())
            .collect();
        for a in &words {
            for b in &words {
                let expected = plainly(a.as_bytes(), b.as_bytes());
                for limit in 1..=MOST_CHANGES {
                    assert_eq!(distance(a, b, limit), Some(expected).filter(|far| *far <= limit), "{a} {b} {limit}");
                }
            }
        }
    }

    #[test]
    fn a_letter_is_one_letter_in_any_alphabet() {
        assert_eq!(distance("größe", "grösse", 4), Some(2));
        assert_eq!(distance("\u{43e}peration", "operation", 4), Some(1));
    }
}
