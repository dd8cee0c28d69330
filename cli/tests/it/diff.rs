//! `tense diff`: a table of changes, one at a time, each with its id and with whom it breaks.

use serde_json::{Value, json};

use super::readers;
use super::said::{Folder, Said};

fn diff(old: &str, new: &str, more: &[&str]) -> Said {
    let folder = Folder::new().with("old.toml", whole(old)).with("new.toml", whole(new));
    let arguments: Vec<&str> = ["diff", "old.toml", "new.toml"].into_iter().chain(more.iter().copied()).collect();
    folder.ask(&arguments)
}

fn whole(text: &str) -> String {
    format!("version = 1\n{text}\n")
}

/// Names and ids, with who is broken: `p`, `c`, both or nobody.
#[track_caller]
fn check(old: &str, new: &str, expected: &[&str]) {
    let said = diff(old, new, &["--json"]);
    let told: Vec<String> = said
        .json()
        .iter()
        .map(|change| {
            let breaks: String =
                change["breaks"].as_array().unwrap().iter().map(|who| &who.as_str().unwrap()[..1]).collect();
            assert_eq!(change["breaking"], Value::Bool(!breaks.is_empty()));
            format!("{} {} {breaks}", change["name"].as_str().unwrap(), change["id"].as_str().unwrap())
                .trim_end()
                .to_owned()
        })
        .collect();
    assert_eq!(told, expected, "\n{old}\n{new}\n{}{}", said.out, said.err);
    let is_breaking = said.json().iter().any(|change| change["breaking"] == true);
    assert_eq!(said.code, Some(i32::from(is_breaking)));
    readers::hold(&whole(old), &whole(new), &said);
}

/// `operation.a.made` with these fields.
fn made(fields: &str) -> String {
    format!("[events.\"operation.a.made\"]\nfields = {{ {fields} }}")
}

#[test]
fn events_come_and_go() {
    let old = "[events.\"operation.tokens.created\"]\nfields = { token_id = \"string\", branch = \"integer\" }";
    check(old, "", &["operation.tokens.created diff/event-removed pc"]);
    check("", old, &["operation.tokens.created diff/event-added"]);
    let removed = "[removed]\n\"operation.tokens.created\" = \"the counts of the batch tell the same\"";
    check(old, removed, &["operation.tokens.created diff/event-removed pc"]);
    // what was removed with a reason is no rename, whatever is new
    let noted = "[events.\"operation.tokens.noted\"]\nfields = { token_id = \"string\", branch = \"integer\" }\n";
    let expected = &["operation.tokens.created diff/event-removed pc", "operation.tokens.noted diff/event-added"];
    check(old, &format!("{noted}{removed}"), expected);
}

#[test]
fn a_new_name_without_was_is_found_by_what_it_is_like() {
    let fields = "fields = { token_id = \"string\", branch = \"integer\" }";
    let old = &format!("[events.\"operation.tokens.created\"]\n{fields}");
    let alike = [
        // the same words
        "[events.\"dispatch.token.create\"]\nfields = {}".to_owned(),
        // a letter
        format!("[events.\"operation.tokens.crated\"]\n{fields}"),
        // the same fields
        format!("[events.\"operation.tokens.inserted\"]\n{fields}"),
    ];
    for new in alike {
        check(old, &new, &["operation.tokens.created diff/renamed-without-was pc"]);
    }
    let other = "[events.\"operation.tokens.inserted\"]\nfields = { token_id = \"string\" }";
    check(
        old,
        other,
        &["operation.tokens.created diff/event-removed pc", "operation.tokens.inserted diff/event-added"],
    );
    // the better one of two is taken
    let both =
        format!("[events.\"operation.tokens.inserted\"]\n{fields}\n[events.\"operation.token.created\"]\n{fields}");
    check(
        old,
        &both,
        &["operation.tokens.created diff/renamed-without-was pc", "operation.tokens.inserted diff/event-added"],
    );
}

/// Readers are led on by `was`, and so are call sites as long as old names compile.
#[test]
fn a_new_name_with_was_is_led_to_and_its_fields_are_compared() {
    let old = "[events.\"operation.tokens.created\"]\nfields = { token_id = \"string\" }";
    let new = "[events.\"operation.tokens.inserted\"]\nwas = [\"operation.tokens.created\"]\nfields = { token_id = ";
    check(old, &format!("{new}\"string\" }}"), &["operation.tokens.created diff/event-renamed p"]);
    let expected =
        &["operation.tokens.created diff/event-renamed p", "operation.tokens.inserted diff/field-optional c"];
    check(old, &format!("{new}\"string?\" }}"), expected);
    let told = "operation.tokens.created: breaks producers: it is called `operation.tokens.inserted` now, which says so under `was`; its \
                failure `operation.tokens.create_failed` is `operation.tokens.insert_failed`; calls under the old name no longer \
                compile without `migrating = true` [diff/event-renamed]\n";
    assert_eq!(diff(old, &format!("{new}\"string\" }}"), &[]).out, told);

    let migrating = |text: &str| format!("migrating = true\n{text}");
    let (old, new) = (migrating(old), migrating(new));
    check(&old, &format!("{new}\"string\" }}"), &["operation.tokens.created diff/event-renamed"]);
    let expected = &["operation.tokens.inserted diff/field-optional c", "operation.tokens.created diff/event-renamed"];
    check(&old, &format!("{new}\"string?\" }}"), expected);
}

#[test]
fn fields_of_an_event() {
    let table: &[(&str, &str, &[&str])] = &[
        ("", "n = 'integer'", &["diff/field-required p"]),
        ("", "n = 'integer?'", &["diff/field-added"]),
        ("", "job_id = 'string'", &["diff/field-required p"]),
        ("n = 'integer'", "", &["diff/field-removed pc"]),
        ("n = 'integer?'", "", &["diff/field-removed p"]),
        // nobody need record it any more, and then no event says that it is absent
        ("job_id = 'string'", "", &["diff/field-removed c"]),
        ("job_id = 'string?'", "", &["diff/field-removed"]),
        ("n = 'integer'", "n = 'integer?'", &["diff/field-optional c"]),
        ("n = 'integer?'", "n = 'integer'", &["diff/field-required p"]),
        ("n = 'json'", "n = 'integer'", &["diff/type-narrowed p"]),
        ("n = 'integer'", "n = 'json'", &["diff/type-widened c"]),
        ("n = 'integer'", "n = 'float'", &["diff/type-changed pc"]),
        ("n = 'json?'", "n = 'bool'", &["diff/field-required p", "diff/type-narrowed p"]),
        ("n = 'bool', m = 'bool'", "m = 'bool', n = 'bool'", &[]),
    ];
    for (old, new, expected) in table {
        let expected: Vec<String> = expected.iter().map(|told| format!("operation.a.made {told}")).collect();
        check(&made(old), &made(new), &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }
    check("[events.\"operation.a.made\"]", &made(""), &["operation.a.made diff/fields-closed p"]);
    check(&made(""), "[events.\"operation.a.made\"]", &["operation.a.made diff/fields-opened"]);
    // it may come again, as anything
    let expected = &["operation.a.made diff/field-removed c", "operation.a.made diff/fields-opened"];
    check(&made("n = 'integer?'"), "[events.\"operation.a.made\"]", expected);
}

#[test]
fn a_failure_is_renamed_along_or_told() {
    let old = "[events.\"operation.tokens.inserted\"]\nfields = { count = \"integer?\" }";
    let new = "[events.\"operation.tokens.created\"]\nwas = [\"operation.tokens.inserted\"]\nfields = { count = \"integer?\" }";
    check(old, new, &["operation.tokens.inserted diff/event-renamed p"]);
    let said = diff(old, new, &[]).out;
    assert!(
        said.contains(
            "; its failure `operation.tokens.insert_failed` is `operation.tokens.create_failed`; calls under"
        ),
        "{said}"
    );
    // the old failure had a name of its own, which nothing leads on from
    let lost = "\n[events.\"operation.tokens.lost\"]\nfields = {}";
    check(
        &format!("{old}\nfailed = \"operation.tokens.lost\"{lost}"),
        &format!("{new}{lost}"),
        &["operation.tokens.created diff/failure-renamed c", "operation.tokens.inserted diff/event-renamed p"],
    );
    let was = "\n[events.\"operation.tokens.missed\"]\nwas = [\"operation.tokens.lost\"]\nfields = {}";
    check(
        &format!("{old}\nfailed = \"operation.tokens.lost\"{lost}"),
        &format!("{new}\nfailed = \"operation.tokens.missed\"{was}"),
        &["operation.tokens.inserted diff/event-renamed p", "operation.tokens.lost diff/event-renamed p"],
    );
    // the name of the old failure means something else
    check(
        old,
        &format!("{new}\n[events.\"operation.tokens.insert_failed\"]\nfields = {{ count = \"string\" }}"),
        &[
            "operation.tokens.created diff/failure-renamed c",
            "operation.tokens.insert_failed diff/type-changed c",
            "operation.tokens.inserted diff/event-renamed p",
            "operation.tokens.insert_failed diff/event-added",
        ],
    );
}

/// What a change elsewhere in the file takes from the readers of an event.
#[test]
fn an_event_may_change_for_its_readers_alone() {
    let query = "[events.\"sql.query\"]\nfields = { rows = \"integer\", statement = \"string?\" }";
    let foreign = "\n[foreign]\n\"sqlx::query\" = { event = \"sql.query\", fields = [\"rows\"] }";
    check(
        query,
        &format!("{query}{foreign}"),
        &["sql.query diff/status-added c", "sql.query diff/field-optional c", "sqlx::query diff/foreign-added"],
    );
    // it was told of such spans before
    let second = format!("{foreign}\n\"diesel::query\" = {{ event = \"sql.query\", fields = [] }}");
    check(&format!("{query}{foreign}"), &format!("{query}{second}"), &["diesel::query diff/foreign-added"]);

    let abort = "[events.\"dispatch.run.abort\"]\nfields = { error = \"string\" }\n[events.\"dispatch.run.apply\"]\nfields = {}";
    let failed = "\nfailed = \"dispatch.run.abort\"";
    check(
        abort,
        &format!("{abort}{failed}"),
        &["dispatch.run.abort diff/status-added c", "dispatch.run.apply diff/failure-renamed c"],
    );
    let added = format!("{abort}{failed}\n[events.\"dispatch.run.plan\"]\nfields = {{}}{failed}");
    check(&format!("{abort}{failed}"), &added, &["dispatch.run.plan diff/event-added"]);
    // a report of failures that nobody could be asked for as well
    let both = format!("{abort}{failed}\n[foreign]\n\"x::y\" = {{ event = \"dispatch.run.abort\", fields = [] }}");
    check(&format!("{abort}{failed}"), &both, &["dispatch.run.abort diff/field-optional c", "x::y diff/foreign-added"]);
    // an event that becomes the failure of another one by its name alone, and one that begins a life by its
    let made = "[events.\"operation.a.make_failed\"]\nfields = {}";
    check(
        made,
        &format!("{made}\n[events.\"operation.a.made\"]\nfields = {{}}"),
        &["operation.a.make_failed diff/status-added c", "operation.a.made diff/event-added"],
    );
    let start = "[events.\"dispatch.batch.start\"]\nfields = {}";
    check(
        start,
        &format!("{start}\n[events.\"dispatch.batch.complete\"]\nfields = {{}}"),
        &[
            "dispatch.batch.start diff/failure-renamed c",
            "dispatch.batch.start diff/status-added c",
            "dispatch.batch.complete diff/event-added",
        ],
    );

    let made = self::made("n = 'integer', m = 'integer?'");
    let inherit = |fields: &str| format!("[context]\ninherit = [{fields}]\n{made}");
    check(&made, &inherit("'n'"), &["operation.a.made diff/field-optional c", "n diff/inherit-added"]);
    check(&made, &inherit("'m'"), &["m diff/inherit-added"]);
    check(&inherit("'n'"), &inherit("'n', 'm'"), &["m diff/inherit-added"]);
}

#[test]
fn what_all_names_depend_on() {
    let event = "[events.\"operation.a.made\"]";
    let migrated = "[events.\"operation.a.made\"]\nwas = [\"operation.a.done\"]";
    let table: &[(&str, &str, &[&str])] = &[
        (event, &format!("closed = true\n{event}"), &["closed diff/closed p"]),
        (&format!("closed = true\n{event}"), event, &["closed diff/opened"]),
        (&format!("migrating = true\n{migrated}"), migrated, &["migrating diff/migration-ended p"]),
        (&format!("migrating = true\n{event}"), event, &["migrating diff/migration-ended"]),
        (migrated, &format!("migrating = true\n{migrated}"), &["migrating diff/migration-begun"]),
        ("", "[layers.billing]\ntense = \"past\"", &["billing diff/tense-changed p"]),
        ("closed = true", "closed = true\n[layers.billing]\ntense = \"past\"", &[]),
        (
            "[layers.operation]\ntense = \"past\"\noutcomes = [\"hit\", \"miss\"]",
            "[layers.operation]\ntense = \"past\"\noutcomes = [\"hit\"]",
            &["operation diff/outcome-removed p"],
        ),
        ("[context]\ninherit = [\"a\"]", "", &["a diff/inherit-removed pc"]),
        ("", "[context]\ninherit = [\"a\"]", &["a diff/inherit-added"]),
        ("[context]\ninherit = [\"job_id\"]", "", &[]),
        (migrated, event, &["operation.a.done diff/name-forgotten c"]),
        (
            migrated,
            &format!("{event}\n[events.\"operation.a.done\"]"),
            &["operation.a.done diff/name-reused c", "operation.a.done diff/event-added"],
        ),
        (
            "[events.\"operation.a.made\"]\nfailed = \"operation.a.lost\"",
            event,
            &["operation.a.made diff/failure-renamed c"],
        ),
    ];
    for (old, new, expected) in table {
        check(old, new, expected);
    }
}

#[test]
fn spans_of_other_crates() {
    let rule = |event: &str, fields: &str| {
        format!(
            "[events.\"sql.query\"]\n[events.\"sql.read\"]\n[foreign]\n\"sqlx::query\" = {{ event = \"{event}\", fields = [{fields}] }}"
        )
    };
    let none = "[events.\"sql.query\"]\n[events.\"sql.read\"]";
    let one = &rule("sql.query", "");
    check(one, none, &["sqlx::query diff/foreign-removed c"]);
    // whoever reads the event has never seen it fail; nobody has read one that is new
    check(none, one, &["sql.query diff/status-added c", "sqlx::query diff/foreign-added"]);
    check("", one, &["sql.query diff/event-added", "sql.read diff/event-added", "sqlx::query diff/foreign-added"]);
    check(one, &rule("sql.read", ""), &["sql.read diff/status-added c", "sqlx::query diff/foreign-changed c"]);
    check(&rule("sql.query", "'rows'"), one, &["sqlx::query diff/foreign-changed c"]);
    check(one, &rule("sql.query", "'rows'"), &[]);
}

#[test]
fn a_line_of_json_has_all_six_keys() {
    let said = diff(&made(""), &made("n = 'integer'"), &["--json"]);
    let message = "the field `n` (integer) is new, and always there: calls that do not record it no longer compile; \
        declare it as \"integer?\" to keep them";
    let expected = json!({"id": "diff/field-required", "name": "operation.a.made", "field": "n", "breaking": true,
        "breaks": ["producers"], "message": message});
    assert_eq!((said.json(), said.err.as_str()), (vec![expected], ""));
    assert!(said.out.starts_with("{\"id\":\"diff/field-required\",\"name\":"), "{}", said.out);
}

#[test]
fn a_registry_that_cannot_be_read_is_no_answer() {
    let folder = Folder::new().with("good.toml", "version = 1\n").with("bad.toml", "version = 2\n");
    for (old, new, told) in [("good.toml", "none.toml", "none.toml"), ("bad.toml", "good.toml", "bad.toml")] {
        let said = folder.ask(&["diff", old, new]);
        assert_eq!((said.out.as_str(), said.code), ("", Some(2)));
        assert!(said.err.contains(told), "{}", said.err);
    }
    assert_eq!(folder.ask(&["diff", "good.toml"]).code, Some(2));
}

#[test]
fn every_id_is_explained_in_the_help() {
    let help = Folder::new().ask(&["diff", "--help"]).out;
    let sources = ["events.rs", "fields.rs", "around.rs", "readers.rs"].map(|file| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/diff").join(file);
        std::fs::read_to_string(path).unwrap()
    });
    let sources = sources.concat();
    let ids: Vec<&str> = sources.split('"').filter(|text| text.starts_with("diff/")).collect();
    assert!(ids.len() > 20, "{ids:?}");
    for id in ids {
        assert!(help.contains(id), "{id} is not in the help");
    }
}

/// `tense diff <(git show HEAD:tense.toml) tense.toml`
#[cfg(unix)]
#[test]
fn what_is_named_may_be_a_pipe() {
    let folder = Folder::new().with("tense.toml", "version = 1\n");
    let said = folder.pipe(&["diff", "/dev/stdin", "tense.toml"], b"version = 1\n");
    assert_eq!((said.code, &*said.err), (Some(0), "0 changes, 0 breaking\n"), "{}", said.out);
}
