//! Input that nobody should write, and more of it than anybody would: a clear answer each, in bounded time and memory.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use super::said::Folder;

#[test]
fn odd_names_get_a_verdict_each() {
    let deep = "a.".repeat(10_000) + "created";
    let long = format!("operation.{}", "a".repeat(100_000));
    let all_wrong = "A.".repeat(500) + "b";
    let table: [(&str, &str); 15] = [
        ("", "name/too-short"),
        (".", "name/word"),
        ("operation", "name/too-short"),
        ("operation..created", "name/word"),
        ("operation.tokens.", "name/word"),
        (".tokens.created", "name/word"),
        ("Operation.tokens.created", "name/word"),
        ("operation.cache-miss", "name/word"),
        // Cyrillic
        ("\u{43e}peration.tokens.created", "name/word"),
        ("operation.tokens.created\u{200b}", "name/word"),
        ("operation.\u{1b}[31mtokens.created", "name/word"),
        ("operation.tokens.created ", "name/word"),
        (&long, "name/too-long"),
        (&deep, "name/too-long"),
        (&all_wrong, "name/word"),
    ];
    let input: String = table.iter().map(|(name, _)| format!("{name}\n")).collect();
    let folder = Folder::new();
    let json = folder.pipe(&["check", "-", "--json"], input.as_bytes());
    let text = folder.pipe(&["check", "-"], input.as_bytes());
    let told = json.json();
    for (name, rule) in table {
        let shown = name.chars().take(120).collect::<String>();
        let of_name = |told: &&serde_json::Value| told["name"].as_str().unwrap().starts_with(&shown);
        let first = told.iter().find(of_name).unwrap();
        assert_eq!(first["rule"], rule, "{shown}");
        assert!(first["message"].as_str().unwrap().ends_with(&format!("[{rule}]")), "{first}");
    }
    // the letter that only looks like the right one is named
    assert!(text.out.contains("; `\u{43e}` in it is U+043E [name/word]\n"), "{}", text.out);
    assert_eq!((json.code, text.code), (Some(1), Some(1)));
    assert_eq!(text.err, "15 checked, 15 wrong\n");
    assert!(text.out.lines().all(|line| line.len() < 1_000), "{}", text.out);
    // one object for each of 500 segments would repeat the name as often
    assert_eq!(told.iter().filter(|told| told["name"] == all_wrong).count(), 21);
    assert!(text.out.contains(": and 480 more of the kind\n"), "{}", text.out);
    for out in [json.out, text.out] {
        let steers = |c: char| tense_store::text::is_hostile(c) && c != '\n';
        assert_eq!(out.chars().find(|c| steers(*c)), None);
    }
}

#[test]
fn a_line_that_is_not_utf_8_is_told_and_the_next_one_is_read() {
    let input = b"operation.tokens.created\noperation.t\xffkens.created\nsql.query\n";
    let told = Folder::new().pipe(&["check", "-", "--json"], input).json();
    assert_eq!(told.iter().map(|told| told["ok"] == true).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!((&told[1]["rule"], &told[1]["name"]), (&"name/word".into(), &"operation.t\u{fffd}kens.created".into()));
    let told = Folder::new().pipe(&["conjugate", "-", "--json"], b"wr\xffte\nread").json();
    assert!(told[0]["error"].as_str().unwrap().contains("not UTF-8"), "{}", told[0]);
    assert_eq!(told[1]["gerund"], "reading");
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_not_utf_8_is_told_as_a_line_is() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let arguments = [OsStr::new("check"), OsStr::from_bytes(b"op\xff.created"), OsStr::new("sql.query")];
    let said = Folder::new().ask(&arguments);
    assert_eq!((said.err.as_str(), said.code), ("2 checked, 1 wrong\n", Some(1)));
    assert!(said.out.starts_with("op\u{fffd}.created: this is not UTF-8"), "{}", said.out);
}

#[test]
fn odd_registries_are_told() {
    let mut comments = "version = 1\n".to_owned();
    comments.push_str(&"# ten bytes\n".repeat(5 << 20));
    let cyclic = "version = 1\n[events.\"sql.one\"]\nwas = [\"sql.two\"]\n[events.\"sql.two\"]\nwas = [\"sql.one\"]\n";
    let itself = "version = 1\n[events.\"sql.one\"]\nwas = [\"sql.one\"]\n";
    let table: [(&[u8], i32, &str); 8] = [
        (b"", 1, "tense.toml:1:1: the first thing to say is `version = 1` [file/version]"),
        (b"version = 1\n# caf\xe9\n", 1, "tense.toml:2:6: this byte is not UTF-8"),
        (b"version = 1\n\0\n", 1, "tense.toml:2:1: "),
        (cyclic.as_bytes(), 1, "tense.toml:3:8: `sql.two` is a declared event"),
        (itself.as_bytes(), 1, "tense.toml:3:8: `sql.one` is a declared event"),
        (b"version = 1\na = [[[[[[[[", 1, "tense.toml:2:"),
        (comments.as_bytes(), 1, "tense.toml:1:1: this file is larger than 1 MiB"),
        (b"version = 1\n[events.\"\x1b[31m\"]", 1, "tense.toml:2:"),
    ];
    for (bytes, code, expected) in table {
        let said = Folder::new().with("tense.toml", bytes).ask(&["check"]);
        let told = format!("{}{}", said.out, said.err);
        assert!(said.code == Some(code) && told.contains(expected), "{expected}: {:?}, {told}", said.code);
        assert!(!told.contains('\u{1b}'), "{told}");
    }
}

#[test]
fn what_cannot_be_read_or_written_has_code_two() {
    let folder = Folder::new();
    // A folder is no list of names.
    if cfg!(unix) {
        let mut command = folder.command(&["check", "-"]);
        let said = super::said::said(command.stdin(File::open(folder.path()).unwrap()).output().unwrap());
        assert_eq!(said.code, Some(2));
        assert!(said.err.starts_with("error: failed to read standard input"), "{}", said.err);
    }
    if cfg!(target_os = "linux") {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let status = folder.command(&["check", "sql"]).stdout(full).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(2));
    }
    for usage in [&["check", "--jsno"] as &[&str], &["check", "-x"], &["conjugate"]] {
        assert_eq!(folder.ask(usage).code, Some(2), "{usage:?}");
    }
}

#[test]
fn whoever_waits_for_an_answer_gets_it_before_the_next_question() {
    for question in [["check", "-", "--json"], ["conjugate", "-", "--json"]] {
        let folder = Folder::new();
        let mut child = folder.command(&question).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        for word in ["read", "write"] {
            writeln!(stdin, "{word}").unwrap();
            let mut answer = String::new();
            out.read_line(&mut answer).unwrap();
            assert!(answer.contains(&format!(":\"{word}\",")), "{answer}");
        }
        drop(stdin);
        child.wait().unwrap();
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let input = "operation.tokens.create\n".repeat(100_000);
    for question in [&["check", "-"] as &[&str], &["check", "-", "--json"]] {
        let folder = Folder::new().with("names.txt", &input);
        let names = File::open(folder.path().join("names.txt")).unwrap();
        let mut command = folder.command(question);
        let mut child = command.stdin(names).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 9]).unwrap();
        drop(out);
        let said = super::said::said(child.wait_with_output().unwrap());
        assert_eq!((said.err.as_str(), said.code), ("", Some(0)));
    }
}

/// Lines that are kept take 50 bytes each at least, or 50 MB; all of what a process may have here, its code included,
/// is 32.
#[cfg(target_os = "linux")]
#[test]
fn a_million_lines_take_no_more_memory_than_a_few() {
    const LINES: usize = 1_000_000;
    const MOST_KIB: usize = 32 << 10;
    // Most lines are wrong in a way that is soon found out, so that this does not take all day.
    let wrong = b"\xff\n".repeat(49);
    for (question, right) in [("check", &b"operation.tokens.created\n"[..]), ("conjugate", b"rolled_back\n")] {
        let limited = format!("ulimit -v {MOST_KIB} && exec \"$0\" {question} - --json");
        let mut command = Command::new("sh");
        command.args(["-c", &limited, env!("CARGO_BIN_EXE_tense")]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut answers = 0;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..LINES / 50 {
                    stdin.write_all(&wrong).unwrap();
                    stdin.write_all(right).unwrap();
                }
                drop(stdin);
            });
            while out.skip_until(b'\n').unwrap() > 0 {
                answers += 1;
            }
        });
        assert_eq!((answers, child.wait().unwrap().code()), (LINES, Some(1)), "{question}");
    }
}
