//! A process that goes on twice: what the child begins has ids of its own. One test, because a fork takes its thread
//! alone along.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

mod route;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use fork::{Fork, fork, waitpid};
use route::wait_for;
use tense::__private::Route;
use tense::{TraceContext, traced};
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError};

struct Nowhere;

impl Sink for Nowhere {
    fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
        Ok(())
    }
}

/// The trace and the span of a call, and of one below it.
#[traced(operation.probe.made)]
fn probe() -> [TraceContext; 2] {
    [here(), below()]
}

#[traced(operation.probe.nested)]
fn below() -> TraceContext {
    here()
}

fn here() -> TraceContext {
    TraceContext::current().unwrap()
}

/// Traces and spans, a line each, of calls that begin traces, as many as take some blocks of ids.
fn ids() -> Vec<String> {
    let calls = (0..3000).flat_map(|_| probe());
    calls.flat_map(|context| [context.trace_id(), context.parent_span_id().unwrap()]).collect()
}

/// Those of calls below a span that is open.
fn ids_below() -> Vec<String> {
    (0..9000).map(|_| below().parent_span_id().unwrap()).collect()
}

/// What this process gives out and what its child does, when both go on from here.
fn both(ids: impl Fn() -> Vec<String>) -> [BTreeSet<String>; 2] {
    let path = std::env::temp_dir().join(format!("tense-forked-{}", std::process::id()));
    match fork().unwrap() {
        Fork::Child => {
            // Not within the moment of the last look: a fork of a larger process takes longer than that by itself.
            let forked = Instant::now();
            while forked.elapsed() < Duration::from_millis(3) {}
            let written = std::fs::write(&path, ids().join("\n"));
            // Without the destructors of a test harness that has no threads any more.
            std::process::exit(i32::from(written.is_err()));
        }
        Fork::Parent(child) => {
            let own = ids().into_iter().collect();
            waitpid(child).unwrap();
            let childs = std::fs::read_to_string(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            [own, childs.lines().map(str::to_owned).collect()]
        }
    }
}

#[test]
fn a_forked_process_has_ids_of_its_own() {
    // Nobody drains the child's.
    let _guard = tense_layer::builder().sink(Nowhere).ring_bytes(1 << 24).init().unwrap();
    wait_for(Route::Direct);
    probe();
    let [own, childs] = both(ids);
    assert!(own.len() >= 9000 && childs.len() >= 9000, "{} {}", own.len(), childs.len());
    assert!(own.is_disjoint(&childs), "{:?}", own.intersection(&childs).next());

    #[traced(operation.fork.made)]
    fn below_an_open_span() -> [BTreeSet<String>; 2] {
        both(ids_below)
    }
    // Nobody asks there whether this is another process, before a block of ids is used up.
    let [own, childs] = below_an_open_span();
    let same = own.intersection(&childs).count();
    assert!(same <= 4096 && own.len() + childs.len() - same > 13_900, "{same} ids of 9000 are the same");
}
