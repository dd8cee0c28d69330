//! The path of a database enters; findings about what it lies on leave: over a network, gone with the machine, full, or
//! full soon.

use std::fs;
use std::path::{Path, PathBuf};

use tense_store::Examination;
use tense_store::text::size;

use super::finding::Finding;

const ABOUT: &str = "disk";
/// Below this a burst of events fills it, in bytes.
const SCARCE: u64 = 64 << 20;
/// Below this it is worth a word.
const TIGHT: u64 = 512 << 20;
/// Below so many days of the growth until now it is worth a word, and below so many it is urgent.
const DAYS: (f64, f64) = (14.0, 2.0);
/// A file of less time than this, in nanoseconds, says nothing about growth: an hour.
const TELLING: i64 = 3_600_000_000_000;

/// File systems behind a network. SQLite's locks and its map of the log need one machine.
const NETWORK: [&str; 17] = [
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "davfs",
    "fuse.gcsfuse",
    "fuse.glusterfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "glusterfs",
    "gpfs",
    "lustre",
    "nfs",
    "nfs4",
    "smb3",
    "smbfs",
];
/// Those that a host shares with a machine within it: one machine alone may use them safely.
const SHARED: [&str; 5] = ["9p", "drvfs", "fuse.grpcfuse", "vboxsf", "virtiofs"];
/// Those whose files are gone with the machine, or the container.
const FLEETING: [&str; 3] = ["overlay", "ramfs", "tmpfs"];

pub(super) fn findings(path: &Path, examined: Option<&Examination>) -> Vec<Finding> {
    let Some(folder) = folder(path) else { return Vec::new() };
    let kind = fs::read_to_string("/proc/self/mountinfo").ok().and_then(|mounts| kind(&mounts, &folder));
    // As it was named, and not whither links lead.
    let named = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = || named.to_string_lossy().into_owned();
    let mut findings = Vec::new();
    if let Some(kind) = kind {
        findings.extend(lies_on(&kind, place()));
    }
    findings.extend(free_bytes(&folder).map(|free| room(free, examined, place())));
    findings
}

/// The folder that it lies in, or would.
fn folder(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    path.canonicalize().as_ref().unwrap_or(&path).ancestors().skip(1).find_map(|folder| folder.canonicalize().ok())
}

fn lies_on(kind: &str, place: String) -> Option<Finding> {
    if NETWORK.contains(&kind) {
        let what = format!("this is a file system behind a network ({kind}), where SQLite's locks do not hold");
        let advice = "put the database on a disk of this machine: files there are damaged when two machines write";
        return Some(Finding::problem(ABOUT, place, what).advice(advice));
    }
    if SHARED.contains(&kind) {
        let what = format!("this folder is shared with the host of this machine ({kind})");
        return Some(Finding::note(ABOUT, place, what).advice("let programs of only one of the two use the database"));
    }
    if FLEETING.contains(&kind) {
        let what = format!("what lies here is gone with this machine or its container ({kind})");
        return Some(Finding::note(ABOUT, place, what).advice("put the database on a volume, if it is to be kept"));
    }
    None
}

fn room(free: u64, examined: Option<&Examination>, place: String) -> Finding {
    let days = examined.and_then(|examined| days(free, examined));
    let until = days.filter(|days| *days < 10_000.0).map(|days| format!(", {days:.0} days of growth as until now"));
    let what = format!("{} are free{}", size(free), until.unwrap_or_default());
    let advice = "make room, move the database, or keep less in it";
    let days = days.unwrap_or(f64::INFINITY);
    if free < SCARCE || days < DAYS.1 {
        return Finding::problem(ABOUT, place, what).advice(advice);
    }
    if free < TIGHT || days < DAYS.0 {
        return Finding::note(ABOUT, place, what).advice(advice);
    }
    Finding::ok(ABOUT, place, what)
}

/// For how many days the free room is enough, if the file goes on to grow as it did since its first trace.
fn days(free: u64, examined: &Examination) -> Option<f64> {
    let (first, last) = examined.covers?;
    let nanos = last.unix_nanos().saturating_sub(first.unix_nanos());
    let used = examined.bytes.saturating_sub(examined.free_bytes);
    (nanos >= TELLING && used > 0).then(|| free as f64 / used as f64 * nanos as f64 / 86_400e9)
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// The kind of the file system that a folder lies in: of all that are mounted above it the nearest, and of those at one
/// place the last.
fn kind(mounts: &str, folder: &Path) -> Option<String> {
    let all = mounts.lines().filter_map(|line| {
        let (before, behind) = line.split_once(" - ")?;
        let place = PathBuf::from(plain(before.split(' ').nth(4)?));
        folder.starts_with(&place).then_some(())?;
        Some((place.components().count(), behind.split(' ').next()?))
    });
    all.max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind.to_owned())
}

/// A path as the system writes it in that list: a space is `\040`.
fn plain(path: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(path.to_owned(), |path, (from, to)| path.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
23 22 0:20 / /tmp rw shared:2 - tmpfs tmpfs rw
30 22 0:40 / /srv rw - ext4 /dev/sdb rw
31 30 0:41 / /srv/traces\\040of\\040all rw - nfs4 server:/export rw
32 22 0:42 / /tmp/mine rw - ext4 /dev/sdc rw
33 30 0:43 / /srv rw - virtiofs host rw";

    #[test]
    fn the_nearest_mount_decides() {
        let table = [
            ("/home/ada", Some("ext4")),
            ("/tmp", Some("tmpfs")),
            ("/tmp/other", Some("tmpfs")),
            ("/tmp/mine/deep", Some("ext4")),
            ("/srv", Some("virtiofs")),
            ("/srv/traces of all/here", Some("nfs4")),
            ("/srvother", Some("ext4")),
            ("relative", None),
        ];
        for (folder, expected) in table {
            assert_eq!(kind(MOUNTS, Path::new(folder)).as_deref(), expected, "{folder}");
        }
        assert_eq!(kind("nonsense\n - \n1 2 3 4 - x", Path::new("/")), None);
    }

    #[test]
    fn a_network_is_a_problem_and_what_goes_with_the_machine_a_note() {
        use super::super::finding::Mark;
        let mark = |kind: &str| lies_on(kind, String::new()).map(|finding| finding.mark);
        assert_eq!(
            ["nfs4", "9p", "tmpfs", "ext4"].map(mark),
            [Some(Mark::Problem), Some(Mark::Note), Some(Mark::Note), None]
        );
        assert!(NETWORK.is_sorted() && SHARED.is_sorted() && FLEETING.is_sorted());
    }

    #[test]
    fn little_room_is_told_before_there_is_none() {
        use super::super::finding::Mark;
        let mark = |free: u64| room(free, None, String::new()).mark;
        assert_eq!(
            [0, SCARCE - 1, SCARCE, TIGHT, u64::MAX].map(mark),
            [Mark::Problem, Mark::Problem, Mark::Note, Mark::Ok, Mark::Ok]
        );
    }
}
