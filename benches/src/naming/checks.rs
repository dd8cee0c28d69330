//! The grammar's own work, measured where it is done: in a program without optimization. Prints `key<TAB>figure` lines.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its figures, and ends when one cannot be had"
)]

use std::hint::black_box;
use std::time::Instant;

use tense_grammar::{Form, Registry, Resolved, Written, WrittenField};

const REFERENCE: &str = include_str!("reference.toml");
const LARGE: &str = include_str!("large.toml");

/// Names that pass without a file.
const ACCEPTED: &[&str] = &[
    "operation.tokens.created",
    "operation.tokens.status_updated",
    "operation.context.initialized",
    "operation.context.read",
    "operation.context.field_set",
    "operation.context.section_replaced",
    "operation.context.branch_table.dropped",
    "operation.context.branches_read",
    "operation.context.merge.started",
    "operation.context.output_mapping.applied",
    "operation.metadata.cache_hit",
    "dispatch.batch.start",
    "dispatch.error",
    "decision.routing.evaluate_transition",
    "decision.sync.sibling_group_check",
    "decision.completion.no_mapping",
    "sql.query",
    "debug.fan_in.try_activate_result",
];

/// Names that do not, with a proposal and without one.
const REFUSED: &[&str] = &[
    "operation.tokens.create",
    "operation.tokens.update_status",
    "operation.context.set_field",
    "operation.context.replace_section",
    "operation.context.read_all",
    "operation.context.snapshot",
    "operation.metadata.fetch_start",
    "operation.disk.write_to_disk",
    "operation.jobs.rollback",
    "operation.jobs.creation",
    "dispatch.token.created",
    "dispatch.token.status_updated",
    "dispatch.branch.tables_dropped",
    "dispatch.workflow.completed",
    "dispatch.sync.fan_in_activated",
    "decision.routing.transition_matched",
    "decision.sync.skipped_wrong_sibling_group",
];

/// Functions whose names stand for `_`.
const FUNCTIONS: &[&str] =
    &["create", "update_status", "set_field", "read_all", "write_to_disk", "rollback", "find_user_by_id", "created"];

fn main() {
    let builtin = Registry::builtin();
    let reference = Registry::parse(REFERENCE).unwrap();
    let large = Registry::parse(LARGE).unwrap();
    let names = |registry: &Registry| -> Vec<String> { registry.events().map(|event| event.name.clone()).collect() };
    let old = |registry: &Registry| -> Vec<String> { registry.events().flat_map(|event| event.was.clone()).collect() };
    let written = |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).to_owned()).collect() };

    print("accepted", microseconds(&builtin, &written(ACCEPTED), true));
    print("refused", microseconds(&builtin, &written(REFUSED), false));
    print("declared", microseconds(&reference, &names(&reference), true));
    print("renamed", microseconds(&reference, &old(&reference), false));
    print("unknown", microseconds(&reference, &misspelt(&names(&reference)), false));
    print("unknown of 500", microseconds(&large, &misspelt(&names(&large)), false));
    print(
        "from function",
        microseconds_of(FUNCTIONS.len(), || {
            for function in FUNCTIONS {
                let written = Written::new(&["operation", "rooms", "_"], Form::Action).function(function);
                assert!(black_box(builtin.resolve(&written)).is_ok());
            }
        }),
    );

    let (read, seconds) = timed(|| Registry::parse(LARGE).unwrap());
    print("read", seconds);
    let fields = ["room_id", "seats"].map(|name| WrittenField { name, later: false });
    let names = names(&read);
    let ((), seconds) = timed(|| {
        for name in names.iter().cycle().take(2_000) {
            let resolved = resolve(&read, name).unwrap();
            assert!(black_box(read.contract(&resolved, Form::Action, &fields)).is_ok());
        }
    });
    print("calls", seconds);
}

fn resolve(registry: &Registry, name: &str) -> Option<Resolved> {
    let segments: Vec<&str> = name.split('.').collect();
    black_box(registry.resolve(&Written::new(&segments, Form::Action))).ok()
}

/// Microseconds of one check of these names, all of which have to pass or none.
fn microseconds(registry: &Registry, names: &[String], pass: bool) -> f64 {
    microseconds_of(names.len(), || {
        for name in names {
            assert_eq!(resolve(registry, name).is_some(), pass, "{name}");
        }
    })
}

/// The median of several turns.
fn microseconds_of(checks: usize, mut turn: impl FnMut()) -> f64 {
    turn();
    let mut turns: Vec<f64> = (0..25).map(|_| timed(&mut turn).1).collect();
    turns.sort_by(f64::total_cmp);
    turns[turns.len() / 2] * 1e6 / checks as f64
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = Instant::now();
    let done = black_box(work());
    (done, began.elapsed().as_secs_f64())
}

/// Every name with one letter of its action left out.
fn misspelt(names: &[String]) -> Vec<String> {
    let slip = |name: &String| {
        let at = name.rfind('.').unwrap() + 2;
        format!("{}{}", &name[..at], &name[at + 1..])
    };
    names.iter().filter(|name| !name.ends_with("query")).map(slip).collect()
}

fn print(key: &str, figure: f64) {
    println!("{key}\t{figure}");
}
