//! Events go in; lines of JSON on standard error come out.

use std::fs::File;
use std::io::Write;

use tense_event::CleanEvent;

use super::{Sink, SinkError, lines};
use crate::delivery::fallback::own_stderr;

/// Writes every event to standard error, as a line of JSON that `tense import` reads.
///
/// It writes to the file that standard error is when the sink is made, and takes none of the locks that the program's
/// own `eprintln!` takes: where nobody reads, only this sink waits.
///
/// ```no_run
/// let _guard = tense_layer::builder().sink(tense_layer::sink::Stderr::new()).init()?;
/// # Ok::<(), tense_layer::InitError>(())
/// ```
#[derive(Debug)]
pub struct Stderr(Option<File>);

impl Stderr {
    /// Standard error as it is now.
    pub fn new() -> Self {
        Self(own_stderr().ok())
    }
}

impl Default for Stderr {
    fn default() -> Self {
        Self::new()
    }
}

impl Sink for Stderr {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        let Some(stderr) = &mut self.0 else {
            return Err(SinkError::NothingWritten("there is no standard error".into()));
        };
        let lines = lines(batch)?;
        // What a pipe has taken of it before it broke nobody can say.
        stderr.write_all(lines.as_bytes()).map_err(|error| SinkError::Failed(error.into()))
    }

    fn name(&self) -> &str {
        "stderr"
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;
    use crate::sink::conformance;

    /// With a file where standard error would be.
    #[test]
    fn it_conforms() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stderr");
        let open = || Stderr(OpenOptions::new().append(true).create(true).open(&path).ok());
        let read = || {
            let text = std::fs::read_to_string(&path).unwrap();
            text.split_terminator('\n').map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        conformance(open, read);
    }
}
