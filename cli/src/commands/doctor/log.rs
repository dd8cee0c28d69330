//! Two looks at the log beside a database enter, one before and one after all else; findings leave: how large it is,
//! whether it grows, and who keeps it from being begun anew.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tense_store::{LockState, Wal, text};

use super::finding::Finding;

const ABOUT: &str = "log";
/// It keeps its size up to here when it is begun anew, in bytes.
const USUAL: u64 = 64 << 20;
/// From here on something keeps it.
const LARGE: u64 = 512 << 20;
/// Whoever reads for so long, while so many bytes wait behind what they see, keeps it.
const LONG: Duration = Duration::from_millis(500);
const WAITING: u64 = 4 << 20;

pub(super) struct Look {
    at: Instant,
    wal: Wal,
}

pub(super) fn look(path: &Path) -> Option<Look> {
    Some(Look { at: Instant::now(), wal: Wal::beside(path).ok()? })
}

pub(super) fn findings(path: &Path, before: Option<&Look>) -> Vec<Finding> {
    let Some(before) = before else { return Vec::new() };
    let mut place = path.as_os_str().to_owned();
    place.push("-wal");
    let place = || place.to_string_lossy().into_owned();
    if let Some(holder) = before.wal.holders.iter().find(|holder| holder.state == LockState::Exclusive) {
        let what = format!("{} keeps the whole database to itself", process(holder.pid));
        return vec![Finding::problem(ABOUT, place(), what).advice("end its transaction, or the process")];
    }
    if before.wal.bytes == 0 {
        return Vec::new();
    }
    if !before.wal.holders.is_empty() {
        // Short enough for a person, and long enough to tell one who stays from one who passes.
        std::thread::sleep(LONG.saturating_sub(before.at.elapsed()));
    }
    let Some(after) = look(path) else { return Vec::new() };
    let (seconds, was, is) = (before.at.elapsed().as_secs_f64(), before.wal.bytes, after.wal.bytes);
    let mut what = text::size(is.max(was));
    if is > was && seconds > 0.0 {
        what += &format!(", and it grows by {} a second", text::size(((is - was) as f64 / seconds) as u64));
    }
    // While this process has the map open, it does not look at it.
    let waiting = before.wal.pages.zip(before.wal.checkpointed).map(|(pages, done)| u64::from(pages - done));
    let is_kept = is.max(was) > USUAL || waiting.is_some_and(|pages| pages.saturating_mul(8192) > WAITING);
    let readers: Vec<String> = after.wal.readers_since(&before.wal).map(process).collect();
    if is_kept && !readers.is_empty() {
        let what = format!("{what}; it cannot be begun anew while {} reads on", readers.join(" and "));
        let finding = if is.max(was) > LARGE { Finding::problem } else { Finding::note };
        return vec![
            finding(ABOUT, place(), what)
                .advice("end that reading (an open shell of SQLite, a backup), or the process"),
        ];
    }
    if is.max(was) > LARGE {
        let advice = "end whoever reads for long; the log becomes smaller when the last program closes the database";
        return vec![
            Finding::problem(ABOUT, place(), format!("{what}, which is more than it should ever have")).advice(advice),
        ];
    }
    if before.wal.holders.is_empty() && cfg!(target_os = "linux") {
        what += "; no program uses it now, and the next one brings what is in it into the database";
    }
    vec![Finding::ok(ABOUT, place(), what)]
}

/// `process 4711 (sqlite3)`
fn process(pid: u32) -> String {
    match fs::read_to_string(format!("/proc/{pid}/comm")) {
        Ok(name) => format!("process {pid} ({})", text::excerpt(name.trim(), 40)),
        Err(_) => format!("process {pid}"),
    }
}
