//! Events go in; lines of JSON come out, in a file that one process has for itself. `tense import` reads it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use tense_event::CleanEvent;

use super::{Sink, SinkError};

/// Made by the first batch.
pub(crate) struct Lines {
    path: PathBuf,
    file: Option<File>,
}

impl Lines {
    /// That of this process, which was forked off one that writes to this database.
    pub(crate) fn of_child(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push(format!(".forked-{}.jsonl", std::process::id()));
        Self { path: path.into(), file: None }
    }

    fn file(&mut self) -> std::io::Result<&mut File> {
        match &mut self.file {
            Some(file) => Ok(file),
            empty => {
                let mut options = OpenOptions::new();
                options.create(true).append(true);
                // As the database: nobody else's to read.
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                Ok(empty.insert(options.open(&self.path)?))
            }
        }
    }
}

impl Sink for Lines {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        let mut lines = Vec::new();
        for event in batch {
            serde_json::to_writer(&mut lines, event).map_err(|error| SinkError::Failed(error.into()))?;
            lines.push(b'\n');
        }
        let file = self.file().map_err(|error| SinkError::NothingWritten(error.into()))?;
        // Some of it may be there.
        file.write_all(&lines).map_err(|error| SinkError::Failed(error.into()))
    }
}
