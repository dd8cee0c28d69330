//! Traces enter; a file for speedscope leaves: each lane of spans that do not overlap by halves is a profile.
//!
//! The form is that of its [schema](https://www.speedscope.app/file-format-schema.json): evented profiles, in
//! nanoseconds since their trace began, in which frames open and close like parentheses. Points have no length and are
//! left out, and so are all values.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::export::attributes::place;
use crate::export::lanes::{self, Edge};
use crate::{Span, Trace, json};

pub(super) const OPENING: &[u8] =
    b"{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"exporter\":\"tense\",\"profiles\":[";

/// What all profiles share.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Names with their places in the source, numbered.
    frames: HashMap<(String, String), usize>,
    has_profile: bool,
}

impl State {
    /// Writes the trace as entries of the list that [`OPENING`] has begun.
    pub(super) fn write(&mut self, out: &mut impl Write, trace: &Trace) -> io::Result<()> {
        let Some(zero) = trace.spans().first().map(|span| span.began.unix_nanos()) else { return Ok(()) };
        let root = trace.longest_root().map_or("", Span::label);
        for (number, lane) in lanes::of(trace).into_iter().enumerate() {
            let mut name = format!("{root} {}", trace.id().short());
            if number > 0 {
                name += &format!(", lane {}", number + 1);
            }
            if !lane.service.is_empty() {
                name += &format!(" ({})", lane.service);
            }
            let until = lane.spans.iter().map(|(_, ended)| ended.saturating_sub(zero)).max().unwrap_or(0);
            let profile = std::mem::replace(&mut self.has_profile, true);
            out.write_all(if profile { b",\n" } else { b"\n" })?;
            out.write_all(b"{\"type\":\"evented\",\"name\":")?;
            json::write_value(out, &json!(name))?;
            write!(out, ",\"unit\":\"nanoseconds\",\"startValue\":0,\"endValue\":{until},\"events\":[")?;
            for (number, (at, edge)) in lane.edges().enumerate() {
                let (kind, span) = match edge {
                    Edge::Begin(span) => ('O', span),
                    Edge::End(span) => ('C', span),
                };
                let (comma, frame) = (if number > 0 { "," } else { "" }, self.frame(span));
                write!(out, "{comma}{{\"type\":\"{kind}\",\"at\":{},\"frame\":{frame}}}", at.saturating_sub(zero))?;
            }
            out.write_all(b"]}")?;
        }
        Ok(())
    }

    /// Writes the frames, which are known now.
    pub(super) fn close(&self, out: &mut impl Write) -> io::Result<()> {
        let mut frames: Vec<(&(String, String), &usize)> = self.frames.iter().collect();
        frames.sort_unstable_by_key(|(_, number)| **number);
        out.write_all(b"\n],\"shared\":{\"frames\":[")?;
        for ((name, source), number) in frames {
            out.write_all(if *number > 0 { b",\n" } else { b"\n" })?;
            json::write_value(out, &frame(name, source))?;
        }
        out.write_all(b"\n]}}\n")
    }

    fn frame(&mut self, span: &Span) -> usize {
        let next = self.frames.len();
        *self.frames.entry((span.label().to_owned(), span.source.clone().into_owned())).or_insert(next)
    }
}

fn frame(name: &str, source: &str) -> Value {
    let mut frame = json!({ "name": name });
    if let Some((file, line)) = place(source) {
        frame["file"] = json!(file);
        if let Some(line) = line {
            frame["line"] = json!(line);
        }
    }
    frame
}
