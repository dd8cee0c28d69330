//! Shapes enter; a JSON Schema of draft 2020-12 leaves.

use anyhow::Context;
use tense_event::{SCHEMA_VERSION, Status};
use tense_grammar::FieldKind;
use tense_store::json::harmless;

use super::keywords::{Properties, Schema};
use super::shape::{AT_THE_TOP, Field, KINDS, LEVELS, STATUSES, Shape, Shapes};

/// What the events have in common. No event can be called so, since their names have dots.
const ENVELOPE: &str = "envelope";
const ERROR: &str = "error";
const STILL_OPEN: &str = "still_open";
const UNDECLARED: &str = "undeclared";

pub(super) fn write(shapes: &Shapes<'_>) -> anyhow::Result<String> {
    let json = serde_json::to_string_pretty(&document(shapes)).context("failed to write the schema as JSON")?;
    Ok(format!("{}\n", harmless(&json)))
}

fn document(shapes: &Shapes<'_>) -> Schema {
    let mut definitions = Properties::default();
    for shape in &shapes.events {
        definitions = definitions.with(shape.name.as_str(), event(shape));
    }
    if !shapes.open_spans.is_empty() {
        definitions = definitions.with(STILL_OPEN, still_open(shapes));
    }
    definitions = definitions.with(UNDECLARED, undeclared(shapes));
    let one_of = definitions.0.iter().map(|(name, _)| Schema::definition(name)).collect();
    Schema {
        dialect: Some("https://json-schema.org/draft/2020-12/schema"),
        title: Some("An event of this project"),
        description: Some(
            "Written by `tense schema` from tense.toml. Keys and fields that are not listed here are to be ignored."
                .into(),
        ),
        one_of,
        definitions: definitions.with(ENVELOPE, envelope()).with(ERROR, error()),
        ..Schema::default()
    }
}

fn event(shape: &Shape<'_>) -> Schema {
    let data = shape.fields.iter().filter(|field| !field.is_at_the_top());
    let data = data.fold(Properties::default(), |all, field| all.with(field.name, value(field)));
    let mut properties = Properties::default()
        .with("event_type", Schema::text(shape.name.as_str()))
        .with("status", statuses(&shape.statuses));
    if !data.0.is_empty() {
        properties = properties.with("data", Schema::properties(data));
    }
    let (when, then) = required(shape).unzip();
    let fails = shape.fails.map(|event| format!("`{event}` has failed: with what it had recorded by then."));
    Schema {
        description: shape.about.map(one_line).or(fails),
        properties,
        when: when.map(Box::new),
        then: then.map(Box::new),
        ..Schema::definition(ENVELOPE)
    }
}

/// What has to be there, and when.
fn required(shape: &Shape<'_>) -> Option<(Schema, Schema)> {
    let (top, data): (Vec<&Field<'_>>, Vec<_>) = shape.required().partition(|field| field.is_at_the_top());
    let mut keys: Vec<&str> = top.iter().map(|field| field.name).collect();
    let mut properties = Properties::default();
    if !data.is_empty() {
        keys.push("data");
        properties = properties.with("data", Schema::requiring(data.iter().map(|field| field.name)));
    }
    if keys.is_empty() {
        return None;
    }
    let excused = Schema::any_of([Schema::requiring(["absent"]), Schema::requiring(["cut"])]);
    let mut when = Schema { not: Some(Box::new(excused)), ..Schema::default() };
    if shape.whole != shape.statuses {
        when.properties = Properties::default().with("status", statuses(&shape.whole));
    }
    Some((when, Schema { properties, ..Schema::requiring(keys) }))
}

fn value(field: &Field<'_>) -> Schema {
    if let Some(marker) = &field.hidden_as {
        return Schema::text(marker.as_str()).described("Its name is that of a secret, so nobody sees what it holds.");
    }
    match field.kind {
        FieldKind::String => Schema::of("string"),
        FieldKind::Integer => Schema::of("integer"),
        // JSON has no number for these
        FieldKind::Float => Schema::any_of([Schema::of("number"), Schema::texts(["NaN", "inf", "-inf"])]),
        FieldKind::Bool => Schema::of("boolean"),
        FieldKind::Json => Schema::default(),
    }
}

fn still_open(shapes: &Shapes<'_>) -> Schema {
    let properties = Properties::default()
        .with("event_type", Schema::texts(shapes.open_spans.iter().copied()))
        .with("status", Schema::text(Status::Pending.as_str()));
    Schema { properties, ..Schema::definition(ENVELOPE) }.described(
        "A span that has been open for a second, told once under the name of the span. It counts as no event.",
    )
}

fn undeclared(shapes: &Shapes<'_>) -> Schema {
    let known = shapes.events.iter().map(|event| event.name.as_str()).chain(shapes.open_spans.iter().copied());
    let known: Vec<&str> = known.collect();
    // nothing is not one of no names
    let not = (!known.is_empty()).then(|| Box::new(Schema::texts(known)));
    let others = Schema { not, ..Schema::of("string") };
    let (name, about) = if shapes.is_closed {
        let logs = Schema::texts(shapes.logs.iter().copied());
        let foreign = Schema::matching("^foreign\\.");
        (Schema::any_of([logs, foreign]), "A line of a log, or a span of another crate.")
    } else {
        (others, "A line of a log, a span of another crate, or an event that nobody has declared yet.")
    };
    Schema { properties: Properties::default().with("event_type", name), ..Schema::definition(ENVELOPE) }
        .described(about)
}

/// The keys of [`tense_event::Event`].
fn envelope() -> Schema {
    let text = || Schema::of("string");
    let mut properties = Properties::default()
        .with(
            "schema_version",
            Schema { minimum: Some(SCHEMA_VERSION), maximum: Some(SCHEMA_VERSION), ..Schema::of("integer") },
        )
        .with("trace_id", Schema::matching("^[0-9a-f]{32}$"))
        .with("span_id", Schema::matching("^[0-9a-f]{16}$"))
        .with("parent_span_id", Schema::matching("^[0-9a-f]{16}$"))
        .with("event_type", text().described("What happened."))
        .with(
            "span_name",
            text().described("The name without the word of its life, whether it failed or not: group by it."),
        )
        .with(
            "timestamp",
            Schema { format: Some("date-time"), ..text() }
                .described("When it happened; the span began duration_ms before."),
        )
        .with("status", statuses(&STATUSES))
        .with("duration_ms", Schema { minimum: Some(0), ..Schema::of("number") })
        .with("service", text())
        .with("source", text().described("Where the annotation stands."))
        .with("level", Schema::texts(LEVELS))
        .with("data", Schema::of("object").described("What was recorded by name."))
        .with("tags", Schema::list_of(text()));
    for field in AT_THE_TOP {
        properties = properties.with(field, text());
    }
    let properties = properties
        .with("correlation_key", text().described("The caller's id of the trace, where that was none of 16 bytes."))
        .with("error", Schema::definition(ERROR))
        .with(
            "cut",
            Schema::list_of(text()).described("What was shortened or left out to keep the event within its limits."),
        )
        .with("absent", Schema::list_of(text()).described("Fields that are declared as always there, and are not."))
        .with(
            "left_out",
            Schema { minimum: Some(1), ..Schema::of("integer") }
                .described("Spans and moments below this span that were left out because there were too many."),
        )
        .with(
            "sample_weight",
            Schema { minimum: Some(0), ..Schema::of("integer") }
                .described("How many events it stands for; 1 where it is not said, 0 for others' sake."),
        );
    let failed = Properties::default().with("status", Schema::text(Status::Failed.as_str()));
    Schema {
        properties,
        when: Some(Box::new(Schema::properties(failed))),
        then: Some(Box::new(Schema::requiring([ERROR]))),
        required: ["schema_version", "trace_id", "span_id", "event_type", "span_name", "timestamp", "status", "level"]
            .map(str::to_owned)
            .into(),
        ..Schema::of("object")
    }
    .described("What every event has, in version 1.")
}

/// The keys of [`tense_event::ErrorInfo`].
fn error() -> Schema {
    let text = || Schema::of("string");
    let properties = Properties::default()
        .with("kind", Schema::texts(KINDS))
        .with("error_type", text())
        .with("error_message", text())
        .with("stack_frames", Schema::list_of(text()))
        .with("processor", text().described("The function that failed."))
        .with("input_preview", text());
    Schema { properties, required: vec!["kind".to_owned()], ..Schema::of("object") }
}

fn statuses(statuses: &[Status]) -> Schema {
    match statuses {
        [only] => Schema::text(only.as_str()),
        several => Schema::texts(several.iter().map(|status| status.as_str())),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
