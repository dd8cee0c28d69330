//! Everybody does everything, in turns, for several rounds; rows of figures come out, each beside the plain function,
//! fastrace and the registry of the same run.

pub mod limits;
pub mod table;

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Serialize;

use crate::burst::Job;
use crate::spans::{FASTRACE, PLAIN, RECORDERS, REGISTRY, TENSE, Work};
use crate::workspace::best_and_median;

/// A figure by both statistics: the best burst, and the one in the middle. The first is what the code takes, the second
/// what it takes in the company of everything else that a machine does.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Both {
    /// Of the best burst.
    pub best: f64,
    /// Of the median one.
    pub median: f64,
}

impl Both {
    /// Of these figures.
    #[must_use]
    pub fn of(figures: Vec<f64>) -> Self {
        let (best, median) = best_and_median(figures);
        Self { best, median }
    }

    /// With each of them beside the same statistic of something else.
    #[must_use]
    pub fn zip(self, other: Self, with: impl Fn(f64, f64) -> f64) -> Self {
        Self { best: with(self.best, other.best), median: with(self.median, other.median) }
    }
}

/// What one recorder costs at one kind of work.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Who.
    pub recorder: &'static str,
    /// At what.
    pub work: Work,
    /// On how many threads at once.
    pub threads: usize,
    /// Nanoseconds a span on the thread that makes it.
    pub nanos: Both,
    /// What of it is more than the plain function takes.
    pub over_plain: Both,
    /// That, in parts of what fastrace takes for the same work.
    pub of_fastrace: Option<Both>,
    /// And in parts of what the registry takes with an empty layer.
    pub of_registry: Option<Both>,
    /// Nanoseconds of processor time a span on all threads, more than those of the plain function; the median of the
    /// processes.
    pub cpu_over_plain: f64,
    /// The whole of it by the name of the thread, without those that have ended meanwhile.
    pub cpu_by_thread: BTreeMap<String, f64>,
    /// How many spans and events arrived for each that was made, where they are delivered at all.
    pub arrived: Option<f64>,
}

/// Runs everybody, for so many rounds of so many bursts. Who begins is another one in each round.
///
/// # Errors
/// A process that fails.
pub fn compare(
    rounds: usize,
    bursts: usize,
    mut after_each_round: impl FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<Row>> {
    let mut cases: Vec<Case> = jobs(bursts).into_iter().map(Case::new).collect();
    for round in 0..rounds {
        let count = cases.len();
        for turn in 0..count {
            cases[(turn + round * count / rounds) % count].run()?;
        }
        after_each_round(round + 1)?;
    }
    cases.iter().map(|case| case.row(&cases)).collect()
}

/// Everybody at everything that they can do; and two threads of each that sends what it records to another thread, and
/// of those that they are held against.
fn jobs(bursts: usize) -> Vec<Job> {
    let job = |recorder: &str, work, threads| Job { recorder: recorder.to_owned(), work, threads, bursts };
    let mut jobs = Vec::new();
    for work in Work::ALL {
        let who = RECORDERS.into_iter().filter(|recorder| recorder.root(work).is_some());
        jobs.extend(who.map(|recorder| job(recorder.name, work, 1)));
    }
    let two = [PLAIN, TENSE, REGISTRY, "tracing-opentelemetry, batch", FASTRACE, "hotpath (times only)", "emit"];
    jobs.extend(two.map(|recorder| job(recorder, Work::Sync, 2)));
    jobs
}

/// One job, and what its processes have measured until now.
struct Case {
    job: Job,
    nanos: Vec<f64>,
    cpu: Vec<f64>,
    cpu_by_thread: Vec<BTreeMap<String, f64>>,
    arrived: Vec<f64>,
}

impl Case {
    fn new(job: Job) -> Self {
        Self { job, nanos: Vec::new(), cpu: Vec::new(), cpu_by_thread: Vec::new(), arrived: Vec::new() }
    }

    fn run(&mut self) -> anyhow::Result<()> {
        let measured = self.job.run()?;
        self.nanos.extend(measured.nanos);
        self.cpu.push(measured.cpu);
        self.cpu_by_thread.push(measured.cpu_by_thread);
        self.arrived.push(measured.arrived);
        Ok(())
    }

    fn nanos(&self) -> Both {
        Both::of(self.nanos.clone())
    }

    fn cpu(&self) -> f64 {
        Both::of(self.cpu.clone()).median
    }

    fn row(&self, all: &[Self]) -> anyhow::Result<Row> {
        let beside = |name: &str| {
            let same = |case: &&Self| case.job.work == self.job.work && case.job.threads == self.job.threads;
            all.iter().filter(same).find(|case| case.job.recorder == name)
        };
        let recorder = crate::spans::recorder(&self.job.recorder).context("everybody has a name")?;
        let plain = beside(PLAIN).context("the plain function does everything")?;
        let over_plain = |case: &Self| case.nanos().zip(plain.nanos(), |figure, plain| figure - plain);
        let of = |name| Some(over_plain(self).zip(over_plain(beside(name)?), |figure, other| figure / other));
        Ok(Row {
            recorder: recorder.name,
            work: self.job.work,
            threads: self.job.threads,
            nanos: self.nanos(),
            over_plain: over_plain(self),
            of_fastrace: of(FASTRACE),
            of_registry: of(REGISTRY),
            cpu_over_plain: self.cpu() - plain.cpu(),
            cpu_by_thread: self.cpu_by_thread(),
            arrived: recorder.delivers.then(|| Both::of(self.arrived.clone()).best),
        })
    }

    /// The medians of each thread's.
    fn cpu_by_thread(&self) -> BTreeMap<String, f64> {
        let mut by_thread: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (thread, nanos) in self.cpu_by_thread.iter().flatten() {
            by_thread.entry(thread.clone()).or_default().push(*nanos);
        }
        by_thread.into_iter().map(|(thread, nanos)| (thread, Both::of(nanos).median)).collect()
    }
}
