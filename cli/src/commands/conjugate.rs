//! `tense conjugate`: a word in any of its forms enters, all its forms leave.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use tense_grammar::{Conjugation, Form, Past, Registry, Written};
use tense_store::text;

use crate::commands::Answer;
use crate::format::{self, Format};
use crate::json;
use crate::lines::{self, Line};
use crate::project::WhichRegistry;

const EXAMPLES: &str = "\
Examples:
  tense conjugate write                 writes, wrote, written, ..
  tense conjugate rolled_back went      from whatever form
  tense conjugate - --json < words.txt  a million of them, if need be

JSON: {\"word\",\"base\",\"participle\",\"past\",\"third_person\",\"gerund\",\"is_past\":\"yes\"|\"no\"|\"both\"}; what is no \
word has null in all but the first, and an \"error\". The verbs under [words] in the project's tense.toml count.

Exit codes: 0 all were words, 1 some were not, 2 the question was not understood, or there was nothing to read.";

/// Lists all forms of a verb, as they are proposed and accepted in names
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Lower-case words, or several joined by underscores; `-` stands for standard input, a word a line
    #[arg(value_name = "WORD", required = true)]
    words: Vec<OsString>,

    #[command(flatten)]
    which: WhichRegistry,

    #[command(flatten)]
    pub(crate) form: format::Written,
}

#[derive(Default, Serialize)]
struct Forms<'a> {
    word: &'a str,
    base: Option<&'a str>,
    participle: Option<&'a str>,
    past: Option<&'a str>,
    third_person: Option<&'a str>,
    gerund: Option<&'a str>,
    is_past: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let registry = arguments.which.registry()?;
    let builtin = Registry::builtin();
    let format = arguments.form.endless();
    let mut has_header = false;
    let mut is_wrong = false;
    lines::each(&arguments.words, io::stdout().is_terminal(), out, |out, line| {
        if let Some(message) = no_word(&builtin, line) {
            is_wrong = true;
            match format {
                Format::Json | Format::Jsonl => {
                    json::line(out, &Forms { word: &line.text, error: Some(&message), ..Forms::default() })?;
                }
                // A row of the table would have to be about a word.
                Format::Md => crate::say(&format!("{}: {message}", line.shown())),
                Format::Table => writeln!(out, "{}: {}", line.shown(), text::escape(&message))?,
            }
            return Ok(());
        }
        let forms = registry.conjugate(&line.text);
        if arguments.form.is_json() {
            return json::line(out, &as_json(&forms));
        }
        let row = |cells: [&str; 7]| match format {
            Format::Md => format!("| {} |", cells.join(" | ")),
            // Columns of one width, because the longest of a million words is known only at their end.
            _ => cells.map(|cell| format!("{cell:<15}")).join(" ").trim_end().to_owned(),
        };
        if !has_header {
            has_header = true;
            writeln!(out, "{}", row(["word", "base", "past", "participle", "third person", "gerund", "is past"]))?;
            if format == Format::Md {
                writeln!(out, "|{}", "---|".repeat(7))?;
            }
        }
        let Conjugation { word, base, participle, past, third_person, gerund, .. } = &forms;
        writeln!(out, "{}", row([word, base, past, participle, third_person, gerund, is_past(&forms)]))?;
        Ok(())
    })?;
    Ok(if is_wrong { Answer::Wrong } else { Answer::Found })
}

fn as_json(forms: &Conjugation) -> Forms<'_> {
    Forms {
        word: &forms.word,
        base: Some(&forms.base),
        participle: Some(&forms.participle),
        past: Some(&forms.past),
        third_person: Some(&forms.third_person),
        gerund: Some(&forms.gerund),
        is_past: Some(is_past(forms)),
        error: None,
    }
}

fn is_past(forms: &Conjugation) -> &'static str {
    match forms.is_past {
        Past::Yes => "yes",
        Past::No => "no",
        Past::Both => "both",
    }
}

/// Why this is no word, in the grammar's words: as it would be told of the action of a name.
fn no_word(builtin: &Registry, line: &Line<'_>) -> Option<String> {
    const RULE: &str = "name/word";
    if let Some(fault) = line.fault {
        return Some(format!("{} [{RULE}]", fault.sentence()));
    }
    if line.text.is_empty() {
        return Some(format!("there is no word here [{RULE}]"));
    }
    // `log` is a layer of any tense, so the form of the word is all that can be wrong.
    let violations = builtin.resolve(&Written::new(&["log", &line.text], Form::Point)).err()?;
    let told = violations.into_iter().find(|violation| violation.rule == RULE);
    Some(told.map_or_else(|| format!("`{}` is no word [{RULE}]", line.text), |violation| violation.message))
}
