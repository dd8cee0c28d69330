//! Columns of events enter, a row after the other; a statement puts some rows at once into `events`.
//!
//! Much of what SQLite does for a row it does once for each statement: it begins and ends, and looks for the place in
//! the tree from the root down. The rows of a statement lie beside each other, so all but the first are where it is
//! already.

use rusqlite::{CachedStatement, Connection};

use super::names::Named;

/// What an event has.
const COLUMNS: usize = 13;

/// So many rows at once, and how.
pub(crate) struct Rows<'r> {
    insert: CachedStatement<'r>,
    /// What a column was bound to stays until it is bound again, and much is the same in the next trace.
    held: Vec<Held>,
    /// The next column.
    at: usize,
}

/// What a column is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    Number(i64),
    /// Something that is not compared.
    Other,
}

impl<'r> Rows<'r> {
    /// Of what is there already nothing is changed.
    pub(crate) fn new(db: &'r Connection, rows: usize) -> rusqlite::Result<Self> {
        let row = format!("({}?)", "?, ".repeat(COLUMNS - 1));
        let rows = vec![row; rows];
        let insert = db.prepare_cached(&format!(
            "INSERT OR IGNORE INTO events
                 (trace, span, type, status, up, name, at, duration, service, source, weight, number, body)
             VALUES {}",
            rows.join(", ")
        ))?;
        Ok(Self { insert, held: vec![Held::Nothing; rows.len() * COLUMNS], at: 0 })
    }

    /// Writes them, and says how many are new.
    pub(crate) fn write(&mut self) -> rusqlite::Result<usize> {
        self.at = 0;
        self.insert.raw_execute()
    }

    /// Gives the next column a number.
    pub(crate) fn number(&mut self, number: Option<i64>) -> rusqlite::Result<()> {
        let new = number.map_or(Held::Nothing, Held::Number);
        if self.held.get(self.at) == Some(&new) {
            self.at += 1;
            return Ok(());
        }
        self.hold(new);
        self.insert.raw_bind_parameter(self.at, number)
    }

    /// Gives it a name.
    pub(crate) fn named(&mut self, name: Option<Named<'_>>) -> rusqlite::Result<()> {
        match name {
            None => self.number(None),
            Some(Named::Id(id)) => self.number(Some(id)),
            Some(Named::Text(text)) => {
                self.hold(Held::Other);
                self.insert.raw_bind_parameter(self.at, text)
            }
        }
    }

    /// Gives it bytes; where there are none, nothing.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> rusqlite::Result<()> {
        if bytes.is_empty() {
            return self.number(None);
        }
        self.hold(Held::Other);
        self.insert.raw_bind_parameter(self.at, bytes)
    }

    /// Goes on to the next column; SQLite counts them from one.
    fn hold(&mut self, new: Held) {
        if let Some(held) = self.held.get_mut(self.at) {
            *held = new;
        }
        self.at += 1;
    }
}
