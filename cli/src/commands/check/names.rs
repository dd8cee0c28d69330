//! Names and a registry enter; a verdict on each leaves, in the words of the compiler.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use tense_grammar::{Form, Registry, Resolved, Violation, Written};
use tense_store::text;

use super::Arguments;
use crate::commands::Answer;
use crate::format::Format;
use crate::lines::{self, Fault, Line};
use crate::{json, markdown, say};

/// So many violations of one name are told. A name that is all wrong would have one for each of its segments.
const TOLD: usize = 20;

#[derive(Serialize)]
struct Verdict<'a> {
    name: &'a str,
    ok: bool,
    rule: Option<&'a str>,
    judged: Option<&'a str>,
    suggestion: Option<&'a str>,
    message: Option<&'a str>,
}

/// A warning, if that is all; else the violations.
type Judged = Result<Option<Violation>, Vec<Violation>>;

#[derive(Default)]
struct Count {
    checked: u64,
    wrong: u64,
    exempt: u64,
}

pub(super) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let registry = arguments.which.registry()?;
    let form = if arguments.life { Form::Life } else { Form::Action };
    let mut count = Count::default();
    let format = arguments.form.endless();
    if format == Format::Md {
        writeln!(out, "| name | what the compiler says |\n|---|---|")?;
    }
    // In text only what is wrong is written, so that nothing may be seen for long.
    let is_shown = format != Format::Table && io::stdout().is_terminal();
    lines::each(&arguments.names, is_shown, out, |out, line| {
        let judged = judge(&registry, line, form);
        count.checked += 1;
        count.wrong += u64::from(judged.is_err());
        count.exempt += u64::from(registry.event(&line.text).is_some_and(|event| event.exempt.is_some()));
        match format {
            Format::Json | Format::Jsonl => as_json(out, line, &judged),
            Format::Md => as_text(&judged, |message| {
                writeln!(out, "| {} | {} |", markdown::code(&line.shown()), markdown::inline(message))
            }),
            Format::Table => as_text(&judged, |message| writeln!(out, "{}: {}", line.shown(), text::escape(message))),
        }
    })?;
    out.flush()?;
    if !arguments.form.is_json() {
        let exempt = if count.exempt == 0 { String::new() } else { format!(", {} exempt", count.exempt) };
        say(&format!("{} checked, {} wrong{exempt}", count.checked, count.wrong));
    }
    Ok(if count.wrong == 0 { Answer::Found } else { Answer::Wrong })
}

/// What is wrong with a name, or what the compiler would only warn of: an old name while names are migrated.
fn judge(registry: &Registry, line: &Line<'_>, form: Form) -> Judged {
    if let Some(fault) = line.fault {
        let rule = match fault {
            Fault::NotUtf8 => "name/word",
            Fault::TooLong => "name/too-long",
        };
        let message = format!("{} [{rule}]", fault.sentence());
        return Err(vec![Violation { rule, segment: 0, judged: line.text.to_string(), suggestion: None, message }]);
    }
    // Nothing at all is one mistake, and not an empty segment on top of it.
    let segments: Vec<&str> = if line.text.is_empty() { Vec::new() } else { line.text.split('.').collect() };
    let resolved = registry.resolve(&Written::new(&segments, form))?;
    let (Resolved::Action { renamed, .. } | Resolved::Life { renamed, .. }) = resolved;
    Ok(renamed)
}

fn as_json(out: &mut impl Write, line: &Line<'_>, judged: &Judged) -> anyhow::Result<()> {
    let name = &*line.text;
    let told = |ok, violation: &Violation, out: &mut _| {
        let Violation { rule, judged, suggestion, message, .. } = violation;
        let (judged, message) = (Some(judged.as_str()), Some(message.as_str()));
        json::line(out, &Verdict { name, ok, rule: Some(rule), judged, suggestion: suggestion.as_deref(), message })
    };
    let violations = match judged {
        Ok(Some(warning)) => return told(true, warning, out),
        Ok(None) => {
            let fine = Verdict { name, ok: true, rule: None, judged: None, suggestion: None, message: None };
            return json::line(out, &fine);
        }
        Err(violations) => violations,
    };
    for violation in violations.iter().take(TOLD) {
        told(false, violation, out)?;
    }
    if let Some(message) = others(violations) {
        let message = Some(message.as_str());
        json::line(out, &Verdict { name, ok: false, rule: None, judged: None, suggestion: None, message })?;
    }
    Ok(())
}

/// Only what is wrong.
fn as_text(judged: &Judged, mut tell: impl FnMut(&str) -> io::Result<()>) -> anyhow::Result<()> {
    let violations = match judged {
        Ok(Some(warning)) => return Ok(tell(&format!("warning: {}", warning.message))?),
        Ok(None) => return Ok(()),
        Err(violations) => violations,
    };
    violations.iter().take(TOLD).try_for_each(|violation| tell(&violation.message))?;
    Ok(others(violations).map_or(Ok(()), |message| tell(&message))?)
}

fn others(violations: &[Violation]) -> Option<String> {
    let left = violations.len().checked_sub(TOLD).filter(|left| *left > 0)?;
    Some(format!("and {left} more of the kind"))
}
