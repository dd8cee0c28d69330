//! Input that nobody writes by hand: a clear error each, which can be printed, is short, and does not keep anybody
//! waiting.

use std::time::{Duration, Instant};

use tense_grammar::{FieldViolation, Form, Registry, RegistryError, Violation, Written, WrittenField};

const REFERENCE: &str = include_str!("../../../ui-tests/coordinator/tense.toml");

/// What every message has to be, whatever was written.
fn can_be_printed(rule: &str, message: &str) {
    assert!(message.len() < 1_000, "{} bytes: {message}", message.len());
    assert!(message.ends_with(&format!("[{rule}]")), "{message}");
    let raw =
        |c: char| c.is_control() || ('\u{200b}'..='\u{200f}').contains(&c) || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!message.contains(raw), "{message:?}");
}

fn violations(registry: &Registry, segments: &[&str], form: Form) -> Vec<Violation> {
    let told = registry.resolve(&Written::new(segments, form)).err().unwrap_or_default();
    told.iter().for_each(|violation| can_be_printed(violation.rule, &violation.message));
    told
}

fn errors(text: &str) -> Vec<RegistryError> {
    let told = Registry::parse(text).err().unwrap_or_default();
    told.iter().for_each(|error| can_be_printed(error.rule, &error.message));
    told
}

/// Generous, for a machine that does a lot besides; what grows with the square takes minutes.
fn in_no_time<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = work();
    assert!(began.elapsed() < Duration::from_secs(20), "{what}: {:?}", began.elapsed());
    done
}

#[test]
fn every_odd_segment_is_told_with_its_rule() {
    type Told = (&'static str, usize);
    let table: &[(&[&str], &[Told])] = &[
        (&[], &[("name/too-short", 0)]),
        (&[""], &[("name/word", 0), ("name/too-short", 0)]),
        (&["operation"], &[("name/too-short", 0)]),
        (&["", ""], &[("name/word", 0), ("name/word", 1)]),
        (&["operation", "", "created"], &[("name/word", 1)]),
        (&["operation", "tokens", ""], &[("name/word", 2)]),
        (&["Operation", "Tokens", "CREATED"], &[("name/word", 0), ("name/word", 1), ("name/word", 2)]),
        (&["operation", "to-kens", "created"], &[("name/word", 1)]),
        (&["operation", "to kens", "created"], &[("name/word", 1)]),
        (&["operation", "2fa", "created"], &[("name/word", 1)]),
        (&["operation", "tokens.all", "created"], &[("name/word", 1)]),
        (&["operation", "r#", "created"], &[("name/word", 1)]),
        (&["operation", "to\u{202e}snek", "created"], &[("name/word", 1)]),
        (&["operation", "to\0kens\u{1b}[31m", "created"], &[("name/word", 1)]),
        (&["operation", "🎫", "created"], &[("name/word", 1)]),
        (&["*", "_", "*"], &[("name/wildcard", 0), ("name/wildcard", 1)]),
    ];
    for registry in [Registry::builtin(), Registry::parse(REFERENCE).unwrap()] {
        for (segments, expected) in table {
            let told = violations(&registry, segments, Form::Action);
            let told: Vec<_> = told.iter().map(|violation| (violation.rule, violation.segment)).collect();
            assert_eq!(told, *expected, "{segments:?}");
        }
    }
}

/// Two letters that look the same are told apart by their numbers.
#[test]
fn a_look_alike_is_named() {
    let table = [
        ("оperation", "U+043E"),
        ("ｏperation", "U+FF4F"),
        ("oper\u{200d}ation", "U+200D"),
        ("operation\u{feff}", "U+FEFF"),
        ("oper\u{ad}ation", "U+00AD"),
        ("operatıon", "U+0131"),
        ("operation\u{7}", "U+0007"),
        ("𝐨peration", "U+1D428"),
    ];
    for (layer, number) in table {
        let told = violations(&Registry::builtin(), &[layer, "tokens", "created"], Form::Action);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].message.contains(number), "{}", told[0]);

        let told = errors(&format!("version = 1\n[events.\"{}.tokens.created\"]", layer.replace('\u{7}', "\\u0007")));
        assert_eq!((told.len(), told[0].line, told[0].rule), (1, 2, "name/word"));
        assert!(told[0].message.contains(number), "{}", told[0]);

        let file = format!(
            "version = 1\n[events.\"sql.query\"]\nfields = {{ \"{}\" = \"string\" }}",
            layer.replace('\u{7}', "\\u0007")
        );
        let told = errors(&file);
        assert_eq!((told.len(), told[0].line, told[0].column, told[0].rule), (1, 3, 12, "file/field"));
        assert!(told[0].message.contains(number), "{}", told[0]);
    }
}

#[test]
fn names_of_any_length_are_refused_at_once() {
    let closed = Registry::parse(REFERENCE).unwrap();
    let long = "x".repeat(100_000);
    for (first, segment, count) in [
        ("operation", "x", 10_000),
        ("sql", "*", 10_000),
        ("é", "é", 10_000),
        ("operation", "_", 10_000),
        ("sql", &long, 2),
    ] {
        let mut segments = vec![segment; count];
        segments[0] = first;
        for form in [Form::Action, Form::Life, Form::Point] {
            in_no_time(segment, || {
                for registry in [&Registry::builtin(), &closed] {
                    let told = violations(registry, &segments, form);
                    assert_eq!(told.iter().map(|violation| violation.rule).collect::<Vec<_>>(), ["name/too-long"]);
                    can_be_printed(told[0].rule, &told[0].message);
                }
            });
        }
    }
    let file = Registry::parse(&format!("version = 1\n[events.\"sql.{long}\"]\n")).unwrap_err();
    assert_eq!(file[0].rule, "name/too-long");
}

#[test]
fn ten_thousand_fields_are_held_against_ten_thousand() {
    let names: Vec<String> = (0..10_000).map(|n| format!("field_number_{n}")).collect();
    let declared: String = names.iter().map(|name| format!("{name} = \"string\"\n")).collect();
    let inherit: Vec<String> = names.iter().map(|name| format!("{name}_x")).collect();
    let text = format!(
        "version = 1\nclosed = true\n[context]\ninherit = {inherit:?}\n[events.\"sql.batch.start\".fields]\n{declared}\
         [events.\"sql.batch.complete\".fields]\n{declared}"
    );
    let registry = in_no_time("parse", || Registry::parse(&text).unwrap());
    let life = registry.resolve(&Written::new(&["sql", "batch", "*"], Form::Action)).unwrap();
    let fields = |names: &[String], later| -> Vec<FieldViolation> {
        let fields: Vec<WrittenField<'_>> = names.iter().map(|name| WrittenField { name, later }).collect();
        in_no_time("contract", || registry.contract(&life, Form::Action, &fields)).err().unwrap_or_default()
    };
    assert_eq!(fields(&names, false), []);
    assert_eq!(fields(&inherit, false).iter().map(|violation| violation.rule).collect::<Vec<_>>(), ["fields/missing"]);
    let strange: Vec<String> = names.iter().map(|name| name.replace("number", "numbre")).collect();
    let told = fields(&strange, false);
    assert!(told.iter().any(|violation| violation.rule == "fields/unknown"));
    for violation in told.iter().chain(&fields(&[], false)).chain(&fields(&names, true)) {
        can_be_printed(violation.rule, &violation.message);
    }
}

/// A registry can be about as long as a file may be, and wrong in every line of it.
#[test]
fn a_file_of_mistakes_takes_no_longer_than_one_without() {
    const MANY: usize = 8_000;
    let lines = |line: &dyn Fn(usize) -> String| -> String { (0..MANY).map(line).collect() };
    let table: &[(&str, String, Option<&str>)] = &[
        ("events", lines(&|n| format!("[events.\"sql.e{n}.read\"]\n")), None),
        ("old names", lines(&|n| format!("[events.\"sql.e{n}\"]\nwas = [\"sql.old{}\"]\n", MANY - n)), None),
        (
            "removals",
            format!("[removed]\n{}", lines(&|n| format!("\"sql.e{n}\" = \"told by the rows of sql.query\"\n"))),
            None,
        ),
        ("failures", lines(&|n| format!("[events.\"sql.e{n}\"]\nfailed = \"sql.f{n}\"\n")), None),
        (
            "exemptions",
            lines(&|n| {
                format!(
                    "[events.\"dispatch.d{n}.created\"]\nexempt = {{ rule = \"tense\", reason = \"kept for the dashboards\" }}\n"
                )
            }),
            None,
        ),
        (
            "events in the wrong tense",
            lines(&|n| format!("[events.\"dispatch.domain{n}.created\"]\n[events.\"operation.domain{n}x.created\"]\n")),
            Some("tense/present"),
        ),
        (
            "failures nobody declared",
            format!("closed = true\n{}", lines(&|n| format!("[events.\"sql.event{n}\"]\nfailed = \"sql.evnt{n}\"\n"))),
            Some("file/failed"),
        ),
        (
            "spans nobody declared",
            format!(
                "closed = true\n{}[foreign]\n{}",
                lines(&|n| format!("[events.\"sql.event{n}\"]\n")),
                lines(&|n| format!("\"a::b{n}\" = {{ event = \"sql.evnt{n}\" }}\n"))
            ),
            Some("file/foreign"),
        ),
        (
            "indexed fields",
            format!(
                "[events.\"sql.query\"]\nindexed = [{}]\n[events.\"sql.query\".fields]\n{}",
                lines(&|n| format!("\"fild{n}\",")),
                lines(&|n| format!("field{n} = \"string\"\n"))
            ),
            Some("file/field"),
        ),
        ("one old name", lines(&|n| format!("[events.\"sql.e{n}\"]\nwas = [\"sql.old\"]\n")), Some("file/was")),
        (
            "one event that two layers have",
            lines(&|n| format!("[events.\"operation.e{n}s.created\"]\n[events.\"dispatch.e{n}.create\"]\n")),
            Some("registry/owned"),
        ),
        ("keys", lines(&|n| format!("key{n} = 1\n")), Some("file/key")),
        ("no toml", lines(&|_| "= = ]\n".to_owned()), Some("file/syntax")),
    ];
    for (what, text, rule) in table {
        let told = in_no_time(what, || errors(&format!("version = 1\n{text}")));
        assert_eq!(told.first().map(|error| error.rule), *rule, "{what}: {:?}", told.first());
        // more than anybody mends in one go
        assert!(told.len() <= 101, "{what}: {}", told.len());
    }
}

#[test]
fn how_lines_end_is_no_mistake() {
    let windows = REFERENCE.replace('\n', "\r\n");
    let (unix, windows) = (Registry::parse(REFERENCE).unwrap(), Registry::parse(&windows).unwrap());
    assert!(unix.events().eq(windows.events()));
    let with_mark = Registry::parse(&format!("\u{feff}{REFERENCE}")).unwrap();
    assert!(unix.events().eq(with_mark.events()));

    let told = errors("version = 1\r\n\t[events.\"sql.query\"]\r\n\t\tslow_ms\t= -1\r\n");
    assert_eq!((told[0].line, told[0].column), (3, 13), "a tab is one column");
    // neither is the end of a line
    for text in ["version = 1\rclosed = true", "version = 1\u{2028}closed = true", "version = 1\0"] {
        assert_eq!(errors(text)[0].rule, "file/syntax", "{text:?}");
    }
}

/// What the file says is passed on in messages, also years later, to whoever writes an old name.
#[test]
fn texts_of_the_file_cannot_take_over_a_message() {
    let (long, name) = ("x".repeat(100_000), "x".repeat(1_000));
    for odd in ["a\\u001b[2Jb\\u202e", "a\\nb", &long] {
        let text = format!(
            "version = 1\n[removed]\n\"sql.run\" = \"told by sql.query with all of its rows {odd}\"\n\
             [events.\"sql.query\"]\nwas = [\"sql.{name}\"]\n[events.\"sql.{name}y\"]\nwas = [\"sql.old\"]\n"
        );
        let registry = Registry::parse(&text).unwrap();
        for (name, rule) in [("run", "registry/removed"), ("old", "registry/renamed"), (&name, "registry/renamed")] {
            assert_eq!(violations(&registry, &["sql", name], Form::Action)[0].rule, rule);
        }
        for text in [
            format!("version = 1\n\"{odd}\" = 1"),
            format!("version = 1\n[events.\"{odd}\".x]"),
            format!("version = 1\n[events.\"{odd}\".\"{odd}\"]"),
            format!("version = 1\n[layers.\"{odd}\"]\ntense = \"{odd}\""),
            format!("version = 1\n[words]\n\"{odd}-\" = \"{odd}\""),
            format!("version = 1\n[context]\ninherit = [\"{odd}-\"]"),
            format!("version = 1\n[events.\"sql.a\"]\nwas = [\"{odd}\"]\n[events.\"sql.b\"]\nwas = [\"{odd}\"]"),
            format!("version = 1\nclosed = true\n[events.\"sql.a\"]\nfailed = \"{odd}\""),
            format!("version = 1\n[events.\"sql.a\"]\nindexed = [\"{odd}\"]\nfields = {{ \"{odd}z\" = \"{odd}\" }}"),
            format!("version = 1\nclosed = true\n[foreign]\nx = {{ event = \"{odd}\" }}"),
            format!("version = 1\n{odd} = 1\n{odd} = 1"),
        ] {
            assert!(!errors(&text).is_empty(), "{}", text.get(..100).unwrap_or(&text));
        }
    }
}
