//! Says where events are declared: the text of a `tense.toml` enters, the place of each event leaves.
//!
//! A registry does not hold the places, since the macros never ask for them.

use toml::de::DeTable;

use super::values::Cursor;
use crate::registry::Registry;

impl Registry {
    /// The events that a `tense.toml` declares, each with its line and its column in characters, from 1, in the order
    /// of the file. Of a text that is no TOML, what could be read.
    ///
    /// Reads the text anew: for a person who is told about an event, not for every call.
    ///
    /// ```
    /// let places = tense_grammar::Registry::places("version = 1\n[events.\"operation.tokens.created\"]\n");
    /// assert_eq!(places, [("operation.tokens.created".to_owned(), 2, 9)]);
    /// ```
    pub fn places(text: &str) -> Vec<(String, usize, usize)> {
        let (document, _) = DeTable::parse_recoverable(text);
        let events = document.get_ref().get("events").and_then(|events| events.get_ref().as_table());
        let mut names: Vec<_> = events.into_iter().flatten().map(|(name, _)| name).collect();
        names.sort_by_key(|name| name.span().start);
        let mut cursor = Cursor::new(text);
        let placed = names.into_iter().map(|name| {
            let (line, column) = cursor.at(name.span().start);
            (name.get_ref().to_string(), line, column)
        });
        placed.collect()
    }
}
