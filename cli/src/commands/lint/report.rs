//! Findings enter; lines for a person, for a program or for GitHub Actions leave.

use std::io::Write;

use tense_store::text;

use super::Format;
use super::finding::{Finding, Level};
use super::judge::Judged;
use super::whole::is_covered;
use crate::layout::counted;
use crate::sources::{Sources, shown};
use crate::{json, markdown};

pub(super) fn write(out: &mut impl Write, format: Format, findings: &[Finding]) -> anyhow::Result<()> {
    if format == Format::Md && !findings.is_empty() {
        writeln!(out, "| where | level | what |\n|---|---|---|")?;
    }
    for finding in findings {
        match format {
            Format::Json | Format::Jsonl => json::line(out, finding)?,
            Format::Table => {
                let Finding { file, line, column, message, level, .. } = finding;
                let level = match level {
                    Level::Error | Level::Fixed => "",
                    Level::Warning => "warning: ",
                    Level::Hint => "hint: ",
                };
                writeln!(out, "{}:{line}:{column}: {level}{}", text::escape(file), text::escape(message))?;
            }
            Format::Md => {
                let Finding { file, line, column, message, level, .. } = finding;
                let place = markdown::code(&format!("{file}:{line}:{column}"));
                writeln!(out, "| {place} | {} | {} |", level.word(), markdown::inline(message))?;
            }
            Format::Github => {
                let Finding { file, line, column, message, rule, level, .. } = finding;
                let command = match level {
                    Level::Error => "error",
                    Level::Warning => "warning",
                    Level::Hint | Level::Fixed => "notice",
                };
                let (file, message) = (property(file), data(message));
                writeln!(out, "::{command} file={file},line={line},col={column},title={}::{message}", property(rule))?;
            }
        }
    }
    Ok(())
}

/// What stands behind the colons of a workflow command: a line end would end it.
fn data(text: &str) -> String {
    text::escape(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")).into_owned()
}

/// A value in front of them, where colons and commas have a meaning as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// How much was read and found, and by which registry.
pub(super) fn summary(sources: &Sources, judged: &[Judged], findings: &[Finding], exempt: usize) -> String {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let names: usize = judged.iter().map(|judged| judged.names).sum();
    let unknown: usize = judged.iter().map(|judged| judged.unknown).sum();
    let mut summary = format!("{} read, {}", counted(sources.read, "file"), counted(names, "name"));
    if unknown > 0 {
        summary += &format!(", {unknown} of them not judged, since a macro puts them together or they cannot be read");
    }
    if !sources.unread.is_empty() {
        summary += &format!("; {} could not be read", counted(sources.unread.len(), "file"));
    }
    if sources.left_out > 0 {
        summary += &format!("; {} left out, since no target of a crate leads there", counted(sources.left_out, "file"));
    }
    for judged in judged.iter().filter(|judged| judged.names > 0 || judged.file.is_some()) {
        let registry = judged.file.as_deref().map_or_else(|| "no tense.toml".to_owned(), shown);
        summary +=
            &format!("\n{registry}: {} in {}", counted(judged.names, "name"), counted(judged.crates.len(), "crate"));
        if judged.file.is_some() && !is_covered(judged, sources) {
            summary += "; it holds for more than was read, so nobody can say what is never emitted";
        }
    }
    summary += &format!(
        "\n{}, {}, {}, {}",
        counted(count(Level::Error), "error"),
        counted(count(Level::Warning), "warning"),
        counted(count(Level::Hint), "hint"),
        counted(exempt, "exemption")
    );
    if count(Level::Fixed) > 0 {
        summary += &format!(", {} rewritten", counted(count(Level::Fixed), "place"));
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn a_workflow_command_stays_one_command() {
        assert_eq!(data("50%\n::error::a,b"), "50%25%0A::error::a,b");
        assert_eq!(property("a:b,c%\r"), "a%3Ab%2Cc%25%0D");
        assert_eq!(data("\u{1b}[2J"), "\\u{1b}[2J");
    }
}
