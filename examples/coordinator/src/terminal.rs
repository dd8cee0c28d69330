//! Lines enter, whatever they hold; they leave on standard output or standard error, and do nothing to the terminal.
//!
//! Definitions and data are written by anybody, so their control characters are shown and not sent. Standard output may
//! be a full disk, or a reader that has gone away: the work goes on, and at its end it is said whether all could be
//! written.

use std::io::{self, Write};

use tense_store::text::escape;

/// Standard output.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// Why nothing more is written.
    failure: Option<io::Error>,
}

impl Output {
    /// Writes one line.
    pub(crate) fn line(&mut self, text: &str) {
        if self.failure.is_none() {
            self.failure = writeln!(io::stdout().lock(), "{}", escape(text)).err();
        }
    }

    /// Everything is said.
    ///
    /// # Errors
    /// When not all of it could be written. A reader that has gone away has what it wanted, and is none.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let failure = self.failure.take().or_else(|| io::stdout().lock().flush().err());
        failure.filter(|failure| failure.kind() != io::ErrorKind::BrokenPipe).map_or(Ok(()), Err)
    }
}

/// Writes one line to standard error. When nobody can read it, there is nobody to tell.
pub(crate) fn complain(text: &str) {
    writeln!(io::stderr().lock(), "{}", escape(text)).ok();
}
