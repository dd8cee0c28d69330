//! The file: what it yields, and where it is wrong.

use tense_grammar::{FieldKind, Registry, Tense};

const COORDINATOR: &str = include_str!("../../../ui-tests/coordinator/tense.toml");

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
        ("", "line 1, column 1: the first thing to say is `version = 1` [file/version]"),
        (
            "version = 2",
            "line 1, column 11: this is not a version that can be read here: write `version = 1` [file/version]",
        ),
        (
            "version = \"1\"",
            "line 1, column 11: this is not a version that can be read here: write `version = 1` [file/version]",
        ),
        (
            "version = 1\nclosd = true",
            "line 2, column 1: `closd` is not a key of tense.toml: did you mean `closed`? [file/key]",
        ),
        (
            "version = 1\nclosed = 1",
            "line 2, column 10: `closed` has to be true or false, and this is of the type integer [file/type]",
        ),
        (
            "version = 1\n[layers.billing]\ntense = \"pass\"",
            "line 3, column 9: `pass` is not a tense: did you mean `past`? [file/layer]",
        ),
        (
            "version = 1\n[layers.billing]",
            "line 2, column 9: a layer declares its tense: `tense = \"past\"`, \"present\" or \"any\" [file/layer]",
        ),
        (
            "version = 1\n[layers.x]\ntense = \"any\"\noutcomes = [\"miss\"]",
            "line 4, column 12: outcomes are for past layers; elsewhere nouns pass as they are [file/layer]",
        ),
        (
            "version = 1\n[context]\ninherits = []",
            "line 3, column 1: `inherits` is not a key of [context]: did you mean `inherit`? [file/key]",
        ),
        (
            "version = 1\n[events.\"operation.tokens.create\"]",
            "line 2, column 9: `operation` events say what has happened, so their action is in the past tense: write `created` [tense/past]",
        ),
        (
            "version = 1\n[events.operation.tokens.created]",
            "line 2, column 9: put the name of the event into quotes: [events.\"operation.tokens..\"] [file/event]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nfields = { rows = \"integr?\" }",
            "line 3, column 19: `integr` is not a type of field: did you mean `integer`? [file/field]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nfields = { rows = \"integer\" }\nindexed = [\"row\"]",
            "line 4, column 11: `row` is not a field of this event: did you mean `rows`? [file/field]",
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
            "line 3, column 11: `slow_ms` has to be a whole number of milliseconds, from 0 on [file/type]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nwas = [\"sql.run\"]\n[events.\"sql.run\"]",
            "line 3, column 8: `sql.run` is a declared event, and an old name is one that nothing is called any more: take it out of one of the two places [file/was]",
        ),
        (
            "version = 1\nclosed = true\n[events.\"sql.query\"]\nfailed = \"sql.eror\"\n[events.\"sql.error\"]",
            "line 4, column 10: `sql.eror` is not a declared event: did you mean `sql.error`? (the failure of `sql.query`) [file/failed]",
        ),
        (
            "version = 1\n[words]\ncommit = \"committed\"",
            "line 3, column 1: `commit` is known already, with the participle `committed`: leave it out [file/words]",
        ),
        (
            "version = 1\n[words]\nwrite = \"writed\"",
            "line 3, column 1: `write` is known already, with the participle `written`: which [words] cannot change [file/words]",
        ),
        (
            "version = 1\n[removed]\n\"sql.run\" = \"gone\"",
            "line 3, column 13: say why it was removed and what tells the same now, for whoever still writes it [file/removed]",
        ),
        (
            "version = 1\n[foreign]\n\"sqlx::query\" = { evnt = \"sql.query\" }",
            "line 3, column 19: `evnt` is not a key of a rule of [foreign]: did you mean `event`? [file/key]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nwas = [\"sql.run\"]\n[events.\"sql.select\"]\nwas = [\"sql.run\"]",
            "line 5, column 8: `sql.run` is an old name of `sql.query` already, and leads to one place: \
             take it out of one of the two [file/was]",
        ),
        (
            "version = 1\n[events.\"operation.x.written\"]\nwas = [\"operation.x.write_failed\"]",
            "line 3, column 8: `operation.x.write_failed` is what the declared `operation.x.written` is called when it fails, \
             and an old name is one that nothing is called any more [file/was]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nwas = [\"sql.run\"]\n[removed]\n\"sql.run\" = \"told by sql.query, with its rows\"",
            "line 5, column 1: `sql.run` is an old name of `sql.query` already, and leads to one place: \
             take it out of one of the two [file/removed]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nfailed = \"sql.query\"",
            "line 3, column 10: an event cannot be its own failure: name another one, or leave `failed` out [file/failed]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nfields = { \"row-count\" = \"integer\" }",
            "line 3, column 12: `row-count` cannot be the name of a field, which is one identifier: \
             letters, digits and underscores, no digit first [file/field]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nfields = { rows = \"integer\" }\n[foreign]\nx = { event = \"sql.query\", fields = [\"row\"] }",
            "line 5, column 37: `row` is not a field of `sql.query`: did you mean `rows`? [file/foreign]",
        ),
        (
            "version = 1\n[events.\"operation.tokens.created\"]\n[events.\"dispatch.token.create\"]",
            "line 3, column 9: `dispatch.token.create` reports what `operation.tokens.created` reports already, and an operation \
             has one event: take it out, or give it a name for what only this layer does [registry/owned]",
        ),
        (
            "version = 1\n[events.\"sql.batch.start\"]\nfields = { n = \"integer\" }\n[events.\"sql.batch.complete\"]\nfields = { n = \"string\" }",
            "line 5, column 10: `n` has another type in `sql.batch.start`, which the same call records: give it one type \
             [file/field]",
        ),
        (
            "version = 1\n[events.\"sql.Query\"]",
            "line 2, column 9: a name is made of lower-case words joined by single underscores, each beginning with a letter: \
             write `query` [name/word]",
        ),
        (
            "version = 1\n[words]\nkreate = \"created\"",
            "line 3, column 10: `created` is the past of `create` already [file/words]",
        ),
        (
            "version = 1\n[words]\nxx = \"create\"",
            "line 3, column 6: `create` is the base of a verb, and no past form [file/words]",
        ),
        (
            "version = 1\n[words]\nmkdir = \"mkdired\"\nmkdirr = \"mkdired\"",
            "line 4, column 10: `mkdired` is the past of `mkdir` already [file/words]",
        ),
        (
            "version = 1\n[events.\"sql.run\"]\nfields = { code = \"integer\" }\nfailed = \"sql.abort\"\n\
             [events.\"sql.abort\"]\nfields = { code = \"string\" }",
            "line 3, column 10: `code` has another type in `sql.abort`, which the same call records: give it one type [file/field]",
        ),
        (
            "version = 1\n[events.\"sql.run\"]\nfailed = \"sql.abort\"\n[events.\"sql.abort\"]\nfields = { error = \"integer\" }",
            "line 2, column 9: the field `error` of `sql.abort` is filled in with the message of the failure: make it a `string` \
             [file/field]",
        ),
        (
            "version = 1\n[events.\"operation.jobs.canceled\"]\n[events.\"operation.jobs.cancelled\"]",
            "line 2, column 9: `operation.jobs.canceled` and `operation.jobs.cancelled` would both be called \
             `operation.jobs.cancel_failed` when they fail: are they one event, or has one of them a failure of another name, \
             as in `failed = \"..\"`? [file/failed]",
        ),
        (
            "version = 1\n[events.\"operation.x.write\"]\nexempt = \"a reason that is long enough\"",
            "line 3, column 10: an exemption has to be a table, and this is of the type string [file/type]",
        ),
        (
            "version = 1\n[events.\"sql.query\"]\nwas = [\"sql.*\"]",
            "line 3, column 8: an old name is what was written once: words between dots, without `_` or `*` alone [file/was]",
        ),
        (
            "version = 1\n[events.\"dispatch.a.start\"]\nfailed = \"dispatch.a.abort\"\n[events.\"dispatch.a.complete\"]\n\
             [events.\"dispatch.a.abort\"]",
            "line 3, column 10: a life fails once, and what that is called is said where it ends: move this to \
             `dispatch.a.complete` [file/failed]",
        ),
        (
            "version = 1\n[events.\"sql.a\"]\nfields = { stages = \"string\" }",
            "line 3, column 21: `stages` is filled in by pipelines: leave it out, or give yours another name [file/field]",
        ),
        (
            "version = 1\n[events.\"sql.a\"]\nfields = { job_id = \"bool\" }",
            "line 3, column 21: `job_id` stands at the top of every event, as a text: make it a `string` [file/field]",
        ),
        (
            "version = 1\n[context]\ninherit = [\"t\"]\n[events.\"sql.a\"]\nfields = { t = \"string\" }\n[events.\"sql.b\"]\n\
             fields = { t = \"integer?\" }",
            "line 7, column 16: `t` is handed down, and is a `string` in another event: give it one type [file/field]",
        ),
        (
            "version = 1\nredact = 1",
            "line 2, column 10: `redact` has to be a table, and this is of the type integer [file/type]",
        ),
        (
            "version = 1\n[redact]\nkey = [\"pin\"]",
            "line 3, column 1: `key` is not a key of [redact]: did you mean `keys`? [file/key]",
        ),
        (
            "version = 1\n[redact]\nkeys = [\"--\"]",
            "line 3, column 8: `--` is no key: one has letters or digits, and at most 64 bytes [file/redact]",
        ),
        (
            "version = 1\n[redact]\noff = [\"emial\"]",
            "line 3, column 7: `emial` is not a family of rules: did you mean `email`? [file/redact]",
        ),
        (
            "version = 1\n[redact.keep_keys]\nsession_id = \"fine\"",
            "line 3, column 14: say in 15 characters or more why nobody can do harm with this value [file/redact]",
        ),
        (
            "version = 1\n[redact.rules.badge]\nhit = [\"BADGE-1\"]",
            "line 2, column 15: a rule has a regular expression: `pattern = 'BADGE-[0-9]{6}'` [file/redact]",
        ),
        (
            "version = 1\n[redact.rules.badge]\npattern = \"BADGE\"",
            "line 2, column 15: a rule shows what it finds, and is held to it: `hit = [\"..\"]` [file/redact]",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(errors(text), [expected], "{text}");
    }
}

#[test]
fn columns_count_characters() {
    assert_eq!(
        errors("version = 1\n[foreign]\n\"größe::ä\" = { event = \"sql.query\", x = 1 }"),
        ["line 3, column 37: `x` is not a key of a rule of [foreign]: there are `event`, `fields` [file/key]"]
    );
}

#[test]
fn all_mistakes_are_told_in_the_order_of_the_file() {
    let text = "closed = 3\nversion = 7\n[layers.a]\n[events.\"operation.x.write\"]\nabout = 5\n";
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

#[test]
fn old_names_that_lead_in_a_circle_are_live_names() {
    let text = "version = 1\n[events.\"sql.a\"]\nwas = [\"sql.b\"]\n[events.\"sql.b\"]\nwas = [\"sql.c\"]\n[events.\"sql.c\"]\nwas = [\"sql.a\", \"sql.c\"]\n";
    let told: Vec<(usize, &str)> =
        Registry::parse(text).unwrap_err().iter().map(|error| (error.line, error.rule)).collect();
    assert_eq!(told, [(3, "file/was"), (5, "file/was"), (7, "file/was"), (7, "file/was")]);
}

#[test]
fn hostile_files_are_refused_in_no_time() {
    let began = std::time::Instant::now();
    let large = format!("version = 1\n# {}", "x".repeat(50 << 20));
    assert_eq!(Registry::parse(&large).unwrap_err()[0].rule, "file/size");
    let depth = 100_000;
    for text in [
        format!("version = 1\na = {}", "[".repeat(depth)),
        format!("version = 1\na = {}{}", "[".repeat(depth), "]".repeat(depth)),
        format!("version = 1\na = {}", "{a=".repeat(depth)),
        format!("version = 1\n{} = 1", vec!["a"; depth].join(".")),
        format!("version = 1\n[{}]", vec!["a"; depth].join(".")),
        format!("version = 1\n[events.\"{}\"]", "a.".repeat(depth)),
        format!("version = 1\n[events.\"sql.{}\"]\nfields = {{ x = \"{}\" }}", "y".repeat(depth), "z".repeat(depth)),
        "\u{0}\u{feff}\r\r\n".repeat(1_000),
    ] {
        let errors = Registry::parse(&text).unwrap_err();
        assert!(errors.iter().all(|error| error.message.len() < 1_000), "{}", errors[0]);
    }
    let many: String = (0..20_000).map(|n| format!("[events.\"sql.e{n}\"]\nwas = [\"sql.old{n}\"]\n")).collect();
    assert_eq!(Registry::parse(&format!("version = 1\n{many}")).unwrap().events().count(), 20_000);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn a_hundred_mistakes_are_enough() {
    let mistakes = |count: usize| {
        let keys: String = (0..count).map(|n| format!("k{n} = 1\n")).collect();
        Registry::parse(&format!("version = 1\n{keys}")).unwrap_err()
    };
    assert_eq!((mistakes(100).len(), mistakes(101).len(), mistakes(102).len()), (100, 101, 101));
    let many = mistakes(261);
    assert_eq!((many.len(), many[100].line), (101, 102));
    assert_eq!(many[100].message, "161 more mistakes from here on [file/more]");
}

#[test]
fn failures_that_lead_back_are_told() {
    let text = "version = 1\n[events.\"sql.a\"]\nfailed = \"sql.b\"\n[events.\"sql.b\"]\nfailed = \"sql.c\"\n\
        [events.\"sql.c\"]\nfailed = \"sql.b\"\n";
    let told: Vec<(usize, &str)> =
        Registry::parse(text).unwrap_err().iter().map(|error| (error.line, error.rule)).collect();
    assert_eq!(told, [(5, "file/failed"), (7, "file/failed")], "sql.a only leads there");
}
