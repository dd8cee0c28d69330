//! What the rows of a file say of themselves enters; findings leave: what cannot be read, what lists, searches and
//! counts are wrong about, of which traces, and what to do.

use std::path::Path;

use tense_store::{ExaminedRows, Flaw, Flawed};

use super::finding::Finding;
use crate::layout::counted;

const ABOUT: &str = "file";
/// What mends all of it, since what is appended is listed, found and counted anew.
const ANEW: &str = "`tense export --all --output kept.jsonl`, then `tense import kept.jsonl --db new.db`: the new file has all \
                    that can be read, listed, found and counted anew";

/// How much was read, to be said of the file as a whole.
pub(super) fn told(read: Option<&ExaminedRows>) -> String {
    let Some(read) = read else { return String::new() };
    let events = number(read.events, "event");
    match (read.is_whole, read.flaws.is_empty()) {
        (true, true) if read.events == 0 => String::new(),
        (true, true) => format!(", and {events} can be read"),
        (true, false) => format!(", and {events} were read"),
        (false, _) => format!(", and a sample of {events} was read (--full reads all of them)"),
    }
}

/// A finding for each kind of what is wrong.
pub(super) fn findings(path: &Path, read: &ExaminedRows) -> Vec<Finding> {
    read.flaws.iter().map(|flawed| Finding::problem(ABOUT, path, what(flawed)).advice(ANEW)).collect()
}

fn what(flawed: &Flawed) -> String {
    let Flawed { flaw, rows, traces, some, .. } = flawed;
    let (traces, some) =
        (number(*traces, "trace"), some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    // Where no trace can be named there is none.
    let of = |traces: &str| if some.is_empty() { String::new() } else { format!(" of {traces} ({some})") };
    let of_traces = of(&traces);
    match flaw {
        Flaw::Unreadable => {
            format!("{}{of_traces} cannot be read: what is left of a trace is shown", number(*rows, "row"))
        }
        Flaw::Unlisted => {
            format!("{}: no trace that they belong to is listed, so nobody sees them", number(*rows, "event"))
        }
        Flaw::Misstated => {
            format!(
                "the lists are wrong about {traces} ({some}): how many events it has, when it was, or that it failed"
            )
        }
        Flaw::Unfindable => format!("searches pass by {traces} ({some}), for what leads to them is missing"),
        Flaw::Miscounted => {
            let places = number(*rows, "place");
            format!("`tense stats` is wrong in {places}, such as around {some}: what was counted is not what is there")
        }
        _ => format!("{}{of_traces} are not as they should be", number(*rows, "row")),
    }
}

fn number(count: u64, what: &str) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), what)
}
