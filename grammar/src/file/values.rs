//! Takes values of a kind out of tables: a key enters, its value leaves, or a fault that says what it should have been.

use std::ops::Range;

use toml::de::DeTable;

use super::{Fault, Reader, RegistryError, Value};
use crate::nearest::nearest;
use crate::violation::{Violation, listed, short};

impl Reader {
    pub(super) fn table<'t, 'i>(&mut self, parent: &'t DeTable<'i>, key: &str) -> Option<&'t DeTable<'i>> {
        let value = parent.get(key)?;
        self.as_table(value, &format!("`{key}`"))
    }

    pub(super) fn as_table<'t, 'i>(&mut self, value: &'t Value<'i>, what: &str) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_kind(value, what, "a table");
        }
        table
    }

    pub(super) fn bool(&mut self, parent: &DeTable<'_>, key: &str) -> bool {
        let Some(value) = parent.get(key) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_kind(value, &format!("`{key}`"), "true or false");
            false
        })
    }

    pub(super) fn string(&mut self, parent: &DeTable<'_>, key: &str) -> Option<String> {
        let value = parent.get(key)?;
        let string = value.get_ref().as_str().map(str::to_owned);
        if string.is_none() {
            self.wrong_kind(value, &format!("`{key}`"), "a string");
        }
        string
    }

    pub(super) fn strings(&mut self, parent: &DeTable<'_>, key: &str) -> Vec<String> {
        let Some(value) = parent.get(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_kind(value, &format!("`{key}`"), "a list of strings");
            return Vec::new();
        };
        let mut strings = Vec::with_capacity(array.len());
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(string) => strings.push(string.to_owned()),
                None => self.wrong_kind(item, &format!("an entry of `{key}`"), "a string"),
            }
        }
        strings
    }

    pub(super) fn milliseconds(&mut self, parent: &DeTable<'_>, key: &str) -> Option<u64> {
        let value = parent.get(key)?;
        let number = value.get_ref().as_integer().and_then(|n| u64::from_str_radix(n.as_str(), n.radix()).ok());
        if number.is_none() {
            let sentence = format!("`{key}` has to be a whole number of milliseconds, from 0 on");
            self.fault(value.span(), "file/type", sentence);
        }
        number
    }

    /// Whether all keys are known. If one is not, it may be the one that seems to be missing: one mistake, one fault.
    pub(super) fn known_keys(&mut self, what: &str, known: &[&str], table: &DeTable<'_>) -> bool {
        let mut all_known = true;
        for (key, _) in table {
            if !known.contains(&&**key.get_ref()) {
                all_known = false;
                let sentence = unknown(&format!("a key of {what}"), key.get_ref(), known.iter().copied());
                self.fault(key.span(), "file/key", sentence);
            }
        }
        all_known
    }

    pub(super) fn wrong_kind(&mut self, value: &Value<'_>, what: &str, wanted: &str) {
        let found = value.get_ref().type_str();
        let sentence = format!("{what} has to be {wanted}, and this is of the type {found}");
        self.fault(value.span(), "file/type", sentence);
    }

    pub(super) fn fault(&mut self, span: Range<usize>, rule: &'static str, sentence: impl std::fmt::Display) {
        self.faults.push(Fault::new(span, rule, sentence));
    }

    /// Tells of a name in the file what the compiler would tell of it.
    pub(super) fn pass_on(&mut self, span: Range<usize>, violation: &Violation) {
        self.faults.push(Fault { span, rule: violation.rule, message: violation.message.clone() });
    }
}

/// `tence` is not a key of a layer: did you mean `tense`?
pub(super) fn unknown<'a>(what: &str, written: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    const MOST: usize = 12;
    // as many mistakes as names would otherwise take minutes to be told
    const COMPARED: usize = 1_000;
    let fact = format!("`{}` is not {what}", short(written));
    if let Some(near) = nearest(written, known.clone().take(COMPARED)) {
        return format!("{fact}: did you mean `{}`?", short(near));
    }
    let all: Vec<String> = known.take(MOST + 1).map(|key| format!("`{}`", listed(key))).collect();
    if all.is_empty() || all.len() > MOST { fact } else { format!("{fact}: there are {}", all.join(", ")) }
}

/// So many mistakes are told. Who made more of them has made one of another kind, and a compiler that prints a hundred
/// thousand errors seems to hang.
const MOST_TOLD: usize = 100;

/// Turns byte offsets into lines and columns, in one walk over the text, and sorts by them.
pub(super) fn placed(text: &str, mut faults: Vec<Fault>) -> Vec<RegistryError> {
    faults.sort_by_key(|fault| fault.span.start);
    let more = faults.len().saturating_sub(MOST_TOLD);
    if let Some(first) = faults.get_mut(MOST_TOLD).filter(|_| more > 1) {
        *first = Fault::new(first.span.clone(), "file/more", format!("{more} more mistakes from here on"));
        faults.truncate(MOST_TOLD + 1);
    }
    let mut cursor = Cursor::new(text);
    let told = faults.into_iter().map(|Fault { span, rule, message }| {
        let (line, column) = cursor.at(span.start);
        RegistryError { line, column, rule, message }
    });
    told.collect()
}

/// Walks through a text once, and says the line and the column of places in their order.
pub(super) struct Cursor<'t> {
    line: usize,
    column: usize,
    chars: std::iter::Peekable<std::str::CharIndices<'t>>,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Cursor { line: 1, column: 1, chars: text.char_indices().peekable() }
    }

    /// The line and the column, from 1 and in characters, of a byte at or behind the last one that was asked for.
    pub(super) fn at(&mut self, byte: usize) -> (usize, usize) {
        while let Some((_, c)) = self.chars.next_if(|(at, _)| *at < byte) {
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        (self.line, self.column)
    }
}
