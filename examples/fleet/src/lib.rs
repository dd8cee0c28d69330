//! A server hands out jobs to workers on machines, and loses some of them: a day of it enters as a plan, a count
//! leaves.
//!
//! `job.rs` runs one job; everything else that happens is a moment, told here where it happens.

pub mod job;

/// What `tense.toml` declares.
pub mod events {
    tense::registry!();
}

use std::collections::VecDeque;

use tense::{Json, event};

use crate::job::Job;

/// Jobs of the day, by what they are.
const JOBS: [&str; 7] = ["index", "resize", "flaky", "index", "report", "flaky", "resize"];
/// Machines with the number of their cores, and of their workers.
const MACHINES: [(&str, u32, usize); 2] = [("m1", 8, 2), ("m2", 4, 2)];
/// The round in which the second machine is lost, while its workers have jobs.
const LOSS: u32 = 1;
/// The round after which the server goes down for a moment.
const RESTART: u32 = 2;

/// A server with its queue and its workers.
#[derive(Debug)]
pub struct Fleet {
    server: &'static str,
    queue: VecDeque<Job>,
    workers: Vec<Worker>,
    day: Day,
}

#[derive(Debug)]
struct Worker {
    id: String,
    connector: String,
    machine: &'static str,
}

/// What became of everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Jobs with a result.
    pub finished: u32,
    /// Runs that came to nothing, and were tried again.
    pub failed: u32,
    /// Machines that went away without a word.
    pub machines_lost: u32,
    /// Workers that were on them.
    pub workers_lost: u32,
}

impl Fleet {
    /// A server that knows its machines, and has nothing to do.
    pub fn started(server: &'static str) -> Self {
        let mut workers = Vec::new();
        for (machine, cores, count) in MACHINES {
            event!(machine.added, machine_id = machine, cores);
            workers.extend((1..=count).map(|number| Worker {
                id: format!("{machine}-w{number}"),
                connector: format!("{machine}-c{number}"),
                machine,
            }));
        }
        event!(server.started, server_id = server, workers = workers.len());
        for Worker { id, connector, machine } in &workers {
            event!(worker.registered, worker_id = id, machine_id = *machine);
            event!(connector.connected, connector_id = connector, server_id = server, worker_id = id);
        }
        Self { server, queue: VecDeque::new(), workers, day: Day::default() }
    }

    /// Works until nothing is left to do.
    pub fn a_day(mut self) -> Day {
        for (number, kind) in (1..).zip(JOBS) {
            self.enqueue(Job { id: format!("j{number}"), kind, attempt: 1 });
        }
        let mut round = 1;
        while !self.queue.is_empty() {
            self.round(round == LOSS);
            if round == RESTART {
                self.restart();
            }
            round += 1;
        }
        for Worker { id, connector, .. } in &self.workers {
            event!(worker.idled, worker_id = id);
            event!(connector.disconnected, connector_id = connector, server_id = self.server, graceful = true);
        }
        self.day
    }

    fn enqueue(&mut self, job: Job) {
        event!(job.queued, job_id = job.id, kind = job.kind);
        self.queue.push_back(job);
    }

    /// Every worker takes a job. In the round of the loss the last machine does not come back with its own.
    fn round(&mut self, is_lost: bool) {
        let lost = self.workers.last().map(|worker| worker.machine).filter(|_| is_lost);
        let mut again = Vec::new();
        for Worker { id, machine, .. } in &self.workers {
            let Some(job) = self.queue.pop_front() else { break };
            match job::run(&job, id, machine, lost == Some(machine)) {
                Ok(()) => self.day.finished += 1,
                Err(_) => {
                    self.day.failed += 1;
                    again.push(Job { attempt: job.attempt + 1, ..job });
                }
            }
        }
        if let Some(machine) = lost {
            self.lose(machine);
        }
        for job in again {
            self.enqueue(job);
        }
    }

    fn lose(&mut self, machine: &str) {
        event!(machine.lost, machine_id = machine, load = 0.93);
        self.day.machines_lost += 1;
        let all = std::mem::take(&mut self.workers).into_iter();
        let (lost, left): (Vec<_>, Vec<_>) = all.partition(|worker| worker.machine == machine);
        self.workers = left;
        for Worker { id, connector, .. } in lost {
            event!(connector.disconnected, connector_id = connector, server_id = self.server, graceful = false);
            event!(worker.lost, worker_id = id, reason = "its machine is gone");
            self.day.workers_lost += 1;
        }
    }

    fn restart(&self) {
        let recovered = Json::list(self.queue.iter().map(|job| job.id.as_str()));
        event!(server.restarted, server_id = self.server, recovered);
    }
}
