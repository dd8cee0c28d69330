//! What holds for any input.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use tense_grammar::{Form, Past, Registry, Resolved, Written, base, is_past, participle};

const VERBS: &[&str] = &[
    "apply", "build", "cancel", "check", "commit", "create", "debug", "defer", "delete", "drop", "embed", "fetch",
    "find", "freeze", "init", "merge", "plan", "queue", "read", "recv", "replace", "retry", "rewrite", "seed", "send",
    "set", "skip", "split", "start", "submit", "sync", "throw", "tie", "traffic", "update", "validate", "write",
    "yield",
];
const NOUNS: &[&str] = &["batch", "branch", "context", "field", "group", "node", "section", "status", "table", "token"];

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
