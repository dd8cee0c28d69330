//! Random programs, and what has to be recorded of them: the drained tree is the tree of a plain reference, on every
//! way that records take.
//!
//! `MODEL=20000 SEED=7 cargo test -p tense-layer --test model` tries more of them, and others. A program that fails is
//! made smaller and printed; its seed makes it again.
//!
//! Modules in walking order: of a seed an `author` makes a `program`. It is `run`, on an `executor`, with its `calls`
//! and `waits`, and what was `drained` of it is shown as a `tree`. The `reference` says which tree that has to be,
//! `nodes` below nodes. If it is another one, the program is `shrunk`.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[macro_use]
#[path = "../alone/mod.rs"]
mod alone;
#[path = "../kept/mod.rs"]
mod kept;
#[path = "../route/mod.rs"]
mod route;
#[path = "../../src/random.rs"]
mod random;
mod program;
mod author;
mod executor;
mod run;
mod calls;
mod waits;
mod drained;
mod tree;
mod nodes;
mod reference;
mod shrunk;

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use author::{Size, program};
use executor::Executor;
use kept::Kept;
use program::Body;
use reference::Wrong;
use route::wait_for;
use run::{Bug, World, later};
use tense::__private::Route;
use tense_event::CleanEvent;
use tense_layer::builder;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry;
use waits::Caught;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// How many programs a case tries where nobody says.
const FEW: u64 = 500;

/// Whoever prints panics prints those that nobody has planned. It comes before the layer, whose own hook is then asked
/// first.
fn silence_planned_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.payload_as_str().is_some_and(|said| said.starts_with("planned")) {
            before(info);
        }
    }));
}

impl Kept {
    /// What has come since the last time.
    fn take(&self) -> Vec<CleanEvent> {
        let report = tense_layer::flush(Duration::MAX);
        assert!(report.is_complete && !report.health.has_loss(), "{report:?}");
        assert_eq!(report.health.open_spans, 0, "spans are left open");
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Another layer, which wants to see every span.
struct Other;

impl<S: tracing::Subscriber> Layer<S> for Other {}

/// Where programs run, and with which error.
struct Trial<'a> {
    size: Size,
    executor: fn() -> Executor,
    workers: usize,
    bug: Bug,
    wrong: Wrong,
    drain: &'a dyn Fn() -> Vec<CleanEvent>,
}

const WITH_THREADS: Size = Size { tasks: 3, steps: 120, depth: 7, has_threads: true };

impl<'a> Trial<'a> {
    fn new(drain: &'a dyn Fn() -> Vec<CleanEvent>) -> Self {
        Self { size: WITH_THREADS, executor: Executor::dealt, workers: 3, bug: Bug::None, wrong: Wrong::Nothing, drain }
    }

    /// Does it, and gives back the expected tree and the drained one.
    fn of(&self, seed: u64, program: &[Body]) -> (String, String) {
        let world = World { executor: (self.executor)(), bug: self.bug };
        for body in program {
            let work = later(world.clone(), Arc::clone(body));
            world.executor.spawn(Box::pin(Caught(Some(work))), false, None);
        }
        let wrong = world.executor.run(seed, self.workers);
        let found = drained::shown(&(self.drain)(), program) + &wrong.join("\n");
        (reference::expected(program, self.wrong), found)
    }

    /// As many as somebody wants; each makes the same tree as the reference.
    fn holds(&self) {
        let first = number("SEED").unwrap_or(1) * 1_000_000;
        for seed in first..first + number("MODEL").unwrap_or(FEW) {
            let whole = program(seed, self.size);
            let (expected, found) = self.of(seed, &whole);
            if expected != found {
                // Of what depends on chance, a further try may show nothing: what was seen is kept.
                let mut seen = (expected, found);
                let small = shrunk::shrunk(whole, |program: &[Body]| {
                    let (expected, found) = self.of(seed, program);
                    let fails = expected != found;
                    if fails {
                        seen = (expected, found);
                    }
                    fails
                });
                panic!("seed {seed}\n{small:#?}\n\nexpected\n{}\nfound\n{}", seen.0, seen.1);
            }
        }
    }

    /// One of some programs shows the error.
    fn is_seen(&self) {
        let differs = |seed| {
            let (expected, found) = self.of(seed, &program(seed, self.size));
            expected != found
        };
        assert!((0..FEW).any(differs), "{:?} and {:?} were not seen", self.bug, self.wrong);
    }
}

fn direct() -> impl Fn() -> Vec<CleanEvent> {
    silence_planned_panics();
    let kept = Kept::default();
    // The guard would only flush.
    std::mem::forget(builder().sink(kept.clone()).init().unwrap());
    wait_for(Route::Direct);
    move || kept.take()
}

fn slow() -> impl Fn() -> Vec<CleanEvent> {
    silence_planned_panics();
    let kept = Kept::default();
    registry().with(builder().sink(kept.clone()).layer()).with(Other).init();
    move || kept.take()
}

cases! {
    fn on_the_direct_way_in_the_order_of_a_seed() {
        Trial::new(&direct()).holds();
    }

    fn on_the_direct_way_on_a_runtime_with_several_threads() {
        Trial { executor: Executor::tokio, ..Trial::new(&direct()) }.holds();
    }

    fn beside_another_layer_in_the_order_of_a_seed() {
        Trial::new(&slow()).holds();
    }

    fn beside_another_layer_on_a_runtime_with_several_threads() {
        Trial { executor: Executor::tokio, ..Trial::new(&slow()) }.holds();
    }

    fn as_real_spans() {
        silence_planned_panics();
        let kept = Kept::default();
        std::mem::forget(builder().sink(kept.clone()).real_spans(true).init().unwrap());
        Trial::new(&|| kept.take()).holds();
    }

    fn in_a_capture_of_one_thread() {
        silence_planned_panics();
        let size = Size { has_threads: false, ..WITH_THREADS };
        let capture = RefCell::new(Some(tense_layer::testing::capture()));
        let drain = || {
            let events = capture.borrow().as_ref().unwrap().events();
                capture.replace(None);
            capture.replace(Some(tense_layer::testing::capture()));
            events
        };
        Trial { size, workers: 0, ..Trial::new(&drain) }.holds();
    }

    fn a_context_that_is_lost_is_seen() {
        Trial { bug: Bug::LostContext, ..Trial::new(&direct()) }.is_seen();
    }

    fn a_guard_across_an_await_is_seen() {
        Trial { bug: Bug::GuardAcrossAwait, ..Trial::new(&direct()) }.is_seen();
    }

    fn a_rule_of_inheritance_that_is_wrong_is_seen() {
        Trial { wrong: Wrong::GivenToAllBelow, ..Trial::new(&direct()) }.is_seen();
    }

    fn a_task_that_sets_something_for_its_spawner_is_seen() {
        Trial { wrong: Wrong::GivenToSpawner, ..Trial::new(&direct()) }.is_seen();
    }

    fn a_rule_of_endings_that_is_wrong_is_seen() {
        Trial { wrong: Wrong::DroppedIsDone, ..Trial::new(&direct()) }.is_seen();
    }
}
