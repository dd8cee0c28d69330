//! A trace enters, or an event of one; what has to lead to it and does not is told. Fields and tags are looked up once.

use rusqlite::Connection;
use tense_event::{Event, TraceId};

use super::{Flaw, Look};
use crate::sqlite::labels::{self, aged, label};
use crate::sqlite::names::Names;
use crate::sqlite::read::Place;
use crate::sqlite::words::{self, Key};

/// So many words are remembered of each kind; what comes from outside may bring any number.
const REMEMBERED: usize = 10_000;

impl Look<'_> {
    /// What the words of a trace are, and whether each leads to it.
    pub(super) fn labels_of_words(&mut self, db: &Connection, no: i64, place: &Place) -> rusqlite::Result<()> {
        let mut all = Vec::new();
        if words::read(place.words(), |key, text, _| all.push((key, text.here()))).is_err() {
            self.tell(Flaw::Unreadable, Some(place.id), 1);
        }
        for (key, text) in all {
            let (Some(text), true) = (text, !matches!(key, Key::Worker | Key::Machine)) else { continue };
            let wanted = match (key, key.name()) {
                (Key::Field(id), _) => match self.names.text(db, id)?.cloned() {
                    Some(name) if self.is_labelled(db, &name)? => Some(label(&name, &labels::text_for(&text))),
                    Some(_) => None,
                    None => {
                        self.tell(Flaw::Unreadable, Some(place.id), 1);
                        None
                    }
                },
                (_, Some(name)) => Some(label(name, &text)),
                (_, None) => None,
            };
            self.lead(db, no, place.id, wanted)?;
        }
        Ok(())
    }

    /// The same of a trace that is found by more than its words.
    pub(super) fn labels_of_event(&mut self, db: &Connection, no: i64, event: &Event) -> rusqlite::Result<()> {
        let context =
            [("job_id", &event.job_id), ("user_id", &event.user_id), ("correlation_key", &event.correlation_key)];
        for (name, value) in context {
            self.lead(db, no, event.trace_id, value.as_ref().map(|value| label(name, value)))?;
        }
        for (name, value) in event.data.iter() {
            if let Some(text) = labels::text_of(value)
                && self.is_labelled(db, name)?
            {
                self.lead(db, no, event.trace_id, Some(label(name, &text)))?;
            }
        }
        Ok(())
    }

    /// Tells where a label does not lead to its trace, with its age or without one.
    fn lead(&mut self, db: &Connection, no: i64, id: TraceId, wanted: Option<i64>) -> rusqlite::Result<()> {
        let Some(wanted) = wanted else { return Ok(()) };
        let is_there = db.prepare_cached("SELECT 1 FROM labels WHERE label IN (?1, ?2) AND trace = ?3")?.exists([
            aged(wanted, no),
            wanted,
            no,
        ])?;
        if !is_there {
            self.tell(Flaw::Unfindable, Some(id), 1);
        }
        Ok(())
    }

    fn is_labelled(&mut self, db: &Connection, field: &str) -> rusqlite::Result<bool> {
        if let Some(is) = self.labelled.get(field) {
            return Ok(*is);
        }
        let is = Names::is_labelled(db, field)?;
        if self.labelled.len() >= REMEMBERED {
            self.labelled.clear();
        }
        self.labelled.insert(field.to_owned(), is);
        Ok(is)
    }

    /// The number of a tag.
    pub(super) fn tag(&mut self, db: &Connection, tag: &str) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.tags.get(tag) {
            return Ok(*id);
        }
        let id = Names::find(db, tag)?;
        if self.tags.len() >= REMEMBERED {
            self.tags.clear();
        }
        self.tags.insert(tag.to_owned(), id);
        Ok(id)
    }
}
