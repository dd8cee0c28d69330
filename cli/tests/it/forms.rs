//! In which form an answer is asked for: the same words for every command, held for those that are new as well.

use std::collections::BTreeMap;

use super::asked::{Asked, DOCUMENTS, all, in_time, stage, tense};
use super::runs::Bench;
use super::said::Said;
use serde_json::{Value, json};
use tense_event::Timestamp;
use tense_store::{Program, SqliteStore};

/// Commands whose answers in text name a moment.
const OF_MOMENTS: [&str; 11] = [
    "traces",
    "timeline",
    "waterfall",
    "concurrency",
    "correlate",
    "errors",
    "search",
    "tail",
    "job",
    "compare",
    "health",
];

/// What `docs/json.md` says of lists: the command, and the key of its list.
fn lists() -> BTreeMap<String, String> {
    let page = include_str!("../../../docs/json.md");
    let (_, behind) = page.split_once("| a line is one of its |\n|---|---|\n").unwrap();
    let (table, _) = behind.split_once("\n\n").unwrap();
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = table.lines().map(|row| row.trim_matches('|').split_once('|').unwrap());
    let lists = rows.flat_map(|(commands, key)| {
        let key = quoted(key).remove(0);
        quoted(commands).into_iter().map(move |command| (command, key.clone()))
    });
    lists.collect()
}

/// Commands that answer in several forms, of which `--format` tells.
fn with_forms() -> impl Iterator<Item = &'static Asked> {
    all().iter().filter(|asked| asked.help.contains("--format <FORM>"))
}

#[track_caller]
fn ask(bench: &Bench, asked: &Asked, more: &[&str], variables: &[(&str, &str)]) -> Said {
    let mut command = tense(bench.folder(), &asked.with(more));
    in_time(command.env("LC_ALL", "C.UTF-8").envs(variables.iter().copied()), &format!("{} {more:?}", asked.name))
}

#[test]
fn every_command_has_them_but_those_that_write_documents() {
    let forms: Vec<&str> = with_forms().map(|asked| asked.name.as_str()).collect();
    let others: Vec<&str> =
        all().iter().map(|asked| asked.name.as_str()).filter(|name| !forms.contains(name)).collect();
    assert!(others.iter().all(|name| DOCUMENTS.contains(name)), "{others:?}");
    for asked in with_forms() {
        let [long, short] = ["--utc", "--json"].map(|option| asked.help.contains(option));
        assert_eq!((long, short), (asked.is_about_runs, true), "{}", asked.name);
        for form in ["table", "json,", "jsonl (", "md ("] {
            assert!(asked.help.contains(form), "{}: {form}", asked.help);
        }
    }
}

#[test]
fn every_help_has_examples_and_exit_codes_and_says_which_json() {
    for asked in all() {
        let help: Vec<&str> = asked.help.split_whitespace().collect();
        let help = help.join(" ");
        let has = |what: &str| assert!(help.contains(what), "{what} of {}: {}", asked.name, asked.help);
        has(&format!("Examples: tense {}", asked.name));
        has("Exit codes: 0 ");
        match asked.name.as_str() {
            "tail" => has("JSON: an event a line"),
            _ if asked.help.contains("--format <FORM>") && asked.is_about_runs => {
                has("JSON: {\"version\", ");
                has("with --format jsonl ");
            }
            _ => {}
        }
    }
}

#[test]
fn two_that_agree_are_one_and_two_that_do_not_are_told() {
    let bench = stage();
    for asked in with_forms() {
        let json = ask(&bench, asked, &["--json"], &[]);
        for same in [&["--format", "json"] as &[&str], &["--json", "--format=json"]] {
            let said = ask(&bench, asked, same, &[]);
            // How far a database was looked at is not the same twice.
            let same = asked.name == "doctor" || said.out == json.out;
            assert!(same && said.code == json.code, "{}: {}", asked.name, said.err);
        }
        for other in ["table", "jsonl", "md"] {
            let said = ask(&bench, asked, &["--json", "--format", other], &[]);
            assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", asked.name);
            let told = format!("`--json` is short for `--format json`, and `--format {other}` asks for another form");
            assert!(said.err.contains(&told) && said.err.contains("leave out"), "{}", said.err);
        }
        let said = ask(&bench, asked, &["--format", "yaml"], &[]);
        assert!(said.code == Some(2) && said.err.contains("table, json, jsonl, md"), "{}", said.err);
    }
}

#[test]
fn json_is_one_object_with_its_version_or_a_list_an_entry_a_line() {
    let (bench, lists) = (stage(), lists());
    let mut seen = Vec::new();
    for asked in with_forms() {
        let whole = ask(&bench, asked, &["--json"], &[]);
        let lines = ask(&bench, asked, &["--format", "jsonl"], &[]);
        assert_eq!(whole.code, lines.code, "{}", asked.name);
        let lines: Vec<Value> = lines.json();
        assert!(lines.iter().all(Value::is_object), "{}: {lines:?}", asked.name);
        if !asked.is_about_runs || asked.name == "tail" {
            let whole: Vec<Value> = whole.json();
            assert!(whole == lines && whole.iter().all(|line| line["version"].is_null()), "{}", asked.name);
            continue;
        }
        assert!(whole.out.starts_with("{\"version\":1,"), "{}: {}", asked.name, whole.out);
        let whole = whole.json_whole();
        match lists.get(&asked.name) {
            Some(key) => {
                seen.push(asked.name.clone());
                let entries = whole[key].as_array().unwrap_or_else(|| panic!("{} has no {key}", asked.name));
                // What doctor finds of the disk is another size the next time.
                assert!(entries == &lines || asked.name == "doctor", "{}", asked.name);
            }
            None => assert_eq!(lines, [whole], "{}", asked.name),
        }
    }
    seen.sort();
    assert_eq!(seen, lists.into_keys().collect::<Vec<_>>());
}

#[test]
fn markdown_is_a_table_or_a_fence_and_has_no_colours() {
    let bench = stage();
    for asked in with_forms() {
        let table = ask(&bench, asked, &[], &[]);
        let said = ask(&bench, asked, &["--format", "md"], &[("CLICOLOR_FORCE", "1")]);
        assert_eq!(said.code, table.code, "{}", asked.name);
        assert!(!said.out.contains('\u{1b}'), "{}: {}", asked.name, said.out.escape_debug());
        let lines: Vec<&str> = said.out.lines().collect();
        let is_fenced = lines.first() == Some(&"```text") && lines.last() == Some(&"```");
        let is_table = lines.get(1).is_some_and(|line| line.starts_with("|---"))
            && lines.iter().all(|line| line.starts_with('|') && line.ends_with('|'));
        // How much is declared is a sentence.
        let is_text = asked.name == "check";
        assert!(is_fenced || is_table || is_text || lines.is_empty(), "{}:\n{}", asked.name, said.out);
        assert_eq!(lines.is_empty(), table.out.is_empty(), "{}", asked.name);
    }
}

#[test]
fn times_are_those_of_here_with_their_zone_or_of_utc() {
    let bench = stage();
    let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000);
    let health = json!({ "emitted": 1, "delivered": 1 });
    let program = Program { pid: 1, began: at, at, service: "loans".to_owned(), health };
    SqliteStore::open(bench.path()).unwrap().report(&program).unwrap();
    let here = [("TZ", "Etc/GMT-9")];
    // Whoever has more to say has a zone as well.
    for asked in with_forms().filter(|asked| asked.is_about_runs) {
        let (local, utc) = (ask(&bench, asked, &[], &here), ask(&bench, asked, &["--utc"], &here));
        assert!(!local.out.contains("UTC") && !utc.out.contains("+09"), "{}: {}{}", asked.name, local.out, utc.out);
        // What doctor finds is not the same twice, so it is not compared below.
        let is_listed = OF_MOMENTS.contains(&asked.name.as_str()) || asked.name == "doctor";
        assert_eq!(local.out.contains("+09"), is_listed, "{}: {}", asked.name, local.out);
    }
    for name in OF_MOMENTS {
        let asked = all().iter().find(|asked| asked.name == name).unwrap();
        for (columns, form) in [("60", "table"), ("200", "table"), ("200", "md")] {
            let at = |more: &[&str]| {
                let variables = [here[0], ("COLUMNS", columns)];
                ask(&bench, asked, &[more, &["--format", form]].concat(), &variables)
            };
            let (local, utc) = (at(&[]), at(&["--utc"]));
            assert!(local.out.contains("+09") && !local.out.contains("UTC"), "{name} {columns}: {}", local.out);
            assert!(utc.out.contains("UTC") && !utc.out.contains("+09"), "{name} {columns}: {}", utc.out);
        }
        let json = |more: &[&str]| ask(&bench, asked, &[more, &["--json"]].concat(), &here).out;
        assert_eq!(json(&[]), json(&["--utc"]), "{name}");
    }
}
