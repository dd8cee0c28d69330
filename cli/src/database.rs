//! Finds the database that is meant: a flag, a variable and a folder enter, an open store leaves, or what was tried and
//! what to do.

use std::env;
use std::fs::{File, FileType};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use tense_grammar::SettingSpec;
use tense_store::{SqliteStore, StoreError};

/// The name that is looked for when none is given.
const NAME: &str = SettingSpec::at("recording", "database").unless_set;
pub(crate) const VARIABLE: &str = "TENSE_DB";

fn variable() -> Option<PathBuf> {
    env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Opens the database that is meant, to write: it is made where there is none, by default in the current folder.
pub(crate) fn open_to_write(flag: Option<PathBuf>) -> anyhow::Result<SqliteStore> {
    let path = match flag.or_else(variable) {
        Some(path) => path,
        None => {
            let here = here()?;
            upwards(&here).unwrap_or_else(|_| here.join(NAME))
        }
    };
    let failed = || format!("failed to open the database {}", path.display());
    match is_file(&path) {
        Err(Obstacle::Nothing) => {}
        looked => looked.with_context(failed)?,
    }
    SqliteStore::open(&path).with_context(failed)
}

/// Opens the database that is meant, to read.
pub(crate) fn open(flag: Option<PathBuf>) -> anyhow::Result<SqliteStore> {
    read(&meant(flag)?)
}

/// A database that is read for long. It may be removed meanwhile, or set aside because it is damaged, and begun anew.
pub(crate) struct Followed {
    meant: Meant,
    file: Option<(u64, u64)>,
    store: SqliteStore,
}

impl Followed {
    /// Opens the database that is meant.
    pub(crate) fn open(flag: Option<PathBuf>) -> anyhow::Result<Self> {
        let meant = meant(flag)?;
        let file = identity(&meant.path);
        Ok(Self { file, store: read(&meant)?, meant })
    }

    /// The same, once there is one: as long as nothing is at the path, or what is there is still empty, this waits.
    /// `waits` hears again and again where it looks, and says whether to go on; nothing comes out when it does not.
    pub(crate) fn open_once_there(
        flag: Option<PathBuf>,
        mut waits: impl FnMut(&Path) -> bool,
    ) -> anyhow::Result<Option<Self>> {
        let meant = meant(flag)?;
        let mut has_waited = false;
        loop {
            let file = identity(&meant.path);
            let error = match read(&meant) {
                Ok(store) => return Ok(Some(Self { file, store, meant })),
                Err(error) => error,
            };
            let is_to_come = match error.downcast_ref() {
                Some(StoreError::Missing { .. } | StoreError::Empty { .. }) => true,
                // Whoever makes it may keep it locked meanwhile.
                Some(StoreError::Busy { .. }) => has_waited,
                _ => matches!(is_file(&meant.path), Err(Obstacle::Nothing)),
            };
            if !is_to_come {
                return Err(error);
            }
            if !waits(&meant.path) {
                return Ok(None);
            }
            has_waited = true;
        }
    }

    pub(crate) const fn store(&self) -> &SqliteStore {
        &self.store
    }

    /// Opens it again, when it has changed and was not to.
    pub(crate) fn read_again(&mut self) -> anyhow::Result<()> {
        self.store = read(&self.meant)?;
        Ok(())
    }

    /// Goes over to the one that has taken its place, and says whether there is one that can be read already.
    pub(crate) fn renew(&mut self) -> bool {
        let now = identity(&self.meant.path);
        if now.is_none() || now == self.file {
            return false;
        }
        let Ok(store) = read(&self.meant) else { return false };
        (self.file, self.store) = (now, store);
        true
    }
}

/// Which file lies there, as far as the system tells.
fn identity(path: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        path.metadata().ok().map(|found| (found.dev(), found.ino()))
    }
    #[cfg(not(unix))]
    {
        path.exists().then_some((0, 0))
    }
}

fn read(Meant { path, named_by }: &Meant) -> anyhow::Result<SqliteStore> {
    let opened = match is_file(path) {
        Ok(()) => SqliteStore::open_read_only(path).map_err(anyhow::Error::from),
        Err(Obstacle::Nothing) => {
            return Err(anyhow!(
                "no database at {}, which {named_by} names; is the path right, and has the program run yet?",
                path.display()
            ));
        }
        Err(other) => Err(anyhow::Error::from(other).context(format!("open {}", path.display()))),
    };
    opened.with_context(|| format!("failed to read the database that {named_by} names"))
}

/// Opens the database that is meant, to take something away; it is not made where there is none.
pub(crate) fn open_to_change(flag: Option<PathBuf>) -> anyhow::Result<SqliteStore> {
    let meant = meant(flag)?;
    // Says what is wrong with a file that is not there, and with one of another kind, before anything is changed.
    match read(&meant) {
        Err(error) if !matches!(error.downcast_ref(), Some(StoreError::Older { .. } | StoreError::Empty { .. })) => {
            return Err(error);
        }
        _ => {}
    }
    let Meant { path, named_by } = meant;
    SqliteStore::open(&path).with_context(|| format!("failed to open the database that {named_by} names"))
}

/// The database that is meant, whether there is one or not.
pub(crate) struct Meant {
    pub(crate) path: PathBuf,
    /// Who says so.
    pub(crate) named_by: &'static str,
}

pub(crate) fn meant(flag: Option<PathBuf>) -> anyhow::Result<Meant> {
    Ok(match (flag, variable()) {
        (Some(path), _) => Meant { path, named_by: "--db" },
        (None, Some(path)) => Meant { path, named_by: VARIABLE },
        (None, None) => Meant { path: upwards(&here()?)?, named_by: "its name" },
    })
}

fn here() -> anyhow::Result<PathBuf> {
    env::current_dir().context("failed to find out the current folder")
}

fn upwards(folder: &Path) -> anyhow::Result<PathBuf> {
    let found = folder.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file());
    found.with_context(|| {
        format!(
            "no database found: there is no {NAME} in {} or a folder above it; name one with --db PATH or the variable \
             {VARIABLE}",
            folder.display()
        )
    })
}

/// Why nothing can be a database at a path, which is found out before SQLite is asked: it would say less.
#[derive(Debug)]
pub(crate) enum Obstacle {
    /// There is nothing.
    Nothing,
    /// A link that leads to where there is nothing.
    Dangling(PathBuf),
    /// Something else than a file; with what it is called.
    NoFile(&'static str),
    /// The system does not let it be looked at.
    Unreachable(io::Error),
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Obstacle::Nothing => write!(f, "there is no such file"),
            Obstacle::Dangling(to) => write!(f, "it is a link to {}, where there is nothing", to.display()),
            Obstacle::NoFile(what) => write!(f, "it is {what}, and a database is a file"),
            Obstacle::Unreachable(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Obstacle {}

impl Obstacle {
    /// What to do about it.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Obstacle::Nothing => "run the program that writes to it, or name another file with --db",
            Obstacle::Dangling(_) => "mend or remove the link, or run the program that writes to it",
            Obstacle::NoFile("a folder") => "name the file in it",
            Obstacle::NoFile(_) => "name a file with --db",
            Obstacle::Unreachable(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                "ask as its owner, or have them let you read it and its folder"
            }
            Obstacle::Unreachable(_) => "look at the path, and at the rights of its folders",
        }
    }
}

/// Looks whether a file that can be read lies there. A pipe is not opened, since that may take for ever.
pub(crate) fn is_file(path: &Path) -> Result<(), Obstacle> {
    let found = path.metadata().map_err(|error| match (error.kind(), path.read_link()) {
        (io::ErrorKind::NotFound, Ok(to)) => Obstacle::Dangling(to),
        (io::ErrorKind::NotFound, Err(_)) => Obstacle::Nothing,
        _ => Obstacle::Unreachable(error),
    })?;
    if !found.is_file() {
        return Err(Obstacle::NoFile(called(found.file_type())));
    }
    File::open(path).map(drop).map_err(Obstacle::Unreachable)
}

fn called(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    if kind.is_dir() { "a folder" } else { "a device" }
}

/// What to do about an error of a store, for whoever reads its message: none where that says so itself.
pub(crate) fn advice(error: &anyhow::Error) -> Option<&'static str> {
    if let Some(obstacle) = error.chain().find_map(|cause| cause.downcast_ref::<Obstacle>()) {
        return Some(obstacle.advice());
    }
    error.chain().find_map(|cause| cause.downcast_ref::<StoreError>()).and_then(advice_on)
}

/// The same of the error itself.
pub(crate) fn advice_on(error: &StoreError) -> Option<&'static str> {
    Some(match error {
        StoreError::Unreachable { .. } => "look at the path, and at the rights of the file and its folder",
        StoreError::Empty { .. } => {
            "ask again in a moment if a program has just begun to write to it; else run the program that does, or name another \
             file with --db"
        }
        StoreError::ReadOnly { .. } => {
            "whoever writes to it needs to write to the folder it lies in as well: ask as its owner, or copy it into a folder \
             of yours"
        }
        StoreError::Busy { .. } => "try again in a moment; `tense doctor` says which process it is",
        StoreError::Full { .. } => "make room, and try again",
        StoreError::Damaged { .. } => {
            "the program that writes to it sets it aside and begins a new one; `sqlite3 FILE .recover` may save some of it, \
             and `tense doctor` says how much is damaged"
        }
        StoreError::Database { .. } => "`tense doctor` looks at what may be wrong with the file and its folder",
        // What else there is says in its own sentence what to do.
        _ => return None,
    })
}
