//! `cargo xtask demo`: nothing goes in; the example does its work, and the command `tense` says what happened.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::workspace::{self, Workspace};

/// What is run, in this order, each as a person would type it.
const LINES: [&[&str]; 4] =
    [&["loan"], &["tense", "traces"], &["tense", "tree", "last-failed"], &["tense", "why", "last-failed"]];

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let workspace = Workspace::read()?;
    println!("Building the example `loan` and the command `tense`");
    let programs = workspace::build(&["--package", "loan", "--package", "tense-cli", "--bins"])?;
    let folder = workspace.fresh_folder("demo")?;
    for line in LINES {
        let [program, arguments @ ..] = line else { continue };
        println!("\n$ {}", line.join(" "));
        let executable = programs.get(*program).with_context(|| format!("failed to find the program {program}"))?;
        if !succeeds(executable, arguments, &folder)? {
            println!("\n`{}` failed", line.join(" "));
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("\nThe traces are in {}", folder.join("tense.db").display());
    Ok(ExitCode::SUCCESS)
}

/// Its output goes to the person as it comes.
fn succeeds(executable: &Path, arguments: &[&str], folder: &Path) -> anyhow::Result<bool> {
    let mut command = Command::new(executable);
    command.args(arguments).current_dir(folder).env("TENSE_DB", folder.join("tense.db"));
    Ok(command.status().with_context(|| format!("failed to start {}", executable.display()))?.success())
}
