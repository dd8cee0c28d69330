//! The help of each command enters, which lists its exit codes; each of them is provoked, and no other comes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::json;
use tense_event::{Timestamp, TraceId};
use tense_store::{Program, SqliteStore};

use super::asked::{Asked, DOCUMENTS, all, in_time, stage, staged, tense};
use super::runs::Bench;
use super::said::{Folder, Said};

const FINE: &str = "version = 1\n[events.\"operation.ledger.reserved\"]\n[events.\"operation.ledger.settled\"]\n";
const WRONG: &str = "#[tense::traced(operation.ledger.reserve)] fn reserve() {}\n";

/// A command, and codes with what provokes them.
type Provoked = (&'static str, &'static [(i32, &'static [&'static str])]);

/// What provokes the codes of commands that ask no database, beside 2 for an option that there is not.
const OF_NAMES: [Provoked; 10] = [
    ("check", &[(0, &["check", "sql.query"]), (1, &["check", "operation.tokens.create"])]),
    ("conjugate", &[(0, &["conjugate", "write"]), (1, &["conjugate", "1x"])]),
    ("lint", &[(0, &["lint", "fine"]), (1, &["lint", "wrong"]), (2, &["lint", "empty"])]),
    ("diff", &[(0, &["diff", "tense.toml", "fine.toml"]), (1, &["diff", "fine.toml", "tense.toml"])]),
    ("docs", &[(0, &["docs"]), (1, &["docs", "--output", "page.md", "--check"]), (2, &["docs", "--registry", "no"])]),
    ("schema", &[(0, &["schema"]), (1, &["schema", "--output", "page.md", "--check"])]),
    ("redact", &[(0, &["redact"])]),
    ("completions", &[(0, &["completions", "zsh"]), (2, &["completions", "tcsh"])]),
    ("man", &[(0, &["man", "why"]), (2, &["man", "nothing"])]),
    ("init", &[(0, &["init", "wrong", "--dry-run"]), (2, &["init", "nowhere"])]),
];

/// The numbers that its help explains: `Exit codes: 0 answered, 1 the database could not be asked, ..`.
fn promised(asked: &Asked) -> BTreeSet<i32> {
    let (_, behind) = asked.help.split_once("Exit codes: ").unwrap();
    let sentence: Vec<&str> = behind.split("\n\n").next().unwrap().split_whitespace().collect();
    sentence.into_iter().filter_map(|word| word.parse().ok()).collect()
}

/// A folder with a crate whose names are fine, one whose names are not, and one without a source.
fn stage_of_names() -> Bench {
    let bench = stage();
    let write = |path: &str, text: &str| {
        let path = bench.folder().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    for folder in ["fine", "wrong", "empty"] {
        write(&format!("{folder}/Cargo.toml"), manifest);
    }
    write("fine/src/lib.rs", "#[tense::traced(operation.ledger.reserved)] fn reserve() {}\n");
    write("wrong/src/lib.rs", WRONG);
    write("fine.toml", FINE);
    write("page.md", "what nobody would write\n");
    bench
}

fn ask(bench: &Bench, words: &[&str]) -> Said {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    in_time(&mut tense(bench.folder(), &words), &words.join(" "))
}

#[test]
fn of_a_question_about_names_are_those_that_its_help_explains() {
    let bench = stage_of_names();
    for asked in all().iter().filter(|asked| !asked.is_about_runs) {
        let provoked = OF_NAMES.iter().find(|(name, _)| *name == asked.name);
        let (_, provoked) = provoked.unwrap_or_else(|| panic!("nothing provokes the codes of `{}`", asked.name));
        let odd: (i32, &[&str]) = (2, &[&asked.name, "--no-such-option"]);
        let mut seen = BTreeSet::new();
        for (code, words) in provoked.iter().chain([&odd]) {
            let said = ask(&bench, words);
            assert_eq!(said.code, Some(*code), "tense {words:?}: {}{}", said.out, said.err);
            // What is wrong is said; where it is the answer, as that.
            assert!(*code != 2 || (said.out.is_empty() && !said.err.is_empty()), "tense {words:?}: {}", said.out);
            seen.insert(*code);
        }
        assert_eq!(promised(asked), seen, "{}", asked.help);
    }
}

/// Something is found; the database is not there; an option is not known; the database is empty.
#[test]
fn of_a_question_about_runs_are_those_that_its_help_explains() {
    let (mut bench, empty) = (stage(), Bench::new());
    // One run more, a day earlier, so that there is something that is usual.
    bench.add(staged().into_iter().map(|mut event| {
        event.trace_id = TraceId::from_bytes(0x77_u128.to_be_bytes());
        event.timestamp = Timestamp::from_unix_nanos(event.timestamp.unix_nanos() - 86_400_000_000_000);
        event
    }));
    let health = json!({ "emitted": 1, "delivered": 1 });
    let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000);
    let program = Program { pid: 1, began: at, at, service: "loans".to_owned(), health };
    SqliteStore::open(bench.path()).unwrap().report(&program).unwrap();
    fs::write(bench.folder().join("odd.jsonl"), "this is no event\n").unwrap();
    for asked in all().iter().filter(|asked| asked.is_about_runs) {
        let of = |more: &[&str]| asked.with(more);
        let found = match asked.name.as_str() {
            "anomalies" => of(&["--minimum", "1", "--newest", "1"]),
            "purge" => ["purge", "--older-than", "1s", "--dry-run"].map(str::to_owned).to_vec(),
            _ => of(&[]),
        };
        let lost = match asked.name.as_str() {
            // What is not there, whoever imports makes.
            "import" => ["import", "odd.jsonl"].map(str::to_owned).to_vec(),
            _ => of(&["--db", "nowhere/no.db"]),
        };
        let mut seen = BTreeSet::new();
        let mut told = |folder: &Path, words: Vec<String>, code: i32| {
            let said = in_time(&mut tense(folder, &words), &asked.name);
            assert_eq!(said.code, Some(code), "tense {words:?}: {}{}", said.out, said.err);
            seen.insert(code);
            said
        };
        let answer = told(bench.folder(), found, 0);
        assert_ne!(answer.out, "", "{}: the answer is on standard output", asked.name);
        if asked.name != "doctor" {
            // `import` says how it went; nobody else has anything to say but the answer.
            assert!(answer.err.is_empty() || asked.name == "import", "{}: {}", asked.name, answer.err);
        }
        let message = told(bench.folder(), lost, 1);
        // Of two the answer is what is wrong: a finding, a line that is no event.
        let is_answer = ["doctor", "import"].contains(&asked.name.as_str());
        assert!(is_answer || (message.out.is_empty() && !message.err.is_empty()), "{}: {}", asked.name, message.out);
        let message = told(bench.folder(), of(&["--no-such-option"]), 2);
        assert!(message.out.is_empty() && !message.err.is_empty(), "{}: {}", asked.name, message.out);
        if promised(asked).contains(&3) {
            let message = told(empty.folder(), of(&[]), 3);
            assert_eq!((message.out.as_str(), message.err.lines().count()), ("", 1), "{}: {}", asked.name, message.err);
            if asked.help.contains("--json") {
                // For programs nothing is an answer as well, or there is none; never half of one.
                let json = told(empty.folder(), of(&["--json"]), 3);
                assert!(json.out.is_empty() || json.json_whole()["version"] == 1, "{}: {}", asked.name, json.out);
            }
        }
        assert_eq!(promised(asked), seen, "{}", asked.help);
    }
}

/// An answer of one width for all is a document; all others are known to have answers at two.
#[test]
fn documents_do_not_depend_on_the_width_of_the_terminal() {
    for asked in all().iter().filter(|asked| DOCUMENTS.contains(&asked.name.as_str()) && asked.name != "init") {
        let at = |columns: &str| {
            let bench = stage();
            let said = in_time(tense(bench.folder(), &asked.arguments).env("COLUMNS", columns), &asked.name);
            (said.out, said.code)
        };
        assert_eq!(at("60"), at("200"), "{}", asked.name);
    }
    let folder = Folder::new().with("src/lib.rs", WRONG).with("Cargo.toml", "[package]\nname = \"shop\"\n");
    let proposed = |columns: &str| {
        let mut command = folder.command(&["init", "--dry-run"]);
        super::said::said(command.env("COLUMNS", columns).output().unwrap()).out
    };
    assert_eq!(proposed("60"), proposed("200"));
}
