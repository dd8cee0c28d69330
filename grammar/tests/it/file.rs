//! The file: what it yields, and where it is wrong.

use tense_grammar::{FieldKind, Registry, Tense};

const COORDINATOR: &str = include_str!("../data/coordinator.toml");

fn errors(text: &str) -> Vec<String> {
    Registry::parse(text).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_reference_is_read_whole() {
    let registry = Registry::parse(COORDINATOR).unwrap();
    assert!(registry.is_closed() && !registry.is_migrating());
    assert_eq!(registry.tense_of("operation"), Tense::Past);
    assert_eq!(registry.tense_of("log"), Tense::Any);
    assert_eq!(registry.inherit().collect::<Vec<_>>(), ["token_id", "node_id"]);
    let declared = COORDINATOR.lines().filter(|line| line.starts_with("[events.")).count();
    assert_eq!(registry.events().count(), declared);

    let created = registry.event("operation.tokens.created").unwrap();
    assert_eq!(created.about.as_deref(), Some("A token row was inserted."));
    let (task, index) = (created.fields["task_id"], created.fields["branch_index"]);
    assert_eq!((task.kind, task.optional), (FieldKind::String, true));
    assert_eq!((index.kind, index.optional), (FieldKind::Integer, false));

    let foreign = registry.foreign("reqwest::request").unwrap();
    assert_eq!((foreign.event.as_str(), foreign.fields.as_slice()), ("debug.http.request", &["status".to_owned()][..]));
    assert!(
        registry.removed("dispatch.sync.check_requested").is_some_and(|reason| reason.starts_with("not actionable"))
    );
}

#[test]
fn each_mistake_has_its_place() {
    let table = [
        ("", "line 1, column 1: the first thing to say is `version = 1`"),
        ("version = 2", "line 1, column 11: this is not a version that can be read here: write `version = 1`"),
        ("version = \"1\"", "line 1, column 11: this is not a version that can be read here: write `version = 1`"),
        ("version = 1\nclosd = true", "line 2, column 1: `closd` is not a key of tense.toml: did you mean `closed`?"),
        (
            "version = 1\nclosed = 1",
            "line 2, column 10: `closed` has to be true or false, and this is of the type integer",
        ),
        (
            "version = 1\n[layers.billing]\ntense = \"pass\"",
            "line 3, column 9: `pass` is not a tense: did you mean `past`?",
        ),
        (
            "version = 1\n[layers.billing]",
            "line 2, column 9: a layer declares its tense: `tense = \"past\"`, \"present\" or \"any\"",
        ),
        (
            "version = 1\n[layers.x]\ntense = \"any\"\noutcomes = [\"miss\"]",
            "line 4, column 12: outcomes are for past layers; elsewhere nouns pass as they are",
        ),
        (
            "version = 1\n[context]\ninherits = []",
            "line 3, column 1: `inherits` is not a key of [context]: did you mean `inherit`?",
        ),
        (
            "version = 1\n[events.\"operation.tokens.create\"]",
            "line 2, column 9: `operation` events say what has happened, so their action is in the past tense: write `created` [tense/past]",
        ),
        (
            "version = 1\n[events.operation.tokens.created]",
            "line 2, column 9: put the name of the event into quotes: [events.\"operation.tokens..\"]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nfields = { rows = \"integr?\" }",
            "line 3, column 19: `integr` is not a type of field: did you mean `integer`?",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nfields = { rows = \"integer\" }\nindexed = [\"row\"]",
            "line 4, column 11: `row` is not a field of this event: did you mean `rows`?",
        ),
        (
            "version = 1\n[events.\"operation.x.written\"]\nexempt = { rule = \"tense\", reason = \"it has always been so\" }",
            "line 3, column 10: this exemption is not needed, since the name is in the tense of its layer: remove it [exempt/stale]",
        ),
        (
            "version = 1\n[events.\"operation.x.write\"]\nexempt = { rule = \"tense\", reason = \"todo\" }",
            "line 3, column 37: an exemption says why to whoever reads it next year: give a reason of at least 15 characters, \
             not a placeholder [exempt/reason]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nslow_ms = -1",
            "line 3, column 11: `slow_ms` has to be a number of milliseconds, and this is of the type integer",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nwas = [\"sql.run\"]\n[events.\"sql.run\"]",
            "line 3, column 8: `sql.run` is taken by another entry: a name is declared, renamed or removed once",
        ),
        (
            "version = 1\nclosed = true\n[events.\"sql.query\"]\nfailed = \"sql.eror\"\n[events.\"sql.error\"]",
            "line 4, column 10: `sql.eror` is not a declared event: did you mean `sql.error`? (the failure of `sql.query`)",
        ),
        (
            "version = 1\n[words]\ncommit = \"committed\"",
            "line 3, column 1: `commit` is known already, with the participle `committed`: leave it out",
        ),
        (
            "version = 1\n[words]\nwrite = \"writed\"",
            "line 3, column 1: `write` is known already, with the participle `written`: which [words] cannot change",
        ),
        (
            "version = 1\n[removed]\n\"sql.run\" = \"gone\"",
            "line 3, column 13: say why it was removed and what tells the same now, for whoever still writes it",
        ),
        (
            "version = 1\n[foreign]\n\"sqlx::query\" = { evnt = \"sql.query\" }",
            "line 3, column 19: `evnt` is not a key of a rule of [foreign]: did you mean `event`?",
        ),
        ("version = 1\nredact = 1", "line 2, column 10: `redact` has to be a table, and this is of the type integer"),
    ];
    for (text, expected) in table {
        assert_eq!(errors(text), [expected], "{text}");
    }
}

#[test]
fn columns_count_characters() {
    assert_eq!(
        errors("version = 1\n[foreign]\n\"größe::ä\" = { event = \"sql.query\", x = 1 }"),
        ["line 3, column 37: `x` is not a key of a rule of [foreign]: there are `event`, `fields`"]
    );
}

#[test]
fn all_mistakes_are_told_in_the_order_of_the_file() {
    let text = "closed = 3\nversion = 7\n[layers.a]\n[events.\"operation.x.write\"]\nabout = 5\n[sampling]\nanything = { goes = [1, 2] }\n";
    let lines: Vec<usize> = Registry::parse(text).unwrap_err().iter().map(|error| error.line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5]);
}

#[test]
fn syntax_errors_have_their_place_too() {
    let errors = Registry::parse("version = 1\n[events\n").unwrap_err();
    assert_eq!((errors.len(), errors[0].line), (1, 2), "{errors:?}");
    assert!(Registry::parse("version = 1\nversion = 1\n").is_err());
}

#[test]
fn words_of_the_project_are_words_of_the_rule() {
    let text = "version = 1\n[words]\nmkdir = \"mkdired\"\nspinoff2 = \"spun_off2\"\nhotstart = \"hotstart\"\n\
        [events.\"operation.x.hotstart\"]\n[events.\"operation.x.mkdired\"]\n";
    Registry::parse(text).unwrap();
}
