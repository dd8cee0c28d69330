//! A whole text enters; it leaves on standard output or into a file, or is held against the file that should be the
//! same. What is too long for a text is written piece by piece, and is a whole file or none all the same.

use std::fs;
use std::io::{ErrorKind, Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::commands::Answer;
use crate::say;

/// How a question may go that writes a text made of a registry, under the examples of each.
pub(crate) const EXIT_CODES: &str = "Exit codes: 0 written, or as it would be written; 1 the file of --output --check is \
    another; 2 the question was not understood, or there was nothing to read.";

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
            refuse_database(path)?;
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

/// Has a file written as a whole: what is at the path stays as it is until the new one is complete, and when something
/// goes wrong. What is no file, such as a pipe, is written to as it is. The file is for its owner only, unless there
/// was one with other rights.
pub(crate) fn whole<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let failed = || format!("failed to write {}", path.display());
    // The file that a link leads to is replaced, and not the link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let found = match target.metadata() {
        Ok(found) => Some(found),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(failed),
    };
    if let Some(found) = found.as_ref().filter(|found| !found.is_file()) {
        if found.is_dir() {
            bail!("failed to write {}: it is a folder; name a file in it", path.display());
        }
        let mut out = fs::File::options().write(true).open(&target).with_context(failed)?;
        let done = write(&mut out)?;
        out.flush().with_context(failed)?;
        return Ok(done);
    }
    refuse_database(&target)?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    let done = write(beside.as_file_mut()).with_context(failed)?;
    if let Some(found) = found {
        beside.as_file().set_permissions(found.permissions()).with_context(failed)?;
    }
    // What the disk has no room for is said here, and not when it is too late.
    beside.as_file().sync_all().with_context(failed)?;
    beside.persist(&target).map_err(|error| error.error).with_context(failed)?;
    Ok(done)
}

/// Writes over no file that begins as those of SQLite do. What is no file is not opened: to read a pipe may take for
/// ever.
fn refuse_database(path: &Path) -> anyhow::Result<()> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut head = [0; MAGIC.len()];
    let is_file = path.metadata().is_ok_and(|found| found.is_file());
    if is_file && fs::File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head == MAGIC {
        bail!("{} is a database, which would be lost: name another file with --output", path.display());
    }
    Ok(())
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
    fn what_was_there_stays_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        let half = |out: &mut dyn Write| -> anyhow::Result<()> {
            out.write_all(b"half")?;
            bail!("the database is damaged")
        };
        assert_eq!(whole(&path, half).unwrap_err().root_cause().to_string(), "the database is damaged");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::write(&path, "old").unwrap();
        whole(&path, half).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        whole(&path, |out| Ok(out.write_all(b"new")?)).unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), fs::read_dir(&folder).unwrap().count()), ("new", 1));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_to_the_file_that_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        whole(&link, |out| Ok(out.write_all(b"new")?)).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
    }

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
