//! `tense search`: the events that are asked for, of all traces, the newest trace first.

use std::io::Write;

use anyhow::Context;
use serde_json::json;
use tense_store::{Cursor, Progress, Store};

use crate::commands::{ASKED, Answer, EXIT_CODES};
use crate::filter::{Filter, TERMS};
use crate::format::{Form, Format};
use crate::layout::{DAY_AND_TIME, counted, moment_in};
use crate::rows::Rows;
use crate::{progress, say};

/// So many events are asked for at once.
const PAGE: usize = 1_000;

const EXAMPLES: &str = "\
Examples:
  tense search --status failed --last 1h                what failed within the last hour
  tense search --type 'operation.tokens.*' user:u7      of one kind, for one user
  tense search 'amount:>100' '-currency:EUR' --since yesterday
  tense search --job j1 --format jsonl | jq -r .event_type

A search that has more says on standard error how to go on.

JSON: {\"version\", \"events\": [an event as `tense schema` has it], \"next\": cursor, \"looked_at\": events, \
\"unreadable\": rows}; with --format jsonl an event a line. docs/json.md says what each key is.";

/// Finds events in all traces: the newest trace first, and in a trace in order of time
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}\n\n{TERMS}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    filter: Filter,

    /// At most so many events
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Goes on from where an earlier search ended
    #[arg(long, value_name = "CURSOR")]
    after: Option<Cursor>,

    #[command(flatten)]
    pub(crate) form: Form,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let (format, zone) = (arguments.form.format(), arguments.form.zone());
    let query = arguments.filter.query(&zone)?;
    let mut rows = Rows::new(format, zone.clone());
    let (mut left, mut from) = (arguments.limit as usize, arguments.after.clone());
    let (mut found, mut looked_at, mut unreadable) = (Vec::new(), 0_u64, 0);
    let progress = progress::Progress::endless();
    let mut count = 0_usize;
    loop {
        let page = store.search(&query, from.as_ref(), left.min(PAGE)).context(ASKED)?;
        let Progress { looked_at: more, unreadable: odd, reached, .. } = page.progress;
        looked_at += more;
        unreadable += odd;
        left -= page.events.len();
        count += page.events.len();
        if format == Format::Json {
            found.extend(page.events);
        } else {
            progress.beside(|| -> anyhow::Result<()> {
                page.events.iter().try_for_each(|event| rows.write(out, event))?;
                Ok(out.flush()?)
            })?;
        }
        from = page.next;
        if left == 0 || from.is_none() {
            break;
        }
        progress.at(looked_at, || {
            let back =
                reached.map(|at| format!(", came to {}", moment_in(at, DAY_AND_TIME, &zone))).unwrap_or_default();
            format!("{count} found among {looked_at} events{back}")
        });
    }
    drop(progress);
    if format == Format::Json {
        let mut told = json!({ "events": found, "looked_at": looked_at, "unreadable": unreadable });
        if let Some(next) = &from {
            told["next"] = json!(next.as_str());
        }
        tense_store::json::one(arguments.form.json(&mut *out), &told)?;
    }
    out.flush()?;
    if unreadable > 0 {
        say(&format!("not seen in full: {} that cannot be read", counted(unreadable as usize, "row")));
    }
    if count == 0 {
        let looked = counted(looked_at as usize, "event");
        let hint = arguments.filter.hint(store).map(|hint| format!("; {hint}")).unwrap_or_default();
        return Ok(Answer::Nothing(format!("nothing was found; {looked} looked at{hint}")));
    }
    if let (Some(next), true) = (from, format != Format::Json) {
        say(&format!("there may be more: the same search with --after {next}"));
    }
    Ok(Answer::Found)
}
