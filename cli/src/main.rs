//! The command `tense`: a question enters as arguments, the answer leaves on standard output, and how it went as exit code.
//!
//! Walk: this file reads the arguments, [`database`] finds the file, [`commands`] has one file a question, [`layout`] knows how
//! wide a text is and what it may look like, and [`blind_spots`] says under every answer what it could not see.

mod blind_spots;
mod commands;
mod database;
mod layout;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tense_store::text;

use crate::commands::{Answer, traces, tree, why};

const EXAMPLES: &str = "\
Examples:
  tense traces --failed       the latest runs that failed
  tense why last-failed       why the latest of them failed
  tense why b0c1d2e3          why that run failed, by the last digits of its id
  tense tree last             the latest run, call by call

TRACE is the last 8 digits of a trace id (any 4 to 32 of the last ones do, if only one trace has them), \
a whole id with or without dashes, `last`, or `last-failed`.

The database is the file that --db names, else the one that the variable TENSE_DB names, else `tense.db` \
in this folder or the nearest one above it.

Exit codes: 0 answered, 1 could not answer, 2 the question was not understood, 3 nothing was found.";

/// Why did it fail, where did the time go, what never ran?
#[derive(Debug, Parser)]
#[command(name = "tense", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Arguments {
    /// The database to ask [default: the variable TENSE_DB, else `tense.db` here or in a folder above]
    #[arg(long, global = true, value_name = "PATH")]
    db: Option<PathBuf>,

    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Lists the latest traces, newest first
    Traces(traces::Arguments),
    /// Shows a trace, call by call
    Tree(tree::Arguments),
    /// Says why a trace failed, what was undone, and what never ran
    Why(why::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match answer(arguments) {
        Ok(Answer::Found) => ExitCode::SUCCESS,
        Ok(Answer::Nothing(message)) => {
            say(&message);
            ExitCode::from(3)
        }
        // Whoever read the answer has seen enough: `tense tree last | head -1`.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn answer(arguments: Arguments) -> anyhow::Result<Answer> {
    let store = database::open(arguments.db)?;
    let mut out = BufWriter::new(anstream::stdout().lock());
    let answer = match arguments.question {
        Question::Traces(arguments) => traces::answer(&store, &arguments, &mut out),
        Question::Tree(arguments) => tree::answer(&store, &arguments, &mut out),
        Question::Why(arguments) => why::answer(&store, &arguments, &mut out),
    }?;
    out.flush()?;
    Ok(answer)
}

/// A message for the person, beside the answer. When nobody can read it, there is nobody to tell.
fn say(message: &str) {
    let mut err = anstream::stderr().lock();
    for line in message.lines() {
        writeln!(err, "{}", text::escape(line)).ok();
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
