//! Events go in; what a person would write down of them comes out: a tree as text, one line an event, without ids and
//! times, the same for every run that does the same.

use std::collections::{HashMap, HashSet};
use std::fmt::{self, Debug, Display};

use tense_event::{CleanEvent, ErrorKind, Event, SpanId, Status, TraceId};

/// Recorded events below the events of their parents, two spaces a level, in the order in which they began. It has no
/// ids and no times, so that it can be compared with what a test expects:
///
/// ```
/// use tense::traced;
///
/// #[traced(dispatch.order.*, fields(amount))]
/// fn order(amount: u64) {
///     charge(amount).ok();
/// }
///
/// #[traced(operation.cards.charged, fields(amount))]
/// fn charge(amount: u64) -> Result<(), String> {
///     Err("declined".to_owned())
/// }
///
/// let capture = tense_layer::testing::capture();
/// order(5);
/// capture.tree().assert_is(
///     "
///     dispatch.order.start amount=5 pending
///       operation.cards.charge_failed amount=5 failed Error String: declined
///     dispatch.order.complete amount=5
///     ",
/// );
/// ```
///
/// A line is the event's type, its fields as JSON, and how it ended: nothing for a success, `pending`, or `failed` with
/// the kind of failure, the type and the message; of a panic without the place in the source. The first event of a span
/// has everything below it that happened within; a span's other events come behind that. What is still open, or was
/// reported as open only because it took more than a second, is left out.
///
/// `==` compares two trees, or a tree and a text, by what they show. In a text the line breaks around it and the
/// indentation that all its lines have do not count.
#[derive(Clone)]
pub struct Tree {
    lines: Vec<Line>,
    shown: Shown,
}

#[derive(Clone)]
struct Line {
    depth: usize,
    event_type: String,
    fields: Vec<(String, String)>,
    /// Shown only where they are asked for: they are the same on all lines of a request.
    ids: Vec<(String, String)>,
    ending: String,
}

#[derive(Clone)]
enum Shown {
    All,
    Only(Vec<String>),
    Without(Vec<String>),
}

impl Tree {
    /// The tree of events that came from somewhere else: a sink, or a file.
    pub fn of(events: &[CleanEvent]) -> Self {
        let spans = spans(events);
        let mut below: HashMap<Key, Vec<&Span<'_>>> = HashMap::new();
        let mut roots = Vec::new();
        let known: HashSet<Key> = spans.iter().map(|span| span.key).collect();
        for span in &spans {
            match span.parent.filter(|parent| known.contains(parent)) {
                Some(parent) => below.entry(parent).or_default().push(span),
                None => roots.push(span),
            }
        }
        let mut lines = Vec::new();
        for root in roots {
            root.write(&below, 0, &mut lines);
        }
        Self { lines, shown: Shown::All }
    }

    /// The same with no fields but these, in the order in which they were recorded. Also shows the ids of the event
    /// itself that are listed: `job_id`, `worker_id`, `machine_id`, `user_id`. With an empty list it shows types and
    /// endings alone.
    pub fn only<const N: usize>(self, fields: [&str; N]) -> Self {
        Self { shown: Shown::Only(fields.map(str::to_owned).to_vec()), ..self }
    }

    /// The same without these fields, whose values differ from run to run.
    pub fn without<const N: usize>(self, fields: [&str; N]) -> Self {
        Self { shown: Shown::Without(fields.map(str::to_owned).to_vec()), ..self }
    }

    /// Asks for exactly that tree, and shows in which lines the two differ if it is not.
    ///
    /// # Panics
    /// When the tree is another one.
    #[track_caller]
    #[expect(clippy::panic, reason = "this is for tests, where a panic is how a difference is told")]
    pub fn assert_is(&self, expected: &str) {
        let (found, expected) = (dedented(&self.to_string()), dedented(expected));
        if found != expected {
            panic!("{}", super::diff::differ(&expected, &found));
        }
    }
}

type Key = (TraceId, SpanId);

/// The events of one span.
struct Span<'a> {
    key: Key,
    parent: Option<Key>,
    began: i64,
    events: Vec<&'a Event>,
}

/// Events of the same span beside one another, in the order in which the spans began.
fn spans(events: &[CleanEvent]) -> Vec<Span<'_>> {
    let mut spans: Vec<Span<'_>> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::new();
    for event in events.iter().map(|event| &**event).filter(|event| !is_report(event)) {
        let nanos = event.duration.map_or(0, |took| i64::try_from(took.as_nanos()).unwrap_or(i64::MAX));
        let began = event.timestamp.unix_nanos().saturating_sub(nanos);
        let key = (event.trace_id, event.span_id);
        match places.get(&key).and_then(|place| spans.get_mut(*place)) {
            Some(span) => {
                span.began = span.began.min(began);
                span.events.push(event);
            }
            None => {
                places.insert(key, spans.len());
                let parent = event.parent_span_id.map(|parent| (event.trace_id, parent));
                spans.push(Span { key, parent, began, events: vec![event] });
            }
        }
    }
    spans.sort_by_key(|span| span.began);
    spans
}

/// Whether it says that a span is still open after a second.
fn is_report(event: &Event) -> bool {
    event.status == Status::Pending && event.event_type == event.span_name
}

impl Span<'_> {
    fn write(&self, below: &HashMap<Key, Vec<&Self>>, depth: usize, lines: &mut Vec<Line>) {
        let mut events = self.events.iter();
        lines.extend(events.next().map(|event| Line::of(event, depth)));
        for span in below.get(&self.key).into_iter().flatten() {
            span.write(below, depth + 1, lines);
        }
        lines.extend(events.map(|event| Line::of(event, depth)));
    }
}

impl Line {
    fn of(event: &Event, depth: usize) -> Self {
        let ids = [
            ("job_id", &event.job_id),
            ("worker_id", &event.worker_id),
            ("machine_id", &event.machine_id),
            ("user_id", &event.user_id),
        ];
        let ids = ids.into_iter().filter_map(|(name, id)| Some((name.to_owned(), format!("{:?}", id.as_deref()?))));
        let ending = match event.status {
            Status::Success => String::new(),
            Status::Pending => " pending".to_owned(),
            Status::Failed => " failed".to_owned(),
        };
        let error = event.error.as_ref().map(|error| {
            let said = match error.kind {
                ErrorKind::Panic => without_place(&error.error_message),
                ErrorKind::Error | ErrorKind::Cancelled => &error.error_message,
            };
            format!(" {:?} {}: {said}", error.kind, error.error_type)
        });
        Self {
            depth,
            event_type: event.event_type.to_string(),
            fields: event.data.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            ids: ids.collect(),
            ending: ending + &error.unwrap_or_default(),
        }
    }
}

/// What a panic said, without the ` at src/lib.rs:12` that it ends with, which changes with every line that is put
/// above it.
fn without_place(said: &str) -> &str {
    match said.rsplit_once(" at ") {
        Some((said, place)) if place.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok()) => said,
        _ => said,
    }
}

/// A text as it is written in a test goes in; the tree as it is shown comes out.
fn dedented(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let indent = lines.iter().filter(|line| !line.is_empty()).map(|line| line.len() - line.trim_start().len()).min();
    let indent = indent.unwrap_or(0);
    lines.iter().filter(|line| !line.is_empty()).fold(String::new(), |text, line| text + &line[indent..] + "\n")
}

impl Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Line { depth, event_type, fields, ids, ending } in &self.lines {
            write!(f, "{:indent$}{event_type}", "", indent = depth * 2)?;
            for (name, value) in
                ids.iter().filter(|(name, _)| matches!(&self.shown, Shown::Only(only) if only.contains(name)))
            {
                write!(f, " {name}={value}")?;
            }
            for (name, value) in fields.iter().filter(|(name, _)| self.shown.shows(name)) {
                write!(f, " {name}={value}")?;
            }
            writeln!(f, "{ending}")?;
        }
        Ok(())
    }
}

impl Shown {
    fn shows(&self, field: &String) -> bool {
        match self {
            Self::All => true,
            Self::Only(fields) => fields.contains(field),
            Self::Without(fields) => !fields.contains(field),
        }
    }
}

/// As it is shown, so that a failed `assert_eq!` can be read.
impl Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl Eq for Tree {}

impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl PartialEq<str> for Tree {
    fn eq(&self, other: &str) -> bool {
        // No editor keeps the blank that a line of a cancelled future ends with.
        dedented(&self.to_string()) == dedented(other)
    }
}

impl PartialEq<&str> for Tree {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_be_written_where_it_suits_the_test() {
        for text in ["a.b\n  c.d\n", "a.b\n  c.d", "\n        a.b\n          c.d\n        "] {
            assert_eq!(dedented(text), "a.b\n  c.d\n");
        }
        assert_eq!(dedented("  \n"), "");
    }

    #[test]
    fn a_panic_is_told_without_its_place() {
        assert_eq!(without_place("on fire at src/lib.rs:12"), "on fire");
        assert_eq!(without_place("on fire at last"), "on fire at last");
    }
}
