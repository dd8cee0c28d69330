//! Finds what was probably meant: a misspelt text and candidates enter, the nearest one leaves, if one is near enough.

/// The nearest of the candidates, if one is near enough to be a slip of the pen: at most a third of the letters, and
/// four, are others.
///
/// ```
/// assert_eq!(tense_grammar::nearest("levle", ["level", "target"]), Some("level"));
/// assert_eq!(tense_grammar::nearest("colour", ["level", "target"]), None);
/// ```
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // a third of the letters may differ, four at most: beyond that a proposal confuses more than it helps
    const MOST_CHANGES: usize = 4;
    let mut limit = ((written.len() + 1) / 3).clamp(1, MOST_CHANGES);
    let spelling = Spelling::of(written)?;
    let mut near: Option<&str> = None;
    for candidate in candidates {
        let Some(changes) = spelling.changes_to(candidate, limit) else { continue };
        // whoever comes later has to be nearer, or as near and first in the alphabet
        if changes < limit || near.is_none_or(|near| candidate < near) {
            (limit, near) = (changes, Some(candidate));
        }
    }
    near
}

/// A text that others are compared with, a letter (a byte, names are ASCII) at a time.
///
/// A comparison works on a whole column of the table of edit distances at once, one bit a row, after G. Myers, "A fast
/// bit-vector algorithm for approximate string matching" (1999) and H. Hyyrö's form of it for whole texts. A closed
/// registry holds a misspelt name against all of its names, in a macro that nobody optimized.
struct Spelling {
    length: usize,
    /// A bit for every letter that occurs.
    letters: u64,
    /// Where each letter occurs, a bit a place.
    places: [u128; 256],
}

impl Spelling {
    /// Nothing for a text of more letters than bits, which is no slip of the pen.
    fn of(text: &str) -> Option<Self> {
        if text.len() > 128 {
            return None;
        }
        let mut spelling = Spelling { length: text.len(), letters: letters_of(text), places: [0; 256] };
        let mut place: u128 = 1;
        for &letter in text.as_bytes() {
            *spelling.places.get_mut(usize::from(letter))? |= place;
            place <<= 1;
        }
        Some(spelling)
    }

    /// How many letters to change, to add or to take away to get to the other text, unless there are more than `limit`.
    fn changes_to(&self, other: &str, limit: usize) -> Option<usize> {
        if self.length.abs_diff(other.len()) > limit {
            return None;
        }
        // one change takes away one letter at most, and brings one
        let letters = letters_of(other);
        let differ = (self.letters & !letters).count_ones().max((letters & !self.letters).count_ones());
        if differ as usize > limit {
            return None;
        }
        let Some(last) = self.length.checked_sub(1) else { return Some(other.len()) };
        let last = 1_u128 << last;
        // in which rows the distance is one more, or one less, than in the row above
        let (mut more, mut less) = (u128::MAX, 0_u128);
        let (mut changes, mut left) = (self.length, other.len());
        for &letter in other.as_bytes() {
            let same = self.places.get(usize::from(letter)).copied().unwrap_or_default();
            let falls = same | less;
            let level = ((same & more).wrapping_add(more) ^ more) | same;
            // the same, against the column before
            let (grown, shrunk) = (less | !(level | more), more & level);
            changes += usize::from(grown & last != 0);
            changes -= usize::from(shrunk & last != 0);
            left -= 1;
            // every letter that is left can only make up for one
            if changes > limit + left {
                return None;
            }
            let (grown, shrunk) = (grown << 1 | 1, shrunk << 1);
            more = shrunk | !(falls | grown);
            less = grown & falls;
        }
        Some(changes)
    }
}

/// A bit for every letter that occurs. Other characters share bits with them, which only costs time.
fn letters_of(text: &str) -> u64 {
    let mut letters = 0;
    for &letter in text.as_bytes() {
        letters |= 1 << (letter & 63);
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table, as in a textbook.
    fn all_changes(from: &[u8], to: &[u8]) -> usize {
        let mut row: Vec<usize> = (0..=to.len()).collect();
        for (i, a) in from.iter().enumerate() {
            let mut next = vec![i + 1];
            for (j, b) in to.iter().enumerate() {
                next.push((row[j] + usize::from(a != b)).min(row[j + 1] + 1).min(next[j] + 1));
            }
            row = next;
        }
        row[to.len()]
    }

    #[test]
    fn columns_of_bits_count_as_the_whole_table_does() {
        // every text of up to five letters out of three, against every other
        let mut texts = vec![String::new()];
        for at in 0.. {
            let text = match texts.get(at) {
                Some(text) if text.len() < 5 => text.clone(),
                _ => break,
            };
            texts.extend(["a", "b", "c"].map(|letter| format!("{text}{letter}")));
        }
        assert_eq!(texts.len(), 364);
        for from in &texts {
            let spelling = Spelling::of(from).unwrap();
            for to in &texts {
                let all = all_changes(from.as_bytes(), to.as_bytes());
                for limit in [1, 2, 4] {
                    let expected = Some(all).filter(|all| *all <= limit);
                    assert_eq!(spelling.changes_to(to, limit), expected, "{from} {to} {limit}");
                }
            }
        }
        // as long as a name can be to be compared, and one letter longer
        let long = "ab".repeat(64);
        let spelling = Spelling::of(&long).unwrap();
        for (other, changes) in
            [(long.clone(), 0), (format!("{long}a"), 1), (long.replacen("ba", "a", 3), 3), (long[1..].to_owned(), 1)]
        {
            assert_eq!(spelling.changes_to(&other, 4), Some(changes), "{other}");
        }
        assert!(Spelling::of(&format!("{long}a")).is_none());
    }

    #[test]
    fn the_nearest_is_the_first_of_the_nearest() {
        let table: &[(&str, &[&str], Option<&str>)] = &[
            ("tokens", &["token", "tokens_", "tokens"], Some("tokens")),
            ("rotas", &["rotax", "rotab", "rotal"], Some("rotab")),
            ("ab", &["abcdef", "xy"], None),
            (
                "operation.tokens.craeted",
                &["operation.tokens.dropped", "operation.tokens.created"],
                Some("operation.tokens.created"),
            ),
            ("größe", &["grösse", "groesse"], Some("grösse")),
            ("", &["a", ""], Some("")),
        ];
        for (written, candidates, expected) in table {
            assert_eq!(nearest(written, candidates.iter().copied()), *expected, "{written}");
        }
    }
}
