//! Nobody reads, or who reads is no terminal: every question ends as it should, and colours are for who wants them.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use tense_event::Event;

use crate::it::asked::{Asked, DOCUMENTS, all, ended, in_time, stage, staged, tense};
use crate::it::runs::{Bench, loan};
use crate::it::said::Folder;

/// What may be set, and whether there are colours then. None of it makes a pipe a terminal.
const COLOURS: [(&[(&str, &str)], bool); 9] = [
    (&[], false),
    (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], false),
    (&[("CLICOLOR", "1"), ("TERM", "xterm-256color")], false),
    (&[("CLICOLOR", "0")], false),
    (&[("CLICOLOR_FORCE", "1")], true),
    (&[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], true),
    (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
    (&[("CLICOLOR_FORCE", "0")], false),
    (&[("NO_COLOR", "1"), ("TERM", "xterm-256color")], false),
];

#[test]
fn that_wants_no_colours_gets_none_from_any_command() {
    let bench = stage();
    let folder = bench.folder();
    for asked in all() {
        for (variables, may_be_coloured) in COLOURS {
            let mut command = tense(folder, &asked.arguments);
            let said = in_time(command.envs(variables.iter().copied()), &asked.name);
            let is_coloured = said.out.contains('\u{1b}') || said.err.contains('\u{1b}');
            assert!(may_be_coloured || !is_coloured, "`tense {}` {variables:?}: {}", asked.name, said.out);
        }
    }
    let forced = in_time(tense(folder, &["why".to_owned(), "last".to_owned()]).env("CLICOLOR_FORCE", "1"), "why");
    assert!(forced.out.contains("\u{1b}[31m"), "{}", forced.out.escape_debug());
}

/// A terminal that is one, made by `script`: there are colours unless somebody says no.
#[cfg(target_os = "linux")]
#[test]
fn that_is_one_gets_colours_unless_it_wants_none() {
    if Command::new("script").arg("--version").stdout(Stdio::null()).status().is_err() {
        return;
    }
    let bench = stage();
    for (variables, is_coloured) in [
        (&[("TERM", "xterm")] as &[(&str, &str)], true),
        (&[("TERM", "dumb")], false),
        (&[("TERM", "xterm"), ("NO_COLOR", "1")], false),
        (&[("TERM", "xterm"), ("CLICOLOR", "0")], false),
        (&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true),
    ] {
        let mut command = tense(bench.folder(), &[]);
        let (program, question) = (env!("CARGO_BIN_EXE_tense"), "traces");
        let mut script = Command::new("script");
        script.args(["-qec", &format!("'{program}' {question}"), "/dev/null"]).stdin(Stdio::null());
        script.current_dir(command.get_current_dir().unwrap()).env_clear().envs(variables.iter().copied());
        script.env("PATH", std::env::var_os("PATH").unwrap());
        let out = script.output().unwrap().stdout;
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("dispatch.loan"), "{out}");
        assert_eq!(out.contains("\u{1b}[31m"), is_coloured, "{variables:?}: {}", out.escape_debug());
        command.stdin(Stdio::null());
    }
}

/// What stands on a terminal at which the command reads a pipe called `input`, and how it ended. Lines come until
/// something is shown. None where there are no such programs.
#[cfg(target_os = "linux")]
fn shown_while(
    question: &str,
    lines: impl Iterator<Item = String> + Send,
    shown: &str,
) -> Option<(String, Option<i32>)> {
    let has_all = ["script", "mkfifo"]
        .map(|program| Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status());
    if has_all.iter().any(Result::is_err) {
        return None;
    }
    let folder = Folder::new();
    let pipe = folder.path().join("input");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut script = Command::new("script");
    script.args(["-qec", &format!("'{}' {question}", env!("CARGO_BIN_EXE_tense")), "/dev/null"]);
    script.current_dir(folder.path()).env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
    let mut child = script.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let is_enough = AtomicBool::new(false);
    let told = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut input = std::fs::File::options().write(true).open(&pipe).unwrap();
            for line in lines {
                if is_enough.load(Ordering::Relaxed) || input.write_all((line + "\n").as_bytes()).is_err() {
                    break;
                }
            }
        });
        let (mut told, mut piece) = (String::new(), [0; 4096]);
        loop {
            let length = out.read(&mut piece).unwrap();
            if length == 0 {
                break told;
            }
            told += &String::from_utf8_lossy(&piece[..length]);
            is_enough.fetch_or(told.contains(shown), Ordering::Relaxed);
        }
    });
    Some((told, ended(child, question)))
}

/// The same, of work that takes long: a line that moves, and is gone afterwards. What is imported comes until it is
/// seen.
#[cfg(target_os = "linux")]
#[test]
fn that_is_one_is_told_how_far_long_work_is() {
    const SHOWN: &str = " events imported, 0 known already";
    let events = (1_u128..100_000).map(|trace| {
        let mut event = loan()[0].clone();
        event.trace_id = tense_event::TraceId::from_bytes((trace << 64).to_be_bytes());
        serde_json::to_string(&event).unwrap()
    });
    let Some((told, code)) = shown_while("import input --db long.db", events, SHOWN) else { return };
    assert_eq!(code, Some(0), "{told}");
    let (_, behind) = told.rsplit_once(SHOWN).unwrap_or_else(|| panic!("{}", told.escape_debug()));
    assert!(behind.contains("\u{1b}[2K"), "it is not cleared away: {}", told.escape_debug());
    assert!(behind.trim_end().ends_with(" events imported"), "{}", told.escape_debug());
}

/// Names on standard input as well, of which only those are written that are wrong.
#[cfg(target_os = "linux")]
#[test]
fn that_is_one_is_told_how_many_names_were_read() {
    const SHOWN: &str = " lines read";
    for (question, first, then, code, end) in [
        ("check - < input", "operation.tokens.create", "operation.tokens.created", 1, "1 wrong"),
        ("conjugate - < input > words", "go", "created", 0, ""),
    ] {
        let names = std::iter::once(first).chain(std::iter::repeat_n(then, 10_000_000)).map(str::to_owned);
        let Some((told, ended)) = shown_while(question, names, SHOWN) else { return };
        assert_eq!(ended, Some(code), "{}", told.escape_debug());
        let (before, behind) = told.rsplit_once(SHOWN).unwrap_or_else(|| panic!("{}", told.escape_debug()));
        assert!(behind.contains("\u{1b}[2K"), "it is not cleared away: {}", told.escape_debug());
        assert!(
            code == 0 || before.starts_with("operation.tokens.create: "),
            "an answer waits for the end: {}",
            before.escape_debug()
        );
        assert!(behind.trim_end().ends_with(end), "{}", told.escape_debug());
    }
}

/// The run of a loan, of which nothing is in ASCII that need not be.
fn foreign() -> Vec<Event> {
    let mut events = staged();
    for event in &mut events {
        event.service = format!("クレジット-{}", event.service).into();
        event.data.insert("who", "Zoë 漢字\u{301} — “quoted”");
        if let Some(error) = &mut event.error {
            error.error_message = "la banque a refusé: 3 € manquent".into();
        }
    }
    events
}

#[test]
fn that_understands_ascii_alone_gets_nothing_else() {
    let staged = stage();
    let bench = Bench::with(foreign());
    for file in ["events.jsonl", "tense.toml", "main.rs"] {
        std::fs::copy(staged.folder().join(file), bench.folder().join(file)).unwrap();
    }
    let ask = |asked: &Asked, more: &[&str], variables: &[(&str, &str)]| {
        in_time(tense(bench.folder(), &asked.with(more)).envs(variables.iter().copied()), &asked.name)
    };
    let colours = [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")];
    for asked in all().iter().filter(|asked| !DOCUMENTS.contains(&asked.name.as_str())) {
        let mores: &[&[&str]] = match asked.name.as_str() {
            "stats" => &[&[], &["--histogram"]],
            "anomalies" => &[&[], &["--minimum", "1"]],
            "concurrency" => &[&[], &["--by", "name"]],
            _ => &[&[]],
        };
        let screens = ["60", "200"].into_iter().flat_map(|columns| colours.map(|colour| (columns, colour)));
        for (more, (columns, colour)) in mores.iter().flat_map(|more| screens.clone().map(move |screen| (more, screen)))
        {
            let plain = [("LC_ALL", "C"), ("COLUMNS", columns), colour];
            let said = ask(asked, more, &plain);
            assert!(said.out.is_ascii() && said.err.is_ascii(), "{} {plain:?}:\n{}{}", asked.name, said.out, said.err);
            assert!(colour.0 != "NO_COLOR" || !said.out.contains('\u{1b}'), "{}", said.out.escape_debug());
            // A dumb terminal is one of those.
            let dumb = ask(asked, more, &[("TERM", "dumb"), ("COLUMNS", columns), colour]);
            assert!(dumb.out.is_ascii(), "{}: {}", asked.name, dumb.out);
            // For programs it is as it was.
            if asked.help.contains("--format <FORM>") && asked.name != "doctor" {
                let json = ask(asked, &["--json"], &plain).out;
                assert_eq!(json, ask(asked, &["--json"], &[]).out, "{}", asked.name);
            }
        }
    }
}

#[test]
fn of_any_width_gets_lines_of_60_to_200_columns() {
    let bench = stage();
    let folder = bench.folder();
    for asked in all() {
        let as_usual = in_time(&mut tense(folder, &asked.arguments), &asked.name).code;
        for columns in ["", "0", "1", "18446744073709551616", "99999", "-1", "wide"] {
            let said = in_time(tense(folder, &asked.arguments).env("COLUMNS", columns), &asked.name);
            assert_eq!(said.code, as_usual, "`tense {}` with COLUMNS={columns}: {}", asked.name, said.err);
            let help =
                in_time(tense(folder, &[asked.name.clone(), "--help".to_owned()]).env("COLUMNS", columns), "help");
            let words = help.out.split_whitespace().count();
            assert!(help.out.lines().count() < words / 2, "COLUMNS={columns}: a word a line\n{}", help.out);
        }
    }
    // `why` answers in sentences, which no column cuts.
    for question in ["traces", "tree", "critical-path"] {
        let asked = all().iter().find(|asked| asked.name == question).unwrap();
        for (columns, most) in [("0", 60), ("1", 60), ("60", 60), ("200", 200), ("99999", 200), ("wide", 200)] {
            let said = in_time(tense(folder, &asked.arguments).env("COLUMNS", columns), question);
            let widest = said.out.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= most, "`tense {question}` with COLUMNS={columns}: {widest} columns\n{}", said.out);
        }
    }
}

#[test]
fn that_has_seen_enough_is_no_error_of_any_command() {
    let bench = stage();
    for asked in all() {
        for more in [&[] as &[&str], &["--help"]] {
            let mut command = tense(bench.folder(), &asked.with(more));
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            // Gone before a word was read.
            drop(child.stdout.take());
            let stderr = child.stderr.take().unwrap();
            let code = ended(child, &asked.name);
            let message = std::io::read_to_string(stderr).unwrap();
            assert!(matches!(code, Some(0..=3)), "`tense {}`: {code:?} {message}", asked.name);
            assert!(!message.contains("pipe") && !message.contains("panicked"), "`tense {}`: {message}", asked.name);
        }
    }
}

#[cfg(unix)]
#[test]
fn that_is_closed_changes_no_exit_code() {
    let bench = stage();
    for asked in all() {
        let folder = bench.folder();
        let as_usual = in_time(&mut tense(folder, &asked.arguments), &asked.name).code;
        for closed in [">&-", "2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-"] {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("exec \"$0\" \"$@\" {closed}"), env!("CARGO_BIN_EXE_tense")]);
            shell.args(&asked.arguments).current_dir(folder).stdin(Stdio::null());
            let said = in_time(&mut shell, &asked.name);
            assert_eq!(said.code, as_usual, "`tense {} {closed}`: {}", asked.name, said.err);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn that_takes_nothing_is_an_error_of_every_command() {
    let bench = stage();
    let folder = bench.folder();
    for asked in all() {
        // Some have nothing to say when all is well.
        if in_time(&mut tense(folder, &asked.arguments), &asked.name).out.is_empty() {
            continue;
        }
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = tense(folder, &asked.arguments);
        let child = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(matches!(output.status.code(), Some(1 | 2)), "`tense {}`: {:?}", asked.name, output.status);
        assert!(message.contains("No space left"), "`tense {}`: {message}", asked.name);
    }
}
