//! The number of a process goes in; how long each of its threads has been busy comes out of Linux's `/proc`, in
//! nanoseconds. How long this process has been, comes from its own clock, which knows threads that have ended as well.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// What all threads of this process have been busy until now, ended ones included; nothing on a system that is no Unix.
#[must_use]
pub fn of_this_process() -> Duration {
    #[cfg(unix)]
    {
        let busy = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::new(busy.tv_sec.unsigned_abs(), u32::try_from(busy.tv_nsec).unwrap_or(0))
    }
    #[cfg(not(unix))]
    Duration::ZERO
}

/// How long the threads of a process have been busy until some moment. A thread that has ended is not in it.
#[derive(Debug, Clone, Default)]
pub struct Busy(BTreeMap<u64, (String, u64)>);

impl Busy {
    /// Looks at a process. On a system without such a `/proc` nobody has been busy.
    #[must_use]
    pub fn of(process: u32) -> Self {
        Self::read(process).unwrap_or_default()
    }

    fn read(process: u32) -> std::io::Result<Self> {
        let mut threads = BTreeMap::new();
        for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
            let folder = thread?.path();
            // One that has just ended is left out.
            if let Some((number, busy)) = busy(&folder) {
                let name = std::fs::read_to_string(folder.join("comm")).unwrap_or_default();
                threads.insert(number, (name.trim_end().to_owned(), busy));
            }
        }
        Ok(Self(threads))
    }

    /// Nanoseconds from then until now, by the name of the thread; threads of one name are added up.
    #[must_use]
    pub fn since(&self, then: &Self) -> BTreeMap<String, f64> {
        let mut by_name = BTreeMap::new();
        for (number, (name, busy)) in &self.0 {
            let before = then.0.get(number).map_or(0, |(_, before)| *before);
            *by_name.entry(name.clone()).or_default() += busy.saturating_sub(before) as f64;
        }
        by_name
    }
}

/// The first figure of `schedstat` is what the thread was on a processor, up to the last time that it was taken off.
fn busy(folder: &Path) -> Option<(u64, u64)> {
    let stat = std::fs::read_to_string(folder.join("schedstat")).ok()?;
    let number = folder.file_name()?.to_str()?;
    Some((number.parse().ok()?, stat.split_whitespace().next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn who_works_has_been_busy_and_who_waits_has_not() {
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let (home, wait) = std::sync::mpsc::channel::<()>();
        let (done, worked) = std::sync::mpsc::channel();
        let before = Busy::of(std::process::id());
        let at_rest = thread("at-rest").spawn(move || wait.recv().unwrap_err());
        let at_work = thread("at-work").spawn(move || {
            (0..20_000_000_u64).for_each(|n| _ = std::hint::black_box(n));
            done.send(()).unwrap();
            // its figure is taken when it gives its processor away
            std::thread::park();
        });
        let at_work = at_work.unwrap();
        worked.recv().unwrap();
        let busy = loop {
            let busy = Busy::of(std::process::id()).since(&before);
            if busy["at-work"] > 1e6 {
                break busy;
            }
        };
        assert!(busy["at-rest"] < busy["at-work"], "{busy:?}");
        at_work.thread().unpark();
        drop(home);
        at_work.join().unwrap();
        at_rest.unwrap().join().unwrap();
    }
}
