//! Shapes enter; types for who reads events in TypeScript leave: the union of all events, told apart by `event_type`.

use tense_event::Status;
use tense_grammar::FieldKind;
use tense_store::text;

use super::shape::{AT_THE_TOP, Field, KINDS, LEVELS, STATUSES, Shape, Shapes};

/// What is the same in every project.
const HEAD: &str = r#"// Written by `tense schema --typescript` from tense.toml. Do not change it here.
//
// A field without `?` is always there, unless `absent` or `cut` names it. Fields that are not listed may come; ignore
// them.

"#;

const VALUES: &str = r#"
/** Whole numbers beyond `Number.MAX_SAFE_INTEGER` lose digits when `JSON.parse` reads them. */
export type Integer = number;
/** JSON has no number for the last three. */
export type Float = number | "NaN" | "inf" | "-inf";
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Why it failed. */
export interface Failure {
"#;

const FAILURE_AND_ENVELOPE: &str = r"  error_type?: string;
  error_message?: string;
  stack_frames?: string[];
  /** The function that failed. */
  processor?: string;
  input_preview?: string;
}

/** What every event has, in version 1. */
export interface Envelope {
  schema_version: 1;
  trace_id: string;
  span_id: string;
  parent_span_id?: string;
  /** The name without the word of its life, whether it failed or not: group by it. */
  span_name: string;
  /** RFC 3339, in UTC: when it happened. The span began `duration_ms` before. */
  timestamp: string;
  duration_ms?: number;
  service?: string;
  /** Where the annotation stands. */
  source?: string;
  level: Level;
  tags?: string[];
";

const ENVELOPE_ENDS: &str = r"  /** The caller's id of the trace, where that was none of 16 bytes. */
  correlation_key?: string;
  /** What was shortened or left out to keep the event within its limits. */
  cut?: string[];
  /** Fields that are declared as always there, and are not. */
  absent?: string[];
  /** Spans and moments below this span that were left out because there were too many. */
  left_out?: number;
  /** How many events it stands for; 1 where it is not said, 0 for others' sake. */
  sample_weight?: number;
}

/** What each type of event has besides, by its `event_type`: the declared ones, and the failures that follow from them. */
export interface Events {
";

const UNION: &str = r"}

export type EventType = keyof Events;

/** An event. `event.event_type` tells which, and with it the compiler knows the rest. */
export type TraceEvent = { [Type in EventType]: Envelope & { event_type: Type } & Events[Type] }[EventType];

/** The event of one type: `EventOf<..>`. */
export type EventOf<Type extends EventType> = Extract<TraceEvent, { event_type: Type }>;

";

pub(super) fn write(shapes: &Shapes<'_>) -> String {
    let mut text = HEAD.to_owned();
    text += &format!("export type Status = {};\n", statuses(&STATUSES));
    text += &format!("export type Level = {};\n", one_of(LEVELS));
    text += VALUES;
    text += &format!("  kind: {};\n", one_of(KINDS));
    text += FAILURE_AND_ENVELOPE;
    for field in AT_THE_TOP {
        text += &format!("  {field}?: string;\n");
    }
    text += ENVELOPE_ENDS;
    for shape in &shapes.events {
        event(&mut text, shape);
    }
    text += UNION;
    text +=
        "/** A span that has been open for a second, told once under the name of the span. It counts as no event. */\n";
    text += "export type OpenSpan = Envelope & {\n  event_type:";
    text += &alternatives(shapes.open_spans.iter().map(|name| quoted(name)));
    text += ";\n  status: \"pending\";\n  data?: Record<string, unknown>;\n};\n\n";
    text += "/** A line of a log, or a span of another crate. */\nexport type Undeclared = Envelope & {\n  event_type:";
    text += &alternatives(shapes.logs.iter().map(|name| quoted(name)).chain(["`foreign.${string}`".to_owned()]));
    text += ";\n  status: Status;\n  data?: Record<string, unknown>;\n  error?: Failure;\n};\n\n";
    text += if shapes.is_closed {
        "/** Whatever this project writes. */\n"
    } else {
        "/** Whatever this project declares. Names are open, so others may come. */\n"
    };
    text += "export type Written = TraceEvent | OpenSpan | Undeclared;\n";
    text
}

fn event(text: &mut String, shape: &Shape<'_>) {
    let fails = shape.fails.map(|event| format!("`{event}` has failed: with what it had recorded by then."));
    if let Some(about) = shape.about.map(comment).or(fails) {
        *text += &format!("  /** {about} */\n");
    }
    *text += &format!("  {}: {{\n    status: {};\n", quoted(&shape.name), statuses(&shape.statuses));
    if shape.statuses.contains(&Status::Failed) {
        let always = if shape.statuses == [Status::Failed] { "" } else { "?" };
        *text += &format!("    error{always}: Failure;\n");
    }
    let data: Vec<&Field<'_>> = shape.fields.iter().filter(|field| !field.is_at_the_top()).collect();
    if data.is_empty() {
        *text += "    data?: Record<string, unknown>;\n  };\n";
        return;
    }
    let always = if data.iter().any(|field| shape.promises(field)) { "" } else { "?" };
    *text += &format!("    data{always}: {{\n");
    for field in data {
        let always = if shape.promises(field) { "" } else { "?" };
        *text += &format!("      {}{always}: {};\n", field.name, value(field));
    }
    *text += "    };\n  };\n";
}

fn value(field: &Field<'_>) -> String {
    if let Some(marker) = &field.hidden_as {
        return quoted(marker);
    }
    let kind = match field.kind {
        FieldKind::String => "string",
        FieldKind::Integer => "Integer",
        FieldKind::Float => "Float",
        FieldKind::Bool => "boolean",
        FieldKind::Json => "Json",
    };
    kind.to_owned()
}

fn statuses(statuses: &[Status]) -> String {
    one_of(statuses.iter().map(|status| status.as_str()))
}

fn one_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    texts.into_iter().map(quoted).collect::<Vec<_>>().join(" | ")
}

/// One a line; nothing at all can be called what there is none of.
fn alternatives(all: impl Iterator<Item = String>) -> String {
    let lines: String = all.map(|one| format!("\n    | {one}")).collect();
    if lines.is_empty() { " never".to_owned() } else { lines }
}

/// Names of events are words and dots.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// A text that stays inside of its comment.
fn comment(about: &str) -> String {
    let words = about.split_whitespace().collect::<Vec<_>>().join(" ");
    text::escape(&words.replace("*/", "* /")).into_owned()
}
