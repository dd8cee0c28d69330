//! The border of a block was found, or of an element; what stands in it goes.

use super::found::Found;
use super::keys::Secret;
use super::kinds::Class;
use super::rules::Rules;

/// How long the words between the dashes may be.
const LABEL: usize = 64;
/// How far the beginning of an element is looked for.
const ELEMENT: usize = 256;

/// Whether `-----BEGIN` or `-----END` is followed by the words of a private key, blanks encoded or not.
fn is_private(label: &str) -> Option<usize> {
    let end = label.find("-----")?;
    let (words, label) = (end + 5, label.get(..end)?.to_ascii_uppercase());
    (label.contains("PRIVATE") && label.contains("KEY")).then_some(words)
}

fn label(text: &str, at: usize) -> Option<&str> {
    text.get(at..text.floor_char_boundary(at.saturating_add(LABEL)))
}

/// `-----BEGIN RSA PRIVATE KEY-----`, as far as the end of the block, or of the text.
pub(super) fn begins(found: &mut Found<'_>, at: usize, behind: usize) {
    if found.covers(at) {
        return;
    }
    let Some(inside) = label(found.text, behind).and_then(is_private) else { return };
    let rest = &found.text[behind + inside..];
    let end = rest.find("-----END").and_then(|end| {
        let from = behind + inside + end + 8;
        Some(from + label(found.text, from)?.find("-----")? + 5)
    });
    found.add(at, end.unwrap_or(found.text.len()));
}

/// The end of a block whose beginning stands elsewhere: what looks like its lines goes with it.
pub(super) fn ends(found: &mut Found<'_>, at: usize, behind: usize) {
    if found.covers(at) {
        return;
    }
    let Some(inside) = label(found.text, behind).and_then(is_private) else { return };
    let line = |byte: u8| Class::BASE64.has(byte) || matches!(byte, b'\n' | b'\r' | b'\\');
    let body = found.bytes[..at].iter().rev().take_while(|byte| line(**byte)).count();
    found.add(at - body, behind + inside);
}

/// The lines of a key of PuTTY: `Private-Lines: 14`, up to its checksum.
pub(super) fn putty(found: &mut Found<'_>, behind: usize) {
    let end = found.text[behind..].find("Private-MAC").map_or(found.text.len(), |end| behind + end);
    let number = found.bytes[behind..end].iter().take_while(|byte| matches!(byte, b' ' | b'0'..=b'9')).count();
    found.add(behind + number, end);
}

/// `<password>x</password>`: at its end, `</`.
pub(super) fn element(found: &mut Found<'_>, rules: &Rules, at: usize, behind: usize, opens: &str) {
    let name_end = found.run(behind, Class::DOTTED);
    let name = &found.text[behind..name_end];
    if found.covers(at) || !rules.secret(name).is_some_and(Secret::hides_text) {
        return;
    }
    let from = found.text.ceil_char_boundary(at.saturating_sub(ELEMENT));
    if let Some(start) = found.text[from..at].rfind(opens) {
        found.add(from + start + opens.len(), at);
    }
}

/// A part of a form with several: the name, an empty line, the value, and a line that begins with dashes.
pub(super) fn part_of_form(found: &mut Found<'_>, rules: &Rules, behind: usize) {
    let head = &found.text[behind..found.text.floor_char_boundary(behind + ELEMENT)];
    for (quote, breaks) in [("\"", ["\r\n\r\n", "\n\n"]), ("\\\"", ["\\r\\n\\r\\n", "\\n\\n"])] {
        let named = format!("name={quote}");
        if let Some(name) = head.find(&named).map(|at| at + named.len())
            && let Some(end) = head[name..].find(quote).map(|end| name + end)
            && rules.secret(&head[name..end]).is_some_and(Secret::hides_text)
            && let Some(start) = breaks.iter().find_map(|two| Some(head[end..].find(two)? + end + two.len()))
        {
            let start = behind + start;
            let one = &breaks[1][..breaks[1].len() / 2];
            let value = &found.text[start..];
            let length = value.find(one).unwrap_or(value.len());
            let length = value[..length].trim_end_matches("\\r").trim_end().len();
            found.add(start, start + length);
            return;
        }
    }
}
