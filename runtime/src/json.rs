//! A JSON text goes in and is recorded as structure; or plain values go in, and a JSON list of them comes out.

#[cfg(feature = "serde")]
mod of;

use std::fmt::{self, Write};

use crate::list;
use crate::shown::{MOST_BYTES, Room};
use crate::value::{Field, Raw};

/// A value of a field whose kind is `json`: a text that is passed on as the structure that it holds.
///
/// It is no parser: [`Json::new`] takes the text as it is. One that turns out not to be JSON stands in the event as a
/// text. What is read back from an event says the same in other letters, perhaps: without spaces, and with its keys in
/// order.
///
/// ```
/// use tense::Json;
///
/// #[tense::traced(operation.context.initialized, fields(tables, policy = Json::new(policy)))]
/// fn initialize(tables: &Json, policy: &str) {}
///
/// initialize(&Json::list(["orders", "lines"]), r#"{"retries":3}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Json {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Whole,
    /// Something was left out, for which there was no room.
    Cut,
    /// No JSON: what went wrong where it was made, or the head of a text that was too long.
    #[cfg(feature = "serde")]
    Text,
    #[cfg(feature = "serde")]
    CutText,
}

impl Json {
    /// That text, unchanged and unchecked.
    ///
    /// ```
    /// let json = tense::Json::new(r#"{"retries":3}"#);
    /// assert_eq!(json.as_str(), r#"{"retries":3}"#);
    /// ```
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: Kind::Whole }
    }

    /// A list of plain values. An absent one is `null`, so that the others keep their places; numbers that JSON does
    /// not have (NaN, infinities) are texts. It ends at 4 KiB with the last one that fits as a whole, and asks for no
    /// more of them.
    ///
    /// A slice, an array or a `Vec` is recorded as a list without it, and without an allocation.
    ///
    /// ```
    /// use tense::Json;
    ///
    /// assert_eq!(Json::list([1.5, f64::NAN]).as_str(), r#"[1.5,"NaN"]"#);
    /// assert_eq!(Json::list([Some("a \"b\""), None]).as_str(), r#"["a \"b\"",null]"#);
    /// assert_eq!(Json::list([[1].as_slice(), &[2, 3]]).as_str(), "[[1],[2,3]]");
    /// assert!(Json::list(0..).as_str().len() <= 4096);
    /// ```
    pub fn list<T: Field>(values: impl IntoIterator<Item = T>) -> Self {
        let mut text = String::new();
        let written = list::write(values, &mut Room::new(&mut text, MOST_BYTES));
        Self { text, kind: if written.is_ok() { Kind::Whole } else { Kind::Cut } }
    }

    /// The text.
    ///
    /// ```
    /// assert_eq!(tense::Json::list(["t1", "t2"]).as_str(), r#"["t1","t2"]"#);
    /// ```
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Field for Json {
    fn raw(&self) -> Raw<'_> {
        match self.kind {
            Kind::Whole => Raw::Json(&self.text),
            Kind::Cut => Raw::CutJson(&self.text),
            #[cfg(feature = "serde")]
            Kind::Text => Raw::Str(&self.text),
            #[cfg(feature = "serde")]
            Kind::CutText => Raw::CutStr(&self.text),
        }
    }
}

/// It as JSON, all of it.
pub(crate) fn text(value: Raw<'_>) -> String {
    let mut text = String::new();
    // A `String` has room for everything.
    write(value, &mut Room::new(&mut text, usize::MAX)).ok();
    text
}

/// How many bytes it takes as JSON; `None` when they are more than that.
pub(crate) fn len(value: Raw<'_>, most: usize) -> Option<usize> {
    let mut nowhere = Nowhere;
    let mut room = Room::new(&mut nowhere, most);
    write(value, &mut room).ok().map(|()| most - room.left())
}

struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        Ok(())
    }
}

/// Writes it as JSON. An error says that there was no room for all of it.
pub(crate) fn write(value: Raw<'_>, room: &mut Room<'_>) -> fmt::Result {
    match value {
        Raw::Absent => room.write_str("null"),
        Raw::Bool(value) => write!(room, "{value}"),
        Raw::I64(value) => write!(room, "{value}"),
        Raw::U64(value) => write!(room, "{value}"),
        Raw::F64(value) => write_float(value, room),
        Raw::Json(text) | Raw::CutJson(text) => room.write_str(text),
        Raw::Str(text) | Raw::CutStr(text) => write_text(text, room),
        Raw::Pieces(pieces) if pieces.is_json() => pieces.show(room),
        Raw::Pieces(pieces) => {
            room.write_char('"')?;
            pieces.show(&mut Room::new(&mut Escaped(room), usize::MAX))?;
            room.write_char('"')
        }
    }
}

/// A number, or the name of one that JSON does not have.
fn write_float(value: f64, out: &mut dyn Write) -> fmt::Result {
    // `Debug` has a point or an exponent in every number, so that a float stays one.
    if value.is_finite() { write!(out, "{value:?}") } else { write!(out, "\"{value}\"") }
}

/// A text in quotes.
fn write_text(text: &str, out: &mut dyn Write) -> fmt::Result {
    out.write_char('"')?;
    Escaped(out).write_str(text)?;
    out.write_char('"')
}

/// How many bytes are looked at before they are written; at least a character.
const PART: usize = 1024;

/// What is between the quotes, as RFC 8259 wants it: quotes, backslashes and everything below the space are escaped.
struct Escaped<'a>(&'a mut dyn Write);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while !rest.is_empty() {
            // Looked at in parts, since of a huge text there is room for the first ones only.
            let (part, behind) = rest.split_at(rest.floor_char_boundary(PART));
            let at = part.find(|c| c < ' ' || c == '"' || c == '\\').unwrap_or(part.len());
            let (plain, from) = part.split_at(at);
            self.0.write_str(plain)?;
            // Whatever is escaped is one byte long.
            let Some(byte) = from.bytes().next() else {
                rest = behind;
                continue;
            };
            match byte {
                b'"' => self.0.write_str("\\\"")?,
                b'\\' => self.0.write_str("\\\\")?,
                b'\n' => self.0.write_str("\\n")?,
                b'\r' => self.0.write_str("\\r")?,
                b'\t' => self.0.write_str("\\t")?,
                byte => write!(self.0, "\\u{byte:04x}")?,
            }
            rest = &rest[at + 1..];
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_written() {
        let table: [(&dyn Field, &str); 12] = [
            (&true, "[true]"),
            (&-7_i8, "[-7]"),
            (&u64::MAX, "[18446744073709551615]"),
            (&1e300, "[1e300]"),
            (&2.0, "[2.0]"),
            (&f64::INFINITY, "[\"inf\"]"),
            (&"a\u{1}\n\t\r\"\\ä\u{2028}", "[\"a\\u0001\\n\\t\\r\\\"\\\\ä\u{2028}\"]"),
            (&Json::new("{}"), "[{}]"),
            (&None::<u8>, "[null]"),
            (&'"', "[\"\\\"\"]"),
            (&u128::MAX, "[\"340282366920938463463374607431768211455\"]"),
            (&vec![vec!["a"], vec![]], "[[[\"a\"],[]]]"),
        ];
        for (value, expected) in table {
            assert_eq!(Json::list([value]).as_str(), expected);
        }
        assert_eq!(Json::list::<u8>([]).as_str(), "[]");
    }

    #[test]
    fn a_list_ends_with_the_last_element_that_fits() {
        let json = Json::list(std::iter::repeat("0123456789"));
        assert!(matches!(json.raw(), Raw::CutJson(_)));
        assert!(json.as_str().starts_with("[\"0123456789\",") && json.as_str().ends_with(",\"0123456789\"]"));
        assert!((MOST_BYTES - 13..=MOST_BYTES).contains(&json.as_str().len()), "{}", json.as_str().len());
        // An element is there as a whole or not at all, also one that is a list itself.
        assert_eq!(Json::list([vec![7], vec![8; MOST_BYTES]]).as_str(), "[[7]]");
        let exact = "x".repeat(MOST_BYTES - 4);
        assert!(matches!(Json::list([&exact]).raw(), Raw::Json(_)), "what just fits is whole");
    }

    #[test]
    fn a_long_text_is_escaped_at_every_place() {
        let long = "ä\"\n".repeat(PART);
        assert_eq!(text(Raw::Str(&long)), format!("\"{}\"", "ä\\\"\\n".repeat(PART)));
    }

    #[test]
    fn what_has_lost_its_end_is_not_in_a_list_as_if_it_had_not() {
        let cut = crate::bounded::debug(&"x".repeat(MOST_BYTES));
        let json = Json::list([&cut as &dyn Field, &1]);
        assert_eq!((json.as_str(), json.kind), ("[null,1]", Kind::Cut));
    }
}
