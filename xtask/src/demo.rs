//! `cargo xtask demo`: nothing goes in; the example does its work, and the command `tense` says what happened. As a check, what
//! it says is held against what it should say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::check::TESTED;
use crate::run;
use crate::workspace::{self, Workspace};

/// What is run, in this order, each as a person would type it.
const LINES: [&[&str]; 4] = [&["loan"], &["tense", "traces"], TREE, WHY];
const TREE: &[&str] = &["tense", "tree", "last-failed"];
const WHY: &[&str] = &["tense", "why", "last-failed"];

/// What it says about the last application that comes to a bad end, whatever else runs beside it: its fund is empty, what was
/// reserved is released, and nobody is told.
const PRINTED: [(&[&str], &str); 2] = [
    (
        TREE,
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
    (
        WHY,
        "\
dispatch.loan failed after _: insufficient funds (FundingError) in dispatch.funding, examples/loan/src/stages.rs:_
  because operation.ledger.debit_failed: balance 120 < 5000
  compensated: dispatch.credit · not compensated: none · never ran: dispatch.notify
",
    ),
];

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let workspace = Workspace::read()?;
    println!("Building the example `loan` and the command `tense`");
    let programs = workspace::build(&["--package", "loan", "--package", "tense-cli", "--bins"])?;
    let folder = workspace.fresh_folder("demo")?;
    for line in LINES {
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
    for line in LINES {
        let mut command = command(line, &programs, &folder)?;
        // Whatever the terminal is that the checks are run from.
        command.env("NO_COLOR", "1").env("COLUMNS", "200");
        let ran = run::run(command)?;
        let found = without_times(&ran.output);
        let expected = PRINTED.iter().find(|(printed, _)| *printed == line).map(|(_, expected)| *expected);
        if !ran.is_ok || expected.is_some_and(|expected| expected != found) {
            let expected = expected.map(|expected| format!("\nexpected:\n{expected}")).unwrap_or_default();
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
    fn times_and_columns_are_taken_out() {
        let check = |line: &str, expected: &str| assert_eq!(without_times(line), format!("{expected}\n"));
        check("a.run  amount=12     5.02 s  failed", "a.run  amount=12 _  failed");
        check("├─ a.run            1.2 µs", "├─ a.run _");
        check("│  └─ a.run                never ran", "│  └─ a.run  never ran");
        check("│     └─ a.run    1.2 µs", "│     └─ a.run _");
        check("a.run failed after 0.2 ms: no (E), src/a.rs:114", "a.run failed after _: no (E), src/a.rs:_");
        check("  because b.run: 3 of 4", "  because b.run: 3 of 4");
    }
}
