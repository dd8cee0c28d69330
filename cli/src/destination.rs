//! A whole text enters; it leaves on standard output or into a file, or is held against the file that should be the
//! same.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

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
    /// Takes what was made of a registry, whose file is `made_of` where it has one.
    pub(crate) fn take(&self, text: &str, made_of: Option<&Path>, out: &mut impl Write) -> anyhow::Result<Answer> {
        let Some(path) = &self.output else {
            out.write_all(text.as_bytes())?;
            return Ok(Answer::Found);
        };
        if made_of.is_some_and(|registry| is_same(registry, path)) {
            bail!("{} is the registry itself, which would be lost: name another file with --output", path.display());
        }
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
            Err(error) => return Err(error).with_context(|| format!("failed to read {file}")),
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

/// Whether two paths lead to one file, by whatever way.
fn is_same(one: &Path, other: &Path) -> bool {
    let is_same_path = matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other);
    is_same_path || is_linked(one, other)
}

/// Whether two names are those of one file on the disk.
#[cfg(unix)]
fn is_linked(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let number = |path: &Path| path.metadata().ok().map(|found| (found.dev(), found.ino()));
    number(one).is_some_and(|one| number(other) == Some(one))
}

#[cfg(not(unix))]
fn is_linked(_: &Path, _: &Path) -> bool {
    false
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
