//! What befalls the folder of a database and of a file of lines goes in; what is in both comes out afterwards.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rusqlite::Connection;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tense_benches::random::Random;
use tense_store::{SqliteStore, Store as _, StoreError, TraceFilter};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No file of this process may become longer than some kilobytes.
    Full,
    /// No file can be opened.
    NoDescriptors,
    /// Another connection holds the database.
    Locked,
    /// Noise is in all pages of the database but the first.
    Damaged,
    /// Somebody who was killed has left half a line.
    Torn,
    /// Folders are where the files should be.
    InTheWay,
    /// There is no folder.
    FolderGone,
}

pub(crate) const ALL: [Fault; 7] =
    [Fault::Full, Fault::NoDescriptors, Fault::Locked, Fault::Damaged, Fault::Torn, Fault::InTheWay, Fault::FolderGone];

pub(crate) struct Files {
    folder: PathBuf,
    lock: Option<Connection>,
}

impl Files {
    pub(crate) fn new(folder: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir(&folder)?;
        Ok(Self { folder, lock: None })
    }

    pub(crate) fn db(&self) -> PathBuf {
        self.folder.join("trace.db")
    }

    pub(crate) fn lines(&self) -> PathBuf {
        self.folder.join("trace.jsonl")
    }

    /// Somebody cleans up. Nothing is being written meanwhile.
    pub(crate) fn clear(&self) -> anyhow::Result<()> {
        for file in fs::read_dir(&self.folder)? {
            fs::remove_file(file?.path())?;
        }
        Ok(())
    }

    /// Nothing is being written meanwhile, and for [`Fault::Damaged`] the database has something in it.
    pub(crate) fn befall(&mut self, fault: Fault, random: &mut Random) -> anyhow::Result<()> {
        match fault {
            Fault::Full => limit(Resource::Fsize, 4_096 << random.below(9)),
            Fault::NoDescriptors => limit(Resource::Nofile, 3),
            Fault::Locked => {
                let other = Connection::open(self.db())?;
                other.execute_batch("BEGIN EXCLUSIVE")?;
                self.lock = Some(other);
                Ok(())
            }
            Fault::Damaged => damage(&self.db()),
            Fault::Torn => Ok(open_to_append(&self.lines())?.write_all(b"{\"schema_version\":1,\"trac")?),
            Fault::InTheWay => {
                self.clear()?;
                fs::create_dir(self.db())?;
                Ok(fs::create_dir(self.lines())?)
            }
            Fault::FolderGone => Ok(fs::remove_dir_all(&self.folder)?),
        }
        .with_context(|| format!("failed to bring {fault:?} about"))
    }

    pub(crate) fn heal(&mut self) -> anyhow::Result<()> {
        for resource in [Resource::Nofile, Resource::Fsize] {
            let most = getrlimit(resource).maximum;
            setrlimit(resource, Rlimit { current: most, maximum: most })?;
        }
        self.lock = None;
        for in_the_way in [self.db(), self.lines()].iter().filter(|path| path.is_dir()) {
            fs::remove_dir(in_the_way)?;
        }
        Ok(fs::create_dir_all(&self.folder)?)
    }

    /// Events in the database, and in the file of lines, each of which is one.
    pub(crate) fn stored(&self) -> anyhow::Result<(u64, u64)> {
        let rows = match SqliteStore::open_read_only(self.db()) {
            Ok(store) => store.traces(&TraceFilter::newest(usize::MAX >> 1))?.iter().map(|trace| trace.events).sum(),
            // Nothing was delivered: it is not there, or empty.
            Err(StoreError::Missing { .. } | StoreError::Empty { .. } | StoreError::Older { .. }) => 0,
            Err(error) => return Err(error.into()),
        };
        let lines = fs::read_to_string(self.lines()).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(String::new()),
            _ => Err(error),
        })?;
        let whole = lines.lines().filter(|line| serde_json::from_str::<tense_event::Event>(line).is_ok()).count();
        Ok((rows, whole as u64))
    }
}

fn limit(resource: Resource, to: u64) -> anyhow::Result<()> {
    let maximum = getrlimit(resource).maximum;
    Ok(setrlimit(resource, Rlimit { current: Some(to), maximum })?)
}

fn open_to_append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

/// Pages have 8 KiB.
fn damage(path: &Path) -> anyhow::Result<()> {
    Connection::open(path)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let mut bytes = fs::read(path)?;
    bytes.iter_mut().skip(8192).for_each(|byte| *byte = 0xa5);
    Ok(fs::write(path, bytes)?)
}
