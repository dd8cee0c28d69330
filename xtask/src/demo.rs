//! `cargo xtask demo`: nothing goes in; the examples do their work, and the command `tense` says what happened. As a
//! check, what it says is held against what it should say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::check::TESTED;
use crate::run;
use crate::workspace::{self, Workspace};

/// A line as a person would type it, and what is to be printed then.
struct Line {
    words: &'static [&'static str],
    printed: Printed,
}

/// What is known of it beforehand, without times and line numbers.
#[derive(Clone, Copy)]
enum Printed {
    /// Other things have their say in it, for instance how much runs at once.
    Something,
    Exactly(&'static str),
    /// These, each somewhere in a line of its own, in this order.
    Among(&'static [&'static str]),
}

const TRACES: &[&str] = &["tense", "traces"];
const TREE: &[&str] = &["tense", "tree", "last-failed"];
const WHY: &[&str] = &["tense", "why", "last-failed"];

/// What is run, in this order. The loan program's last application that comes to a bad end is always the same, whatever
/// else runs beside it: its fund is empty, what was reserved is released, and nobody is told. Of the coordinator's
/// workflows the order fails, because one of its branches does.
const LINES: [Line; 7] = [
    Line { words: &["loan"], printed: Printed::Something },
    Line { words: TRACES, printed: Printed::Something },
    Line {
        words: TREE,
        printed: Printed::Exactly(
            "\
dispatch.loan  application=L090 _  failed
├─ dispatch.validate _
├─ dispatch.credit _  compensated by dispatch.release_credit
│  └─ operation.ledger.reserved  amount=5000 _
├─ dispatch.funding  instalment=104 _  failed  FundingError: insufficient funds
│  └─ operation.ledger.debit_failed  amount=5000  fund=study _  failed  LedgerError: balance 120 < 5000
├─ dispatch.release_credit _  undoes dispatch.credit
│  └─ operation.ledger.released _
└─ dispatch.notify  never ran
",
        ),
    },
    Line {
        words: WHY,
        printed: Printed::Exactly(
            "\
dispatch.loan failed after _: insufficient funds (FundingError) in dispatch.funding, examples/loan/src/stages.rs:_
  because operation.ledger.debit_failed: balance 120 < 5000
  compensated: dispatch.credit · not compensated: none · never ran: dispatch.notify
",
        ),
    },
    Line {
        words: &["coordinator", "run", "--legacy-events", "legacy.jsonl"],
        printed: Printed::Among(&["5 workflows: 4 completed, 1 failed", "of doubled operations", "50 % fewer"]),
    },
    Line {
        words: TREE,
        printed: Printed::Among(&[
            "dispatch.workflow.failed  error=\"node `charge`: POST /cards was answered 402",
            "├─ dispatch.batch ",
            "│  ├─ operation.tokens.created  token_id=order-4.t3  node_id=charge",
            "├─ debug.http.request_fail  token_id=order-4.t3  node_id=charge  status=402 _  failed",
            "│  ├─ operation.tokens.status_updated  from=dispatched  to=failed",
            "operation.context.branch_table.dropped  token_ids=",
        ]),
    },
    Line {
        words: WHY,
        printed: Printed::Exactly(
            "\
dispatch.workflow.failed failed after _: node `charge` (RunError), examples/coordinator/src/run.rs:_
  because debug.http.request_fail: POST /cards was answered 402: the card is declined: 900 is more than 500, 2 attempts
",
        ),
    },
];

impl Printed {
    /// What was expected and is not there.
    fn missing_in(self, found: &str) -> Option<String> {
        match self {
            Self::Something => None,
            Self::Exactly(expected) => (found != expected).then(|| expected.to_owned()),
            Self::Among(parts) => {
                let mut lines = found.lines();
                let missing = parts.iter().find(|part| !lines.any(|line| line.contains(**part)));
                missing.map(|part| format!("{part}\n"))
            }
        }
    }
}

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let workspace = Workspace::read()?;
    println!("Building the examples and the command `tense`");
    let programs =
        workspace::build(&["--package", "loan", "--package", "coordinator", "--package", "tense-cli", "--bins"])?;
    let folder = workspace.fresh_folder("demo")?;
    for Line { words: line, .. } in LINES {
        println!("\n$ {}", line.join(" "));
        // Its output goes to the person as it comes.
        let status = command(line, &programs, &folder)?.status();
        if !status.with_context(|| format!("failed to start {}", line.join(" ")))?.success() {
            println!("\n`{}` failed", line.join(" "));
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("\nThe traces are in {}", folder.join("tense.db").display());
    Ok(ExitCode::SUCCESS)
}

/// Runs the same lines; gives back what is wrong with what they print, if something is.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<Option<String>> {
    let programs = workspace::build(TESTED)?;
    let folder = workspace.fresh_folder("demo-check")?;
    for Line { words: line, printed } in LINES {
        let mut command = command(line, &programs, &folder)?;
        // Whatever the terminal is that the checks are run from.
        command.env("NO_COLOR", "1").env("COLUMNS", "200").env("LC_ALL", "C.UTF-8").env_remove("TERM");
        let ran = run::run(command)?;
        let found = without_times(&ran.output);
        let missing = printed.missing_in(&found);
        if !ran.is_ok || missing.is_some() {
            let expected = missing.map(|missing| format!("\nexpected:\n{missing}")).unwrap_or_default();
            return Ok(Some(format!("$ {}\n{found}{expected}", line.join(" "))));
        }
    }
    Ok(None)
}

fn command(line: &[&str], programs: &BTreeMap<String, PathBuf>, folder: &Path) -> anyhow::Result<Command> {
    let (program, arguments) = line.split_first().context("there is no program in an empty line")?;
    let executable = programs.get(*program).with_context(|| format!("failed to find the program {program}"))?;
    let mut command = Command::new(executable);
    command.args(arguments).current_dir(folder).env("TENSE_DB", folder.join("tense.db"));
    Ok(command)
}

/// The text with `_` for every duration, columns moved together, and `_` for the number of a line in the source.
fn without_times(text: &str) -> String {
    // What a line is indented by stays as it is.
    let is_text = |word: &str| word.contains(char::is_alphanumeric);
    let mut without = String::new();
    for line in text.lines() {
        let mut words: Vec<&str> = Vec::new();
        let mut rest = line.split(' ').peekable();
        while let Some(word) = rest.next() {
            let unit = rest.peek().map_or("", |next| next.trim_end_matches(':'));
            if word.parse::<f64>().is_ok() && ["ns", "µs", "ms", "s"].contains(&unit) {
                // The number stands at the right of its column.
                while words.last() == Some(&"") {
                    words.pop();
                }
                words.push(if rest.next().is_some_and(|unit| unit.ends_with(':')) { "_:" } else { "_" });
            } else if !(word.is_empty() && words.last() == Some(&"") && words.iter().any(|word| is_text(word))) {
                words.push(word);
            }
        }
        let line = words.join(" ");
        match line.split_once(".rs:") {
            Some((before, after)) => {
                without += &format!("{before}.rs:_{}", after.trim_start_matches(|c: char| c.is_ascii_digit()));
            }
            None => without += &line,
        }
        without.push('\n');
    }
    without
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_looked_for_in_their_order() {
        let found = "a.run\n├─ b.run\n└─ c.run\n";
        let check = |parts, expected: Option<&str>| {
            assert_eq!(Printed::Among(parts).missing_in(found).as_deref(), expected);
        };
        check(&["a.run", "c.run"], None);
        check(&["c.run", "a.run"], Some("a.run\n"));
        assert_eq!(Printed::Exactly(found).missing_in(found), None);
        assert_eq!(Printed::Exactly("a.run\n").missing_in(found).as_deref(), Some("a.run\n"));
    }

    #[test]
    fn times_and_columns_are_taken_out() {
        let check = |line: &str, expected: &str| assert_eq!(without_times(line), format!("{expected}\n"));
        check("a.run  amount=12     5.02 s  failed", "a.run  amount=12 _  failed");
        check("├─ a.run            1.2 µs", "├─ a.run _");
        check("│  └─ a.run                never ran", "│  └─ a.run  never ran");
        check("│     └─ a.run    1.2 µs", "│     └─ a.run _");
        check("a.run failed after 217 µs: no (E), src/a.rs:114", "a.run failed after _: no (E), src/a.rs:_");
        check("  because b.run: 3 of 4", "  because b.run: 3 of 4");
    }
}
