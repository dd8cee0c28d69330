//! A seed goes in; one phase after the other, in which things fail by chance, and what did not add up comes out.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use serde_json::json;
use tense_benches::machine::{Machine, resident_kib};
use tense_benches::random::Random;
use tense_benches::report;
use tense_layer::{BreakerState, Delivery, Health, SinkHealth, WhenFull, WhileResting, builder, health, sink as own};

use crate::Job;
use crate::accounts::{wrong_at_rest, wrong_in, wrong_now};
use crate::files::{self, Fault, Files};
use crate::sinks::{Ailment, PASSING, Switch};
use crate::work::requests;

/// More than rings, queues and what is on its way between them take here, in MiB.
const MEMORY: u64 = 400;

/// So long it may take until all sinks are well again and have everything.
const RECOVERY: Duration = Duration::from_secs(30);

/// Sinks of which chance decides how they do.
const AILING: [&str; 4] = ["first", "second", "third", "fourth"];

/// One whose error panics, once, when it is thrown away.
const BRITTLE: &str = "brittle";

pub(crate) fn run(job: &Job) -> anyhow::Result<ExitCode> {
    let seed = job.seed.unwrap_or_else(|| RandomState::new().hash_one(0) >> 40);
    println!("seed {seed}");
    silence_planned_panics();
    let machine = Machine::here();
    let folder = tempfile::tempdir()?;
    let mut soak = Soak::new(Random::new(seed), Files::new(folder.path().join("traces"))?)?;
    let (began, time) = (Instant::now(), Duration::from_secs_f64(job.minutes * 60.0));
    let mut told = Instant::now();
    // What one phase forgets is seen at the end of the next.
    while (began.elapsed() < time || soak.phases < 2) && soak.wrong.is_empty() {
        soak.phase()?;
        soak.recorded += u64::from(job.cheat);
        if told.elapsed() > Duration::from_secs(30) {
            told = Instant::now();
            println!(
                "after {:.0} s: {} phases, {} recorded",
                began.elapsed().as_secs_f64(),
                soak.phases,
                soak.recorded
            );
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{} phases in {seconds:.1} s\n{:#?}\n{:#?}", soak.phases, soak.faults, health());
    println!("memory: {} MiB at most; the slowest recovery: {:?}", soak.memory.load(SeqCst) / 1024, soak.slowest);
    soak.wrong.iter().for_each(|wrong| println!("WRONG: {wrong}"));
    println!("{}", if soak.wrong.is_empty() { "everything adds up" } else { "it does not add up" });
    let health = health();
    let figures = json!({
        "seed": seed, "seconds": seconds, "phases": soak.phases, "faults": soak.faults, "recorded": soak.recorded,
        "emitted": health.emitted, "offered": health.offered, "delivered": health.delivered, "dropped": health.dropped(),
        "ring_full": health.ring_full, "databases_set_aside": health.databases_set_aside, "wrong": soak.wrong,
        "memory_mib": soak.memory.load(SeqCst) / 1024, "slowest_recovery_ms": soak.slowest.as_millis() as u64,
    });
    report::write(job.json.as_deref(), &machine, figures)?;
    Ok(if soak.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whoever prints panics prints those that nobody has planned.
fn silence_planned_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        if !payload.is::<crate::work::Planned>()
            && payload.downcast_ref::<&str>() != Some(&tense_benches::bomb::PLANNED)
        {
            before(info);
        }
    }));
}

struct Soak {
    random: Random,
    files: Files,
    switches: Vec<Switch>,
    brittle: Switch,
    phases: u64,
    recorded: u64,
    faults: BTreeMap<String, u64>,
    /// KiB, the most that was seen.
    memory: AtomicU64,
    slowest: Duration,
    wrong: Vec<String>,
    _guard: tense_layer::Guard,
}

impl Soak {
    fn new(mut random: Random, files: Files) -> anyhow::Result<Self> {
        let switches: Vec<Switch> = AILING.iter().map(|_| Switch::new()).collect();
        let brittle = Switch::new();
        let mut settings = builder().service("faults");
        for (name, switch) in AILING.iter().zip(&switches) {
            settings = settings.sink_with(switch.sink(random.number()), delivery(name, &mut random));
        }
        let guard = settings
            .sink_with(brittle.sink(random.number()), delivery(BRITTLE, &mut random))
            .sink_with(own::Sqlite::new(files.db()), delivery("sqlite", &mut random))
            .sink_with(own::JsonLines::new(files.lines()), delivery("lines", &mut random))
            .init()?;
        Ok(Self {
            random,
            files,
            switches,
            brittle,
            phases: 0,
            recorded: 0,
            faults: BTreeMap::new(),
            memory: AtomicU64::new(0),
            slowest: Duration::ZERO,
            wrong: Vec::new(),
            _guard: guard,
        })
    }

    /// From rest to rest.
    fn phase(&mut self) -> anyhow::Result<()> {
        self.phases += 1;
        self.files.clear()?;
        let before = health();
        let fault = (self.random.below(3) > 0).then(|| files::ALL[self.random.below(files::ALL.len())]);
        if let Some(fault) = fault {
            if fault == Fault::Damaged {
                self.recorded += requests(0, 200)?;
                self.recover()?;
            }
            self.files.befall(fault, &mut self.random)?;
            self.count(format!("{fault:?}"));
        }
        self.ail();
        if self.phases == 20 {
            self.brittle.set(Ailment::Bursts);
            self.count(format!("{:?}", Ailment::Bursts));
        }
        self.load(true)?;
        self.load(false)?;
        self.switches.iter().chain([&self.brittle]).for_each(|switch| switch.set(Ailment::Well));
        self.files.heal()?;
        let began = Instant::now();
        self.recover()?;
        self.slowest = self.slowest.max(began.elapsed());
        self.hold_against(&before, fault == Some(Fault::Damaged))
    }

    fn count(&mut self, fault: String) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// Half of the sinks are ill from now on.
    fn ail(&mut self) {
        for at in 0..self.switches.len() {
            let ill = self.random.below(2) == 0;
            let ailment = if ill { PASSING[self.random.below(PASSING.len())] } else { Ailment::Well };
            self.switches[at].set(ailment);
            if ill {
                self.count(format!("{ailment:?}"));
            }
        }
    }

    /// Some threads do some work; in the middle of it, if that is wanted, others fall ill.
    fn load(&mut self, turns: bool) -> anyhow::Result<()> {
        let threads = 1 + self.random.below(8);
        let each = [20, 200, 1500][self.random.below(3)];
        let pause = Duration::from_millis(self.random.below(3) as u64);
        let (recorded, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
        let (wrong, memory) = (Mutex::new(Vec::new()), &self.memory);
        thread::scope(|scope| {
            let looking = scope.spawn(|| {
                while !is_over.load(SeqCst) {
                    let now = wrong_now(&health());
                    wrong.lock().unwrap_or_else(PoisonError::into_inner).extend(now);
                    memory.fetch_max(resident_kib().unwrap_or(0), SeqCst);
                    thread::sleep(Duration::from_millis(5));
                }
            });
            let working: Vec<_> = (0..threads)
                .map(|at| {
                    scope.spawn({
                        let recorded = &recorded;
                        move || -> anyhow::Result<()> {
                            for part in 0..10 {
                                recorded.fetch_add(requests(at as u64 * 1000 + part, each / 10)?, SeqCst);
                                thread::sleep(pause);
                            }
                            Ok(())
                        }
                    })
                })
                .collect();
            let worked: anyhow::Result<()> = working
                .into_iter()
                .try_for_each(|working| working.join().map_err(|_| anyhow!("a call panicked that does not"))?);
            is_over.store(true, SeqCst);
            looking.join().map_err(|_| anyhow!("health() panicked"))?;
            worked
        })?;
        self.recorded += recorded.into_inner();
        self.wrong.extend(wrong.into_inner().unwrap_or_default());
        if turns {
            self.ail();
        }
        Ok(())
    }

    /// Everything is well: before long every sink takes events again, and none is left.
    fn recover(&mut self) -> anyhow::Result<()> {
        let (began, before) = (Instant::now(), health());
        loop {
            self.recorded += requests(0, 5)?;
            let is_flushed = tense_layer::flush(Duration::from_secs(5)).is_complete;
            let now = health();
            let is_well = |(sink, before): (&SinkHealth, &SinkHealth)| {
                sink.delivered > before.delivered && sink.state == BreakerState::Delivering
            };
            if is_flushed && now.sinks.iter().zip(&before.sinks).all(is_well) {
                return Ok(());
            }
            if began.elapsed() > RECOVERY {
                self.wrong.push(format!("not all sinks recover: {now:#?}"));
                return Ok(());
            }
        }
    }

    fn hold_against(&mut self, before: &Health, is_destroyed: bool) -> anyhow::Result<()> {
        let now = health();
        let (rows, lines) = self.files.stored().context("failed to read what is in the files")?;
        let mut wrong = wrong_at_rest(self.recorded, &now);
        for (sink, before) in now.sinks.iter().zip(&before.sinks) {
            let since = sink.delivered - before.delivered;
            let ailing = AILING.iter().zip(&self.switches).find(|(name, _)| **name == sink.name);
            wrong.extend(match (sink.name.as_str(), ailing) {
                (_, Some((_, switch))) => wrong_in(sink, sink.delivered, switch.taken(), false),
                (BRITTLE, _) => wrong_in(sink, sink.delivered, self.brittle.taken(), false),
                ("sqlite", _) => wrong_in(sink, since, rows, is_destroyed),
                _ => wrong_in(sink, since, lines, false),
            });
        }
        let memory = self.memory.fetch_max(resident_kib().unwrap_or(0), SeqCst) / 1024;
        if memory > MEMORY {
            wrong.push(format!("{memory} MiB of memory, {MEMORY} are enough"));
        }
        self.wrong.extend(wrong.into_iter().map(|wrong| format!("in phase {}: {wrong}", self.phases)));
        Ok(())
    }
}

/// How that sink is served, by chance; it is tried soon again, and nothing is printed.
fn delivery(name: &str, random: &mut Random) -> Delivery {
    let mut millis = |most: usize| Duration::from_millis(1 + random.below(most) as u64);
    let delivery = Delivery::new().name(name).print_rate(0);
    let delivery = delivery.timeout(millis(50)).rest(millis(50)).retry_for(millis(80));
    let delivery = delivery.failures(1 + random.below(5) as u32);
    let delivery = delivery.queue_events([50, 500, 5_000][random.below(3)]);
    let delivery = delivery.when_full([WhenFull::DropNewest, WhenFull::DropOldest][random.below(2)]);
    delivery.while_resting([WhileResting::Print, WhileResting::Keep][random.below(2)])
}
