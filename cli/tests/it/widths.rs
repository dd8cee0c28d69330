//! Every command is asked of the recorded runs, or of a run with several services, at 60 and at 200 columns; what it
//! answers is held against the files in `tests/snapshots/runs`.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;
use tense_store::{Program, SqliteStore};

use super::asked::{DOCUMENTS, all, in_time, stage, tense};
use super::recorded::Recorded;
use super::runs::Bench;
use super::snapshots;

type Questions<'q> = (&'static str, &'q [&'q [&'q str]]);

/// Answers in sentences, which no column cuts.
const SENTENCES: [&str; 6] = ["why", "health", "check", "conjugate", "lint", "diff"];
/// What differs from machine to machine is replaced in its own test, which holds it at both widths.
const ELSEWHERE: [(&str, [&str; 2]); 1] = [("doctor", ["doctor.60.txt", "doctor.200.txt"])];
/// How much room is given back is the store's affair.
const OF_THE_FILE: &str = ", about ";

#[track_caller]
fn check(bench: &Bench, (name, questions): &Questions<'_>) {
    for columns in ["60", "200"] {
        let mut text = String::new();
        for question in *questions {
            let words: Vec<String> = question.iter().map(|word| (*word).to_owned()).collect();
            let answer = in_time(tense(bench.folder(), &words).env("COLUMNS", columns), name);
            let widest = answer.out.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            let most = columns.parse().unwrap();
            assert!(widest <= most || SENTENCES.contains(name), "{widest} of {columns}: {}", answer.out);
            text += &format!("$ tense {}\n", question.join(" "));
            for line in answer.out.lines() {
                text += line.split_once(OF_THE_FILE).map_or(line, |(before, _)| before);
                text.push('\n');
            }
            // What is said beside the answer, and how it went, where there is something.
            text.extend(answer.err.lines().map(|line| format!("! {line}\n")));
            if answer.code != Some(0) {
                text += &format!("exit code {}\n", answer.code.unwrap());
            }
            text.push('\n');
        }
        snapshots::check(&format!("runs/{name}.{columns}.txt"), &text);
    }
}

/// Of the runs of both examples.
fn of_recorded(recorded: &Recorded, asked: &mut BTreeSet<&'static str>) {
    let [approved, refused, silent, dropped] = ["L001", "L031", "L050", "L077"].map(|id| recorded.trace(id));
    let order = "122b126e";
    let questions: [Questions<'_>; 16] = [
        ("traces", &[&["traces"], &["traces", "--failed", "--limit=2", "--utc"]]),
        ("tree", &[&["tree", refused], &["tree", silent], &["tree", dropped]]),
        ("why", &[&["why", refused], &["why", dropped], &["why", order], &["why", approved]]),
        ("timeline", &[&["timeline", refused]]),
        ("waterfall", &[&["waterfall", silent], &["waterfall", order]]),
        ("concurrency", &[&["concurrency", order], &["concurrency", silent]]),
        ("critical-path", &[&["critical-path", silent], &["critical-path", approved]]),
        ("stats", &[&["stats", "--limit=6"], &["stats", "--histogram", "name:dispatch.loan"]]),
        ("search", &[&["search", "--status=failed", "name:dispatch.loan"], &["search", "error:*declined*"]]),
        ("tail", &[&["tail", "-n", "3"]]),
        ("path", &[&["path", refused], &["path", silent, "credit"], &["path", order]]),
        (
            "bottlenecks",
            &[&["bottlenecks", silent], &["bottlenecks", order, "--over=10ms", "--top=5"], &["bottlenecks", approved]],
        ),
        ("compensations", &[&["compensations", refused], &["compensations", dropped]]),
        ("errors", &[&["errors"], &["errors", silent], &["errors", order], &["errors", "--failed", "--limit=2"]]),
        (
            "compare",
            &[
                &["compare", approved, refused],
                &["compare", approved, approved],
                &["compare", order, approved, "--top=3"],
            ],
        ),
        ("anomalies", &[&["anomalies", "--minimum=3", "--newest=2"], &["anomalies", silent, "--minimum=2"]]),
    ];
    for question in &questions {
        check(&recorded.bench, question);
        asked.insert(question.0);
    }
}

/// Of a run for a job that goes through two services, and of names.
fn of_stage(asked: &mut BTreeSet<&'static str>) {
    let bench = stage();
    let at = tense_event::Timestamp::from_unix_nanos(1_795_255_200_000_000_000);
    let health = json!({ "emitted": 120, "delivered": 100, "queued": 5, "queue_full": 15, "open_spans": 3 });
    let program = Program { pid: 7, began: at, at, service: "loans".to_owned(), health };
    SqliteStore::open(bench.path()).unwrap().report(&program).unwrap();
    let write = |name: &str, text: &str| fs::write(bench.folder().join(name), text).unwrap();
    write("new.toml", "version = 1\n[events.\"operation.ledger.held\"]\nfields = { amount = \"integer\" }\n");
    fs::create_dir(bench.folder().join("src")).unwrap();
    write("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n[workspace]\n");
    write("src/lib.rs", "#[tense::traced(operation.ledger.reserve)]\nfn reserve() {}\n");
    let questions: [Questions<'_>; 8] = [
        ("job", &[&["job", "L123"]]),
        ("correlate", &[&["correlate", "last"], &["correlate", "L123"]]),
        ("purge", &[&["purge", "--older-than", "1s", "--dry-run"], &["purge", "--older-than", "36500d"]]),
        ("health", &[&["health"]]),
        ("check", &[&["check"], &["check", "sql.query", "operation.tokens.create"]]),
        ("conjugate", &[&["conjugate", "write", "roll_back"]]),
        ("lint", &[&["lint"]]),
        ("diff", &[&["diff", "tense.toml", "new.toml"]]),
    ];
    for question in &questions {
        check(&bench, question);
        asked.insert(question.0);
    }
}

#[test]
fn every_command_answers_at_two_widths() {
    let mut asked = BTreeSet::new();
    of_recorded(&Recorded::new(), &mut asked);
    of_stage(&mut asked);
    for (name, files) in ELSEWHERE {
        assert!(files.iter().all(|file| snapshots::path(file).exists()), "{name}");
        asked.insert(name);
    }
    // Those have the same answer at any width, and their own files.
    asked.extend(DOCUMENTS);
    let missing: Vec<&str> =
        all().iter().map(|asked| asked.name.as_str()).filter(|name| !asked.contains(name)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "commands without a recorded answer: ask something of them here");
}
