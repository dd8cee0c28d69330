//! Nothing goes in; facts about this machine come out that a reader of figures needs, and how much of its memory this
//! process has. Neither its name nor a path is among them.

use std::process::Command;

use serde::Serialize;

/// What the figures were measured on.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Processors that this program may use.
    pub cores: usize,
    /// What the processor calls itself.
    pub cpu: String,
    /// The kind of system and of processor.
    pub system: String,
    /// The compiler, as it says itself.
    pub rustc: String,
    /// How many were at work or waited for a processor, in the mean over the minute before; more than none means that
    /// others had their share of what was measured.
    pub load_before: Option<f64>,
}

impl Machine {
    /// This one, now.
    #[must_use]
    pub fn here() -> Self {
        let rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("--version").output();
        let load = std::fs::read_to_string("/proc/loadavg").ok();
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cpu: model().unwrap_or_default(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            rustc: rustc.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).unwrap_or_default(),
            load_before: load.and_then(|load| load.split_whitespace().next()?.parse().ok()),
        }
    }
}

/// What of this process is in memory, in KiB; nothing where the system does not tell.
#[must_use]
pub fn resident_kib() -> Option<u64> {
    of_status("VmRSS:")
}

/// The most of this process that was in memory at any time, in KiB; nothing where the system does not tell.
#[must_use]
pub fn peak_kib() -> Option<u64> {
    of_status("VmHWM:")
}

fn of_status(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn model() -> Option<String> {
    let facts = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = facts.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cores, cpu, system, rustc, load_before } = self;
        write!(f, "{cores} cores of {cpu}, {system}, {rustc}")?;
        load_before.map_or(Ok(()), |load| write!(f, ", load {load} when it began"))
    }
}
