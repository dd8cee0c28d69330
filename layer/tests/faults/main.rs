//! What goes wrong around a program goes wrong on purpose: sinks that hang, fail or panic, disks that are full, files
//! that are damaged or locked, signals, bursts. One test a fault, each in a process of its own that has to be over in
//! time; `docs/reliability.md` lists them all.
//!
//! After each: every call gave back what it gives back without us, the counters add up, and the memory is bounded.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]
#![expect(clippy::print_stdout, reason = "a case tells its parent what it has counted")]

#[macro_use]
mod child;
mod host;
mod sinks;
mod dead;
mod disk;
mod files;
mod stderr;
mod ends;
mod bursts;
mod memory;
mod clocks;
mod shutdown;
