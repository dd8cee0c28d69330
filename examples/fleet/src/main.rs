//! A day of a fleet, at once: jobs enter, what became of them leaves on standard output, and how in the trace database.

use std::io::{self, Write};

use anyhow::Context;
use fleet::{Day, Fleet, events};

fn main() -> anyhow::Result<()> {
    let _guard = tense_layer::builder().registry(&events::REGISTRY).init()?;
    match report(&Fleet::started("s1").a_day(), io::stdout()) {
        // Who went away has read what there was to read.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("write to standard output"),
    }
}

fn report(day: &Day, mut out: impl Write) -> io::Result<()> {
    writeln!(out, "{} jobs finished, {} runs failed", day.finished, day.failed)?;
    writeln!(out, "{} machine lost, and with it {} workers", day.machines_lost, day.workers_lost)
}
