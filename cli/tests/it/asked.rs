//! The help of the command enters; a question of every command in it leaves, so that what holds for all of them is held
//! for one that is new as well.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tense_event::Event;

use super::runs::{Bench, loan};
use super::said::{Folder, Said, said};

/// What stands for an argument that a command has to have, by its name in the usage.
const VALUES: [(&str, &str); 11] = [
    ("A", "last"),
    ("B", "last"),
    ("FILE", "events.jsonl"),
    ("ID", "L123"),
    ("JOB", "L123"),
    ("NEW", "tense.toml"),
    ("OLD", "tense.toml"),
    ("SHELL", "bash"),
    ("SPAN", "5"),
    ("TRACE", "last"),
    ("WORD", "write"),
];
/// Options that a command cannot be asked without, such as one that says what is to be removed: here nothing.
const OPTIONS: [(&str, &[&str]); 1] = [("purge", &["--older-than", "36500d"])];
/// Nothing that is asked here takes so long.
const DEADLINE: Duration = Duration::from_secs(60);

/// Commands whose answers are read by programs, or kept: they have forms of their own, or none but one.
pub(super) const DOCUMENTS: [&str; 9] =
    ["init", "docs", "schema", "redact", "import", "completions", "man", "export", "help"];

/// A question of one command, with all that it has to have.
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) arguments: Vec<String>,
    pub(super) help: String,
    /// Whether it is a question about runs, which a database answers.
    pub(super) is_about_runs: bool,
    /// Whether it takes words that it does not have to have, such as those of a search.
    pub(super) takes_more: bool,
}

impl Asked {
    pub(super) fn with(&self, more: &[&str]) -> Vec<String> {
        self.arguments.iter().cloned().chain(more.iter().map(|word| (*word).to_owned())).collect()
    }
}

/// All commands that the help names.
pub(super) fn all() -> &'static [Asked] {
    static ALL: OnceLock<Vec<Asked>> = OnceLock::new();
    ALL.get_or_init(read)
}

fn read() -> Vec<Asked> {
    let folder = Folder::new();
    let help = |words: &[&str]| said(folder.command(words).env("COLUMNS", "200").output().unwrap()).out;
    let whole = help(&["--help"]);
    let (_, behind) = whole.split_once("\nCommands:\n").unwrap();
    let (list, _) = behind.split_once("\n\n").unwrap();
    let names =
        list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|name| !name.is_empty()));
    let all: Vec<Asked> =
        names.filter(|name| *name != "help").map(|name| asked(name, help(&[name, "--help"]))).collect();
    assert!(all.len() > 15, "{list}");
    all
}

fn asked(name: &str, help: String) -> Asked {
    let usage = help.lines().find(|line| line.starts_with("Usage: ")).unwrap().to_owned();
    // What it has to have as an option is in the table of options.
    let values = wanted(&usage).into_iter().filter(|wanted| !wanted.starts_with("--")).map(|wanted| {
        let value = VALUES.iter().find(|(known, _)| *known == wanted);
        value.unwrap_or_else(|| panic!("tests have no value for <{wanted}> of `tense {name}`: add one")).1.to_owned()
    });
    let options = OPTIONS.iter().filter(|(of, _)| *of == name).flat_map(|(_, options)| *options);
    let options = options.map(|option| (*option).to_owned());
    let arguments: Vec<String> = [name.to_owned()].into_iter().chain(values).chain(options).collect();
    // Of the others `--db` is refused.
    let words = [&arguments[..], &["--db".to_owned(), "no.db".to_owned()]].concat();
    let said = in_time(&mut tense(Folder::new().path(), &words), name);
    let is_about_runs = !said.err.contains("this question asks no database");
    let (_, behind) = usage.split_once("[OPTIONS]").unwrap_or_default();
    let takes_more = behind.contains('[');
    Asked { name: name.to_owned(), arguments, help, is_about_runs, takes_more }
}

/// What a command has to have: `<TRACE>`, not `[NAME]`, and of `<TRACE|--since <WHEN>|--all>` the first.
fn wanted(usage: &str) -> Vec<&str> {
    let (mut wanted, mut depth, mut begin) = (Vec::new(), 0, 0);
    for (at, c) in usage.char_indices() {
        match c {
            '<' | '[' => {
                depth += 1;
                if depth == 1 && c == '<' {
                    begin = at + 1;
                }
            }
            '>' | ']' => {
                depth -= 1;
                if depth == 0 && c == '>' {
                    wanted.extend(usage[begin..at].split('|').next());
                }
            }
            _ => {}
        }
    }
    wanted
}

/// The run of a loan, for a job, of which another service keeps the ledger: something that every command can tell of.
pub(super) fn staged() -> Vec<Event> {
    let mut events = loan();
    for event in &mut events {
        event.job_id = Some("L123".to_owned());
        event.service = if event.span_id.get() == 4 { "ledger" } else { "loans" }.into();
    }
    events
}

/// A folder with all that commands want to read: a database, events, a registry, and a source.
pub(super) fn stage() -> Bench {
    let events = staged();
    let bench = Bench::with(events.clone());
    let folder = bench.folder().to_owned();
    let lines: Vec<String> = events.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
    std::fs::write(folder.join("events.jsonl"), lines.join("\n") + "\n").unwrap();
    std::fs::write(folder.join("tense.toml"), "version = 1\n[events.\"operation.ledger.reserved\"]\n").unwrap();
    std::fs::write(folder.join("main.rs"), "#[tense::traced(operation.ledger.reserved)] fn reserve() {}\n").unwrap();
    bench
}

/// The binary, asked from within a folder, without anything that the shell of a developer sets.
pub(super) fn tense(folder: &Path, words: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tense"));
    command.args(words).current_dir(folder).stdin(Stdio::null()).env("TZ", "UTC").env("COLUMNS", "120");
    command.env("LC_ALL", "C.UTF-8");
    let ours = std::env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("TENSE_") || name.starts_with("OTEL_")
    });
    for variable in ours.chain(["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"].map(Into::into)) {
        command.env_remove(variable);
    }
    command
}

/// Its answer, if it comes in time.
#[track_caller]
pub(super) fn in_time(command: &mut Command, what: &str) -> Said {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let done = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| said(child.wait_with_output().unwrap()));
        let begun = Instant::now();
        while !waiting.is_finished() {
            if begun.elapsed() > DEADLINE {
                Command::new("kill").args(["-9", &id.to_string()]).status().unwrap();
                panic!("`{what}` does not come to an end");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        waiting.join().unwrap()
    });
    // 101 is a panic, and none at all a signal.
    assert!(matches!(done.code, Some(0..=3)), "{what}: {:?}\n{}{}", done.code, done.out, done.err);
    assert!(!done.err.contains("panicked at"), "{what}: {}", done.err);
    done
}

/// The same where somebody else has begun it.
#[track_caller]
pub(super) fn ended(mut child: Child, what: &str) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if begun.elapsed() > DEADLINE {
            child.kill().unwrap();
            panic!("`{what}` does not come to an end");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
