//! Traces enter, one after the other; a text that other programs read leaves, piece by piece: no more than one trace is
//! ever held.
//!
//! `attributes` knows what every form says of a span; `otlp`, `jaeger` and `zipkin` write for collectors and their
//! pages, `chrome` and `speedscope` for viewers of profiles, whose spans `lanes` puts side by side, and `markdown` for
//! people. [`lines`] writes events as they are, for `tense import`.

pub(crate) mod attributes;
pub mod lines;
pub(crate) mod otlp;
mod jaeger;
mod zipkin;
mod lanes;
mod chrome;
mod speedscope;
mod markdown;

use std::io::{self, Write};

use crate::Trace;

/// A form that other programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Lines of OTLP/JSON, as the [file exporter](https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/) of
    /// OpenTelemetry writes them: each can be posted to `/v1/traces`, or read by `otlpjsonfile`.
    Otlp,
    /// A file for the page of Jaeger, as its query service answers.
    Jaeger,
    /// A list of spans as Zipkin takes it, [version 2](https://zipkin.io/zipkin-api/): to be posted to `/api/v2/spans`,
    /// or opened in its page.
    Zipkin,
    /// Trace events, for Perfetto and `chrome://tracing`. Times are microseconds since the first moment of the first
    /// trace; `otherData.began` says when that was.
    Chrome,
    /// A file for [speedscope](https://www.speedscope.app), without points and values: each lane of spans that do not
    /// overlap by halves is a profile.
    Speedscope,
    /// A report for a ticket: why, call by call, what was waited for, what was undone, what never ran. No value becomes
    /// a link, a heading, a mention or HTML.
    Markdown,
}

/// A file in the making: [`trace`](Self::trace) for each of them, then [`finish`](Self::finish).
///
/// ```
/// use std::time::Duration;
/// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
/// use tense_store::export::{Export, Format};
/// use tense_store::Trace;
///
/// let id = TraceId::from_bytes([7; 16]);
/// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
/// let mut event = Event::new(id, SpanId::new(1).unwrap(), "operation.tokens.created", Status::Success, at);
/// event.duration = Some(Duration::from_micros(5));
///
/// let mut export = Export::new(Format::Zipkin, Vec::new());
/// export.trace(&Trace::from_events(id, [event]))?;
/// let file: serde_json::Value = serde_json::from_slice(&export.finish()?)?;
/// assert_eq!((&file[0]["name"], &file[0]["duration"]), (&"operation.tokens.created".into(), &5.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Export<W> {
    out: W,
    state: State,
    /// Whether something was written for a trace.
    has_begun: bool,
}

/// What a form has to know of the traces before.
#[derive(Debug)]
enum State {
    Otlp,
    Jaeger,
    Zipkin(zipkin::State),
    Chrome(chrome::State),
    Speedscope(speedscope::State),
    Markdown,
}

impl<W: Write> Export<W> {
    /// Begins a file; nothing is written yet. `out` is written to in small pieces, so it had better be buffered.
    pub fn new(format: Format, out: W) -> Self {
        let state = match format {
            Format::Otlp => State::Otlp,
            Format::Jaeger => State::Jaeger,
            Format::Zipkin => State::Zipkin(zipkin::State::default()),
            Format::Chrome => State::Chrome(chrome::State::default()),
            Format::Speedscope => State::Speedscope(speedscope::State::default()),
            Format::Markdown => State::Markdown,
        };
        Self { out, state, has_begun: false }
    }

    /// Writes one more trace; *n* log *n* in its spans, and no recursion.
    ///
    /// # Errors
    ///
    /// What the writer says. What was written until then is no whole file.
    pub fn trace(&mut self, trace: &Trace) -> io::Result<()> {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        let out = &mut self.out;
        if is_first {
            out.write_all(self.state.opening())?;
        }
        match &mut self.state {
            State::Otlp => otlp::write(out, trace),
            State::Jaeger => jaeger::write(out, trace, is_first),
            State::Zipkin(state) => state.write(out, trace),
            State::Chrome(state) => state.write(out, trace),
            State::Speedscope(state) => state.write(out, trace),
            State::Markdown => markdown::write(out, trace, is_first),
        }
    }

    /// Ends the file, and gives the writer back. A file of no trace is one as well.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn finish(mut self) -> io::Result<W> {
        let out = &mut self.out;
        if !self.has_begun {
            out.write_all(self.state.opening())?;
        }
        match &self.state {
            State::Otlp | State::Markdown => {}
            State::Jaeger => out.write_all(jaeger::CLOSING)?,
            State::Zipkin(_) => out.write_all(zipkin::CLOSING)?,
            State::Chrome(state) => state.close(out)?,
            State::Speedscope(state) => state.close(out)?,
        }
        Ok(self.out)
    }
}

impl State {
    const fn opening(&self) -> &'static [u8] {
        match self {
            Self::Otlp | Self::Markdown => b"",
            Self::Jaeger => jaeger::OPENING,
            Self::Zipkin(_) => zipkin::OPENING,
            Self::Chrome(_) => chrome::OPENING,
            Self::Speedscope(_) => speedscope::OPENING,
        }
    }
}
