//! Traces enter; trace events leave, which Perfetto, `chrome://tracing` and the profilers of browsers read.
//!
//! The form is that of the [Trace Event
//! Format](https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU): a span is a pair of
//! nestable asynchronous events, `b` and `e`. A reader puts those of one category and id on one track, as a stack; so
//! the category is the trace, and each lane of spans that do not overlap by halves has an id of its own. A service is a
//! process. Points are instants (`n`) in the lane of the span above.
//!
//! Times are microseconds with three decimals since the first moment of the first trace: a reader keeps them as floats,
//! which have no nanoseconds left 50 years after 1970. `otherData.began` says when that was.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};
use tense_event::Timestamp;

use crate::export::attributes::{moments, of_error, of_span};
use crate::export::lanes::{self, Edge, Lane};
use crate::{Span, Trace, json};

/// The phases of nestable asynchronous events.
const BEGIN: &str = "b";
const INSTANT: &str = "n";
const END: &str = "e";

pub(super) const OPENING: &[u8] = b"{\"traceEvents\":[";

/// What the file has said so far.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The moment 0, in nanoseconds since 1970; that of the first trace that has a span.
    zero: Option<i64>,
    /// The number of a process, from 1.
    processes: HashMap<String, usize>,
    /// How many lanes there are.
    lanes: u64,
    /// How many traces there are.
    traces: u64,
    has_event: bool,
}

/// Where an event belongs.
#[derive(Clone, Copy)]
struct Track<'a> {
    process: usize,
    thread: u64,
    category: &'a str,
    id: &'a str,
}

impl State {
    /// Writes the trace as entries of the list that [`OPENING`] has begun.
    pub(super) fn write(&mut self, out: &mut impl Write, trace: &Trace) -> io::Result<()> {
        let Some(first) = trace.spans().first() else { return Ok(()) };
        let zero = *self.zero.get_or_insert(first.began.unix_nanos());
        self.traces += 1;
        let (category, thread) = (trace.id().to_string(), self.traces);
        let mut named: HashMap<&str, usize> = HashMap::new();
        for lane in lanes::of(trace) {
            let process = match named.get(lane.service) {
                Some(process) => *process,
                None => {
                    let process = self.process(out, lane.service)?;
                    let name = format!("trace {}", trace.id().short());
                    self.name(out, "thread_name", process, thread, &name)?;
                    named.insert(lane.service, process);
                    process
                }
            };
            self.lanes += 1;
            let id = format!("0x{:x}", self.lanes);
            let track = Track { process, thread, category: &category, id: &id };
            for (at, phase, span) in in_order(trace, &lane) {
                let arguments = (phase != END).then(|| of_begin(trace, span));
                self.event(out, phase, at.saturating_sub(zero), span, track, arguments)?;
            }
        }
        Ok(())
    }

    /// Writes what stands behind the list.
    pub(super) fn close(&self, out: &mut impl Write) -> io::Result<()> {
        let began = self.zero.map(Timestamp::from_unix_nanos);
        out.write_all(b"\n],\"displayTimeUnit\":\"ns\",\"otherData\":")?;
        json::write_value(out, &began.map_or(json!({}), |began| json!({ "began": began })))?;
        out.write_all(b"}\n")
    }

    /// The number of the process that a service is.
    fn process(&mut self, out: &mut impl Write, service: &str) -> io::Result<usize> {
        if let Some(process) = self.processes.get(service) {
            return Ok(*process);
        }
        let process = self.processes.len() + 1;
        self.processes.insert(service.to_owned(), process);
        self.name(out, "process_name", process, 0, if service.is_empty() { "unknown_service" } else { service })?;
        Ok(process)
    }

    /// A name for a process or a thread.
    fn name(&mut self, out: &mut impl Write, what: &str, process: usize, thread: u64, name: &str) -> io::Result<()> {
        let event = json!({ "name": what, "ph": "M", "pid": process, "tid": thread, "args": { "name": name } });
        self.entry(out, &event)
    }

    fn event(
        &mut self,
        out: &mut impl Write,
        phase: &str,
        at: i64,
        span: &Span,
        track: Track<'_>,
        arguments: Option<Value>,
    ) -> io::Result<()> {
        let mut event = json!({
            "name": span.label(), "ph": phase, "cat": track.category, "id": track.id,
            "pid": track.process, "tid": track.thread, "ts": at as f64 / 1_000.0,
        });
        if let (Some(arguments), Some(event)) = (arguments, event.as_object_mut()) {
            event.insert("args".to_owned(), arguments);
        }
        self.entry(out, &event)
    }

    fn entry(&mut self, out: &mut impl Write, event: &Value) -> io::Result<()> {
        let has_event = std::mem::replace(&mut self.has_event, true);
        out.write_all(if has_event { b",\n" } else { b"\n" })?;
        json::write_value(out, event)
    }
}

/// Begins, instants and ends of a lane in the order of time.
fn in_order<'t>(trace: &'t Trace, lane: &Lane<'t>) -> Vec<(i64, &'static str, &'t Span)> {
    let mut all = Vec::with_capacity(2 * lane.spans.len());
    for (at, edge) in lane.edges() {
        match edge {
            Edge::Begin(span) => {
                all.push((at, BEGIN, span));
                all.extend(moments(trace, span).map(|point| (point.began.unix_nanos(), INSTANT, point)));
            }
            Edge::End(span) => all.push((at, END, span)),
        }
    }
    // Begins and ends are in order already, and keep it where they are at the same moment.
    all.sort_by_key(|(at, ..)| *at);
    all
}

/// What a reader shows beside a span.
fn of_begin(trace: &Trace, span: &Span) -> Value {
    let ids = [("trace_id", json!(trace.id())), ("span_id", json!(span.id)), ("outcome", json!(span.outcome.as_str()))];
    let mut all: Map<String, Value> = ids.into_iter().map(|(name, value)| (format!("tense.{name}"), value)).collect();
    all.extend(of_span(span).into_iter().map(|(name, value)| (name.into_owned(), value)));
    all.extend(of_error(span).into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(all)
}
