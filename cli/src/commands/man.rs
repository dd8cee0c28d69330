//! `tense man`: what the arguments say of themselves enters; manual pages leave.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::commands::Answer;

const EXAMPLES: &str = "\
Examples:
  tense man why | man -l -                     the page of a command
  tense man --output ~/.local/share/man/man1   those of all, where `man` finds them

Exit codes: 0 written, 2 the question was not understood, or the pages could not be written.";

/// How the examples of a command begin.
const EXAMPLES_OF_IT: &str = "Examples:";

/// Writes the manual page of a command, or those of all
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Of which command [default: tense itself]
    #[arg(value_name = "COMMAND", conflicts_with = "output")]
    command: Option<String>,

    /// A folder, made if need be, for the pages of all commands: tense.1, tense-why.1 and so on
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let mut tense = crate::command().disable_help_subcommand(true);
    tense.build();
    let Some(folder) = &arguments.output else {
        let command = match &arguments.command {
            Some(name) => tense
                .find_subcommand(name)
                .ok_or_else(|| anyhow!("`{name}` is no command; `tense --help` lists them all"))?,
            None => &tense,
        };
        page(&tense, command, out)?;
        return Ok(Answer::Found);
    };
    fs::create_dir_all(folder).with_context(|| format!("failed to make the folder {}", folder.display()))?;
    let commands = [&tense].into_iter().chain(tense.get_subcommands());
    for command in commands {
        let path = folder.join(format!("{}.1", name(command)));
        let mut text = Vec::new();
        page(&tense, command, &mut text)?;
        fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))?;
    }
    Ok(Answer::Found)
}

/// `tense-why`
fn name(command: &Command) -> String {
    command.get_bin_name().unwrap_or("tense").replace(' ', "-")
}

fn page(tense: &Command, command: &Command, out: &mut impl Write) -> anyhow::Result<()> {
    let name = name(command);
    // Said below, in the form that lines of a shell need.
    let of = |command: &Command| command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut told = of(command);
    if !told.starts_with(EXAMPLES_OF_IT) {
        // In the help of all there is one.
        let call = format!("  {}", command.get_bin_name().unwrap_or_default());
        let lines = of(tense);
        let lines = lines.lines().filter(|line| line.starts_with(&call)).map(|line| format!("\n{line}"));
        told = format!("{EXAMPLES_OF_IT}{}\n\n{told}", lines.collect::<String>());
    }
    let plain = command.clone();
    let is_whole = command.has_subcommands();
    let man = Man::new(plain).title(&name).section("1").manual("Commands of tense").source(version(tense));
    man.render_title(out)?;
    // Spread over a narrow page, a long path or option leaves holes.
    out.write_all(b".ad l\n")?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if is_whole {
        man.render_subcommands_section(out)?;
    }
    let mut roff = Roff::new();
    texts(&mut roff, &told);
    files(&mut roff);
    let others = tense.get_subcommands().map(self::name);
    let others: Vec<String> = if is_whole { others.collect() } else { vec!["tense".to_owned()] };
    roff.control("SH", ["SEE ALSO"]);
    for (nth, other) in others.iter().enumerate() {
        let comma = if nth + 1 < others.len() { "(1), " } else { "(1)" };
        roff.text([bold(other.as_str()), roman(comma)]);
    }
    roff.to_writer(out)?;
    Ok(())
}

fn version(tense: &Command) -> String {
    format!("tense {}", tense.get_version().unwrap_or_default())
}

/// What stands below the options in the help: `Examples:` and lines of a shell, and paragraphs.
fn texts(roff: &mut Roff, told: &str) {
    const CODES: &str = "Exit codes: ";
    for paragraph in told.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        let mut paragraph = paragraph;
        if let Some(examples) = paragraph.strip_prefix(EXAMPLES_OF_IT) {
            roff.control("SH", ["EXAMPLES"]);
            paragraph = examples.trim_start_matches('\n');
        } else if let Some(codes) = paragraph.strip_prefix(CODES) {
            roff.control("SH", ["EXIT STATUS"]);
            roff.text([roman(codes)]);
            continue;
        } else {
            roff.control("PP", []);
        }
        let mut is_plain = true;
        for line in paragraph.lines() {
            let is_code = line.starts_with("  ");
            if is_plain == is_code {
                // A page may be narrow: such lines are not filled, and not broken.
                roff.control(if is_code { "nf" } else { "fi" }, []);
            }
            is_plain = !is_code;
            roff.text([roman(line)]);
        }
        if !is_plain {
            roff.control("fi", []);
        }
    }
}

fn files(roff: &mut Roff) {
    roff.control("SH", ["ENVIRONMENT"]);
    for (variable, what) in [
        ("TENSE_DB", "The database to ask, unless --db names one."),
        ("NO_COLOR", "Without colours, if it is not empty."),
        ("CLICOLOR_FORCE", "With colours also where the answer goes to no terminal, if it is neither empty nor 0."),
        ("COLUMNS", "How wide the answer may be, 60 to 200."),
        ("TZ", "The time zone in which moments are shown."),
    ] {
        roff.control("TP", []);
        roff.text([bold(variable)]);
        roff.text([roman(what)]);
    }
    roff.control("SH", ["FILES"]);
    for (file, what) in [
        ("tense.db", "The database, in this folder or the nearest one above it."),
        ("tense.toml", "The names of a project, and its settings."),
    ] {
        roff.control("TP", []);
        roff.text([bold(file)]);
        roff.text([roman(what)]);
    }
}
