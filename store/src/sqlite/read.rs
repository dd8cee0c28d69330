//! A trace id enters, the events of its rows leave; a row that cannot be read is counted and left out.

use std::borrow::Cow;
use std::cell::OnceCell;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};
use tense_event::{Event, Level, SCHEMA_VERSION, Timestamp, TraceId};

use super::body;
use super::bytes::{Malformed, Text};
use super::columns::{duration, span_id, status_of};
use super::ids::Kept;
use super::names::Names;
use super::words;
use crate::{Trace, TraceEvents};

/// What has to be known of a trace to read its events.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) id: TraceId,
    pub(crate) no: i64,
    base: i64,
    words: Vec<u8>,
    /// What its events refer to, once one does; those that cannot be read are none.
    read: OnceCell<Vec<Option<String>>>,
}

impl Place {
    /// Where the trace is, if it is here.
    pub(crate) fn find(db: &Connection, id: TraceId) -> rusqlite::Result<Option<Self>> {
        let mut select = db.prepare_cached("SELECT trace, no, base, words FROM traces WHERE trace = ?1")?;
        select.query_row([Kept::from(id)], Self::read).optional()
    }

    /// The same by its number.
    pub(crate) fn numbered(db: &Connection, no: i64) -> rusqlite::Result<Option<Self>> {
        let mut select = db.prepare_cached("SELECT trace, no, base, words FROM traces WHERE no = ?1")?;
        select.query_row([no], Self::read).optional()
    }

    /// Of a row.
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let words = row.get_ref(3)?.as_blob_or_null()?.unwrap_or_default().to_vec();
        let read = OnceCell::new();
        Ok(Self { id: row.get::<_, Kept>(0)?.id(), no: row.get(1)?, base: row.get(2)?, words, read })
    }

    /// What its row holds of them; see [`words`].
    pub(crate) fn words(&self) -> &[u8] {
        &self.words
    }

    fn word(&self, at: usize) -> Option<String> {
        let read = || {
            let mut all = Vec::new();
            // What is behind a word that cannot be read cannot be read either; an event that refers to it says so.
            words::read(&self.words, |_, text, _| all.push(text.here())).ok();
            all
        };
        self.read.get_or_init(read).get(at).cloned().flatten()
    }
}

/// The columns that [`event`] expects, in its order.
macro_rules! told_columns {
    () => {
        "span, type, status, up, name, at, duration, service, source, weight, body"
    };
}

/// The same, and by which number the event came.
macro_rules! event_columns {
    () => {
        concat!($crate::sqlite::read::told_columns!(), ", number")
    };
}
pub(crate) use {event_columns, told_columns};

/// Hands each event of the trace to `take`, in no order that means anything, and gives back how many rows there were
/// and how many of them could not be read.
pub(crate) fn events(
    db: &Connection,
    names: &mut Names,
    place: &Place,
    mut take: impl FnMut(Event),
) -> rusqlite::Result<(usize, usize)> {
    rows(db, place, |row| event(db, names, place, row).map(&mut take))
}

/// The events of the trace of that id, as they are.
pub(crate) fn of_trace(db: &Connection, names: &mut Names, id: TraceId) -> rusqlite::Result<TraceEvents> {
    // One moment of the file: the row of the trace and its events belong together.
    let tx = db.unchecked_transaction()?;
    let mut read = TraceEvents::default();
    if let Some(place) = Place::find(&tx, id)? {
        (_, read.unreadable) = events(&tx, names, &place, |event| read.events.push(event))?;
    }
    Ok(read)
}

/// The trace of that id, if anything of it is here.
pub(crate) fn trace(db: &Connection, names: &mut Names, id: TraceId) -> rusqlite::Result<Option<Trace>> {
    let tx = db.unchecked_transaction()?;
    fold(&tx, names, id)
}

/// The same, within a transaction.
pub(crate) fn fold(db: &Connection, names: &mut Names, id: TraceId) -> rusqlite::Result<Option<Trace>> {
    let Some(place) = Place::find(db, id)? else { return Ok(None) };
    let mut folder = Trace::folder(id);
    let mut reader = Reader { db, names, place: &place, broken: None };
    // Filled again for each row: an event is large, and would be moved from hand to hand.
    let mut room = None;
    let (seen, unreadable) = rows(db, &place, |row| {
        let read = reader.fill(row, &mut room).and_then(|(event, context)| {
            let unpack = |event: &mut Event| reader.context(context, event);
            folder.add_row(event, context, unpack)
        });
        if read.is_err() {
            room = None;
        }
        read
    })?;
    folder.unreadable(unreadable);
    Ok((seen > 0).then(|| folder.finish()))
}

/// Shows each row of the trace, and gives back how many there were and how many could not be read.
fn rows(
    db: &Connection,
    place: &Place,
    mut read: impl FnMut(&Row<'_>) -> Result<(), Unreadable>,
) -> rusqlite::Result<(usize, usize)> {
    let mut select = db.prepare_cached(concat!("SELECT ", told_columns!(), " FROM events WHERE trace = ?1"))?;
    let mut rows = select.query([place.no])?;
    let (mut seen, mut unreadable) = (0, 0);
    while let Some(row) = rows.next()? {
        seen += 1;
        match read(row) {
            Ok(()) => {}
            Err(Unreadable::Row) => unreadable += 1,
            Err(Unreadable::File(error)) => return Err(error),
        }
    }
    Ok((seen, unreadable))
}

/// Why there is no event.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// This row makes no sense; the others may.
    Row,
    /// The file cannot be read any further.
    File(rusqlite::Error),
}

impl From<rusqlite::Error> for Unreadable {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(..) => Self::File(error),
            // A value of another type or size than its column promises.
            _ => Self::Row,
        }
    }
}

/// The event of a row.
pub(crate) fn event(db: &Connection, names: &mut Names, place: &Place, row: &Row<'_>) -> Result<Event, Unreadable> {
    let mut reader = Reader { db, names, place, broken: None };
    let mut room = None;
    let (event, context) = reader.fill(row, &mut room)?;
    reader.context(context, event)?;
    room.ok_or(Unreadable::Row)
}

/// A column's number, if it has one. Not by way of [`Row::get`], which is for all types, and asked for each column of a
/// million rows.
#[inline]
fn whole(row: &Row<'_>, column: usize) -> Result<Option<i64>, Unreadable> {
    match row.get_ref(column)? {
        ValueRef::Integer(number) => Ok(Some(number)),
        ValueRef::Null => Ok(None),
        _ => Err(Unreadable::Row),
    }
}

/// Reads rows of one trace.
struct Reader<'r> {
    db: &'r Connection,
    names: &'r mut Names,
    place: &'r Place,
    /// Why a name could not be looked up.
    broken: Option<rusqlite::Error>,
}

impl Reader<'_> {
    /// Makes what is there the event of a row, but for its context, whose bytes it gives back. Of what was there before
    /// nothing may be left that has no column, except plain numbers.
    fn fill<'e, 'b>(
        &mut self,
        row: &'b Row<'_>,
        room: &'e mut Option<Event>,
    ) -> Result<(&'e mut Event, &'b [u8]), Unreadable> {
        let span = whole(row, 0)?.ok_or(Unreadable::Row)?;
        let id = span_id(self.place.base, span).ok_or(Unreadable::Row)?;
        let kind = self.name(row, 1)?.ok_or(Unreadable::Row)?;
        let status = whole(row, 2)?.and_then(status_of).ok_or(Unreadable::Row)?;
        let at = Timestamp::from_unix_nanos(whole(row, 5)?.ok_or(Unreadable::Row)?);
        let event = room.get_or_insert_with(|| Event::new(self.place.id, id, "", status, at));
        (event.span_id, event.status, event.timestamp) = (id, status, at);
        (event.schema_version, event.level, event.left_out) = (SCHEMA_VERSION, Level::default(), 0);
        event.span_name = self.name(row, 4)?.unwrap_or_else(|| kind.clone());
        event.event_type = kind;
        event.service = self.name(row, 7)?.unwrap_or(Cow::Borrowed(""));
        event.source = self.name(row, 8)?.unwrap_or(Cow::Borrowed(""));
        event.parent_span_id = whole(row, 3)?.and_then(|up| span_id(self.place.base, span.wrapping_sub(up)));
        event.duration = whole(row, 6)?.map(duration);
        event.sample_weight = match whole(row, 9)? {
            Some(weight) => weight.try_into().map_err(|_| Unreadable::Row)?,
            None => 1,
        };
        let body = row.get_ref(10)?.as_blob_or_null().map_err(|_| Unreadable::Row)?.unwrap_or_default();
        let context = body::unpack_own(body, event, &mut |text| self.find(text));
        context.map(|context| (event, context)).map_err(|malformed| self.unreadable(malformed))
    }

    /// Reads the context into the event.
    fn context(&mut self, context: &[u8], event: &mut Event) -> Result<(), Unreadable> {
        let read = body::unpack_context(context, event, &mut |text| self.find(text));
        read.map_err(|malformed| self.unreadable(malformed))
    }

    #[inline]
    fn name(&mut self, row: &Row<'_>, column: usize) -> Result<Option<Cow<'static, str>>, Unreadable> {
        match row.get_ref(column)? {
            ValueRef::Null => Ok(None),
            name => self.names.read(self.db, name)?.map(Some).ok_or(Unreadable::Row),
        }
    }

    /// A text that may be elsewhere.
    fn find(&mut self, text: Text<'_>) -> Result<Cow<'static, str>, Malformed> {
        match text {
            Text::Word(at) => self.place.word(at).map(Cow::Owned).ok_or(Malformed),
            Text::Name(id) => match self.names.text(self.db, id) {
                Ok(text) => text.cloned().ok_or(Malformed),
                Err(error) => {
                    self.broken = Some(error);
                    Err(Malformed)
                }
            },
            here => here.here().map(Cow::Owned).ok_or(Malformed),
        }
    }

    fn unreadable(&mut self, _: Malformed) -> Unreadable {
        self.broken.take().map_or(Unreadable::Row, Unreadable::from)
    }
}
