//! Digits enter: those of a telephone in international form and those of a payment card go.

use super::found::Found;
use super::kinds::Class;

/// `+49 (0) 555 / 0101234`: at each `+` that a number may begin with.
pub(super) fn phones(found: &mut Found<'_>) {
    let mut from = 0;
    while let Some(plus) = found.text[from..].find('+').map(|at| from + at) {
        from = plus + 1;
        let alone = match found.before(plus) {
            Some(b'+' | b'_') => false,
            Some(byte) => byte.is_ascii() && found.starts_word(plus),
            None => true,
        };
        if alone
            && !found.covers(plus)
            && let Some(end) = number(&found.bytes[from..])
        {
            found.add(plus, from + end);
            from += end;
        }
    }
}

/// `%2B495550101234`
pub(super) fn encoded_phone(found: &mut Found<'_>, at: usize, behind: usize) {
    if let Some(end) = number(&found.bytes[behind..]) {
        found.add(at, behind + end);
    }
}

/// How long the number behind a `+` is; `None` when it is no telephone's.
fn number(rest: &[u8]) -> Option<usize> {
    if !matches!(rest.first()?, b'1'..=b'9') {
        return None;
    }
    let (mut at, mut end, mut digits, mut group, mut groups) = (0, 0, 0, 0, 1);
    let (mut dot, mut blank) = (false, false);
    while let Some(byte) = rest.get(at) {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                group += 1;
                end = at + 1;
            }
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' => {
                let signs = rest[at..].iter().take_while(|byte| b" -.()/".contains(byte)).count();
                let zero = rest[at..].starts_with(b" (0)") || rest[at..].starts_with(b"(0)");
                // Two blanks, or a blank behind a point, end the sentence and not the group.
                let apart = rest[at..at + signs].windows(2).any(|two| matches!(two, b"  " | b". " | b", " | b"--"));
                let next = rest.get(at + signs);
                if signs > 3 || apart || digits >= 15 || !next.is_some_and(u8::is_ascii_digit) {
                    end += usize::from(*byte == b')');
                    break;
                }
                dot |= rest[at..at + signs].contains(&b'.');
                blank |= rest[at..at + signs].contains(&b' ');
                if zero {
                    at += 3 + usize::from(*byte == b' ');
                    digits += 1;
                } else {
                    at += signs;
                }
                (group, groups) = (0, groups + 1);
                continue;
            }
            _ => break,
        }
        at += 1;
    }
    let word_goes_on = rest.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let clock = rest.get(end) == Some(&b':') && rest.get(end + 1).is_some_and(u8::is_ascii_digit);
    let enough = if groups > 1 { 8..=15 } else { 10..=15 };
    // `+10.25 100.33` are two numbers. With a country code, people write 10 digits or more, or they write groups.
    (enough.contains(&digits) && group >= 2 && !(dot && blank) && !word_goes_on && !clock).then_some(end)
}

/// Digits in the groups that cards are written in, with the checksum of one.
pub(super) fn cards(found: &mut Found<'_>) {
    let mut at = 0;
    while let Some(start) = found.bytes[at..].iter().position(u8::is_ascii_digit).map(|step| at + step) {
        let run = found.run(start, Class::DIGIT);
        at = run;
        let begins = found.starts_word(start) && !matches!(found.before(start), Some(b'.' | b'_'));
        if found.covers(start) || !begins {
            continue;
        }
        let longest = if run - start == 4 { grouped(found.bytes, start) } else { None };
        let Some(end) = longest.or_else(|| (14..=19).contains(&(run - start)).then_some(run)) else { continue };
        if found.before(start) == Some(b'-') || !found.ends_word(end) || found.byte(end) == Some(b'_') {
            continue;
        }
        if is_card(&found.text[start..end]) {
            found.add(start, end);
            at = end;
        }
    }
}

/// Where four groups of four end, or of four, six and five.
fn grouped(bytes: &[u8], start: usize) -> Option<usize> {
    let sign = bytes.get(start + 4).filter(|byte| matches!(byte, b' ' | b'-' | b'+'))?;
    for lengths in [&[4, 4, 4, 4, 3][..], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4]] {
        let mut at = start;
        let fits = lengths.iter().enumerate().all(|(nth, length)| {
            if nth > 0 {
                if bytes.get(at) != Some(sign) {
                    return false;
                }
                at += 1;
            }
            let group = bytes.get(at..at + length).is_some_and(|group| group.iter().all(u8::is_ascii_digit));
            at += length;
            group
        });
        if fits && !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            return Some(at);
        }
    }
    None
}

/// Whether a number is a card's, for numbers that are no text.
pub(super) fn is_card_number(number: u64) -> bool {
    // Shorter ones are never cards; this spares nearly all numbers the formatting.
    number >= 10_u64.pow(13) && is_card(&number.to_string())
}

/// A known issuer, the length that it uses, and the checksum: of sixteen random digits one number in forty passes.
fn is_card(text: &str) -> bool {
    let mut digits = [0_u32; 19];
    let mut count = 0;
    for digit in text.chars().filter_map(|c| c.to_digit(10)) {
        let Some(place) = digits.get_mut(count) else { return false };
        (*place, count) = (digit, count + 1);
    }
    let digits = &digits[..count];
    let first = |n: usize| digits.iter().take(n).fold(0, |number, digit| number * 10 + digit);
    let spaced = text.contains([' ', '-']);
    let issued = match count {
        14 => matches!(first(2), 36 | 38) || matches!(first(3), 300..=305),
        15 => matches!(first(2), 34 | 37),
        16 => {
            first(1) == 4
                || matches!(first(2), 51..=55 | 62 | 65)
                || matches!(first(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(first(3), 644..=649)
        }
        19 => spaced && (first(1) == 4 || first(2) == 62),
        _ => false,
    };
    issued && luhn(digits)
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match at % 2 {
            0 => *digit,
            _ if *digit < 5 => digit * 2,
            _ => digit * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}
