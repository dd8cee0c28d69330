//! The keys of an event that have no column: packed into few bytes, and read back into an event.
//!
//! The first byte is the version of what follows: keys, each a byte, and what belongs to it. Names of fields and other
//! words of the program are numbers of `names`, and ids that the events of a trace repeat are places among its words.
//! An event that has only columns has no body.

use std::borrow::Cow;

use rusqlite::Connection;
use serde_json::Value;
use tense_event::{ErrorInfo, ErrorKind, Event, Fields, Level, SCHEMA_VERSION};

use super::bytes::{Bytes, Malformed, Scalar, Text, put_name, put_number, put_text, put_value, put_word};
use super::labels::{self, Found};
use super::names::Names;
use super::words::{Key, Place, Words};

/// What this writes, and the only one that there is so far.
const VERSION: u8 = 1;
/// For so many fields there is room beforehand.
const ROOM: usize = 64;
/// Of more fields no body is read: a record of 16 KiB has no room for them, and each is looked for among those before.
const MOST_FIELDS: usize = 4_096;

/// What the byte in front of a key's value says.
mod key {
    pub(super) const SCHEMA_VERSION: u8 = 1;
    pub(super) const LEVEL: u8 = 2;
    pub(super) const DATA: u8 = 3;
    pub(super) const TAGS: u8 = 4;
    pub(super) const JOB: u8 = 5;
    pub(super) const WORKER: u8 = 6;
    pub(super) const MACHINE: u8 = 7;
    pub(super) const USER: u8 = 8;
    pub(super) const CORRELATION: u8 = 9;
    pub(super) const ERROR: u8 = 10;
    pub(super) const CUT: u8 = 11;
    pub(super) const ABSENT: u8 = 12;
    pub(super) const LEFT_OUT: u8 = 13;
}

/// What an error says besides its kind.
mod says {
    pub(super) const KIND: u8 = 3;
    pub(super) const TYPE: u8 = 1 << 2;
    pub(super) const MESSAGE: u8 = 1 << 3;
    pub(super) const FRAMES: u8 = 1 << 4;
    pub(super) const PROCESSOR: u8 = 1 << 5;
    pub(super) const PREVIEW: u8 = 1 << 6;
}

/// Packs the events of one trace after the other.
#[derive(Debug)]
pub(crate) struct Packer<'p> {
    pub(crate) db: &'p Connection,
    pub(crate) names: &'p mut Names,
    /// By what its traces are found.
    pub(crate) found: &'p mut Found,
    room: Vec<u8>,
    /// What was looked up last of each of the context: the events of a trace have the same.
    last: [LastWord; Key::CONTEXT.len()],
}

/// A word of a trace, and its place among them.
#[derive(Debug, Default)]
struct LastWord {
    /// The number of the trace; that of none in the beginning.
    trace: i64,
    text: String,
    place: usize,
}

impl<'p> Packer<'p> {
    pub(crate) fn new(db: &'p Connection, names: &'p mut Names, found: &'p mut Found) -> Self {
        Self { db, names, found, room: Vec::new(), last: Default::default() }
    }

    /// Writes what has no column into `out`, of which nothing is kept; nothing for a plain event. What the trace is
    /// found by goes into its `words`, and what is new of it to the labels of number `no`.
    pub(crate) fn pack(
        &mut self,
        event: &Event,
        no: i64,
        words: &mut Words,
        out: &mut Vec<u8>,
    ) -> rusqlite::Result<()> {
        out.clear();
        out.push(VERSION);
        if event.schema_version != SCHEMA_VERSION {
            out.push(key::SCHEMA_VERSION);
            put_number(out, event.schema_version.into());
        }
        if event.level != Level::Info {
            out.extend([key::LEVEL, event.level as u8]);
        }
        if !event.data.is_empty() {
            self.data(event, no, words, out)?;
        }
        self.all(key::TAGS, &event.tags, out)?;
        let context = [
            (key::JOB, &event.job_id),
            (key::USER, &event.user_id),
            (key::WORKER, &event.worker_id),
            (key::MACHINE, &event.machine_id),
            (key::CORRELATION, &event.correlation_key),
        ];
        for (nth, (number, value)) in context.into_iter().enumerate() {
            if let Some(value) = value {
                out.push(number);
                match self.place(nth, value, no, words) {
                    Some(place) => put_word(out, place),
                    None => put_text(out, value),
                }
            }
        }
        if let Some(error) = &event.error {
            self.error(error, out)?;
        }
        if !event.cut.is_empty() {
            out.push(key::CUT);
            put_number(out, event.cut.len() as u64);
            for cut in &event.cut {
                self.owned(cut, out)?;
            }
        }
        self.all(key::ABSENT, &event.absent, out)?;
        if event.left_out != 0 {
            out.push(key::LEFT_OUT);
            put_number(out, event.left_out);
        }
        if out.len() == 1 {
            out.clear();
        }
        Ok(())
    }

    fn data(&mut self, event: &Event, no: i64, words: &mut Words, out: &mut Vec<u8>) -> rusqlite::Result<()> {
        out.push(key::DATA);
        put_number(out, event.data.len() as u64);
        for (name, value) in event.data.named() {
            let text = if event.indexed.contains(&name.as_ref()) { labels::text_of(value) } else { None };
            let id = match text {
                Some(_) => self.names.word(self.db, name)?,
                None => self.names.loose_word(self.db, name)?,
            };
            match id {
                Some(id) => put_name(out, id),
                None => put_text(out, name),
            }
            let place = match (text, id) {
                (Some(text), Some(id)) => self.field(id, name, value, &text, no, words),
                (Some(text), None) => {
                    words.overflow();
                    self.found.label(no, labels::label(name, &text));
                    None
                }
                (None, _) => None,
            };
            match place {
                Some(place) => put_word(out, place),
                None => put_value(out, value),
            }
        }
        Ok(())
    }

    /// Where a text that people search for is among the words of its trace, if it is.
    fn field(
        &mut self,
        id: i64,
        name: &str,
        value: &Value,
        searched: &str,
        no: i64,
        words: &mut Words,
    ) -> Option<usize> {
        let text = value.as_str().unwrap_or(searched);
        let place = words.place(Key::Field(id), text, &mut self.room);
        if !matches!(place, Place::Known(_)) {
            self.found.label(no, labels::label(name, searched));
        }
        match place {
            Place::Known(place) | Place::New(place) if value.is_string() => Some(place),
            _ => None,
        }
    }

    /// Where the value of one of the context is among the words of its trace, if it is.
    fn place(&mut self, nth: usize, value: &str, no: i64, words: &mut Words) -> Option<usize> {
        let (key, last) = (Key::CONTEXT[nth], &mut self.last[nth]);
        if last.trace == no && last.text == value {
            return Some(last.place);
        }
        let place = words.place(key, value, &mut self.room);
        if let Place::Known(place) | Place::New(place) = place {
            (last.trace, last.place) = (no, place);
            value.clone_into(&mut last.text);
        }
        match place {
            Place::Known(place) => Some(place),
            Place::New(place) => {
                self.found_by(key, value, no);
                Some(place)
            }
            Place::Nowhere => {
                self.found_by(key, value, no);
                None
            }
        }
    }

    fn found_by(&mut self, key: Key, value: &str, no: i64) {
        let label = labels::label(key.name().unwrap_or_default(), value);
        match key {
            // Few of them do all the work.
            Key::Worker | Key::Machine => self.found.mark(no, label),
            _ => self.found.label(no, label),
        }
    }

    /// Words of the program.
    fn all(&mut self, number: u8, all: &[Cow<'static, str>], out: &mut Vec<u8>) -> rusqlite::Result<()> {
        if !all.is_empty() {
            out.push(number);
            put_number(out, all.len() as u64);
            for word in all {
                self.word(word, out)?;
            }
        }
        Ok(())
    }

    #[expect(clippy::ptr_arg, reason = "a text of the program is known by where it stands")]
    fn word(&mut self, word: &Cow<'static, str>, out: &mut Vec<u8>) -> rusqlite::Result<()> {
        match self.names.word(self.db, word)? {
            Some(id) => put_name(out, id),
            None => put_text(out, word),
        }
        Ok(())
    }

    fn owned(&mut self, word: &str, out: &mut Vec<u8>) -> rusqlite::Result<()> {
        match self.names.owned_word(self.db, word)? {
            Some(id) => put_name(out, id),
            None => put_text(out, word),
        }
        Ok(())
    }

    fn error(&mut self, error: &ErrorInfo, out: &mut Vec<u8>) -> rusqlite::Result<()> {
        let says = [
            (says::TYPE, !error.error_type.is_empty()),
            (says::MESSAGE, !error.error_message.is_empty()),
            (says::FRAMES, !error.stack_frames.is_empty()),
            (says::PROCESSOR, !error.processor.is_empty()),
            (says::PREVIEW, error.input_preview.is_some()),
        ];
        let says = says.into_iter().filter(|(_, is)| *is).fold(error.kind as u8, |all, (bit, _)| all | bit);
        out.extend([key::ERROR, says]);
        if says & says::TYPE != 0 {
            self.word(&error.error_type, out)?;
        }
        if says & says::MESSAGE != 0 {
            put_text(out, &error.error_message);
        }
        if says & says::FRAMES != 0 {
            put_number(out, error.stack_frames.len() as u64);
            for frame in &error.stack_frames {
                self.owned(frame, out)?;
            }
        }
        if says & says::PROCESSOR != 0 {
            self.word(&error.processor, out)?;
        }
        if let Some(preview) = &error.input_preview {
            put_text(out, preview);
        }
        Ok(())
    }
}

/// Reads what [`Packer::pack`] wrote into an event whose columns are there already. `find` knows what is elsewhere.
pub(crate) fn unpack<'b>(
    body: &'b [u8],
    event: &mut Event,
    find: &mut impl FnMut(Text<'b>) -> Result<Cow<'static, str>, Malformed>,
) -> Result<(), Malformed> {
    let context = unpack_own(body, event, find)?;
    unpack_context(context, event, find)
}

/// The same but for the context, which the events of a run have in common: gives back its bytes, which are the same
/// where the context is, for [`unpack_context`].
pub(crate) fn unpack_own<'b>(
    body: &'b [u8],
    event: &mut Event,
    find: &mut impl FnMut(Text<'b>) -> Result<Cow<'static, str>, Malformed>,
) -> Result<&'b [u8], Malformed> {
    let mut rest = begun(body)?;
    let mut context: &[u8] = &[];
    while !rest.is_empty() {
        match rest.byte()? {
            key::SCHEMA_VERSION => event.schema_version = rest.number()?.try_into().map_err(|_| Malformed)?,
            key::LEVEL => event.level = level(rest.byte()?)?,
            key::DATA => {
                let count = Some(rest.count()?).filter(|count| *count <= MOST_FIELDS).ok_or(Malformed)?;
                // The count may lie, and a value in memory is larger than here.
                event.data = Fields::with_capacity(count.min(ROOM));
                for _ in 0..count {
                    event.data.insert(find(rest.text()?)?, rest.value(find)?);
                }
            }
            key::TAGS => event.tags = all(&mut rest, find)?,
            // All of it is in one place.
            key::JOB..=key::CORRELATION if context.is_empty() => context = skip_context(body, &mut rest)?,
            key::ERROR => event.error = Some(error(&mut rest, find)?),
            key::CUT => event.cut = all(&mut rest, find)?,
            key::ABSENT => event.absent = all(&mut rest, find)?,
            key::LEFT_OUT => event.left_out = rest.number()?,
            _ => return Err(Malformed),
        }
    }
    Ok(context)
}

/// Passes over the context, whose first key was read just now, and gives back all of its bytes.
fn skip_context<'b>(body: &'b [u8], rest: &mut Bytes<'b>) -> Result<&'b [u8], Malformed> {
    let from = body.len() - rest.0.len() - 1;
    rest.text()?;
    while let Some(key::JOB..=key::CORRELATION) = rest.0.first() {
        rest.byte()?;
        rest.text()?;
    }
    body.get(from..body.len() - rest.0.len()).ok_or(Malformed)
}

/// Reads what [`unpack_own`] has left into the same event.
pub(crate) fn unpack_context<'b>(
    context: &'b [u8],
    event: &mut Event,
    find: &mut impl FnMut(Text<'b>) -> Result<Cow<'static, str>, Malformed>,
) -> Result<(), Malformed> {
    let mut rest = Bytes(context);
    while !rest.is_empty() {
        let value = match rest.byte()? {
            key::JOB => &mut event.job_id,
            key::WORKER => &mut event.worker_id,
            key::MACHINE => &mut event.machine_id,
            key::USER => &mut event.user_id,
            key::CORRELATION => &mut event.correlation_key,
            _ => return Err(Malformed),
        };
        *value = Some(find(rest.text()?)?.into_owned());
    }
    Ok(())
}

/// What is behind the version of a body, which an empty one has not.
fn begun(body: &[u8]) -> Result<Bytes<'_>, Malformed> {
    let mut rest = Bytes(body);
    if !rest.is_empty() && rest.byte()? != VERSION {
        return Err(Malformed);
    }
    Ok(rest)
}

/// The next key that may be asked about; nobody asks about those at the head.
#[inline]
fn next_key(rest: &mut Bytes<'_>) -> Result<Option<u8>, Malformed> {
    while !rest.is_empty() {
        match rest.byte()? {
            key::SCHEMA_VERSION => drop(rest.number()?),
            key::LEVEL => drop(rest.byte()?),
            key => return Ok(Some(key)),
        }
    }
    Ok(None)
}

/// Whether any field of the body passes, by its name and what of its value is seen at a glance.
pub(crate) fn any_field<'b>(
    body: &'b [u8],
    mut passes: impl FnMut(Text<'b>, Scalar<'b>) -> bool,
) -> Result<bool, Malformed> {
    let mut rest = begun(body)?;
    // What else there is stands behind the data.
    if next_key(&mut rest)? == Some(key::DATA) {
        for _ in 0..rest.count()? {
            let name = rest.text()?;
            if passes(name, rest.skip()?) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The kind of the error that a body tells of; nothing else of it is read.
pub(crate) fn error_kind(body: &[u8]) -> Result<Option<ErrorKind>, Malformed> {
    let mut rest = begun(body)?;
    while let Some(key) = next_key(&mut rest)? {
        match key {
            key::DATA => {
                for _ in 0..rest.count()? {
                    rest.text()?;
                    rest.skip()?;
                }
            }
            key::TAGS => {
                for _ in 0..rest.count()? {
                    rest.text()?;
                }
            }
            key::JOB..=key::CORRELATION => drop(rest.text()?),
            key::ERROR => return kind(rest.byte()?).map(Some),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

fn kind(says: u8) -> Result<ErrorKind, Malformed> {
    let kinds = [ErrorKind::Error, ErrorKind::Panic, ErrorKind::Cancelled];
    kinds.get(usize::from(says & says::KIND)).copied().ok_or(Malformed)
}

fn all<'b, T: From<Cow<'static, str>>>(
    rest: &mut Bytes<'b>,
    find: &mut impl FnMut(Text<'b>) -> Result<Cow<'static, str>, Malformed>,
) -> Result<Vec<T>, Malformed> {
    (0..rest.count()?).map(|_| Ok(find(rest.text()?)?.into())).collect()
}

fn error<'b>(
    rest: &mut Bytes<'b>,
    find: &mut impl FnMut(Text<'b>) -> Result<Cow<'static, str>, Malformed>,
) -> Result<ErrorInfo, Malformed> {
    let says = rest.byte()?;
    let mut error = ErrorInfo::new(kind(says)?);
    if says & says::TYPE != 0 {
        error.error_type = find(rest.text()?)?;
    }
    if says & says::MESSAGE != 0 {
        error.error_message = find(rest.text()?)?.into_owned();
    }
    if says & says::FRAMES != 0 {
        error.stack_frames = all(rest, find)?;
    }
    if says & says::PROCESSOR != 0 {
        error.processor = find(rest.text()?)?;
    }
    if says & says::PREVIEW != 0 {
        error.input_preview = Some(find(rest.text()?)?.into_owned());
    }
    Ok(error)
}

fn level(number: u8) -> Result<Level, Malformed> {
    let levels = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error];
    levels.get(usize::from(number)).copied().ok_or(Malformed)
}

#[cfg(test)]
mod tests;
