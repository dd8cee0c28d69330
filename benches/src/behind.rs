//! Nothing goes in; what a span costs behind its caller comes out, step by step.
//!
//! One thread records two thousand spans with two fields, and then takes them out of its own ring, with no drainer
//! beside it: as far as the records, as far as spans that are joined, as far as events, as far as clean ones, and with
//! all that the drainer of a program does. Each step holds those before it, so their differences are what a step alone
//! costs. It needs a process of its own, as every recorder does.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use tense_layer::measured::Measured;

use crate::comparison::Both;
use crate::comparison::limits::Limit;
use crate::spans::{self, CHILDREN, TENSE, Work};

const ROOTS: u64 = 20;
const SPANS: u64 = ROOTS * (CHILDREN + 1);

/// What the caller does before anything is behind it.
const CALLER: &str = "recorded, by the caller";
const JOINED: &str = "decode, join";
const EVENTS: &str = "decode, join, event";

/// A step takes everything out, and says how many things came of it.
type Step = (&'static str, fn(&mut Measured) -> u64);

const STEPS: [Step; 6] = [
    ("decode", Measured::decode),
    (JOINED, Measured::join),
    (EVENTS, Measured::make_events),
    ("decode, join, event, redaction", Measured::clean_events),
    ("all that the drainer does, to the outlet", Measured::whole),
    ("all of it, where a sampling keeps everything", Measured::sampled),
];

/// Names of all that is told, in their order.
#[must_use]
pub fn names() -> [&'static str; 1 + STEPS.len()] {
    std::array::from_fn(|number| number.checked_sub(1).map_or(CALLER, |step| STEPS[step].0))
}

/// Nanoseconds a span, of each turn, by the name of the step.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Steps(BTreeMap<String, Vec<f64>>);

/// What a process is to measure, as its command line says it.
#[derive(Debug, Clone, Args)]
pub struct Job {
    /// How often each step has its turn.
    #[arg(long, default_value_t = 500)]
    pub turns: usize,
    /// This step alone, by its number, for whoever counts instructions.
    #[arg(long)]
    pub only: Option<usize>,
}

impl Job {
    /// Has a process of its own do it, whose program calls [`measure`](Self::measure) when it is called with `behind`.
    ///
    /// # Errors
    /// A process that cannot be started, that fails, or that says something else.
    pub fn run(&self) -> anyhow::Result<Steps> {
        let mut process = Command::new(std::env::current_exe()?);
        process.args(["behind", "--turns", &self.turns.to_string()]);
        process.args(self.only.map(|step| format!("--only={step}")));
        let out = process.output()?;
        ensure!(out.status.success(), "behind the caller: {}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).context("failed to read what a span costs behind its caller")
    }

    /// Does it in this process.
    ///
    /// # Errors
    /// A program without the work of `tense`.
    pub fn measure(&self) -> anyhow::Result<Steps> {
        let root = spans::recorder(TENSE).and_then(|tense| tense.root(Work::Sync)).context("tense does everything")?;
        tense::__private::layer::set_ring_bytes(64 << 20);
        tense::__private::layer::set_global(1, Box::new(|_| true));
        tracing::subscriber::set_global_default(Quiet).ok();
        let (mut measured, mut steps) = (Measured::new(), Steps::default());
        for _ in 0..self.turns {
            for (number, (name, step)) in STEPS.iter().enumerate() {
                if self.only.is_none_or(|only| only == number) {
                    steps.time(CALLER, || (0..ROOTS).map(|_| root(black_box(CHILDREN))).sum());
                    steps.time(name, || step(&mut measured));
                }
            }
        }
        Ok(steps)
    }
}

impl Steps {
    fn time(&mut self, name: &str, step: impl FnOnce() -> u64) {
        let began = Instant::now();
        black_box(step());
        let nanos = began.elapsed().as_nanos() as f64 / SPANS as f64;
        self.0.entry(name.to_owned()).or_default().push(nanos);
    }

    /// Of the same steps, in another process.
    pub fn add(&mut self, other: Self) {
        for (name, nanos) in other.0 {
            self.0.entry(name).or_default().extend(nanos);
        }
    }

    /// What that step took.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<Both> {
        self.0.get(name).cloned().map(Both::of)
    }

    /// What a span may cost behind its caller, and on all threads up to the event, before anything is redacted.
    #[must_use]
    pub fn limits(&self) -> Vec<Limit> {
        let all = || Some(self.of(CALLER)?.zip(self.of(EVENTS)?, |caller, behind| caller + behind));
        let found = [
            ("decoding and joining a span, ns", 80.0, self.of(JOINED)),
            ("a span on all threads up to the event, ns", 250.0, all()),
        ];
        found.into_iter().filter_map(|(what, at_most, found)| Some(Limit { what, at_most, found: found? })).collect()
    }
}

/// Lets every level pass, and wants nothing: so the calls go directly into the ring.
struct Quiet;

impl tracing::Subscriber for Quiet {
    fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::never()
    }

    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
