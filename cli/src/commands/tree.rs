//! `tense tree`: a trace, call by call, with durations in one column.

use std::io::Write;

use tense_store::text::duration;
use tense_store::tree::TreeLine;
use tense_store::{Store, Trace, json};

use crate::commands::one_trace::OneTrace;
use crate::commands::{Answer, EXIT_CODES};
use crate::layout::{FAINT, STRONG, columns, fit, paint, style, width};

/// A name keeps so many columns, however deep it stands.
const LABEL: usize = 30;
/// And so many are left for notes, where a deep name takes those of the notes.
const NOTES: usize = 12;

const EXAMPLES: &str = "\
Examples:
  tense tree last             the latest trace
  tense tree last-failed      the latest one that failed
  tense tree b0c1d2e3 --json  one by the last digits of its id, for a program

JSON: {\"version\", \"trace_id\", \"spans\": [each before its children, with \"depth\"], \"gaps\"}; with \
--format jsonl a span a line. docs/json.md says what each key is.";

/// Shows a trace, call by call: how long each took, how it ended, what was undone, what never ran
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) asked: OneTrace,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    arguments.asked.told(store, out, |trace, out| {
        let form = &arguments.asked.form;
        if form.is_json() { json::trace(form.json(out), trace) } else { show(out, trace) }?;
        Ok(Answer::Found)
    })
}

/// Makes the lines twice, once to see how wide they are: a million of them are not to be kept.
fn show(out: &mut impl Write, trace: &Trace) -> std::io::Result<()> {
    let columns = columns();
    let durations = trace.spans().iter().filter_map(|span| span.duration);
    let duration_width = durations.map(|took| width(&duration(took))).max().unwrap_or(0);
    // Notes keep their part of the line, however long fields are.
    let notes_width = columns * 3 / 10;
    let most = columns.saturating_sub(duration_width + notes_width + 4);
    let mut left_width = 0;
    for line in trace.tree_lines() {
        left_width = left_width.max(Left::of(&line, most).width);
        if left_width >= most {
            left_width = most;
            break;
        }
    }
    for line in trace.tree_lines() {
        let left = Left::of(&line, most);
        let mut row = left.painted;
        if line.duration.is_some() || !line.notes.is_empty() {
            let duration = line.duration.as_deref().unwrap_or_default();
            let gap = left_width.saturating_sub(left.width) + 2 + duration_width - width(duration);
            row += &format!("{}{duration}", " ".repeat(gap));
            row += &notes(&line, columns.saturating_sub(left_width.max(left.width) + 2 + duration_width).max(NOTES));
        }
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(())
}

/// What stands before the duration.
struct Left {
    painted: String,
    width: usize,
}

impl Left {
    fn of(line: &TreeLine, most: usize) -> Self {
        let branch = width(&line.branch);
        let room = most.saturating_sub(branch);
        // Only a name may go beyond the column of durations, and only where little would be left of it.
        let label = fit(&line.label, room.max(LABEL));
        let mut used = width(&label);
        let label = if line.branch.is_empty() { paint(STRONG, label) } else { label };
        let mut painted = format!("{}{label}", paint(FAINT, &line.branch));
        for (name, value) in &line.fields {
            let field = if name.is_empty() { format!("  {value}") } else { format!("  {name}={value}") };
            // A text may take more columns than its characters do one by one: emoji with a variation selector.
            let shown = fit(&field, room.saturating_sub(used));
            // A shortened one of less than this says nothing but that there is more.
            if width(&shown) < width(&field).min(6) {
                break;
            }
            used += width(&shown);
            painted += &shown;
        }
        Self { painted, width: branch + used }
    }
}

fn notes(line: &TreeLine, mut room: usize) -> String {
    let mut painted = String::new();
    for note in &line.notes {
        let text = fit(&note.to_string(), room.saturating_sub(2));
        room = room.saturating_sub(width(&text) + 2);
        painted += &format!("  {}", paint(style(note.role), text));
        if room < 4 {
            break;
        }
    }
    painted
}
