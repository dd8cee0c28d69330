//! The path of a database enters; what its log beside it looks like leaves, and who uses the file, found out without
//! opening anything as a database, so that it can be told of one that nobody can open.
//!
//! New events go into the log (`-wal`), and from there into the file when nobody reads what was before. So it grows as
//! long as one reader stays, whatever is written. Where the log stands is in the map beside it (`-shm`), whose layout
//! SQLite documents with the format of its files; who holds which lock on the map only the system knows.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The write-ahead log beside a database, see [`Wal::beside`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wal {
    /// How large it is, in bytes. It keeps its size when it is begun anew, up to 64 MiB.
    pub bytes: u64,
    /// Pages in it since it was begun; none where no program uses it, and so nobody has counted.
    pub pages: Option<u32>,
    /// Those of them that are in the database as well.
    pub checkpointed: Option<u32>,
    /// Whoever uses the database, as far as the system says: Linux does, of processes that can be seen from here.
    pub holders: Vec<LockHolder>,
}

/// A process that holds locks on a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct LockHolder {
    /// The number of its process.
    pub pid: u32,
    /// What it does, by the locks that it holds.
    pub state: LockState,
}

/// What a process does with a database, by its locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LockState {
    /// It has it open.
    Open,
    /// It is within a reading, so the log cannot be begun anew behind what it sees.
    Reading,
    /// It is within a writing, so other writers wait.
    Writing,
    /// It keeps everybody else away.
    Exclusive,
}

/// Where the first of the locks on the map is: that of writing, behind which are those of two more duties, then those
/// of readers.
const WRITING: u64 = 120;
const READING: std::ops::RangeInclusive<u64> = 123..=127;
/// Says that somebody has the map open.
const OPEN: u64 = 128;
/// Where locks on the database itself are: on bytes around the first gigabyte, that none of its pages uses. In the
/// log's mode all share it, and who has it alone lets nobody in.
const DATABASE: std::ops::RangeInclusive<u64> = 0x4000_0000..=0x4000_01ff;

impl Wal {
    /// Looks at what lies beside the database of that path; a log that is not there is empty.
    ///
    /// ```
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("tense.db");
    /// let store = tense_store::SqliteStore::open(&path)?;
    /// let wal = tense_store::Wal::beside(&path)?;
    /// assert!(wal.bytes > 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the system does not let the log be looked at.
    pub fn beside(path: &Path) -> io::Result<Self> {
        // A link leads to a file, and its log lies beside that.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let bytes = match beside(&path, "-wal").metadata() {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let header = header(&beside(&path, "-shm"));
        let [pages, checkpointed] = header.map_or([None; 2], |numbers| numbers.map(Some));
        Ok(Self { bytes, pages, checkpointed, holders: holders(&path) })
    }

    /// Those who were within a reading then and still are: they keep the log from being begun anew.
    pub fn readers_since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = u32> + 'a {
        let reads = |holder: &&LockHolder| holder.state == LockState::Reading;
        self.holders.iter().filter(reads).filter(|holder| before.holders.contains(holder)).map(|holder| holder.pid)
    }
}

/// What SQLite calls what it keeps beside a file: `-wal`, `-shm`.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// How many pages the log has, and how many of them are in the database: from the map, which is written in the order of
/// bytes of the machine, without waiting for anybody. It may be changed right now; numbers that are told to a person
/// may be a moment old, and ones that make no sense are none.
fn header(map: &Path) -> Option<[u32; 2]> {
    const VERSION: u32 = 3_007_000;
    // Within a process that has the map locked, to close it would open its locks.
    if !cfg!(target_os = "linux") {
        return None;
    }
    let mut bytes = [0; 136];
    if is_open_here(map) {
        return None;
    }
    File::open(map).and_then(|mut map| map.read_exact(&mut bytes)).ok()?;
    let number = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes);
    let (pages, checkpointed) = (number(16)?, number(96)?);
    (number(0)? == VERSION && checkpointed <= pages).then_some([pages, checkpointed])
}

/// Whether this process itself has the file open.
fn is_open_here(path: &Path) -> bool {
    let Ok(open) = fs::read_dir("/proc/self/fd") else { return true };
    open.flatten().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == path))
}

/// All others that hold locks on the database or its map.
fn holders(path: &Path) -> Vec<LockHolder> {
    let Ok(locks) = fs::read_to_string("/proc/locks") else { return Vec::new() };
    let (database, map) = (inode(path), inode(&beside(path, "-shm")));
    let mut holders: Vec<LockHolder> = Vec::new();
    for lock in locks.lines().filter_map(Lock::read).filter(|lock| lock.pid != std::process::id()) {
        let on = Some(lock.inode);
        let state = if on == map && lock.meets(&READING) && !lock.is_alone {
            LockState::Reading
        } else if on == map && lock.meets(&(WRITING..=WRITING)) && lock.is_alone {
            LockState::Writing
        } else if on == database && lock.meets(&DATABASE) && lock.is_alone {
            LockState::Exclusive
        } else if (on == map && lock.meets(&(OPEN..=OPEN))) || (on == database && lock.meets(&DATABASE)) {
            LockState::Open
        } else {
            continue;
        };
        holders.push(LockHolder { pid: lock.pid, state });
    }
    // Of each process what it does most.
    holders.sort_unstable_by(|one, other| (one.pid, other.state).cmp(&(other.pid, one.state)));
    holders.dedup_by_key(|holder| holder.pid);
    holders
}

/// A line of `/proc/locks`.
#[derive(Debug, PartialEq, Eq)]
struct Lock {
    is_alone: bool,
    pid: u32,
    /// Without the device, which some file systems tell differently here and there.
    inode: u64,
    from: u64,
    to: u64,
}

impl Lock {
    /// `1: POSIX  ADVISORY  WRITE 4711 fe:00:1573 120 120`, with `EOF` as an end that there is none of. Who only waits
    /// has an arrow.
    fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[_, "POSIX", _, kind, pid, file, from, to] = words.as_slice() else { return None };
        let inode = file.rsplit(':').next()?.parse().ok()?;
        let to = if to == "EOF" { u64::MAX } else { to.parse().ok()? };
        Some(Self { is_alone: kind == "WRITE", pid: pid.parse().ok()?, inode, from: from.parse().ok()?, to })
    }

    fn meets(&self, bytes: &std::ops::RangeInclusive<u64>) -> bool {
        self.from <= *bytes.end() && *bytes.start() <= self.to
    }
}

#[cfg(unix)]
fn inode(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|found| found.ino())
}

#[cfg(not(unix))]
fn inode(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_system_are_read() {
        let read = |line: &str| Lock::read(line).map(|lock| (lock.is_alone, lock.pid, lock.inode, lock.from, lock.to));
        let table = [
            ("1: POSIX  ADVISORY  WRITE 4711 fe:00:1573 120 120", Some((true, 4711, 1573, 120, 120))),
            ("2: POSIX  ADVISORY  READ 1 00:2f:9 0 EOF", Some((false, 1, 9, 0, u64::MAX))),
            ("2: -> POSIX  ADVISORY  READ 1 00:2f:9 0 EOF", None),
            ("3: FLOCK  ADVISORY  WRITE 8 fe:00:1 0 EOF", None),
            ("4: POSIX  ADVISORY  READ -1 fe:00:1 0 EOF", None),
            ("", None),
        ];
        for (line, expected) in table {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn a_database_without_a_log_has_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Wal::beside(&folder.path().join("tense.db")).unwrap(), Wal::default());
    }
}
