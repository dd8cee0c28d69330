//! `tense check`: names and registries with and without mistakes, and the verdicts on them.

use serde_json::json;
use tense_grammar::{Form, Registry, Written};

use super::said::{Folder, Said};

const CLOSED: &str = "version = 1\nclosed = true\n[events.\"operation.tokens.created\"]\n[events.\"operation.tokens.snapshot\"]\n\
    exempt = { rule = \"tense\", reason = \"readers of last year know it by this name\" }\n\
    [removed]\n\"operation.tokens.cached\" = \"the cache is gone, read operation.tokens.created\"\n";

#[track_caller]
fn check(said: &Said, out: &str, err: &str, code: i32) {
    assert_eq!((said.out.as_str(), said.err.as_str(), said.code), (out, err, Some(code)));
}

#[test]
fn what_is_wrong_is_written_in_the_words_of_the_compiler() {
    let said = Folder::new().ask(&["check", "operation.tokens.create", "operation.tokens.created", "dispatch.Batch.*"]);
    check(
        &said,
        "operation.tokens.create: `operation` events say what has happened, so their action is in the past tense: \
         write `created` [tense/past]\n\
         dispatch.Batch.*: a name is made of lower-case words joined by single underscores, each beginning with a letter: \
         write `batch` [name/word]\n",
        "3 checked, 2 wrong\n",
        1,
    );
    check(&Folder::new().ask(&["check", "operation.tokens.created"]), "", "1 checked, 0 wrong\n", 0);
}

#[test]
fn json_has_all_six_keys_in_their_order() {
    let said = Folder::new().ask(&["check", "--json", "operation.tokens.create", "sql.query"]);
    check(
        &said,
        "{\"name\":\"operation.tokens.create\",\"ok\":false,\"rule\":\"tense/past\",\"judged\":\"create\",\
         \"suggestion\":\"created\",\"message\":\"`operation` events say what has happened, so their action is in the past \
         tense: write `created` [tense/past]\"}\n\
         {\"name\":\"sql.query\",\"ok\":true,\"rule\":null,\"judged\":null,\"suggestion\":null,\"message\":null}\n",
        "",
        1,
    );
}

#[test]
fn every_line_gets_its_verdicts_in_order() {
    let names = [
        "operation.tokens.created",
        "",
        "dispatch.batch.*",
        "Dispatch.Batch.merged",
        "dispatch.branch.merged",
        "operation.tokens._",
        "sql",
        "dispatch.funding",
    ];
    let said = Folder::new().pipe(&["check", "--json", "-"], names.join("\r\n").as_bytes());
    let registry = Registry::builtin();
    let expected = names.iter().flat_map(|name| {
        let segments: Vec<&str> = if name.is_empty() { Vec::new() } else { name.split('.').collect() };
        match registry.resolve(&Written::new(&segments, Form::Action)) {
            Ok(_) => vec![
                json!({"name": name, "ok": true, "rule": null, "judged": null, "suggestion": null, "message": null}),
            ],
            Err(violations) => violations
                .iter()
                .map(|told| {
                    json!({"name": name, "ok": false, "rule": told.rule, "judged": told.judged,
                           "suggestion": told.suggestion, "message": told.message})
                })
                .collect(),
        }
    });
    assert_eq!(said.json(), expected.collect::<Vec<_>>());
    // two words of one name are told one by one
    assert_eq!(said.json().iter().filter(|told| told["name"] == names[3]).count(), 2);
}

#[test]
fn a_stage_is_named_without_its_action() {
    let folder = Folder::new();
    check(&folder.ask(&["check", "--life", "dispatch.funding"]), "", "1 checked, 0 wrong\n", 0);
    let said = folder.ask(&["check", "--life", "dispatch.funding.*", "--json"]);
    assert_eq!((said.json()[0]["rule"].as_str(), said.code), (Some("name/wildcard"), Some(1)));
    assert_eq!(folder.ask(&["check", "--life"]).code, Some(2));
}

#[test]
fn arguments_and_standard_input_are_taken_in_the_order_of_the_arguments() {
    let said = Folder::new().pipe(&["check", "a.first", "-", "a.last", "--json"], b"a.second\na.third");
    let names: Vec<_> = said.json().iter().map(|told| told["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["a.first", "a.second", "a.third", "a.last"]);
}

#[test]
fn names_are_judged_by_the_project_around() {
    let whole = "[workspace]\n";
    let member = "[package]\nname = \"a\"\nversion = \"0.0.0\"\n";
    let project = Folder::new().with("Cargo.toml", whole).with("tense.toml", CLOSED).with("a/Cargo.toml", member);
    let project = project.with("a/src/lib.rs", "").with("docs/names.md", "");
    let lone = Folder::new().with("a/Cargo.toml", member).with("a/tense.toml", CLOSED).with("a/src/lib.rs", "");
    let alien = Folder::new().with("tense.toml", CLOSED).with("a/Cargo.toml", member);
    let outside = Folder::new().with("tense.toml", CLOSED).with("a/names.txt", "");
    for (folder, from, is_judged) in [
        (&project, ".", true),
        (&project, "a", true),
        (&project, "a/src", true),
        (&project, "docs", true),
        (&lone, "a", true),
        (&lone, "a/src", true),
        // above a crate without a workspace it is somebody else's, as it is for the compiler
        (&alien, "a", false),
        (&outside, ".", true),
        (&outside, "a", false),
    ] {
        let mut command = folder.command(&["check", "operation.ledgers.balanced"]);
        let code = command.current_dir(folder.path().join(from)).output().unwrap().status.code();
        assert_eq!(code, Some(i32::from(is_judged)), "{from}");
    }
    let named = Folder::new().with("other.toml", CLOSED);
    let said =
        named.ask(&["check", "--registry", "other.toml", "operation.tokens.cached", "operation.tokens.snapshot"]);
    check(
        &said,
        "operation.tokens.cached: `operation.tokens.cached` was removed: the cache is gone, read operation.tokens.created \
         [registry/removed]\n",
        "2 checked, 1 wrong, 1 exempt\n",
        1,
    );
}

#[test]
fn the_file_itself_is_checked_when_there_are_no_names() {
    let fine = Folder::new().with("tense.toml", CLOSED);
    check(&fine.ask(&["check"]), "tense.toml: 2 events declared, 1 exempt, 1 removed\n", "", 0);
    let json = "{\"file\":\"tense.toml\",\"ok\":true,\"events\":2,\"exempt\":1,\"removed\":1}\n";
    check(&fine.ask(&["check", "--json"]), json, "", 0);

    let wrong = Folder::new().with("tense.toml", "version = 1\nclsoed = true\n[events.\"operation.tokens.create\"]\n");
    check(
        &wrong.ask(&["check"]),
        "tense.toml:2:1: `clsoed` is not a key of tense.toml: did you mean `closed`? [file/key]\n\
         tense.toml:3:9: `operation` events say what has happened, so their action is in the past tense: write `created` \
         [tense/past]\n",
        "",
        1,
    );
    let told = wrong.ask(&["check", "--json"]).json();
    assert_eq!(
        told[0],
        json!({"file": "tense.toml", "line": 2, "column": 1,
               "rule": "file/key", "message": "`clsoed` is not a key of tense.toml: did you mean `closed`? [file/key]"})
    );
    assert_eq!(told.len(), 2);

    // By a file with mistakes nobody can be judged.
    check(
        &wrong.ask(&["check", "operation.tokens.created"]),
        "",
        "error: nothing can be judged by tense.toml, where line 2, column 1: `clsoed` is not a key of tense.toml: did you \
         mean `closed`? [file/key]; `tense check` lists all mistakes\n",
        2,
    );
}

#[test]
fn settings_are_checked_with_the_file() {
    let settings = "[delivery]\ntimeout = \"10\"\n[sampling]\nratoi = 0.1\n";
    let said = Folder::new().with("tense.toml", format!("version = 1\n{settings}")).ask(&["check"]);
    check(
        &said,
        "tense.toml:3:11: `timeout`: `10` is not a whole number and a unit, from 1ms to 24h, such as `500ms`, `10s`, `2m` \
         or `1h` [file/setting]\n\
         tense.toml:5:1: `ratoi` is not a key of [sampling]: did you mean `ratio`? [file/key]\n",
        "",
        1,
    );
}

#[test]
fn an_old_name_is_a_warning_while_names_are_migrated() {
    let declared = "[events.\"operation.tokens.created\"]\nwas = [\"operation.tokens.inserted\"]\n";
    let told = "`operation.tokens.inserted` has a new name: write `operation.tokens.created` [registry/renamed]";
    let migrating = Folder::new().with("tense.toml", format!("version = 1\nmigrating = true\n{declared}"));
    let text = format!("operation.tokens.inserted: warning: {told}\n");
    check(&migrating.ask(&["check", "operation.tokens.inserted"]), &text, "1 checked, 0 wrong\n", 0);
    let json = migrating.ask(&["check", "--json", "operation.tokens.inserted"]).json();
    assert_eq!((&json[0]["ok"], &json[0]["suggestion"]), (&json!(true), &json!("operation.tokens.created")));

    let migrated = Folder::new().with("tense.toml", format!("version = 1\n{declared}"));
    let text = format!("operation.tokens.inserted: {told}\n");
    check(&migrated.ask(&["check", "operation.tokens.inserted"]), &text, "1 checked, 1 wrong\n", 1);
}

#[test]
fn a_file_that_is_not_there_says_what_to_do() {
    let said = Folder::new().ask(&["check"]);
    assert_eq!((said.out.as_str(), said.code), ("", Some(2)));
    assert!(said.err.contains("there is no tense.toml") && said.err.contains("--registry PATH"), "{}", said.err);
    let said = Folder::new().ask(&["check", "--registry", "no.toml", "sql.query"]);
    assert_eq!((said.out.as_str(), said.code), ("", Some(2)));
    assert!(said.err.starts_with("error: no.toml: this file cannot be read: "), "{}", said.err);
    assert!(said.err.ends_with(" [file/unreadable]\n"), "{}", said.err);
}

#[test]
fn no_database_is_asked() {
    let folder = Folder::new();
    let named = |arguments: &[&str]| folder.command(arguments).env("TENSE_DB", "no.db").output().unwrap().status.code();
    assert_eq!(named(&["check", "sql.query"]), Some(0));
    assert_eq!(named(&["conjugate", "write"]), Some(0));
    assert_eq!(named(&["traces"]), Some(1));
    let said = folder.ask(&["check", "--db", "x.db", "sql.query"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("asks no database"), "{}", said.err);
}

#[test]
fn help_says_the_exit_codes_and_the_shape() {
    for question in ["check", "conjugate"] {
        let help = Folder::new().ask(&[question, "--help"]).out;
        assert!(help.contains("Exit codes: 0 all") && help.contains("--json"), "{help}");
    }
}
