//! A file with one large trace enters; what reading it and each question cost leaves, a line each.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use tense_benches::cpu::of_this_process;
use tense_benches::machine::{peak_kib, resident_kib};
use tense_store::errors::Errors;
use tense_store::{SqliteStore, Store as _, Trace};

use super::shapes::TRACE;

/// A question about a trace; how much the answer has of what it is made of.
type Question = (&'static str, fn(&Trace) -> usize);

const QUESTIONS: [Question; 13] = [
    ("why", |trace| trace.why().chain.len()),
    ("critical path", |trace| trace.longest_root().map_or(0, |root| trace.critical_path(root).len())),
    ("timeline", |trace| trace.timeline().len()),
    ("waterfall", |trace| trace.waterfall(40).rows.len()),
    ("concurrency", |trace| trace.concurrency().levels().len()),
    ("idle", |trace| trace.idle(Duration::ZERO).len()),
    ("hand-offs", |trace| trace.handoffs().len()),
    ("performance", |trace| trace.performance().operations.len()),
    ("bottlenecks", |trace| trace.performance().over(Duration::from_millis(100)).spans.len()),
    ("errors", |trace| {
        let mut errors = Errors::default();
        errors.add(trace);
        errors.into_groups().len()
    }),
    ("compensations", |trace| trace.compensations().done().count() + trace.never_ran().len()),
    ("compare", |trace| trace.compare(trace).common),
    // A million lines of text, each gone when the next one is made.
    ("tree", |trace| trace.tree_lines().map(black_box).fold(0, |lines, _| lines + 1)),
];

/// Reads the trace, and asks about it.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn ask(file: &Path) -> anyhow::Result<()> {
    let store = SqliteStore::open_read_only(file)?;
    let before = resident_kib().unwrap_or(0);
    let began = of_this_process();
    let trace = store.trace(TRACE)?.context("there is no trace in the file")?;
    let built = of_this_process() - began;
    let spans = trace.spans().len();
    let (held, peak) = (resident_kib().unwrap_or(0) - before, peak_kib().unwrap_or(0));
    let line = |name: &str, took: Duration, more: String| {
        println!("  {name:<15}{took:>10.1?}{:>8.0} ns a span  {more}", took.as_nanos() as f64 / spans as f64);
    };
    line("build", built, format!("{spans} spans, {} MiB, {} at the peak", held / 1024, peak / 1024));
    for (name, question) in QUESTIONS {
        let began = of_this_process();
        let answer = black_box(question(black_box(&trace)));
        let took = of_this_process() - began;
        let peak = peak_kib().unwrap_or(0) / 1024;
        line(
            name,
            took,
            format!("{:.1?} with the build, {answer} in the answer, {peak} MiB at the peak", built + took),
        );
    }
    let began = of_this_process();
    drop(trace);
    line("forget", of_this_process() - began, String::new());
    Ok(())
}
