//! The progress of a program goes in; how much memory it has, warmed up and at most from then on, comes out.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use serde::Serialize;
use tense_benches::machine::resident_kib;

/// So much more than after the warm-up it may take, in MiB: what is on its way from ring to sink differs from moment to
/// moment.
const MAY_GROW: u64 = 64;

#[derive(Debug, Default, Serialize)]
pub(crate) struct Watch {
    /// After a fifth of the work. Nothing where the system does not tell.
    warm: Option<u64>,
    most: u64,
}

/// Looks now and then until it is over.
pub(crate) fn watch(progress: &AtomicU64, spans: u64, is_over: &AtomicBool) -> Watch {
    let mut watch = Watch::default();
    while !is_over.load(SeqCst) {
        if let Some(now) = resident_kib().map(|kib| kib / 1024) {
            if watch.warm.is_none() && progress.load(SeqCst) >= spans / 5 {
                watch.warm = Some(watch.most.max(now));
            }
            watch.most = watch.most.max(now);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    watch
}

impl Watch {
    pub(crate) fn wrong(&self) -> Option<String> {
        let grown = self.most - self.warm?;
        (grown > MAY_GROW).then(|| format!("memory has grown by {grown} MiB, {MAY_GROW} are enough"))
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.warm {
            Some(warm) => write!(f, "memory: {warm} MiB after the warm-up, {} MiB at most", self.most),
            None => f.write_str("memory: this system does not tell"),
        }
    }
}
