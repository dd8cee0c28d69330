//! Whatever an event holds enters; text that is safe on one line of a terminal leaves.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

/// Whether a character may do something to a terminal, or to the order and the lines of a text: control characters (C0,
/// DEL, C1, line breaks among them), bidirectional controls, line separators, and characters that cannot be seen.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes hostile characters as `\u{1b}`.
///
/// ```
/// assert_eq!(tense_store::text::escape("a\u{1b}[31m\nb"), r"a\u{1b}[31m\u{a}b");
/// ```
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hostile(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// The first `limit` characters, escaped, with an ellipsis where something was left out.
pub fn excerpt(text: &str, limit: usize) -> String {
    // Nearly every text: nothing to look for, character by character.
    if text.len() <= limit && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", escape(&text[..end])),
        None => escape(text).into_owned(),
    }
}

/// A field's value as it stands behind `name=`: words as they are, other text in quotes.
pub fn value(value: &Value, limit: usize) -> String {
    match value {
        Value::String(text) if text.is_empty() || text.contains([' ', '"', '=']) => {
            format!("\"{}\"", excerpt(text, limit))
        }
        Value::String(text) => excerpt(text, limit),
        other => excerpt(&other.to_string(), limit),
    }
}

/// A duration in the unit that suits it, with two or three digits that say something.
///
/// ```
/// use std::time::Duration;
/// use tense_store::text::duration;
/// assert_eq!(duration(Duration::from_micros(149)), "149 µs");
/// assert_eq!(duration(Duration::from_millis(5020)), "5.02 s");
/// ```
pub fn duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let seconds = duration.as_secs_f64();
    match nanos {
        0..1_000 => format!("{nanos} ns"),
        1_000..99_950 => format!("{:.1} µs", seconds * 1e6),
        99_950..999_500 => format!("{:.0} µs", seconds * 1e6),
        999_500..99_950_000 => format!("{:.1} ms", seconds * 1e3),
        99_950_000..999_500_000 => format!("{:.0} ms", seconds * 1e3),
        999_500_000..60_000_000_000 => format!("{seconds:.2} s"),
        _ => {
            let whole = duration.as_secs();
            match whole {
                0..3_600 => format!("{} m {:02} s", whole / 60, whole % 60),
                3_600..86_400 => format!("{} h {:02} m", whole / 3_600, whole / 60 % 60),
                _ => format!("{} d {:02} h", whole / 86_400, whole / 3_600 % 24),
            }
        }
    }
}

/// A number of bytes in the unit that suits it: of 1024 each, and called so, as in IEC 80000-13.
///
/// ```
/// assert_eq!(tense_store::text::size(1_610_612_736), "1.5 GiB");
/// ```
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} {}", if bytes == 1 { "byte" } else { "bytes" });
    }
    let (mut size, mut unit) = (bytes as f64 / 1024.0, 0);
    // What would be shown as 1024.0 is one of the next.
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        (size, unit) = (size / 1024.0, unit + 1);
    }
    format!("{size:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_the_unit_that_suits_them() {
        let check = |nanos, expected: &str| assert_eq!(duration(Duration::from_nanos(nanos)), expected);
        check(0, "0 ns");
        check(999, "999 ns");
        check(12_340, "12.3 µs");
        check(99_949, "99.9 µs");
        check(99_950, "100 µs");
        check(149_300, "149 µs");
        check(999_499, "999 µs");
        check(999_500, "1.0 ms");
        check(3_100_000, "3.1 ms");
        check(412_000_000, "412 ms");
        check(999_600_000, "1.00 s");
        check(59_996_000_000, "60.00 s");
        check(125_000_000_000, "2 m 05 s");
        check(u64::MAX, "213503 d 23 h");
    }

    #[test]
    fn sizes_have_the_unit_that_suits_them() {
        let check = |bytes, expected: &str| assert_eq!(size(bytes), expected);
        check(0, "0 bytes");
        check(1, "1 byte");
        check(1023, "1023 bytes");
        check(1024, "1.0 KiB");
        check(3 << 19, "1.5 MiB");
        check((1 << 20) - 1, "1.0 MiB");
        check(2_000_000_000, "1.9 GiB");
        check(u64::MAX, "16.0 EiB");
    }

    #[test]
    fn nothing_hostile_is_left() {
        let hostile = "\u{0}\u{7}\u{9b}\u{85}\r\n\t\u{202e}\u{2066}\u{200b}\u{feff}\u{7f}\u{e0041}\u{2028}";
        let safe = escape(hostile);
        assert!(!safe.chars().any(is_hostile), "{safe}");
        assert_eq!(escape("Zoë 漢字 👩‍💻"), "Zoë 漢字 👩‍💻");
        assert_eq!(excerpt(&"é".repeat(1_000_000), 3), "ééé…");
    }
}
