//! The registry of the project and what was written lately enter; findings leave: a `tense.toml` that is not there or
//! has mistakes, names that it does not know, and names that were given up.

use std::collections::BTreeSet;

use tense_grammar::Registry;
use tense_store::{SqliteStore, Store, TraceFilter, text};

use super::finding::Finding;
use crate::layout::counted;
use crate::project::{self, WhichRegistry};
use crate::successors::Successors;

const ABOUT: &str = "registry";
/// So many of the latest traces are read for their names, none of which has more events than this, and all together.
const LATEST: usize = 200;
const LARGE: u64 = 2_000;
const ALL: u64 = 40_000;
/// So many names are told.
const SHOWN: usize = 5;
/// Layers that need no declaration: lines of a log, and what comes from other crates.
const UNDECLARED: [&str; 2] = ["log.", "foreign."];

pub(super) fn findings(which: &WhichRegistry, store: Option<&SqliteStore>) -> anyhow::Result<Vec<Finding>> {
    let Some(path) = which.path()? else {
        let what = "there is no tense.toml here, nor above up to the root of the workspace";
        let advice = "names are judged by what is built in; `tense init` writes a first one, --registry names another";
        return Ok(vec![Finding::note(ABOUT, "here", what).advice(advice)]);
    };
    let registry = match project::read(&path) {
        Ok(Ok(registry)) => registry,
        Ok(Err(mistakes)) => {
            let first = mistakes.first().map(ToString::to_string).unwrap_or_default();
            let what = format!("{}, the first: {first}", counted(mistakes.len(), "mistake"));
            return Ok(vec![Finding::problem(ABOUT, &*path, what).advice("`tense check` lists them all")]);
        }
        Err(error) => {
            let advice = "look at its rights, and at what lies there";
            return Ok(vec![Finding::problem(ABOUT, &*path, error.to_string()).advice(advice)]);
        }
    };
    let mut findings = Vec::new();
    // What cannot be read is told of the file.
    let written = store.and_then(|store| written(store).ok()).unwrap_or_default();
    let successors = Successors::of(&registry);
    let old = |name: &String| successors.of_type(name).map(|new| format!("`{name}`, which is `{new}` today"));
    findings.extend(told(&written, ("name that was given up is", "names that were given up are"), old).map(|what| {
        Finding::note(ABOUT, &*path, what).advice(
            "build the programs that write them anew (`tense lint` finds the places), or import kept events again",
        )
    }));
    let removed = |name: &String| successors.is_removed(name).then(|| format!("`{name}`"));
    findings.extend(told(&written, ("name that was removed is", "names that were removed are"), removed).map(|what| {
        Finding::note(ABOUT, &*path, what)
            .advice("build the programs that write them anew (`tense lint` finds the places)")
    }));
    let unknown = |name: &String| {
        let is_unknown = registry.is_closed() && !is_known(&registry, name) && successors.of_type(name).is_none();
        (is_unknown && !successors.is_removed(name)).then(|| format!("`{}`", text::excerpt(name, 120)))
    };
    findings.extend(told(&written, ("name that is not declared is", "names that are not declared are"), unknown).map(
        |what| {
            Finding::note(ABOUT, &*path, what)
                .advice("declare them, or see which program writes them: another file may be theirs")
        },
    ));
    if findings.is_empty() {
        let openness = if registry.is_closed() { "closed" } else { "open" };
        let what = format!("{openness}, {} declared", counted(registry.events().count(), "event"));
        findings.push(Finding::ok(ABOUT, &*path, what));
    }
    Ok(findings)
}

fn is_known(registry: &Registry, name: &str) -> bool {
    UNDECLARED.iter().any(|layer| name.starts_with(layer))
        || registry.declaring(name).is_some()
        || registry.foreign_rules().any(|(_, rule)| rule.event == name)
}

/// `2 names that were given up are written: ..`
fn told(
    written: &BTreeSet<String>,
    (one, many): (&str, &str),
    which: impl Fn(&String) -> Option<String>,
) -> Option<String> {
    let told: Vec<String> = written.iter().filter_map(which).collect();
    let first = told.first()?;
    let (number, what) = if told.len() == 1 { (1, one) } else { (told.len(), many) };
    let first = told.iter().take(SHOWN).skip(1).fold(first.clone(), |all, name| all + ", " + name);
    let more = told.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    Some(format!("{number} {what} written lately: {first}{more}"))
}

/// The types of events in the latest traces.
fn written(store: &SqliteStore) -> Result<BTreeSet<String>, tense_store::StoreError> {
    let mut names = BTreeSet::new();
    let mut events = 0;
    for summary in store.traces(&TraceFilter::newest(LATEST))? {
        if summary.events > LARGE || events + summary.events > ALL {
            continue;
        }
        events += summary.events;
        let Some(trace) = store.trace(summary.id)? else { continue };
        for span in trace.spans() {
            if !names.contains(&*span.event_type) {
                names.insert(span.event_type.to_string());
            }
        }
    }
    Ok(names)
}
