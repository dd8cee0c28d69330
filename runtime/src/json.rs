//! A JSON text goes in and is recorded as structure; or plain values go in, and a JSON list of them comes out.

use std::fmt;

use crate::value::{Field, Raw};

/// A value of a field whose kind is `json`: a text that is passed on as the structure that it holds.
///
/// It is no parser: [`Json::new`] takes the text as it is. One that turns out not to be JSON stands in the event as a text.
/// What is read back from an event says the same in other letters, perhaps: without spaces, and with its keys in order.
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
pub struct Json(String);

impl Json {
    /// That text, unchanged and unchecked.
    ///
    /// ```
    /// let json = tense::Json::new(r#"{"retries":3}"#);
    /// assert_eq!(json.as_str(), r#"{"retries":3}"#);
    /// ```
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A list of plain values. An absent one is `null`, so that the others keep their places; numbers that JSON does not
    /// have (NaN, infinities) are texts.
    ///
    /// ```
    /// use tense::Json;
    ///
    /// assert_eq!(Json::list([1.5, f64::NAN]).as_str(), r#"[1.5,"NaN"]"#);
    /// assert_eq!(Json::list([Some("a \"b\""), None]).as_str(), r#"["a \"b\"",null]"#);
    /// assert_eq!(Json::list([Json::list([1]), Json::list([2, 3])]).as_str(), "[[1],[2,3]]");
    /// ```
    pub fn list<T: Field>(values: impl IntoIterator<Item = T>) -> Self {
        let mut text = String::from("[");
        for value in values {
            if text.len() > 1 {
                text.push(',');
            }
            push(&mut text, value.raw());
        }
        text.push(']');
        Self(text)
    }

    /// The text.
    ///
    /// ```
    /// assert_eq!(tense::Json::list(["t1", "t2"]).as_str(), r#"["t1","t2"]"#);
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Field for Json {
    fn raw(&self) -> Raw<'_> {
        Raw::Json(&self.0)
    }
}

fn push(json: &mut String, value: Raw<'_>) {
    match value {
        Raw::Absent => json.push_str("null"),
        Raw::Bool(value) => json.push_str(if value { "true" } else { "false" }),
        Raw::I64(value) => json.push_str(&value.to_string()),
        Raw::U64(value) => json.push_str(&value.to_string()),
        Raw::F64(value) => json.push_str(&of_float(value)),
        Raw::Json(text) => json.push_str(text),
        Raw::Str(text) | Raw::CutStr(text) => json.push_str(&of_text(text)),
    }
}

/// A number, or the name of one that JSON does not have.
pub(crate) fn of_float(value: f64) -> String {
    // `Debug` has a point or an exponent in every number, so that a float stays one.
    if value.is_finite() { format!("{value:?}") } else { format!("\"{value}\"") }
}

/// A text in quotes, as RFC 8259 wants it: quotes, backslashes and everything below the space are escaped.
pub(crate) fn of_text(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if c < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_written() {
        let table: [(&dyn Field, &str); 8] = [
            (&true, "[true]"),
            (&-7_i8, "[-7]"),
            (&u64::MAX, "[18446744073709551615]"),
            (&1e300, "[1e300]"),
            (&2.0, "[2.0]"),
            (&f64::INFINITY, "[\"inf\"]"),
            (&"a\u{1}\n\t\r\"\\ä\u{2028}", "[\"a\\u0001\\n\\t\\r\\\"\\\\ä\u{2028}\"]"),
            (&Json::new("{}"), "[{}]"),
        ];
        for (value, expected) in table {
            assert_eq!(Json::list([value]).as_str(), expected);
        }
        assert_eq!(Json::list::<u8>([]).as_str(), "[]");
    }
}
