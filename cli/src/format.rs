//! In which form and in whose time an answer leaves: the options for it, one place for all questions that have them.

use clap::ValueEnum;
use jiff::tz::TimeZone;

/// In which form an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, as wide as the terminal
    Table,
    /// One value in all
    Json,
    /// An object a line
    Jsonl,
    /// A table in Markdown
    Md,
}

/// The form of an answer.
#[derive(Debug, clap::Args)]
pub(crate) struct Form {
    /// The form of the answer [default: table]
    #[arg(long, value_name = "FORM", value_enum, conflicts_with = "json")]
    format: Option<Format>,

    /// Writes JSON: the same as --format json
    #[arg(long)]
    json: bool,

    /// Shows times in UTC, and reads them so, instead of the time zone of this machine
    #[arg(long)]
    utc: bool,
}

impl Form {
    pub(crate) fn format(&self) -> Format {
        self.format.unwrap_or(if self.json { Format::Json } else { Format::Table })
    }

    /// The same for an answer without an end, which is no one value.
    pub(crate) fn endless(&self) -> Format {
        match self.format() {
            Format::Json => Format::Jsonl,
            other => other,
        }
    }

    /// The zone in which times are read and shown.
    pub(crate) fn zone(&self) -> TimeZone {
        if self.utc { TimeZone::UTC } else { TimeZone::system() }
    }
}
