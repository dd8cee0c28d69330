//! A trace enters; lines for people leave, one a span, each part with its role: the command puts them into columns, a
//! test compares them as they are.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;
use tense_event::SpanId;

use crate::pipeline::{Compensations, NotUndoneBecause};
use crate::{Outcome, Span, Trace, text};

/// Branches are drawn so deep; below, the depth is written as a number.
const DRAWN: usize = 24;
/// So many characters are kept of a value, a name, a message; whoever prints may shorten them further.
const KEPT: usize = 200;
/// Fields that say something to this program, which its lines say in words.
const SAID_IN_WORDS: [&str; 3] = ["compensate", "original_span_id", "stages"];

/// One line of a tree. All texts are escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TreeLine {
    /// What is drawn before the name: `│  ├─ `.
    pub branch: String,
    /// What it is.
    pub label: String,
    /// Names and values that the lines above it do not show already; a log line's message has no name.
    pub fields: Vec<(String, String)>,
    /// How long it took.
    pub duration: Option<String>,
    /// What became of it, in the order in which it matters.
    pub notes: Vec<Note>,
}

/// A word about a span, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// What kind of word it is.
    pub role: Role,
    /// The word: `failed`, `compensated by`.
    pub word: &'static str,
    /// What follows it: an error, the name of another span; may be empty.
    pub about: String,
}

/// What kind of word a note is, for whoever gives it a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// It failed or panicked.
    Failure,
    /// It stopped without a result: cancelled, not finished, never run.
    Stopped,
    /// It was undone, or undoes.
    Undone,
    /// Something about it is missing.
    Gap,
}

impl Trace {
    /// The lines of the tree, top down.
    ///
    /// A million spans take close to a gigabyte as lines; [`tree_lines`](Self::tree_lines) makes one after the other.
    pub fn tree(&self) -> Vec<TreeLine> {
        let mut lines = Vec::with_capacity(self.spans().len());
        lines.extend(self.tree_lines());
        lines
    }

    /// The same, each made when it is asked for; to [`count`](Iterator::count) them makes none.
    ///
    /// ```
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    /// let trace = Trace::from_events(id, [Event::new(id, SpanId::new(1).unwrap(), "a.run", Status::Success, at)]);
    /// assert_eq!(trace.tree_lines().count(), 1);
    /// assert_eq!(trace.tree_lines().next().unwrap().label, "a.run");
    /// ```
    pub fn tree_lines(&self) -> impl Iterator<Item = TreeLine> {
        let roots = self.roots().rev().map(|root| Step { what: What::Span(root), depth: 0, is_last: true });
        Lines {
            trace: self,
            undone: Undone::of(&self.compensations()),
            shown: Shown::default(),
            next: roots.collect(),
            way: Vec::new(),
        }
    }
}

/// The tree without columns or colours.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tree_lines().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for TreeLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.branch, self.label)?;
        for (name, value) in &self.fields {
            match name.as_str() {
                "" => write!(f, "  {value}")?,
                name => write!(f, "  {name}={value}")?,
            }
        }
        if let Some(duration) = &self.duration {
            write!(f, "  {duration}")?;
        }
        self.notes.iter().try_for_each(|note| write!(f, "  {note}"))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.role, self.about.as_str()) {
            (_, "") => f.write_str(self.word),
            (Role::Failure | Role::Stopped, error) => write!(f, "{}  {error}", self.word),
            (_, about) => write!(f, "{} {about}", self.word),
        }
    }
}

/// What the next line shows.
#[derive(Clone, Copy)]
enum What<'t> {
    Span(&'t Span),
    /// A stage that its pipeline, with this outcome, did not come to.
    Absent(&'t str, Outcome),
    /// A stage that its pipeline left out.
    Skipped(&'t str),
    /// A stage that ran, and of which there is nothing but the pipeline's word.
    Unseen(&'t str),
    /// A stage that its pipeline, which has not ended, came past without a trace of it.
    Passed(&'t str),
    /// The stages that had no room in their pipeline's list.
    Cut,
}

struct Step<'t> {
    what: What<'t>,
    depth: usize,
    is_last: bool,
}

/// The lines that are still to come.
struct Lines<'t> {
    trace: &'t Trace,
    undone: Undone<'t>,
    shown: Shown<'t>,
    /// The last one comes next: a walk, no recursion.
    next: Vec<Step<'t>>,
    /// Whether the way down goes through the last of its siblings, for each depth.
    way: Vec<bool>,
}

impl Iterator for Lines<'_> {
    type Item = TreeLine;

    fn next(&mut self) -> Option<TreeLine> {
        let Step { what, depth, is_last } = self.next.pop()?;
        self.way.truncate(depth);
        self.way.push(is_last);
        let branch = branch(&self.way);
        Some(match what {
            What::Span(span) => {
                self.push_children(span, depth + 1);
                self.span_line(span, depth, branch)
            }
            What::Absent(stage, Outcome::Open) => absent_line(stage, "has not run", branch),
            What::Absent(stage, _) => absent_line(stage, "never ran", branch),
            What::Skipped(stage) => absent_line(stage, "skipped", branch),
            What::Unseen(stage) => absent_line(stage, "ran unseen", branch),
            What::Passed(stage) => absent_line(stage, "skipped or not seen", branch),
            What::Cut => absent_line("..", "list of stages cut", branch),
        })
    }

    fn count(mut self) -> usize {
        let mut count = 0;
        while let Some(Step { what, depth, .. }) = self.next.pop() {
            count += 1;
            if let What::Span(span) = what {
                self.push_children(span, depth + 1);
            }
        }
        count
    }
}

impl<'t> Lines<'t> {
    fn push_children(&mut self, span: &'t Span, depth: usize) {
        let first = self.next.len();
        let children = self.trace.children(span).rev().map(What::Span);
        if !span.has_stages() {
            self.next.extend(children.map(|what| Step { what, depth, is_last: false }));
            return self.end_siblings(first);
        }
        let absent = self.trace.never_ran_below(span);
        let absent = absent.iter().rev().map(|absent| What::Absent(absent.stage, span.outcome));
        let skipped: Vec<_> = span.skipped_stages().collect();
        let skipped = skipped.into_iter().rev().map(What::Skipped);
        let unseen: Vec<_> = span.unseen_stages().collect();
        let unseen = unseen.into_iter().rev().map(What::Unseen);
        let passed = self.trace.skipped_or_unseen_below(span).into_iter().rev().map(What::Passed);
        let cut = span.stages_are_cut().then_some(What::Cut);
        let stages = absent.chain(skipped).chain(unseen).chain(passed);
        let below = cut.into_iter().chain(stages).chain(children);
        self.next.extend(below.map(|what| Step { what, depth, is_last: false }));
        self.end_siblings(first);
    }

    /// Of those that were pushed from there on, the first one comes last.
    fn end_siblings(&mut self, first: usize) {
        if let Some(last) = self.next.get_mut(first) {
            last.is_last = true;
        }
    }

    fn span_line(&mut self, span: &'t Span, depth: usize, branch: String) -> TreeLine {
        self.shown.leave(depth);
        let mut fields = Vec::with_capacity(span.data.len());
        let is_pipeline = span.declared_stages().is_some();
        let context = span.context.iter().map(|(name, value)| (*name, FieldValue::Text(value)));
        let data = span.data.iter().map(|(name, value)| (name, FieldValue::Json(value)));
        for (name, value) in data.chain(context) {
            let is_in_words =
                SAID_IN_WORDS.binary_search(&name).is_ok() || is_pipeline && ["skipped", "unseen"].contains(&name);
            if !is_in_words && self.shown.is_news(depth, name, value) {
                let name = if span.is_log() && name == "message" { String::new() } else { text::excerpt(name, KEPT) };
                fields.push((name, value.to_text()));
            }
        }
        TreeLine {
            branch,
            label: text::excerpt(span.label(), KEPT),
            fields,
            duration: span.duration.map(text::duration),
            notes: self.notes(span),
        }
    }

    fn notes(&self, span: &Span) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut note = |role, word, about| notes.push(Note { role, word, about });
        match span.outcome {
            Outcome::Success => {}
            Outcome::Open => note(Role::Stopped, "not finished", String::new()),
            // A future that was dropped says nothing; one that was told to stop says so.
            Outcome::Cancelled => note(Role::Stopped, "cancelled", self.news_of_error(span)),
            Outcome::Failed => note(Role::Failure, "failed", self.news_of_error(span)),
            Outcome::Panicked => note(Role::Failure, "panicked", self.news_of_error(span)),
        }
        if let Some(word) = self.undone.fate_of(span) {
            note(Role::Undone, word.0, text::excerpt(word.1, KEPT));
        }
        if let (Some(parent), None) = (span.parent_id, span.above()) {
            // Where the parent is here, the branch was cut because it leads back.
            let word = if self.trace.get(parent).is_some() { "below itself" } else { "parent missing" };
            note(Role::Gap, word, String::new());
        }
        notes
    }

    /// What the error says, without what a failed line below says: an error that is passed on is told where it arose,
    /// and one that is wrapped is told in two parts.
    fn news_of_error(&self, span: &Span) -> String {
        let Some(error) = &span.error else { return String::new() };
        let mut own = error.error_message.as_str();
        for child in self.trace.children(span).filter(|child| child.outcome.is_failure() && !child.is_log()) {
            let inner = child.error_message();
            if let Some(outer) = own.strip_suffix(inner).filter(|_| !inner.is_empty()) {
                own = outer.trim_end_matches([':', ' ']);
            }
        }
        // A pipeline's own words only say which stage failed, and that line says it.
        let is_told_below =
            own.len() < error.error_message.len() && (own.is_empty() || span.declared_stages().is_some());
        if is_told_below {
            return String::new();
        }
        let message = text::excerpt(own, KEPT);
        match (text::excerpt(&error.error_type, KEPT), span.outcome) {
            (kind, Outcome::Failed) if !kind.is_empty() && !message.is_empty() => format!("{kind}: {message}"),
            (kind, Outcome::Failed) => kind + &message,
            _ => message,
        }
    }
}

fn absent_line(stage: &str, word: &'static str, branch: String) -> TreeLine {
    let notes = vec![Note { role: Role::Stopped, word, about: String::new() }];
    TreeLine { branch, label: text::excerpt(stage, KEPT), notes, ..TreeLine::default() }
}

/// Draws the way from the second level down to the last.
fn branch(way: &[bool]) -> String {
    let Some((is_last, above)) = way.get(1..).and_then(<[bool]>::split_last) else { return String::new() };
    let mut drawn: String = above.iter().take(DRAWN).map(|is_last| if *is_last { "   " } else { "│  " }).collect();
    if above.len() > DRAWN {
        drawn.push_str(&format!("⋯{} ", above.len() - DRAWN));
    }
    drawn + if *is_last { "└─ " } else { "├─ " }
}

/// The fields that the lines above show, while a walk goes down and up: asking does not climb, so a chain of a hundred
/// thousand spans stays quick.
#[derive(Default)]
struct Shown<'t> {
    values: HashMap<&'t str, Vec<FieldValue<'t>>>,
    /// What to take back, with the depth that it was shown at.
    trail: Vec<(usize, &'t str)>,
}

impl<'t> Shown<'t> {
    fn leave(&mut self, depth: usize) {
        while let Some((_, name)) = self.trail.pop_if(|(shown, _)| *shown >= depth) {
            if let Some(values) = self.values.get_mut(name) {
                values.pop();
            }
        }
    }

    fn is_news(&mut self, depth: usize, name: &'t str, value: FieldValue<'t>) -> bool {
        let values = self.values.entry(name).or_default();
        if values.last() == Some(&value) {
            return false;
        }
        values.push(value);
        self.trail.push((depth, name));
        true
    }
}

#[derive(Clone, Copy, PartialEq)]
enum FieldValue<'t> {
    Json(&'t Value),
    Text(&'t str),
}

impl FieldValue<'_> {
    fn to_text(self) -> String {
        match self {
            Self::Json(value) => text::value(value, KEPT),
            Self::Text(text) => text::excerpt(text, KEPT),
        }
    }
}

/// What compensations say about a span, found by its id.
struct Undone<'t>(HashMap<SpanId, (&'static str, &'t str)>);

impl<'t> Undone<'t> {
    fn of(compensations: &Compensations<'t>) -> Self {
        let mut fates = HashMap::new();
        for pair in &compensations.pairs {
            let Some(original) = pair.original else { continue };
            let fate = match pair.compensation.outcome {
                Outcome::Success if pair.times > 1 => {
                    ("compensated more than once, first by", pair.compensation.label())
                }
                Outcome::Success if pair.too_early => ("compensated too early by", pair.compensation.label()),
                Outcome::Success => ("compensated by", pair.compensation.label()),
                Outcome::Open => ("being compensated by", pair.compensation.label()),
                _ => ("not compensated: failed", pair.compensation.label()),
            };
            fates.insert(original.id, fate);
            fates.insert(pair.compensation.id, ("undoes", original.label()));
        }
        fates.extend(compensations.others.iter().map(|(step, span)| (span.id, ("undoes", step.label()))));
        // While its pipeline runs, a step that is not undone is as it should be.
        let missing = compensations.missing.iter().filter(|missing| missing.because != NotUndoneBecause::NotFinished);
        fates.extend(missing.map(|missing| {
            let word = match missing.because {
                NotUndoneBecause::NotSeen => "compensation not seen",
                _ => "not compensated",
            };
            (missing.stage.id, (word, ""))
        }));
        Self(fates)
    }

    fn fate_of(&self, span: &Span) -> Option<(&'static str, &'t str)> {
        self.0.get(&span.id).copied()
    }
}

#[cfg(test)]
mod tests;
