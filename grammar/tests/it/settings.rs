//! The tables of settings: what they yield, and what is told of them; as a whole file, and for a program that runs.

use tense_grammar::{Registry, SETTINGS, Setting, SettingKind};

fn errors(text: &str) -> Vec<String> {
    Registry::parse(&format!("version = 1\n{text}")).unwrap_err().iter().map(ToString::to_string).collect()
}

/// What is set, as in the environment.
fn set(text: &str) -> Vec<String> {
    let registry = Registry::parse(&format!("version = 1\n{text}")).unwrap();
    registry.settings().iter().map(|Setting { spec, value, .. }| format!("{spec}={value}")).collect()
}

#[test]
fn every_kind_of_value_is_read_as_it_is_written() {
    let table: [(&str, &[&str]); 10] = [
        ("[recording]\nenabled = false", &["recording.enabled=false"]),
        ("[recording]\nlevel = \"debug\"", &["recording.level=debug"]),
        ("[recording]\nring_bytes = \"1MiB\"", &["recording.ring_bytes=1048576"]),
        ("[recording]\nring_bytes = 0x1_0000", &["recording.ring_bytes=65536"]),
        ("[delivery]\nqueue_events = 1_000\nfailures = 3", &["delivery.queue_events=1000", "delivery.failures=3"]),
        ("[delivery]\ntimeout = \"90s\"\nrest = \"0s\"", &["delivery.timeout=90s", "delivery.rest=0ms"]),
        ("[sampling]\nratio = 0.25", &["sampling.ratio=0.25"]),
        ("[sampling]\nratio = 1", &["sampling.ratio=1"]),
        (
            "[sampling]\nevents = { \"sql.query\" = 0.5, \"log.*\" = 0 }\n[sampling.levels]\ndebug = 0.1",
            &["sampling.events=log.*=0,sql.query=0.5", "sampling.levels=debug=0.1"],
        ),
        ("[recording]\n[sampling]\n[limits]\n[delivery]", &[]),
    ];
    for (text, expected) in table {
        assert_eq!(set(text), expected, "{text}");
    }
}

#[test]
fn mistakes_are_told_with_what_would_be_right() {
    let table = [
        (
            "[delivery]\ntiemout = \"1s\"",
            "line 3, column 1: `tiemout` is not a key of [delivery]: did you mean `timeout`? [file/key]",
        ),
        (
            "[delivery]\ntimeout = 10",
            "line 3, column 11: `timeout` has to be a string, such as \"10s\", and this is of the type integer [file/type]",
        ),
        (
            "[delivery]\ntimeout = \"10\"",
            "line 3, column 11: `timeout`: `10` is not a whole number and a unit, from 1ms to 24h, such as `500ms`, `10s`, \
             `2m` or `1h` [file/setting]",
        ),
        (
            "[delivery]\nqueue_bytes = \"64 megs\"",
            "line 3, column 15: `queue_bytes`: `64 megs` is not a size from 64KiB to 64GiB, such as `512KiB`, `64MiB` or \
             `1GiB` [file/setting]",
        ),
        (
            "[delivery]\nwhen_full = \"drop_oldst\"",
            "line 3, column 13: `when_full`: `drop_oldst` is none of them (`drop_newest`, `drop_oldest`): did you mean \
             `drop_oldest`? [file/setting]",
        ),
        (
            "[sampling]\nratio = 10",
            "line 3, column 9: `ratio`: `10` is not a number from 0 to 1, such as `0.1` [file/setting]",
        ),
        (
            "[sampling]\nratio = -0.5",
            "line 3, column 9: `ratio`: `-0.5` is not a number from 0 to 1, such as `0.1` [file/setting]",
        ),
        (
            "[sampling]\nratio = nan",
            "line 3, column 9: `ratio`: `nan` is not a number from 0 to 1, such as `0.1` [file/setting]",
        ),
        (
            "[sampling.levels]\ndebgu = 0.1",
            "line 3, column 1: `debgu` is none of them (`error`, `warn`, `info`, `debug`, `trace`): did you mean `debug`? \
             [file/setting]",
        ),
        (
            "[sampling.events]\nsql = 0.1",
            "line 3, column 1: `sql` is not the name of events: write `sql.query`, or `log.*` for all that begin so \
             [file/setting]",
        ),
        (
            "[sampling.events]\n\"sql.query\" = \"few\"",
            "line 3, column 15: a share has to be a number from 0 to 1, and this is of the type string [file/type]",
        ),
        (
            "[limits]\nopen_spans = 3",
            "line 3, column 14: `open_spans`: `3` is not a whole number from 16 to 16777216 [file/setting]",
        ),
        (
            "recording = true",
            "line 2, column 13: `recording` has to be a table, and this is of the type boolean [file/type]",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(errors(text), [expected], "{text}");
    }
}

#[test]
fn in_a_closed_registry_shares_are_of_events_that_there_are() {
    let text = |name: &str| {
        let events = ["dispatch.batch.start", "dispatch.batch.complete", "sql.query"];
        let events = events.map(|name| format!("\"{name}\" = {{}}\n")).concat();
        format!("closed = true\n[sampling.events]\n\"{name}\" = 0.5\n[events]\n{events}")
    };
    let known =
        ["sql.query", "sql.*", "sql.query_fail", "*", "dispatch.batch", "dispatch.batch.fail", "log.*", "*.fail"];
    for name in known.into_iter().chain(["foreign.hyper", "dispatch.notify.attempt"]) {
        assert_eq!(set(&text(name)), [format!("sampling.events={name}=0.5")]);
    }
    let told = |name: &str, then: &str| {
        let fact = format!("line 4, column 1: `{name}` is not an event of this closed registry{then} [file/setting]");
        assert_eq!(errors(&text(name)), [fact]);
    };
    told("sql.qurey", ": did you mean `sql.query`?");
    told("sqll.*", "");
    assert_eq!(set(&text("sqll.*").replace("closed = true\n", "")), ["sampling.events=sqll.*=0.5"]);
}

/// So that a new setting is one that a file can have: each with the value that holds anyway.
#[test]
fn every_setting_can_stand_in_a_file() {
    for spec in SETTINGS {
        let value = match &spec.kind {
            SettingKind::Switch | SettingKind::Share => spec.unless_set.to_owned(),
            SettingKind::Count { least, .. } => least.to_string(),
            SettingKind::SharesOfEvents => "{ \"sql.*\" = 0.5 }".to_owned(),
            SettingKind::SharesOf(names) => format!("{{ {} = 0.5 }}", names[0]),
            _ => format!("\"{}\"", spec.unless_set),
        };
        let read = set(&format!("[{}]\n{} = {value}", spec.table, spec.key));
        assert!(read.len() == 1 && read[0].starts_with(&format!("{spec}=")), "{read:?}");
    }
}

/// What a running program reads of a file.
fn load(text: &str) -> Result<(usize, Vec<String>), Vec<String>> {
    let folder = std::env::temp_dir().join(format!("tense-grammar-settings-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("tense.toml");
    std::fs::write(&path, text).unwrap();
    let read = Setting::load(&path).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let told = |errors: Vec<tense_grammar::RegistryError>| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
    read.map(|(settings, mistakes)| (settings.len(), told(mistakes))).map_err(told)
}

#[test]
fn a_program_that_runs_reads_settings_and_nothing_else() {
    let names = "closed = 7\n[redact]\noff = 3\n[events.\"operation.x.write\"]\n";
    assert_eq!(load(&format!("version = 1\n{names}[delivery]\nfailures = 7\n")), Ok((1, Vec::new())));
    let (set, told) = load("version = 1\n[delivery]\nfailures = 0\nrest = \"1s\"\n[limit]\n").unwrap();
    assert_eq!((set, told.len()), (1, 2), "{told:?}");
    for text in ["", "version = 2\n[delivery]\nfailures = 7\n", "[delivery"] {
        assert_eq!(load(text).unwrap_err().len(), 1, "{text}");
    }
}
