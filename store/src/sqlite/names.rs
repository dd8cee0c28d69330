//! Words that many events share enter as text and leave as small numbers, and the other way round.
//!
//! A name is never deleted, and nobody gives one beyond [`MOST`]: what came as the text of a column once comes as text
//! always, so the same event has the same key whenever it comes. A word within events for which there was no room may
//! get a number later, as the name of an event: one beyond [`MOST_WITHIN`], by which it can be told.

#![expect(clippy::ptr_arg, reason = "a text of the program is known by where it stands")]

mod kept;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};

/// So many names a file has; more event types than that nobody declares.
pub(crate) const MOST: i64 = 65_536;
/// So many of them may be names of fields and the like. What comes from other systems may bring any number of those,
/// and event types have to find room still.
pub(crate) const MOST_WITHIN: i64 = MOST / 2;
/// Bytes of the longest.
const LONGEST: usize = 256;
/// So many words are kept in memory; hostile input that invents names costs look-ups then, not memory.
const REMEMBERED: usize = 10_000;

/// The names that this connection has met.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// By where the text stands in the program: it is there for as long as that runs, and its place is hashed sooner.
    statics: HashMap<(usize, usize), Static, BuildHasherDefault<PlaceHasher>>,
    ids: HashMap<String, Option<i64>>,
    /// By their numbers, which are small.
    texts: Vec<Option<Cow<'static, str>>>,
    /// Fields of which it is written down that they have values without a label.
    loose: HashSet<i64, BuildHasherDefault<PlaceHasher>>,
}

/// What is known of a text of the program.
#[derive(Debug, Clone, Copy)]
struct Static {
    id: i64,
    /// Whether it is in [`Names::loose`].
    is_loose: bool,
}

/// What a column holds of a name: its number, or, where there are too many, its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named<'t> {
    /// `names.id`.
    Id(i64),
    /// The text itself.
    Text(&'t str),
}

impl ToSql for Named<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Id(id) => ToSqlOutput::from(*id),
            Self::Text(text) => ToSqlOutput::from(*text),
        })
    }
}

impl Names {
    /// The number of an event type, a span's name, a service, a place; or its text when there are too many.
    pub(crate) fn column<'t>(&mut self, db: &Connection, name: &'t Cow<'static, str>) -> rusqlite::Result<Named<'t>> {
        Ok(self.known(db, name, MOST)?.map_or(Named::Text(name), Named::Id))
    }

    /// The same; an empty one is none.
    pub(crate) fn some<'t>(
        &mut self,
        db: &Connection,
        name: &'t Cow<'static, str>,
    ) -> rusqlite::Result<Option<Named<'t>>> {
        if name.is_empty() { Ok(None) } else { self.column(db, name).map(Some) }
    }

    /// The number of a word inside of an event; none when there are too many.
    pub(crate) fn word(&mut self, db: &Connection, word: &Cow<'static, str>) -> rusqlite::Result<Option<i64>> {
        self.known(db, word, MOST_WITHIN)
    }

    /// The same for one that is nowhere in the program.
    pub(crate) fn owned_word(&mut self, db: &Connection, word: &str) -> rusqlite::Result<Option<i64>> {
        self.look_up(db, word, MOST_WITHIN)
    }

    /// The number of a field, of which it is written down that it has values to which no label leads, so that nobody
    /// goes by labels to find it.
    pub(crate) fn loose_word(&mut self, db: &Connection, word: &Cow<'static, str>) -> rusqlite::Result<Option<i64>> {
        if let Cow::Borrowed(word) = *word
            && let Some(Static { id, is_loose: true }) = self.statics.get(&place(word))
        {
            return Ok(Some(*id));
        }
        let Some(id) = self.word(db, word)? else { return Ok(None) };
        if !self.loose.contains(&id) {
            db.prepare_cached("UPDATE names SET loose = 1 WHERE id = ?1 AND loose IS NULL")?.execute([id])?;
            self.loose.insert(id);
        }
        if let Cow::Borrowed(word) = *word
            && let Some(known) = self.statics.get_mut(&place(word))
        {
            known.is_loose = true;
        }
        Ok(Some(id))
    }

    /// Whether labels lead to all values of a field. To those of a name that is no name yet, or has become one too late
    /// to be one of a field, none may.
    pub(crate) fn is_labelled(db: &Connection, field: &str) -> rusqlite::Result<bool> {
        db.prepare_cached("SELECT 1 FROM names WHERE name = ?1 AND id <= ?2 AND loose IS NULL")?
            .exists(params![field, MOST_WITHIN])
    }

    /// The number of a name that is there; nothing is written.
    pub(crate) fn find(db: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
        db.prepare_cached("SELECT id FROM names WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()
    }

    fn known(&mut self, db: &Connection, name: &Cow<'static, str>, most: i64) -> rusqlite::Result<Option<i64>> {
        let Cow::Borrowed(name) = *name else { return self.look_up(db, name, most) };
        if let Some(known) = self.statics.get(&place(name)) {
            return Ok(Some(known.id));
        }
        // One that has no number is asked about again: as a column there may still be room for it.
        let Some(id) = self.look_up(db, name, most)? else { return Ok(None) };
        if self.statics.len() >= REMEMBERED {
            self.statics.clear();
        }
        self.statics.insert(place(name), Static { id, is_loose: false });
        Ok(Some(id))
    }

    fn look_up(&mut self, db: &Connection, name: &str, most: i64) -> rusqlite::Result<Option<i64>> {
        if name.len() > LONGEST {
            return Ok(None);
        }
        match self.ids.get(name) {
            Some(Some(id)) => return Ok(Some(*id)),
            // Nowhere is there room for it.
            Some(None) if most == MOST => return Ok(None),
            _ => {}
        }
        let id = match Self::find(db, name)? {
            Some(id) => Some(id),
            None => db
                .prepare_cached(
                    "INSERT INTO names (name)
                     SELECT ?1 WHERE (SELECT coalesce(max(id), 0) FROM names) < ?2 RETURNING id",
                )?
                .query_row(params![name, most], |row| row.get(0))
                .optional()?,
        };
        if id.is_some() || most == MOST {
            if self.ids.len() >= REMEMBERED {
                self.ids.clear();
            }
            self.ids.insert(name.to_owned(), id);
        }
        Ok(id)
    }

    /// The word of a number; `None` when there is none, which only a damaged file has.
    #[inline]
    pub(crate) fn text(&mut self, db: &Connection, id: i64) -> rusqlite::Result<Option<&Cow<'static, str>>> {
        let Some(place) = usize::try_from(id).ok().filter(|_| id <= MOST) else { return Ok(None) };
        if self.texts.get(place).is_none_or(Option::is_none) {
            self.learn(db, id, place)?;
        }
        Ok(self.texts.get(place).and_then(Option::as_ref))
    }

    #[cold]
    fn learn(&mut self, db: &Connection, id: i64, place: usize) -> rusqlite::Result<()> {
        let text: Option<String> = db
            .prepare_cached("SELECT name FROM names WHERE id = ?1")?
            .query_row(params![id], |row| row.get(0))
            .optional()?;
        if let Some(text) = text {
            if self.texts.len() <= place {
                self.texts.resize(place + 1, None);
            }
            self.texts[place] = Some(kept::keep(&text));
        }
        Ok(())
    }

    /// What a column holds as a text; `None` for what only a damaged file has.
    #[inline]
    pub(crate) fn read(
        &mut self,
        db: &Connection,
        column: ValueRef<'_>,
    ) -> rusqlite::Result<Option<Cow<'static, str>>> {
        match column {
            ValueRef::Integer(id) => Ok(self.text(db, id)?.cloned()),
            ValueRef::Text(text) => Ok(std::str::from_utf8(text).ok().map(|text| Cow::Owned(text.to_owned()))),
            _ => Ok(None),
        }
    }

    /// Forgets the numbers: after a rollback, those that were given in the transaction mean nothing.
    pub(crate) fn forget(&mut self) {
        self.statics.clear();
        self.ids.clear();
        self.texts.clear();
        self.loose.clear();
    }
}

/// Where a text of the program stands.
fn place(text: &'static str) -> (usize, usize) {
    (text.as_ptr() as usize, text.len())
}

/// Mixes numbers that nobody outside can choose: places of our own program, and numbers of names. Bytes from outside
/// may be chosen so that they collide, so a map by them has to be small: no more than a batch has.
#[derive(Debug, Default)]
pub(crate) struct PlaceHasher(u64);

impl Hasher for PlaceHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks();
        chunks.iter().for_each(|chunk| self.write_u64(u64::from_le_bytes(*chunk)));
        // How many they are is hashed by whoever hashes bytes.
        self.write_u64(rest.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    fn file() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        schema::migrate(&mut db).unwrap();
        db
    }

    /// As if so many names had been given before.
    fn after(db: &Connection, id: i64) {
        db.execute("INSERT INTO names (id, name) VALUES (?1, ?1)", [id]).unwrap();
    }

    #[test]
    fn a_name_keeps_its_number() {
        let db = file();
        let mut names = Names::default();
        let id = names.word(&db, &"token_id".into()).unwrap().unwrap();
        assert_eq!(names.word(&db, &Cow::Owned("token_id".to_owned())), Ok(Some(id)));
        assert_eq!(Names::default().column(&db, &"token_id".into()), Ok(Named::Id(id)));
        assert_eq!(names.text(&db, id).unwrap().map(AsRef::as_ref), Some("token_id"));
        assert_eq!(names.text(&db, 99).unwrap(), None);
        assert_eq!(names.some(&db, &"".into()), Ok(None));
    }

    #[test]
    fn names_run_out_and_stay_what_they_were() {
        let db = file();
        let mut names = Names::default();
        let one = |text: &str| Cow::Owned(text.to_owned());
        after(&db, MOST_WITHIN - 1);
        assert_eq!(names.word(&db, &one("last")), Ok(Some(MOST_WITHIN)));
        assert_eq!(names.word(&db, &"late".into()), Ok(None));
        assert_eq!(names.column(&db, &"late".into()), Ok(Named::Id(MOST_WITHIN + 1)));
        assert_eq!(names.word(&db, &"late".into()), Ok(Some(MOST_WITHIN + 1)));
        after(&db, MOST - 1);
        assert_eq!(names.column(&db, &one("the very last")), Ok(Named::Id(MOST)));
        for _ in 0..2 {
            assert_eq!(names.column(&db, &"too late".into()), Ok(Named::Text("too late")));
            assert_eq!(Names::default().column(&db, &one("too late")), Ok(Named::Text("too late")));
        }
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(names.column(&db, &one(&long)), Ok(Named::Text(&long)));
    }
}
