//! The message of an error enters; what it has in common with others of its kind leaves, with `#` for what differs from
//! one time to the next: numbers, ids, what stands in quotes.

/// Of a message that is longer, the beginning counts.
const KEPT: usize = 300;
/// From so many digits on, a word of the letters a to f alone is taken for a hexadecimal number.
const HEX: usize = 8;
/// What a text is quoted with.
const QUOTES: [char; 3] = ['"', '\'', '`'];

/// Two messages that say the same of different things are one text:
///
/// ```
/// use tense_store::alike::alike;
/// assert_eq!(alike("no reservation of L031: balance 120 < 5000"), "no reservation of #: balance # < #");
/// assert_eq!(alike("can't open \"a b\" (7f3c-99ab)"), "can't open \"#\" (#)");
/// ```
///
/// A word with a digit in it is an id; letters, digits, `_` and `-` belong to a word. A quote that is not closed is a
/// character like any other, and so is an apostrophe. Told twice, it is the same; it is never longer than what it was
/// made of, but for an ellipsis. Time: constant, since no more than the beginning is looked at.
pub fn alike(message: &str) -> String {
    let chars: Vec<char> = message.chars().take(KEPT).collect();
    let mut told = String::with_capacity(chars.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let may_open = at == 0 || !is_in_a_word(&chars[at - 1]);
        if let Some(end) = closing(&chars, at).filter(|_| may_open) {
            told.extend([c].into_iter().chain((end > at + 1).then_some('#')).chain([c]));
            at = end + 1;
        } else if is_of_a_word(c) {
            let end = word_end(&chars, at);
            let word = &chars[at..end];
            if is_of_one_time(word) {
                told.push('#');
            } else {
                told.extend(word);
            }
            at = end;
        } else {
            told.push(c);
            at += 1;
        }
    }
    if message.chars().nth(KEPT).is_some() {
        told.push('…');
    }
    told
}

/// Whether a word is a number or an id.
fn is_of_one_time(word: &[char]) -> bool {
    let is_hex = || {
        word.iter().all(|c| c.is_ascii_hexdigit() || *c == '-')
            && word.iter().filter(|c| c.is_ascii_hexdigit()).count() >= HEX
    };
    word.iter().any(|c| c.is_numeric()) || is_hex()
}

/// The place of the quote that closes the one at that place, if there stands one.
fn closing(chars: &[char], at: usize) -> Option<usize> {
    let quote = *chars.get(at).filter(|c| QUOTES.contains(c))?;
    let rest = chars.iter().enumerate().skip(at + 1);
    let is_apostrophe = |place: usize| quote == '\'' && chars.get(place + 1).is_some_and(is_in_a_word);
    let closes = |place: usize| !is_apostrophe(place);
    rest.filter(|(_, c)| **c == quote).map(|(place, _)| place).find(|place| closes(*place))
}

/// Whether a quote beside it is an apostrophe; `#` may have been a word before.
fn is_in_a_word(c: &char) -> bool {
    is_of_a_word(*c) || *c == '#'
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

/// Where the word that begins at that place ends; a point between digits is within.
fn word_end(chars: &[char], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(&c) = chars.get(end) {
        let is_point =
            c == '.' && chars[end - 1].is_ascii_digit() && chars.get(end + 1).is_some_and(char::is_ascii_digit);
        if !is_of_a_word(c) && !is_point {
            break;
        }
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_one_time_to_the_next_is_left_out() {
        let check = |message: &str, expected: &str| assert_eq!(alike(message), expected, "{message}");
        check("", "");
        check("insufficient funds", "insufficient funds");
        check("no answer within 2000 ms", "no answer within # ms");
        check("no answer within 1.5s", "no answer within #");
        check("40000 is more than 2 incomes of 15500", "# is more than # incomes of #");
        check("job 0190163d-8694-739b-96b6-f0a7b0c1d2e3 is gone", "job # is gone");
        check("key deadbeef, face", "key #, face");
        check("`a` and `b c` and ``", "`#` and `#` and ``");
        check("don't panic, it's the users' fault", "don't panic, it's the users' fault");
        check("column 'it's' is unknown", "column '#' is unknown");
        check("an \"open quote of 5", "an \"open quote of #");
        check("10.0.0.1:8080 refused", "#:# refused");
        check("-5 - x", "# - x");
        check("---------", "---------");
        check("版本 7 ist 無", "版本 # ist 無");
    }

    #[test]
    fn a_long_message_is_told_by_its_beginning() {
        let long = "word ".repeat(1_000);
        let told = alike(&long);
        assert!(told.ends_with('…') && told.chars().count() == KEPT + 1);
        assert_eq!(alike(&told), told);
        // As many quotes as there can be, none of which is closed by one that closes.
        assert!(alike(&" 'a".repeat(1_000_000)).len() < 2 * KEPT);
    }
}
