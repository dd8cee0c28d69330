//! A recorder and what it has to do go in; a process of its own runs bursts of it, and what each has cost comes out.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::cpu::{self, Busy};
use crate::spans::{self, CHILDREN, Root, Work};

/// Roots in a burst.
const ROOTS: u64 = 50;
/// Spans in a burst.
pub const SPANS: u64 = ROOTS * (CHILDREN + 1);
/// The first ones find everything cold.
const COLD: usize = 5;
/// Between two bursts. A thread counts as busy up to the last time that it gave its processor away, so it does that
/// here too.
const PAUSE: Duration = Duration::from_millis(5);

/// What a process is to measure, as its command line says it.
#[derive(Debug, Clone, Args)]
pub struct Job {
    /// Who records.
    #[arg(long)]
    pub recorder: String,
    /// What the children do.
    #[arg(long, value_parser = work)]
    pub work: Work,
    /// How many threads do the same at once.
    #[arg(long)]
    pub threads: usize,
    /// How many bursts are measured.
    #[arg(long)]
    pub bursts: usize,
}

fn work(name: &str) -> Result<Work, String> {
    let found = Work::ALL.into_iter().find(|work| work.name() == name);
    found.ok_or_else(|| format!("there is no work `{name}`"))
}

/// What one process has measured.
#[derive(Debug, Serialize, Deserialize)]
pub struct Measured {
    /// Nanoseconds a span on the thread that makes it, of each burst on each thread.
    pub nanos: Vec<f64>,
    /// Nanoseconds of processor time a span, of all threads, until all of them had arrived.
    pub cpu: f64,
    /// The same by the name of the thread, without those that have ended meanwhile.
    pub cpu_by_thread: BTreeMap<String, f64>,
    /// How many spans and events arrived for each that was made.
    pub arrived: f64,
}

impl Job {
    /// Has a process of its own do it, because a process has one recorder of each kind.
    ///
    /// # Errors
    /// A process that cannot be started, that fails, or that says something else.
    pub fn run(&self) -> anyhow::Result<Measured> {
        let out = Command::new(std::env::current_exe()?)
            .args(["one", "--recorder", &self.recorder, "--work", self.work.name()])
            .args(["--threads", &self.threads.to_string(), "--bursts", &self.bursts.to_string()])
            // hotpath would serve its figures over HTTP
            .env("HOTPATH_METRICS_SERVER_OFF", "1")
            .output()?;
        ensure!(out.status.success(), "{}: {}", self.recorder, String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout)
            .with_context(|| format!("failed to read what {} has measured", self.recorder))
    }

    /// Does it in this process.
    ///
    /// # Errors
    /// A recorder that is not known, cannot do that, or cannot be set up.
    pub fn measure(&self) -> anyhow::Result<Measured> {
        let recorder =
            spans::recorder(&self.recorder).with_context(|| format!("nobody is called {}", self.recorder))?;
        let root = recorder.root(self.work).with_context(|| format!("{} cannot do that", self.recorder))?;
        let flush = (recorder.set_up)()?;
        Ok(self.bursts(root, &flush))
    }

    fn bursts(&self, root: Root, flush: &dyn Fn()) -> Measured {
        let gates = Gates::new(self.threads);
        std::thread::scope(|scope| {
            let callers: Vec<_> = (0..self.threads)
                .map_while(|_| {
                    let caller = std::thread::Builder::new().name("caller".to_owned());
                    caller.spawn_scoped(scope, || gates.call(root)).ok()
                })
                .collect();
            (0..COLD).for_each(|_| gates.open(flush));
            let (cpu_before, busy_before) = (cpu::of_this_process(), Busy::of(std::process::id()));
            let arrived_before = spans::arrived();
            (0..self.bursts).for_each(|_| gates.open(flush));
            let cpu = cpu::of_this_process().saturating_sub(cpu_before);
            let busy = Busy::of(std::process::id()).since(&busy_before);
            let arrived = spans::arrived() - arrived_before;
            gates.close();
            let nanos = callers.into_iter().filter_map(|caller| caller.join().ok());
            let nanos = nanos.flat_map(|nanos| nanos.into_iter().skip(COLD)).collect();
            let made = (SPANS * self.bursts as u64 * self.threads as u64) as f64;
            Measured {
                nanos,
                cpu: cpu.as_nanos() as f64 / made,
                cpu_by_thread: busy.into_iter().map(|(thread, nanos)| (thread, nanos / made)).collect(),
                arrived: arrived as f64 / made,
            }
        })
    }
}

/// What the callers wait at before and after each burst.
struct Gates {
    callers: usize,
    before: Barrier,
    behind: Barrier,
    /// How many callers have come through the first gate, ever: they set out together, and not as they are woken.
    awake: AtomicUsize,
    closed: AtomicBool,
}

impl Gates {
    fn new(callers: usize) -> Self {
        let (before, behind) = (Barrier::new(callers + 1), Barrier::new(callers + 1));
        Self { callers, before, behind, awake: AtomicUsize::new(0), closed: AtomicBool::new(false) }
    }

    /// One burst on each caller, until all of it has arrived: what a recorder drops costs it less than what it keeps.
    fn open(&self, flush: &dyn Fn()) {
        self.before.wait();
        self.behind.wait();
        flush();
        std::thread::sleep(PAUSE);
    }

    /// The callers go home.
    fn close(&self) {
        self.closed.store(true, SeqCst);
        self.before.wait();
    }

    /// A caller's life; gives back nanoseconds a span of each burst.
    fn call(&self, root: Root) -> Vec<f64> {
        let mut nanos = Vec::new();
        loop {
            self.before.wait();
            if self.closed.load(SeqCst) {
                return nanos;
            }
            self.awake.fetch_add(1, SeqCst);
            while self.awake.load(SeqCst) < (nanos.len() + 1) * self.callers {
                std::hint::spin_loop();
            }
            let began = Instant::now();
            for _ in 0..ROOTS {
                black_box(root(black_box(CHILDREN)));
            }
            nanos.push(began.elapsed().as_nanos() as f64 / SPANS as f64);
            self.behind.wait();
        }
    }
}
