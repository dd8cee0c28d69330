//! Words that many events share enter as text and leave as small numbers, and the other way round.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

/// So many words are kept in memory; hostile input that invents names costs look-ups then, not memory.
const REMEMBERED: usize = 10_000;

/// The numbers of the words that this connection has met.
#[derive(Debug, Default)]
pub(crate) struct Names {
    ids: HashMap<String, i64>,
    texts: HashMap<i64, String>,
}

impl Names {
    /// The number of a word, which gets one when it is new.
    pub(crate) fn intern(&mut self, db: &Connection, name: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.ids.get(name) {
            return Ok(*id);
        }
        let known = db
            .prepare_cached("SELECT id FROM names WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => db
                .prepare_cached("INSERT INTO names (name) VALUES (?1) RETURNING id")?
                .query_row([name], |row| row.get(0))?,
        };
        if self.ids.len() >= REMEMBERED {
            self.ids.clear();
        }
        self.ids.insert(name.to_owned(), id);
        Ok(id)
    }

    /// Like [`Names::intern`]; an empty word is no word.
    pub(crate) fn intern_some(&mut self, db: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
        if name.is_empty() { Ok(None) } else { self.intern(db, name).map(Some) }
    }

    /// The word of a number; `None` when there is none, which only a damaged file has.
    pub(crate) fn text(&mut self, db: &Connection, id: i64) -> rusqlite::Result<Option<&str>> {
        if !self.texts.contains_key(&id) {
            let text: Option<String> = db
                .prepare_cached("SELECT name FROM names WHERE id = ?1")?
                .query_row(params![id], |row| row.get(0))
                .optional()?;
            let Some(text) = text else { return Ok(None) };
            if self.texts.len() >= REMEMBERED {
                self.texts.clear();
            }
            self.texts.insert(id, text);
        }
        Ok(self.texts.get(&id).map(String::as_str))
    }

    /// Forgets the numbers: after a rollback, those that were given in the transaction mean nothing.
    pub(crate) fn forget(&mut self) {
        self.ids.clear();
    }
}
