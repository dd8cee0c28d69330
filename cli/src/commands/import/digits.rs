//! A line of JSON enters; it leaves with each integer that has no room in 64 bits as a text of its digits, since as a
//! number it would lose most of them. Ids of other systems are such numbers.

use std::borrow::Cow;

/// So many characters are a number that has room, with its sign.
const SURE: usize = 18;

/// Keeps the digits of what lies so deep in the line or deeper, its own keys being at 1; says of how many numbers.
///
/// What is no JSON comes out as something else that is no JSON. Time: linear.
pub(super) fn kept(line: &str, from_depth: usize) -> (Cow<'_, str>, usize) {
    let bytes = line.as_bytes();
    let (mut made, mut copied, mut numbers) = (String::new(), 0, 0);
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = end_of_text(bytes, at + 1);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'-' | b'0'..=b'9' => {
                let is_of_number = |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let end = at + bytes[at..].iter().take_while(is_of_number).count();
                if end - at > SURE && depth >= from_depth && has_no_room(&line[at..end]) {
                    made.extend([&line[copied..at], "\"", &line[at..end], "\""]);
                    (copied, numbers) = (end, numbers + 1);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    if numbers == 0 {
        return (Cow::Borrowed(line), 0);
    }
    made += &line[copied..];
    (Cow::Owned(made), numbers)
}

/// The place behind a text that begins there.
fn end_of_text(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether it is an integer, as JSON writes one, of more than 64 bits.
fn has_no_room(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_integer = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_integer && number.parse::<i64>().is_err() && number.parse::<u64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_where_a_number_would_lose_them() {
        let check = |line: &str, from_depth, expected: &str, numbers| {
            assert_eq!(kept(line, from_depth), (Cow::Borrowed(expected), numbers), "{line}");
        };
        let (long, text) = ("123456789012345678901234567890", "\"123456789012345678901234567890\"");
        check(&format!("{{\"a\":{long}}}"), 1, &format!("{{\"a\":{text}}}"), 1);
        check(&format!("[-{long}, {long}]"), 1, &format!("[\"-{long}\", {text}]"), 2);
        check(
            &format!("{{\"a\":{long},\"d\":{{\"b\":{long}}}}}"),
            2,
            &format!("{{\"a\":{long},\"d\":{{\"b\":{text}}}}}"),
            1,
        );
        for same in [
            "{\"a\":18446744073709551615,\"b\":-9223372036854775808}".to_owned(),
            format!("{{\"a\":{long}.5,\"b\":{long}e3,\"c\":0{long}}}"),
            format!("{{\"a\":\"{long}\",\"b\\\":{long}\":1}}"),
            format!("\"{long}"),
            "\"a\\".to_owned(),
            String::new(),
        ] {
            check(&same, 1, &same, 0);
        }
        check("18446744073709551616", 0, "\"18446744073709551616\"", 1);
        check("-9223372036854775809", 0, "\"-9223372036854775809\"", 1);
    }
}
