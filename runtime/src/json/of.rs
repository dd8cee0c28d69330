//! What implements `Serialize` goes in; JSON of at most 4 KiB comes out, whatever its code does.

use std::io;

use serde::Serialize;

use super::{Json, Kind};
use crate::bounded::Bounded;
use crate::panics;
use crate::shown::MOST_BYTES;

impl Json {
    /// What `serde` makes of a value. Needs the feature `serde`.
    ///
    /// Serializing stops at 4 KiB, however large the value is; what is open there is closed, so that the event has the
    /// head of the structure, and names the field in `cut`. A value that cannot be serialized, or panics, is a text
    /// that says so (not under `panic = "abort"`, where nobody can catch its panic). Costs an allocation, and the work
    /// of serializing, only where somebody records the call.
    ///
    /// ```
    /// use tense::Json;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Policy { retries: u8 }
    ///
    /// #[tense::traced(operation.policies.applied, fields(policy = Json::of(policy)))]
    /// fn apply(policy: &Policy) {}
    ///
    /// apply(&Policy { retries: 3 });
    /// assert_eq!(Json::of(&Policy { retries: 3 }).as_str(), r#"{"retries":3}"#);
    /// ```
    pub fn of(value: &(impl Serialize + ?Sized)) -> Self {
        let mut head = Head::default();
        let result = match panics::form(|| serde_json::to_writer(&mut head, value)) {
            Ok(result) => result,
            Err(unformed) => return Self { text: unformed.text("serialized"), kind: Kind::Text },
        };
        let Head { mut bytes, is_cut } = head;
        if is_cut {
            // A character that was torn is torn inside of a string, and goes with it.
            let whole = bytes.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
            bytes.truncate(whole);
        }
        let mut text = String::from_utf8(bytes).unwrap_or_default();
        match result {
            // Also when the value's own code did not heed the error.
            _ if is_cut => {
                let kind = if close(&mut text) { Kind::Cut } else { Kind::CutText };
                Self { text, kind }
            }
            Ok(()) => Self { text, kind: Kind::Whole },
            Err(error) => {
                let why = Bounded::of(&format_args!("<could not be serialized: {error}>"));
                Self { text: why.text().to_owned(), kind: Kind::Text }
            }
        }
    }
}

/// The first bytes of what is written; then writing fails.
#[derive(Default)]
struct Head {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl io::Write for Head {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        let room = if self.is_cut { 0 } else { MOST_BYTES - self.bytes.len().min(MOST_BYTES) };
        let fits = more.get(..room).unwrap_or(more);
        self.bytes.extend_from_slice(fits);
        self.is_cut |= fits.len() < more.len();
        if self.is_cut { Err(io::ErrorKind::StorageFull.into()) } else { Ok(more.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes JSON that was cut off back to its last whole element, and closes what is open there. Says whether anything is
/// open: of a text or a number alone nothing whole is left, and it stays as it is.
fn close(json: &mut String) -> bool {
    let (mut open, mut whole) = (Vec::new(), 0);
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => {
                open.push(if byte == b'[' { ']' } else { '}' });
                whole = at + 1;
            }
            b']' | b'}' => {
                open.pop();
                whole = at + 1;
            }
            b',' => whole = at,
            _ => {}
        }
    }
    if open.is_empty() {
        return false;
    }
    json.truncate(whole);
    json.extend(open.iter().rev());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_is_closed_after_its_last_whole_element() {
        for (cut, closed) in [
            (r#"[1,2"#, "[1]"),
            (r#"[1,"a,]\"#, "[1]"),
            (r#"{"a":[{"b":1,"c"#, r#"{"a":[{"b":1}]}"#),
            (r#"{"a":{"b":"#, r#"{"a":{}}"#),
            (r#"{"a":{},"b":"x\"]"#, r#"{"a":{}}"#),
            ("[", "[]"),
        ] {
            let mut json = cut.to_owned();
            assert!(close(&mut json), "{cut}");
            assert_eq!(json, closed, "{cut}");
        }
        let mut text = "\"abc".to_owned();
        assert!(!close(&mut text));
        assert_eq!(text, "\"abc");
    }

    #[test]
    fn a_large_value_is_json_all_the_same() {
        let large: Vec<_> = (0..100_000).map(|n| (n, "ä\"")).collect();
        let json = Json::of(&large);
        assert_eq!(json.kind, Kind::Cut);
        let read: Vec<serde_json::Value> = serde_json::from_str(json.as_str()).unwrap();
        // Of the last one there may be a part.
        let whole = read.iter().take(read.len() - 1).zip(0..);
        assert!(read.len() > 100 && whole.into_iter().all(|(read, n)| *read == serde_json::json!([n, "ä\""])));
        let text = Json::of(&"ä".repeat(MOST_BYTES));
        assert_eq!((text.kind, text.as_str().len()), (Kind::CutText, MOST_BYTES - 1));
    }

    #[test]
    fn a_value_that_cannot_be_serialized_says_so() {
        let map = std::collections::BTreeMap::from([(vec![1], 2)]);
        assert_eq!(Json::of(&map).as_str(), "<could not be serialized: key must be a string>");
        struct Broken;
        impl Serialize for Broken {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                panic!("no")
            }
        }
        assert_eq!(Json::of(&[Broken]).as_str(), "<panicked while it was serialized>");
    }
}
