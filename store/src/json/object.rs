//! An answer enters, key by key and entry by entry; its JSON leaves. All of it goes through here, so that each object
//! says first which version of its shape it has.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::write_value;

/// The version of all shapes, the `version` of every object: `docs/json.md` says what may change within it.
pub const VERSION: u32 = 1;

/// Where an answer goes, and in which of two forms.
///
/// ```
/// use tense_store::json::Json;
///
/// let mut out = Vec::new();
/// let mut told = Json::whole(&mut out).list()?;
/// told.key("trace_id", &"a1".into())?;
/// told.entries("spans", [serde_json::json!({"depth": 0})])?;
/// told.end()?;
/// assert_eq!(String::from_utf8_lossy(&out), "{\"version\":1,\"trace_id\":\"a1\",\"spans\":[\n{\"depth\":0}]}\n");
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Json<W> {
    out: W,
    is_lines: bool,
}

impl<W: Write> Json<W> {
    /// One object.
    pub const fn whole(out: W) -> Self {
        Self { out, is_lines: false }
    }

    /// Of an answer that is a list, its entries, each an object of its own in a line of its own, without a version; of
    /// any other the object, in one line.
    pub const fn lines(out: W) -> Self {
        Self { out, is_lines: true }
    }

    /// An answer that is one thing.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn one(self) -> io::Result<Object<W>> {
        Object { out: self.out, is_lines: self.is_lines, has_head: true }.begun()
    }

    /// An answer that is a list, with something beside it.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn list(self) -> io::Result<Object<W>> {
        Object { out: self.out, is_lines: self.is_lines, has_head: !self.is_lines }.begun()
    }
}

/// An answer that is being written.
#[derive(Debug)]
#[must_use = "it is whole after `end`"]
pub struct Object<W> {
    out: W,
    is_lines: bool,
    /// Whether there is anything but the entries.
    has_head: bool,
}

impl<W: Write> Object<W> {
    fn begun(mut self) -> io::Result<Self> {
        if self.has_head {
            write!(self.out, "{{\"version\":{VERSION}")?;
        }
        Ok(self)
    }

    /// A key, also where it has nothing to say.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn key(&mut self, key: &'static str, value: &Value) -> io::Result<()> {
        if !self.has_head {
            return Ok(());
        }
        self.named(key)?;
        write_value(&mut self.out, value)
    }

    /// All keys of an object, which may be any.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn keys(&mut self, object: &Map<String, Value>) -> io::Result<()> {
        if !self.has_head {
            return Ok(());
        }
        object.iter().try_for_each(|(key, value)| {
            self.named(key)?;
            write_value(&mut self.out, value)
        })
    }

    /// A list beside; written one by one, since there may be a million of them.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn part(&mut self, key: &'static str, items: impl IntoIterator<Item = Value>) -> io::Result<()> {
        if !self.has_head {
            return Ok(());
        }
        self.named(key)?;
        self.out.write_all(b"[")?;
        let line_feed = if self.is_lines { "" } else { "\n" };
        let mut comma = "";
        for item in items {
            write!(self.out, "{comma}{line_feed}")?;
            write_value(&mut self.out, &item)?;
            comma = ",";
        }
        self.out.write_all(b"]")
    }

    /// The list that the answer is, one by one as well.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn entries(&mut self, key: &'static str, items: impl IntoIterator<Item = Value>) -> io::Result<()> {
        if self.has_head {
            return self.part(key, items);
        }
        for item in items {
            write_value(&mut self.out, &item)?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// What stands before a value.
    fn named(&mut self, key: &str) -> io::Result<()> {
        self.out.write_all(b",")?;
        write_value(&mut self.out, &key.into())?;
        self.out.write_all(b":")
    }

    /// There is no more.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn end(mut self) -> io::Result<()> {
        if self.has_head { self.out.write_all(b"}\n") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(told: impl FnOnce(Json<&mut Vec<u8>>) -> io::Result<()>, is_lines: bool) -> String {
        let mut out = Vec::new();
        told(Json { out: &mut out, is_lines }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_list_is_one_object_or_an_entry_a_line() {
        let told = |json: Json<&mut Vec<u8>>| {
            let mut told = json.list()?;
            told.keys(json!({ "name": "a\u{202e}" }).as_object().unwrap())?;
            told.entries("entries", [json!({ "n": 1 }), json!({ "n": 2 })])?;
            told.part("others", [json!(3)])?;
            told.end()
        };
        let whole = "{\"version\":1,\"name\":\"a\\u202e\",\"entries\":[\n{\"n\":1},\n{\"n\":2}],\"others\":[\n3]}\n";
        assert_eq!(written(told, false), whole);
        assert_eq!(written(told, true), "{\"n\":1}\n{\"n\":2}\n");
    }

    #[test]
    fn one_thing_is_one_object_and_of_lines_one_line() {
        let told = |json: Json<&mut Vec<u8>>| {
            let mut told = json.one()?;
            told.key("ok", &true.into())?;
            told.part("steps", [json!(1), json!(2)])?;
            told.end()
        };
        assert_eq!(written(told, false), "{\"version\":1,\"ok\":true,\"steps\":[\n1,\n2]}\n");
        assert_eq!(written(told, true), "{\"version\":1,\"ok\":true,\"steps\":[1,2]}\n");
    }

    #[test]
    fn keys_of_an_object_come_back_whatever_they_are() {
        let answer = json!({ "a\"b": 1, "\u{1b}[2J": 2, "\u{202e}\\": 3 });
        let told = written(|json| super::super::one(json, &answer), false);
        assert!(!told.trim_end().chars().any(crate::text::is_hostile), "{told}");
        let mut read: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(read.as_object_mut().unwrap().remove("version"), Some(json!(1)));
        assert_eq!(read, answer);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let mut out = Vec::new();
        let error = super::super::one(Json::whole(&mut out), &json!([1])).unwrap_err();
        assert_eq!((error.kind(), out.len()), (io::ErrorKind::InvalidInput, 0));
    }
}
