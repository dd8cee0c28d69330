//! In which form and in whose time an answer leaves: the options for it, and what follows from them, in one place for
//! all questions.
//!
//! [`Form`] is for questions about runs, [`Written`] for those about names, which have no times, and [`Zone`] for a
//! question with forms of its own.

use std::env;
use std::io::Write;
use std::sync::Once;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches, ValueEnum};
use jiff::tz::TimeZone;
use tense_store::json::Json;
use tense_store::text;

use crate::layout::page::Page;
use crate::say;

/// In which form an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, as wide as the terminal
    Table,
    /// One value in all
    Json,
    /// An object a line
    Jsonl,
    /// Markdown: a table of what is a list, else text in a fence
    Md,
}

/// The forms that a question has.
pub(crate) trait Forms: ValueEnum + PartialEq + Copy + Send + Sync + 'static {
    /// Which they are.
    const HELP: &'static str;
    /// Where nothing is said.
    const TERMINAL: Self;
    /// What `--json` is short for.
    const JSON: Self;
    /// The same, an object a line.
    const JSONL: Self;
}

impl Forms for Format {
    const HELP: &'static str =
        "The form of the answer: table, json, jsonl (an object a line), md (Markdown) [default: table]";
    const TERMINAL: Self = Self::Table;
    const JSON: Self = Self::Json;
    const JSONL: Self = Self::Jsonl;
}

/// In which form an answer is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written<F = Format> {
    format: F,
}

/// As it was written.
#[derive(Debug, Args)]
struct Options<F: Forms> {
    // One line: with a line for each form, the help of every command would be twice as long.
    #[arg(long, value_name = "FORM", value_enum, help = F::HELP, hide_possible_values = true)]
    format: Option<F>,

    /// Writes JSON: the same as --format json
    #[arg(long)]
    json: bool,
}

impl<F: Forms> FromArgMatches for Written<F> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let Options { format, json } = Options::<F>::from_arg_matches(matches)?;
        match format {
            None => Ok(Self { format: if json { F::JSON } else { F::TERMINAL } }),
            Some(format) if json && format != F::JSON => Err(disagreed(format)),
            Some(format) => Ok(Self { format }),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn disagreed(format: impl Forms) -> Error {
    let name = format.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    let message = format!(
        "`--json` is short for `--format json`, and `--format {name}` asks for another form; leave out the one that is \
         not meant\n"
    );
    Error::raw(ErrorKind::ArgumentConflict, message)
}

impl<F: Forms> Args for Written<F> {
    fn augment_args(command: Command) -> Command {
        Options::<F>::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Options::<F>::augment_args_for_update(command)
    }
}

impl<F: Forms> Written<F> {
    /// The form of an answer that is one value.
    pub(crate) const fn format(self) -> F {
        self.format
    }

    /// The same for an answer without an end, which is no one value.
    pub(crate) fn endless(self) -> F {
        if self.format == F::JSON { F::JSONL } else { self.format }
    }

    /// Whether it is JSON.
    pub(crate) fn is_json(self) -> bool {
        [F::JSON, F::JSONL].contains(&self.format)
    }

    /// Whether it is for a terminal, which may not understand all of it; what is kept or read by others is as it is.
    pub(crate) fn is_for_terminal(self) -> bool {
        self.format == F::TERMINAL
    }
}

/// In whose time moments are read and shown.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Zone {
    /// Shows times in UTC, and reads them so, instead of the time zone of this machine; JSON always has UTC
    #[arg(long)]
    utc: bool,
}

impl Zone {
    pub(crate) fn zone(self) -> TimeZone {
        if self.utc {
            return TimeZone::UTC;
        }
        TimeZone::try_system().unwrap_or_else(|_| {
            // A machine without a zone, as most containers are, is on UTC; but here somebody has asked for another
            // one. A command asks for its zone several times.
            static TOLD: Once = Once::new();
            if let Some(named) = env::var_os("TZ").filter(|named| !named.is_empty()) {
                let named = text::escape(&named.to_string_lossy()).into_owned();
                TOLD.call_once(|| {
                    say(&format!("TZ names the time zone `{named}`, which is not known here: times are in UTC"));
                });
            }
            TimeZone::UTC
        })
    }
}

/// The form of an answer about runs.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Form {
    #[command(flatten)]
    written: Written,

    #[command(flatten)]
    zone: Zone,
}

impl Form {
    pub(crate) const fn format(&self) -> Format {
        self.written.format
    }

    /// See [`Written::endless`].
    pub(crate) fn endless(&self) -> Format {
        self.written.endless()
    }

    /// See [`Written::is_json`].
    pub(crate) fn is_json(&self) -> bool {
        self.written.is_json()
    }

    /// See [`Written::is_for_terminal`].
    pub(crate) fn is_for_terminal(&self) -> bool {
        self.written.is_for_terminal()
    }

    /// The zone in which times are read and shown.
    pub(crate) fn zone(&self) -> TimeZone {
        self.zone.zone()
    }

    /// Where an answer in JSON goes.
    pub(crate) const fn json<W: Write>(&self, out: W) -> Json<W> {
        match self.format() {
            Format::Jsonl => Json::lines(out),
            _ => Json::whole(out),
        }
    }

    /// Tells it to people: on the terminal as it is, in Markdown in a fence.
    pub(crate) fn page<W: Write, T>(
        &self,
        out: W,
        tell: impl FnOnce(&mut Page<W>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut page = if self.format() == Format::Md { Page::fenced(out) } else { Page::plain(out) };
        let told = tell(&mut page)?;
        page.end()?;
        Ok(told)
    }
}
