//! A day of a fleet, at once: jobs enter, what became of them leaves on standard output, and how in the trace database.

#![expect(clippy::print_stdout, reason = "it speaks to the person who started it")]

use fleet::{Fleet, events};

fn main() -> anyhow::Result<()> {
    let _guard = tense_layer::builder().registry(&events::REGISTRY).init()?;
    let day = Fleet::started("s1").a_day();
    println!("{} jobs finished, {} runs failed", day.finished, day.failed);
    println!("{} machine lost, and with it {} workers", day.machines_lost, day.workers_lost);
    Ok(())
}
