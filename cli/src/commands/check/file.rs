//! The project's `tense.toml` enters; its mistakes leave, or how much it declares.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use tense_grammar::{Registry, RegistryError};
use tense_store::text;

use super::Arguments;
use crate::commands::Answer;
use crate::format::{Format, Written};
use crate::{json, markdown, project, redaction};

#[derive(Serialize)]
struct Mistake<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    rule: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Summary<'a> {
    file: &'a str,
    ok: bool,
    events: usize,
    exempt: usize,
    removed: usize,
}

pub(super) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let path = arguments.which.path()?.context(
        "there is no tense.toml to check, neither here nor up to the root of the workspace: write one that begins with \
         `version = 1`, name one with --registry PATH, or give the names that are to be judged",
    )?;
    match project::read(&path)? {
        Ok(registry) => {
            let patterns = redaction::mistakes(&registry);
            if !patterns.is_empty() {
                list(out, &path, &patterns, arguments.form)?;
                return Ok(Answer::Wrong);
            }
            summary(out, &path, &registry, arguments.form)?;
            Ok(Answer::Found)
        }
        Err(mistakes) => {
            list(out, &path, &mistakes, arguments.form)?;
            Ok(Answer::Wrong)
        }
    }
}

fn list(out: &mut impl Write, path: &Path, mistakes: &[RegistryError], form: Written) -> anyhow::Result<()> {
    let file = path.display().to_string();
    for RegistryError { line, column, rule, message } in mistakes {
        match form.format() {
            Format::Json | Format::Jsonl => {
                json::line(out, &Mistake { file: &file, line: *line, column: *column, rule, message })?;
            }
            Format::Md => {
                let place = markdown::code(&format!("{file}:{line}:{column}"));
                writeln!(out, "* {place}: {}", markdown::inline(message))?;
            }
            Format::Table => writeln!(out, "{}:{line}:{column}: {}", text::escape(&file), text::escape(message))?,
        }
    }
    Ok(())
}

fn summary(out: &mut impl Write, path: &Path, registry: &Registry, form: Written) -> anyhow::Result<()> {
    let file = path.display().to_string();
    let events = registry.events().count();
    let exempt = registry.events().filter(|event| event.exempt.is_some()).count();
    let removed = registry.removals().count();
    if form.is_json() {
        return json::line(out, &Summary { file: &file, ok: true, events, exempt, removed });
    }
    let file = if form.format() == Format::Md { markdown::code(&file).into() } else { text::escape(&file) };
    let noun = if events == 1 { "event" } else { "events" };
    writeln!(out, "{file}: {events} {noun} declared, {exempt} exempt, {removed} removed")?;
    Ok(())
}
