//! The word of an authorization scheme was found; what follows is a credential, or the sentence goes on.

use super::found::Found;
use super::kinds::Class;

const VALUE: Class = Class::TOKEN;

/// `Bearer <token>`, `SSWS <token>`
pub(super) fn bearer(found: &mut Found<'_>, at: usize, end: usize) {
    if let Some((start, stop)) = word_behind(found, at, end, 3)
        && opaque(&found.text[start..stop])
    {
        found.add(start, stop);
    }
}

/// `Basic <base64 of user:password>`
pub(super) fn basic(found: &mut Found<'_>, at: usize, end: usize) {
    if let Some((start, stop)) = word_behind(found, at, end, 3)
        && is_pair(&found.bytes[start..stop])
    {
        let coded = if found.text[stop..].starts_with("%3D") { 3 } else { 0 };
        found.add(start, stop + coded);
    }
}

/// The word behind another one: behind blanks, `:` or `=`, perhaps in quotes.
fn word_behind(found: &mut Found<'_>, at: usize, end: usize, most: usize) -> Option<(usize, usize)> {
    if found.covers(at) || !found.starts_word(at) {
        return None;
    }
    let mut start = end;
    for _ in 0..most {
        start += match found.bytes.get(start..)? {
            [b' ' | b':' | b'=' | b'\t' | b'+', ..] => 1,
            [b'%', b'2', b'0', ..] => 3,
            _ => break,
        };
    }
    if start == end {
        return None;
    }
    start += found.bytes[start..].iter().take(4).take_while(|byte| matches!(byte, b'\\' | b'"' | b'\'' | b'`')).count();
    let mut stop = found.run(start, VALUE);
    while stop > start && matches!(found.bytes[stop - 1], b'.') {
        stop -= 1;
    }
    (stop > start).then_some((start, stop))
}

/// Whether a word is a token rather than a part of a sentence ("bearer authentication", "token expired").
pub(super) fn opaque(text: &str) -> bool {
    let digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let inner_capital = text.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    let lower = text.bytes().any(|byte| byte.is_ascii_lowercase());
    (digit && text.len() >= 8) || (inner_capital && lower && text.len() >= 16)
}

/// Whether this is the base64 of `user:password`.
pub(super) fn is_pair(text: &[u8]) -> bool {
    let (mut bits, mut have) = (0_u32, 0);
    let (mut colon, mut decoded) = (false, 0);
    for byte in text {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        have += 6;
        if have >= 8 {
            have -= 8;
            let byte = (bits >> have & 0xff) as u8;
            if byte < b' ' {
                return false;
            }
            decoded += 1;
            colon |= byte == b':';
        }
    }
    colon && decoded >= 3
}
