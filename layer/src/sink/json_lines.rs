//! Events go in; lines at the end of a file come out, one for each event, and files that are full are set aside.
//!
//! Several processes may write to one file: each has it for itself while it writes a batch (an advisory lock on the
//! file), and looks whether somebody else has put it aside meanwhile.

mod repair;
mod rotation;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tense_event::CleanEvent;

use super::{Sink, SinkError, lines};

/// Appends every event to a file, as a line of JSON that `tense import` and `jq` read.
///
/// | | |
/// |---|---|
/// | the file | is made when the first event comes, readable by its owner only; what is there stays |
/// | a line | is one event, whatever is in it: a line break inside of a text is written as `\n` |
/// | a torn last line, of a process that was killed | is cut off before the next event is written |
/// | full or old | the file becomes `NAME.1`, `NAME.1` becomes `NAME.2`, and the last one goes |
/// | moved away by somebody else | a new one is made |
/// | a directory, a pipe, a socket | is not written to, and not waited for |
///
/// A batch is written with one call. Where that fails, as on a full disk, what was written of it is cut off again, so
/// that the batch can come once more.
///
/// ```no_run
/// use tense_layer::sink::JsonLines;
///
/// let file = JsonLines::new("/var/log/checkout/trace.jsonl").max_bytes(50 << 20).keep(3);
/// let _guard = tense_layer::builder().sink(file).init()?;
/// # Ok::<(), tense_layer::InitError>(())
/// ```
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    max_bytes: u64,
    max_age: Duration,
    keep: u32,
    open: Option<Open>,
    clock: fn() -> SystemTime,
}

#[derive(Debug)]
struct Open {
    file: File,
    /// How long it was when we had written to it last.
    len: u64,
}

impl JsonLines {
    /// A file of at most 100 MiB and one day, with five older ones beside it. Nothing is opened yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            max_bytes: 100 << 20,
            max_age: Duration::from_secs(86_400),
            keep: 5,
            open: None,
            clock: SystemTime::now,
        }
    }

    /// How long a file may become, in bytes. A batch goes into one file, so it may be longer by one.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes.max(1);
        self
    }

    /// How old a file may become. It counts from when it was made, as far as the file system keeps that; otherwise from
    /// its first event.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// How many full ones are kept; the oldest go. With 0 a full one is removed.
    pub fn keep(mut self, files: u32) -> Self {
        self.keep = files;
        self
    }

    fn write(&mut self, lines: &str) -> Result<(), SinkError> {
        let mut open = self.take_open().map_err(nothing)?;
        match open.file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                self.open = Some(open);
                return Err(SinkError::NothingWritten("another process is writing to the file".into()));
            }
            // Some file systems know no locks; there one process writes, or lines of several follow one another.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(nothing(error)),
        }
        let written = self.write_locked(&mut open, lines);
        // Closing it gives it back just as well.
        if open.file.unlock().is_ok() && written.is_ok() {
            self.open = Some(open);
        }
        written
    }

    fn write_locked(&mut self, open: &mut Open, lines: &str) -> Result<(), SinkError> {
        let mut len = open.file.metadata().map_err(nothing)?.len();
        if len != open.len {
            len = repair::end(&mut open.file, len).map_err(nothing)?;
        }
        if let Err(error) = open.file.write_all(lines.as_bytes()) {
            // Other processes wait for the lock, so what is behind that length is ours.
            return Err(match open.file.set_len(len) {
                Ok(()) => nothing(error),
                Err(_) => SinkError::Failed(error.into()),
            });
        }
        open.len = len + lines.len() as u64;
        Ok(())
    }

    /// The file, which is still the one that the path names, and is neither full nor old.
    fn take_open(&mut self) -> io::Result<Open> {
        let known = self.open.take();
        let open = match known {
            Some(open) if rotation::is_at(&open.file, &self.path) => open,
            _ => self.open_anew()?,
        };
        let metadata = open.file.metadata()?;
        let is_full = metadata.len() >= self.max_bytes;
        let is_due = is_full || metadata.len() > 0 && rotation::age(&metadata, (self.clock)()) >= self.max_age;
        if !is_due || !metadata.is_file() {
            return Ok(open);
        }
        // Whoever else writes to it ends first, and then finds that it has moved.
        match open.file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(open),
            Err(TryLockError::Error(_)) | Ok(()) => {}
        }
        if rotation::is_at(&open.file, &self.path) {
            rotation::set_aside(&self.path, self.keep)?;
        }
        drop(open);
        self.open_anew()
    }

    fn open_anew(&self) -> io::Result<Open> {
        // To open a pipe without a reader would wait for one.
        match fs::metadata(&self.path) {
            Ok(found) if found.is_file() || is_device(&found) => {}
            Ok(_) => return Err(io::Error::other("it is a directory, a pipe or a socket: name a file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.path)?;
        // Nothing is known of how it ends.
        Ok(Open { file, len: u64::MAX })
    }
}

fn nothing(error: io::Error) -> SinkError {
    SinkError::NothingWritten(error.into())
}

#[cfg(unix)]
fn is_device(found: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_char_device(&found.file_type())
}

#[cfg(not(unix))]
fn is_device(_: &fs::Metadata) -> bool {
    false
}

impl Sink for JsonLines {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        let lines = lines(batch)?;
        if lines.is_empty() { Ok(()) } else { self.write(&lines) }
    }

    fn name(&self) -> &str {
        "json-lines"
    }
}

#[cfg(test)]
mod tests;
