//! `tense tail`: the events that arrived last, in the order of arrival, and with `-f` those that arrive from now on.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use signal_hook::consts::SIGINT;
use tense_store::query::Query;
use tense_store::{Cursor, Store, StoreError, Tail};

use crate::commands::{ASKED, Answer, EXIT_CODES};
use crate::database::Followed;
use crate::filter::{Filter, TERMS};
use crate::format::Form;
use crate::layout::counted;
use crate::rows::Rows;
use crate::say;

/// How long nothing is asked when nothing was new: what somebody looks at seems to come at once.
const PAUSE: Duration = Duration::from_millis(100);
/// So many events are asked for at once.
const PAGE: usize = 1_000;
/// So many of the last ones are looked through for those that are meant.
const LOOKED_THROUGH: usize = 10_000;
/// So many are looked through in a new database when it is seen.
const NEW: usize = 100_000;

const EXAMPLES: &str = "\
Examples:
  tense tail                             the last ten events
  tense tail -f --service shop           what arrives from there, until Ctrl-C
  tense tail -n 0 -f --json --status failed | jq -r .error.error_message

Unlike `tense search`, which goes by traces, this goes by arrival.

JSON: an event a line, as `tense schema` has it, also with --json, since there is no end. docs/json.md says \
what each key is.";

/// Shows the events that arrived last, and with -f those that arrive from now on, until it is interrupted
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}\n\n{TERMS}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    filter: Filter,

    /// Goes on with what arrives, also from other programs; waits for a database that is named and not there yet
    #[arg(long, short)]
    follow: bool,

    /// So many of those that arrived last; they are looked for among the last 10,000
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    lines: u32,

    #[command(flatten)]
    pub(crate) form: Form,
}

/// Answers about the database that is meant, which may still be to come where what arrives is asked for.
pub(crate) fn answer(db: Option<PathBuf>, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    // What is wrong with the question is said before anything is waited for.
    let query = arguments.filter.query(&arguments.form.zone())?;
    let mut shown = Shown { query, rows: Rows::new(arguments.form.endless(), arguments.form.zone()), out };
    let lines = arguments.lines as usize;
    if !arguments.follow {
        let (last, written) = shown.last(&Followed::open(db)?, lines)?;
        let looked = counted(last.events.len(), "event");
        let nothing = || Answer::Nothing(format!("nothing was found among the last {looked}"));
        return Ok(if written == 0 { nothing() } else { Answer::Found });
    }
    // So that what SQLite keeps beside the file is cleared away at the end.
    let is_over = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGINT, Arc::clone(&is_over)).context("failed to listen for Ctrl-C")?;
    let mut has_waited = false;
    let followed = Followed::open_once_there(db, |path| {
        if !has_waited {
            say(&format!("no program has written to {} yet; waiting for one", path.display()));
        }
        has_waited = true;
        std::thread::sleep(PAUSE);
        !is_over.load(Ordering::Relaxed)
    })?;
    if let Some(mut followed) = followed {
        // All is new in a database that was waited for.
        let from = if has_waited { None } else { Some(shown.last(&followed, lines)?.0.next) };
        shown.follow(&mut followed, from, &is_over)?;
    }
    Ok(Answer::Found)
}

/// Where the events go that are meant.
struct Shown<O> {
    query: Query,
    rows: Rows,
    out: O,
}

impl<O: Write> Shown<O> {
    /// Shows so many of the last events; what was looked through, and how many they were.
    fn last(&mut self, followed: &Followed, lines: usize) -> anyhow::Result<(Tail, usize)> {
        let looked_through = match (lines, self.query.is_all()) {
            (0, _) => 0,
            (lines, true) => lines,
            (lines, false) => lines.max(LOOKED_THROUGH),
        };
        let last = followed.store().tail(None, looked_through).context(ASKED)?;
        let meant = last.events.iter().filter(|event| self.query.matches(event)).count();
        self.write(&last, meant.saturating_sub(lines))?;
        unread(last.unreadable);
        Ok((last, meant.min(lines)))
    }

    /// Writes the events that are meant, but for so many of the first.
    fn write(&mut self, tail: &Tail, but: usize) -> anyhow::Result<()> {
        for event in tail.events.iter().filter(|event| self.query.matches(event)).skip(but) {
            self.rows.write(&mut self.out, event)?;
        }
        Ok(self.out.flush()?)
    }

    /// Shows what arrives behind that place; without one, all that there is, as in a new database.
    fn follow(
        &mut self,
        followed: &mut Followed,
        mut from: Option<Cursor>,
        is_over: &AtomicBool,
    ) -> anyhow::Result<()> {
        let mut was_torn = false;
        while !is_over.load(Ordering::Relaxed) {
            let most = if from.is_some() { PAGE } else { NEW };
            let tail = match followed.store().tail(from.as_ref(), most) {
                // Somebody writes for very long; what arrives is still there afterwards.
                Err(StoreError::Busy { .. }) => continue,
                // It was read as it lay there; now that somebody writes to it, it may be read as usual.
                Err(StoreError::Changed { .. }) => {
                    followed.read_again()?;
                    continue;
                }
                Err(_) if renewed(followed) => {
                    from = None;
                    continue;
                }
                tail => tail.context(ASKED)?,
            };
            if from.is_none() && tail.events.len() + tail.unreadable as usize >= NEW {
                say(&format!("there are many events in the database already; the last {NEW} are looked through"));
            }
            if tail.is_torn && !was_torn {
                say("some events were removed before they could be shown");
            }
            was_torn = tail.is_torn;
            unread(tail.unreadable);
            self.write(&tail, 0)?;
            let is_quiet = from.as_ref() == Some(&tail.next);
            from = Some(tail.next);
            if is_quiet && renewed(followed) {
                from = None;
            } else if is_quiet {
                std::thread::sleep(PAUSE);
            }
        }
        Ok(())
    }
}

/// Whether another file has taken the place of the one that was followed; all of that has been shown.
fn renewed(followed: &mut Followed) -> bool {
    let is_new = followed.renew();
    if is_new {
        say("the database was begun anew; going on with the new one");
    }
    is_new
}

fn unread(rows: u64) {
    if rows > 0 {
        say(&format!("not seen in full: {} that cannot be read", counted(rows as usize, "row")));
    }
}
