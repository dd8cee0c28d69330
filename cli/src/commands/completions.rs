//! `tense completions`: the name of a shell enters; a script leaves that completes commands and options in it.

use std::io::Write;

use clap_complete::{Shell, generate};

use crate::commands::Answer;

const EXAMPLES: &str = "\
Examples:
  tense completions bash > ~/.local/share/bash-completion/completions/tense
  tense completions zsh > ~/.zfunc/_tense        with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc
  tense completions fish > ~/.config/fish/completions/tense.fish
  tense completions powershell >> $PROFILE

A new shell knows them; a new version of the command may have others.

Exit codes: 0 written, 2 the question was not understood.";

/// Writes the completions of commands and options for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// For which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    // It panics where it cannot write; memory always takes it.
    let mut script = Vec::new();
    generate(arguments.shell, &mut crate::command(), "tense", &mut script);
    out.write_all(&script)?;
    Ok(Answer::Found)
}
