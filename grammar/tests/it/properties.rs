//! What holds for any input.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use tense_grammar::{Form, Past, Registry, Resolved, Written, base, is_past, nearest, participle};

const VERBS: &[&str] = &[
    "apply", "build", "cancel", "check", "commit", "create", "debug", "defer", "delete", "drop", "embed", "fetch",
    "find", "freeze", "init", "merge", "plan", "queue", "read", "recv", "replace", "retry", "rewrite", "seed", "send",
    "set", "skip", "split", "start", "submit", "sync", "throw", "tie", "traffic", "update", "validate", "write",
    "yield",
];
const NOUNS: &[&str] = &["batch", "branch", "context", "field", "group", "node", "section", "status", "table", "token"];

const REFERENCE: &str = include_str!("../../../ui-tests/coordinator/tense.toml");

/// One change to a text: a place in it, by its share of the whole, how much is taken away there, and what is put in.
fn edit() -> impl Strategy<Value = (f64, usize, String)> {
    let pieces = prop_oneof![
        ".{0,3}",
        "[\\[\\]{}\"'=,.#\n\r\\\\ ]{1,3}",
        "(true|1|\"x\"|was|failed|fields|exempt|events\\.|sql\\.query|created|operation)",
    ];
    (0.0..1.0, 0..40_usize, pieces)
}

fn edited(text: &str, edits: &[(f64, usize, String)]) -> String {
    let mut text = text.to_owned();
    for (place, taken, put) in edits {
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let begin = boundary((text.len() as f64 * place) as usize);
        text.replace_range(begin..boundary(begin + taken), put);
    }
    text
}

/// Whoever opens the file at the place of the mistake is inside it, or at the end of one of its lines.
fn mistakes_have_a_place(text: &str) -> Result<(), TestCaseError> {
    let Err(errors) = Registry::parse(text) else { return Ok(()) };
    prop_assert!(!errors.is_empty());
    // a mark of the byte order is a character of the first line
    let lines: Vec<&str> = text.split('\n').collect();
    for error in errors {
        let line = error.line.checked_sub(1).and_then(|line| lines.get(line));
        prop_assert!(
            line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&error.column)),
            "{error:?} in {text:?}"
        );
        let ending = format!(" [{}]", error.rule);
        prop_assert!(error.message.ends_with(&ending) && error.message.len() < 1_000, "{}", error.message);
        prop_assert!(!error.message.contains(char::is_control), "{:?}", error.message);
    }
    Ok(())
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![Just(Form::Action), Just(Form::Life), Just(Form::Point)]
}

fn layer() -> impl Strategy<Value = String> {
    prop_oneof!["operation|dispatch|decision|sql|weather", ".{0,4}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_makes_it_panic(
        layer in layer(),
        rest in prop::collection::vec("[a-z_]{0,12}|.{0,6}|_|\\*", 0..4),
        form in form(),
        function in prop::option::of("[a-z_]{0,20}|.{0,8}"),
        reason in prop::option::of(".{0,30}"),
    ) {
        let segments: Vec<&str> = std::iter::once(layer.as_str()).chain(rest.iter().map(String::as_str)).collect();
        let written = Written {
            segments: &segments,
            form,
            function: function.as_deref(),
            exempt_tense: reason.as_deref(),
        };
        if let Err(violations) = Registry::builtin().resolve(&written) {
            prop_assert!(!violations.is_empty());
            for violation in violations {
                prop_assert!(violation.segment < segments.len().max(1));
                let ending = format!(" [{}]", violation.rule);
                prop_assert!(violation.message.ends_with(&ending));
            }
        }
    }

    #[test]
    fn no_file_makes_it_panic(text in "(version = 1\n)?(\\[(layers|events|words|foreign)\\.[a-z\"._]{0,8}\\]\n|[a-z]{1,7} = [a-z0-9\"\\[\\]{}=, ]{0,12}\n|.{0,12}\n){0,8}") {
        if let Err(errors) = Registry::parse(&text) {
            prop_assert!(!errors.is_empty());
            let lines = text.split('\n').count();
            prop_assert!(errors.iter().all(|error| (1..=lines).contains(&error.line) && error.column >= 1));
        }
    }

    #[test]
    fn any_text_is_read_or_told_where_it_is_wrong(text in prop_oneof!["\\PC*", ".{0,200}", "(version = 1\n)?(.{0,20}\n){0,10}"]) {
        mistakes_have_a_place(&text)?;
    }

    #[test]
    fn a_damaged_registry_is_read_or_told_where_it_is_wrong(edits in prop::collection::vec(edit(), 1..6)) {
        mistakes_have_a_place(&edited(REFERENCE, &edits))?;
    }

    /// A proposal that is written where it was asked for mends what it was given for.
    #[test]
    fn a_written_proposal_mends(
        layer in "operation|dispatch|operatoin|sql|Dispatch",
        domain in prop_oneof!["tokens|batch|context|Tokens|out-put", "[a-zA-Z_-]{1,8}"],
        action in prop_oneof!["create|created|update_status|completed|setField|write__to_disk", "[a-zA-Z_]{1,12}", "[a-z]{1,6}(ed|ing|s)?"],
        form in prop_oneof![Just(Form::Action), Just(Form::Point)],
        // layers of its own make an unknown one suspicious; a closed registry has everything declared
        file in prop::sample::select(&["version = 1", "version = 1\n[layers.operation]\ntense = \"past\"", REFERENCE][..]),
    ) {
        let registry = Registry::parse(file).unwrap();
        let segments = [layer.as_str(), &domain, &action];
        let Err(violations) = registry.resolve(&Written::new(&segments, form)) else { return Ok(()) };
        for violation in violations {
            let Some(right) = violation.suggestion.as_deref() else { continue };
            let mended: Vec<&str> = if violation.rule == "registry/unknown-event" || violation.rule == "registry/renamed" {
                right.split('.').collect()
            } else {
                let mut mended = segments.to_vec();
                mended[violation.segment] = right;
                mended
            };
            let again = registry.resolve(&Written::new(&mended, form)).err().unwrap_or_default();
            let still = again.iter().any(|other| other.rule == violation.rule && other.segment == violation.segment);
            prop_assert!(!still, "{segments:?}: {violation}, then {again:?}");
        }
    }

    /// The nearest name is as near as it is said to be, and needs no more than one look to be found again.
    #[test]
    fn what_is_nearest_is_one_of_the_candidates(
        written in "[a-c.]{0,12}|.{0,6}",
        candidates in prop::collection::vec("[a-c.]{0,12}|.{0,6}", 0..8),
    ) {
        let found = nearest(&written, candidates.iter().map(String::as_str));
        if let Some(found) = found {
            prop_assert!(candidates.iter().any(|candidate| candidate == found));
            prop_assert!(found.len().abs_diff(written.len()) <= 4);
        }
        if candidates.contains(&written) {
            prop_assert_eq!(found, Some(written.as_str()));
        }
    }

    #[test]
    fn no_word_makes_it_panic(word in ".{0,12}|[a-z]{0,12}|(re|un|out|under)[a-z]{0,6}(ed)?") {
        let _ = (is_past(&word), participle(&word), base(&word));
    }

    #[test]
    fn the_participle_of_a_verb_is_past_and_leads_back(verb in prop::sample::select(VERBS)) {
        let past = participle(verb);
        prop_assert_ne!(is_past(&past), Past::No);
        // a clipped word comes back in full
        if !matches!(verb, "init" | "recv") {
            prop_assert_eq!(base(&past), Some(verb.to_owned()));
        }
    }

    /// Whoever follows a proposal is done.
    #[test]
    fn a_proposal_is_accepted(
        layer in prop::sample::select(&["operation", "dispatch"][..]),
        words in prop::collection::vec(prop::sample::select([VERBS, NOUNS, &["by", "back", "to", "rollback", "failed", "quickly"]].concat()), 1..5),
    ) {
        let action = words.join("_");
        let registry = Registry::builtin();
        if let Err(violations) = registry.resolve(&Written::new(&[layer, "x", &action], Form::Action)) {
            for right in violations.iter().filter_map(|violation| violation.suggestion.as_deref()) {
                let again = registry.resolve(&Written::new(&[layer, "x", right], Form::Action));
                prop_assert!(again.is_ok(), "{action} -> {right}: {again:?}");
            }
        }
    }

    /// What `_` takes from a function is what one could have written.
    #[test]
    fn a_name_taken_from_a_function_is_accepted(verb in prop::sample::select(VERBS), noun in prop::sample::select(NOUNS)) {
        let registry = Registry::builtin();
        let function = format!("{verb}_{noun}");
        let written = Written::new(&["operation", "x", "_"], Form::Action).function(&function);
        let Ok(Resolved::Action { event, .. }) = registry.resolve(&written) else { panic!("{function}") };
        let segments: Vec<&str> = event.split('.').collect();
        prop_assert!(registry.resolve(&Written::new(&segments, Form::Action)).is_ok(), "{event}");
    }
}

/// A name of 100 kB is as wrong as a short one, and no slower by the letter.
#[test]
fn long_names_take_linear_time() {
    let registry = Registry::parse(include_str!("../../../ui-tests/coordinator/tense.toml")).unwrap();
    let names = [
        "a".repeat(100_000),
        "a_".repeat(50_000),
        "re".repeat(50_000),
        "created_".repeat(12_500) + "x",
        "Ä".repeat(50_000),
    ];
    let began = Instant::now();
    for name in &names {
        for layer in ["operation", "dispatch", name] {
            for form in [Form::Action, Form::Point, Form::Life] {
                let result = registry.resolve(&Written::new(&[layer, name, name], form).function(name));
                let messages = result.unwrap_err();
                assert!(messages.iter().all(|violation| violation.message.len() < 1_000));
            }
            let from_function = [layer, "x", "_"];
            assert!(registry.resolve(&Written::new(&from_function, Form::Action).function(name)).is_err());
        }
        let _ = (is_past(name), participle(name), base(name));
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

/// What the reference declares stands for itself, and what it once was leads there, in one step.
#[test]
fn declared_names_stand_for_themselves_and_old_ones_lead_to_them() {
    let strict = Registry::parse(REFERENCE).unwrap();
    let migrating =
        Registry::parse(&REFERENCE.replacen("closed = true", "closed = true\nmigrating = true", 1)).unwrap();
    let resolve = |registry: &Registry, name: &str| {
        let segments: Vec<&str> = name.split('.').collect();
        registry.resolve(&Written::new(&segments, Form::Point))
    };
    let mut old_names = 0;
    for decl in strict.events() {
        let name = &decl.name;
        for registry in [&strict, &migrating] {
            let Ok(Resolved::Action { event, failed, renamed: None }) = resolve(registry, name) else {
                panic!("{name}")
            };
            assert_eq!(event, *name);
            assert_eq!(strict.declaring(&event).map(|decl| &decl.name), Some(name));
            assert!(strict.declaring(&failed).is_some(), "{name}: {failed}");
        }
        for old in &decl.was {
            old_names += 1;
            assert_eq!(strict.successor(old), Some(name.as_str()));
            let told = resolve(&strict, old).unwrap_err();
            assert_eq!((told.len(), told[0].rule, told[0].suggestion.as_ref()), (1, "registry/renamed", Some(name)));
            let Ok(Resolved::Action { event, renamed: Some(_), .. }) = resolve(&migrating, old) else {
                panic!("{old}")
            };
            assert_eq!(event, *name);
        }
    }
    assert!(old_names > 20, "{old_names}");
    for (name, _) in strict.removals() {
        assert_eq!(resolve(&migrating, name).unwrap_err()[0].rule, "registry/removed", "{name}");
    }
}
