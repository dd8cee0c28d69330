//! A whole text enters; it leaves on standard output or into a file, or is held against the file that should be the same.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use anyhow::Context;

use crate::commands::Answer;
use crate::say;

// Where a text goes. Not in `///`: clap would take that for what the command does.
#[derive(Debug, clap::Args)]
pub(crate) struct Destination {
    /// The file to write, instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Writes nothing, and ends with 1 when the file of --output is not what would be written
    #[arg(long, requires = "output")]
    check: bool,
}

impl Destination {
    pub(crate) fn take(&self, text: &str, out: &mut impl Write) -> anyhow::Result<Answer> {
        let Some(path) = &self.output else {
            out.write_all(text.as_bytes())?;
            return Ok(Answer::Found);
        };
        if !self.check {
            fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))?;
            return Ok(Answer::Found);
        }
        let file = path.display();
        let is = match fs::read_to_string(path) {
            Ok(is) => is,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                say(&format!("{file}: there is no such file yet: run this again without --check"));
                return Ok(Answer::Wrong);
            }
            // It is there, and no text: so it cannot be what would be written.
            Err(error) if error.kind() == ErrorKind::InvalidData => String::new(),
            Err(error) => return Err(unreadable(error, &file.to_string())),
        };
        match first_difference(&is, text) {
            None => Ok(Answer::Found),
            Some(line) => {
                say(&format!(
                    "{file}:{line}: from here on it is not what the registry says: run this again without --check"
                ));
                Ok(Answer::Wrong)
            }
        }
    }
}

fn unreadable(error: io::Error, file: &str) -> anyhow::Error {
    anyhow::Error::new(error).context(format!("failed to read {file}"))
}

/// The first line, from 1, in which two texts differ. Who checks out files with `\r\n` has changed nothing.
fn first_difference(is: &str, should_be: &str) -> Option<usize> {
    let is = is.replace("\r\n", "\n");
    if is == should_be {
        return None;
    }
    let same = is.split('\n').zip(should_be.split('\n')).take_while(|(is, should_be)| is == should_be).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        let check = |is: &str, expected: Option<usize>| assert_eq!(first_difference(is, "a\nb\n"), expected, "{is:?}");
        check("a\nb\n", None);
        check("a\r\nb\r\n", None);
        check("a\nc\n", Some(2));
        check("a\nb", Some(3));
        check("a\nb\n\n", Some(4));
        check("", Some(1));
    }
}
