//! OTLP/JSON enters, one request a line or all in one; the events of its spans go on, one span after the other.
//!
//! However long a request is, no more than one of its spans is held. A line that breaks off is told, and the next one
//! is read. Where all is one text, what stands behind a mistake cannot be told apart; there it goes on with the next
//! line that begins a request.

use std::cell::Cell;
use std::io::{self, Cursor, Read, Write};

use serde::de::IgnoredAny;
use tense_event::Event;
use tense_store::import::otlp::{self, Resource};

use super::Import;
use super::input::Input;
use super::walk::{Spans, requests};

/// The longest line, in bytes, and the most that is held of a longer text. Collectors take requests of a few MB.
const LONGEST: u64 = 1 << 25;

/// Reads it all.
pub(super) fn read(mut input: Input, import: &mut Import<'_, impl Write>) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    input.beginning(&mut bytes, LONGEST)?;
    let mut number = 1;
    let breaks_off = serde_json::from_slice::<IgnoredAny>(&bytes).is_err_and(|error| error.is_eof());
    if breaks_off && !bytes.trim_ascii().is_empty() && !input.goes_on_as_otlp()? {
        number = text(&mut input, &mut bytes, import)?;
    }
    while !bytes.is_empty() {
        line(&bytes, number, import)?;
        number += 1;
        input.line(&mut bytes, LONGEST)?;
    }
    Ok(())
}

/// Reads a request that stands on a line.
fn line(bytes: &[u8], number: usize, import: &mut Import<'_, impl Write>) -> anyhow::Result<()> {
    if bytes.len() as u64 > LONGEST {
        return Ok(import.refuse(number, 1, &format!("this line has more than {LONGEST} bytes and is left unread"))?);
    }
    let bytes = bytes.trim_ascii_end();
    if bytes.is_empty() {
        return Ok(());
    }
    let at = Cell::new(number);
    let mut told = Told { import, line: &at, held: &Cell::new(0), spans: 0, failed: None };
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let done = requests(&mut parser, &mut told).and_then(|()| parser.end());
    told.settle(done)
}

/// Reads requests that stand on many lines, of which `bytes` are the first; what is left in there is the first line of
/// requests that stand on one each, with its number.
fn text(input: &mut Input, bytes: &mut Vec<u8>, import: &mut Import<'_, impl Write>) -> anyhow::Result<usize> {
    let (at, held) = (Cell::new(1), Cell::new(0));
    let mut last = [0; 2];
    let beginning = Cursor::new(std::mem::take(bytes));
    let source = Counted { inner: beginning.chain(input.reader()), lines: &at, held: &held, last: &mut last };
    let mut told = Told { import, line: &at, held: &held, spans: 0, failed: None };
    let mut parser = serde_json::Deserializer::from_reader(source);
    let done = loop {
        let done = requests(&mut parser, &mut told);
        if done.is_err() || parser.end().is_ok() {
            break done;
        }
    };
    drop(parser);
    if done.is_ok() {
        return Ok(at.get());
    }
    told.settle(done)?;
    // What was read last may be what the next request begins with.
    let mut is_begun = last == *b"\n{";
    loop {
        if !input.line(bytes, LONGEST)? {
            return Ok(at.get());
        }
        if std::mem::take(&mut is_begun) {
            bytes.insert(0, b'{');
        } else {
            at.set(at.get() + 1);
        }
        if bytes.starts_with(b"{\"resource") {
            return Ok(at.get());
        }
    }
}

/// Where spans go, and where they stood.
struct Told<'i, 'o, W> {
    import: &'i mut Import<'o, W>,
    line: &'i Cell<usize>,
    /// How much was read since the last one.
    held: &'i Cell<u64>,
    /// How many there were.
    spans: usize,
    /// Why it cannot go on.
    failed: Option<anyhow::Error>,
}

impl<W: Write> Told<'_, '_, W> {
    /// Tells what was wrong with the text, unless it was something else that failed.
    fn settle(self, done: serde_json::Result<()>) -> anyhow::Result<()> {
        match (self.failed, done) {
            (Some(error), _) => Err(error),
            (None, Ok(())) => Ok(()),
            (None, Err(error)) => {
                let message = super::line::without_place(&error);
                let what = format!("from here on this is no OTLP/JSON: {message}; {} before it", spans(self.spans));
                Ok(self.import.refuse(self.line.get(), error.column().max(1), &what)?)
            }
        }
    }

    fn all(&mut self, events: Vec<Event>) -> anyhow::Result<()> {
        events.into_iter().try_for_each(|event| self.import.take(event))
    }
}

fn spans(number: usize) -> String {
    crate::layout::counted(number, "span")
}

impl<W: Write> Spans for Told<'_, '_, W> {
    fn take(&mut self, span: &serde_json::Value, resource: &Resource, scope: &str) -> bool {
        if self.failed.is_some() {
            return false;
        }
        self.spans += 1;
        self.held.set(0);
        let done = match otlp::events(span, resource, scope) {
            Ok(events) => self.all(events),
            Err(error) => {
                let message = format!("span {} is no span of OTLP: {error}", self.spans);
                self.import.refuse(self.line.get(), 1, &message).map_err(Into::into)
            }
        };
        self.failed = done.err();
        self.failed.is_none()
    }
}

/// Counts lines and bytes, and remembers what was read last. The parser takes one byte after the other.
struct Counted<'c, R> {
    inner: R,
    lines: &'c Cell<usize>,
    held: &'c Cell<u64>,
    last: &'c mut [u8; 2],
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.held.set(self.held.get() + read as u64);
        if self.held.get() > LONGEST {
            return Err(io::Error::other(format!("more than {LONGEST} bytes would have to be held at once")));
        }
        for byte in &into[..read] {
            self.lines.set(self.lines.get() + usize::from(*byte == b'\n'));
            *self.last = [self.last[1], *byte];
        }
        Ok(read)
    }
}
