//! `operation.metadata.*`: whoever runs a nested workflow looks its definition up, and tells of that once. The same
//! look is had again for the next token, and its events say nothing of which it was; so they are held against the ways
//! that a look can go, and against the nested runs that are begun with what was found.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::events::stored;
use crate::program::Desk;

/// All ways that a look into the catalog can go.
#[rustfmt::skip]
const WAYS: [&[&str]; 8] = [
    &["cache_hit"],
    &["cache_miss", "fetch_start", "fetch_success", "save"],
    &["cache_miss", "fetch_start", "fetch_error"],
    &["table_init", "cache_miss", "fetch_start", "fetch_success", "save"],
    &["table_init", "cache_miss", "fetch_start", "fetch_error"],
    // Another run was quicker to save it.
    &["table_init", "cache_hit"],
    // A catalog that cannot be used is none.
    &["table_init_error", "cache_miss", "fetch_start", "fetch_success"],
    &["table_init_error", "cache_miss", "fetch_start", "fetch_error"],
];

/// What one process has told of the looks of one run.
#[derive(Debug, Default)]
struct Told {
    looks: Vec<Vec<String>>,
    /// Rows of nested runs, which are written right behind a look that has found something.
    begun: usize,
}

/// By run and trace.
fn told(desk: &Desk) -> BTreeMap<(String, String), Told> {
    let mut lookups: BTreeMap<_, Told> = BTreeMap::new();
    for event in stored(desk) {
        let statement = event.data.get("statement").and_then(Value::as_str);
        let is_begun = statement.is_some_and(|statement| statement.starts_with("INSERT INTO runs "));
        let word = event.event_type.strip_prefix("operation.metadata.");
        if !is_begun && word.is_none() {
            continue;
        }
        let of = (event.job_id.unwrap(), event.trace_id.to_string());
        let Told { looks, begun } = lookups.entry(of).or_default();
        *begun += usize::from(is_begun);
        let Some(word) = word else { continue };
        let is_first = match word {
            "table_init" | "table_init_error" => true,
            "cache_hit" | "cache_miss" => {
                looks.last().is_none_or(|last| !last[last.len() - 1].starts_with("table_init"))
            }
            _ => looks.is_empty(),
        };
        if is_first {
            looks.push(Vec::new());
        }
        looks.last_mut().unwrap().push(word.to_owned());
    }
    lookups
}

/// Nothing was told twice by a program that was killed so often.
#[track_caller]
pub(crate) fn check(desk: &Desk, kills: usize) {
    let mut tables = 0;
    for ((run, _), Told { looks, begun }) in told(desk) {
        for (number, look) in looks.iter().enumerate() {
            // What was told last may have been lost with its process.
            let may_be_cut = kills > 0 && number + 1 == looks.len();
            let fits = |way: &&[&str]| look == way || may_be_cut && look.iter().eq(way.iter().take(look.len()));
            assert!(WAYS.iter().any(fits), "{run} has looked like this: {look:?}");
        }
        let words = || looks.iter().flatten().map(String::as_str);
        tables += words().filter(|word| *word == "table_init").count();
        let found = words().filter(|word| ["cache_hit", "fetch_success"].contains(word)).count();
        assert!(found == begun || kills > 0 && found == begun + 1, "{run} has found {found} times, and begun {begun}");
    }
    // Each process has one, and whoever was killed may have told of none.
    let least = usize::from(kills == 0);
    assert!((least..=kills + 1).contains(&tables), "the table was made {tables} times");
}

#[test]
fn a_look_is_told_once_in_the_shipped_workflows() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["run", "--db", "state.db"]).code, Some(0));
    check(&desk, 0);
    let of = |name: &str| {
        let told = told(&desk).into_iter().filter(|((run, _), _)| run.starts_with(name));
        told.flat_map(|(_, told)| told.looks).collect::<Vec<_>>()
    };
    assert_eq!(of("invoice-"), [WAYS[3], WAYS[0]]);
    assert_eq!(of("mishaps-"), [WAYS[7], WAYS[6]]);
    assert_eq!(told(&desk).len(), 2);
}

#[test]
fn a_look_is_told_once_by_many_at_once() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["run", "--db", "state.db", "--copies", "10"]).code, Some(0));
    check(&desk, 0);
    assert_eq!(told(&desk).len(), 20);
}

#[test]
fn a_catalog_of_its_own_lies_beside_the_definition() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("folder")).unwrap();
    let nest = r#"{"id": "n", "task": "workflow", "input": {"name": "inner"}}"#;
    let outer = format!(r#"{{"name": "outer", "catalog": "known.db", "start": "n", "nodes": [{nest}]}}"#);
    desk.write("folder/outer.json", &outer);
    let inner = r#"{"name": "inner", "start": "n", "nodes": [{"id": "n", "task": "wait", "input": {"ms": 0}}]}"#;
    desk.write("folder/inner.json", inner);
    let said = desk.run(&["run", "folder/outer.json"]);
    assert!(said.out.starts_with("outer-1  completed  null\n"), "{}{}", said.out, said.err);
    assert!(desk.path("folder/known.db").exists() && !desk.path("known.db").exists());
}
