//! What many threads cost that record little, in memory that the operating system had to give. The only test of its
//! process, because that is counted by the process.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use tense::traced;
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError, builder};

struct Discarding;

impl Sink for Discarding {
    fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
        Ok(())
    }
}

#[traced(operation.work.done, fields(n))]
fn work(n: u64) -> u64 {
    n
}

/// Memory that is there, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What so many threads take that make as many calls each, in KiB a thread.
fn threads(threads: usize, calls: u64) -> u64 {
    let (before, done, measured) = (resident(), Barrier::new(threads + 1), Barrier::new(threads + 1));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                (0..calls).for_each(|n| assert_eq!(work(n), n));
                done.wait();
                measured.wait();
            });
        }
        done.wait();
        tense_layer::flush(Duration::from_secs(20));
        let took = resident().saturating_sub(before) / threads as u64;
        measured.wait();
        took
    })
}

#[test]
fn a_thread_that_records_little_costs_little() {
    let _guard = builder().sink(Discarding).init().unwrap();
    assert_eq!(work(1), 1);
    tense_layer::flush(Duration::from_secs(20));
    // Of threads that record nothing there is the stack alone, which a build without optimization makes some pages
    // deeper when something is recorded. A ring has 256 KiB, and a stack of spans 32.
    let plain = threads(1000, 0);
    let recording = threads(1000, 10);
    println!("{plain} KiB a thread, and {recording} with 10 spans");
    assert!(recording < plain + 80, "{plain} KiB a thread, and {recording} with 10 spans");
}
