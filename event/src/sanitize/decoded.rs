//! A text enters in which characters are coded: `%22`, `\\u0022`, `&quot;`. It leaves as it is meant, so that the rules
//! see what a reader of the far end would.

/// Entities of HTML and XML that may hide what separates a key from its value.
const ENTITIES: &[(&str, char)] =
    &[("&amp;", '&'), ("&apos;", '\''), ("&gt;", '>'), ("&lt;", '<'), ("&quot;", '"'), ("&#34;", '"'), ("&#39;", '\'')];

/// The text with its codes undone, once; `None` when there were none. Only those of ASCII: what is beyond is part of no
/// rule.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(step) = text.as_bytes().get(at..)?.iter().position(|byte| matches!(byte, b'%' | b'\\' | b'&')) {
        at += step;
        match code(&text[at..]) {
            Some((char, length)) => {
                plain.push_str(&text[copied..at]);
                plain.push(char);
                at += length;
                copied = at;
            }
            None => at += 1,
        }
    }
    if copied == 0 {
        return None;
    }
    plain.push_str(&text[copied..]);
    Some(plain)
}

/// What is coded here, and how long the code is.
fn code(rest: &str) -> Option<(char, usize)> {
    let hex = |digits: &str| u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii).map(char::from);
    match rest.as_bytes() {
        [b'%', ..] => Some((hex(rest.get(1..3)?)?, 3)),
        [b'\\', b'u', b'0', b'0', ..] => Some((hex(rest.get(4..6)?)?, 6)),
        [b'\\', b'x', ..] => Some((hex(rest.get(2..4)?)?, 4)),
        [b'&', ..] => {
            let (entity, char) = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity))?;
            Some((*char, entity.len()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn codes_are_undone_once() {
        for (coded, plain) in [
            ("a%3Db", "a=b"),
            ("a%253Db", "a%3Db"),
            (r"{\u0022a\u0022:1}", r#"{"a":1}"#),
            ("&quot;a&quot; &amp;lt;", "\"a\" &lt;"),
            (r"\x41", "A"),
        ] {
            assert_eq!(decoded(coded).as_deref(), Some(plain));
        }
        for plain in ["", "100%", "5 %d", r"C:\x", "a & b", "%C3%A9", "%é", r"\u00e9", "&quote"] {
            assert_eq!(decoded(plain), None, "{plain}");
        }
    }
}
