//! `cargo xtask <command>`: the name of a command goes in, what it found out leaves on standard output and as exit
//! code.
//!
//! `test` runs the list of [`check`]; [`demo`] runs the examples and asks about them, for a person or as one of the
//! checks. [`editor`] asks rust-analyzer about annotated bodies. All start programs through [`run`], and learn from
//! [`workspace`] what there is to build. [`words`] makes the tables of `grammar`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it speaks to the person who called it")]

mod check;
mod demo;
mod editor;
mod run;
mod words;
mod workspace;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  test    runs every check: formatting, lints, documentation, tests, each feature alone, annotations compiled out,
          examples, the demo; goes on after a failure, and ends with how many tests passed
  demo    runs the example programs `loan` and `coordinator`, and asks the command `tense` what happened in each
  editor  opens a crate full of annotations in rust-analyzer, where there is one, and tells what it can do inside of them
  words --data DIR [--check]
          makes the word tables of `grammar` and the lists of its test from the word data in DIR, or tells whether they
          are as they would be made; grammar/README.md says which files that is
";

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["test"] => check::all(),
        ["demo"] => demo::run(),
        ["editor"] => editor::run(),
        ["words", "--data", data] => words::run(data.as_ref(), false),
        ["words", "--data", data, "--check"] => words::run(data.as_ref(), true),
        [] | ["help" | "-h" | "--help", ..] | [_, "-h" | "--help"] => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => {
            eprint!("there is no command `{}`\n\n{HELP}", other.join(" "));
            Ok(ExitCode::from(2))
        }
    }
}
