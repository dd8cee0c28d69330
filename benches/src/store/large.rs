//! One trace of very many spans goes into a file; how long it takes to read it as a tree, and to ask each question
//! about it, comes out, and how much memory.
//!
//! Two shapes: sixteen calls below each, one after the other, and one chain. Each is read at a tenth of its size as
//! well, so that what is not linear is seen, in a process of its own, so that the memory is that of reading alone.

mod ask;
mod shapes;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;
pub(crate) use ask::ask;
use shapes::Shape;

/// Writes traces of so many spans beside each other, and asks each.
///
/// # Errors
/// A file that cannot be written, or questions that come to no end.
pub(crate) fn large(file: &Path, spans: usize) -> anyhow::Result<()> {
    let me = std::env::current_exe()?;
    for shape in Shape::ALL {
        for spans in [spans / 10, spans] {
            let file = of_its_own(file, shape, spans);
            shapes::write(&file, shape, spans)?;
            println!("{shape}, {spans} spans");
            let status = Command::new(&me).arg("ask").arg(&file).status()?;
            ensure!(status.success(), "the questions about {} came to no end", file.display());
        }
    }
    Ok(())
}

/// The name of the file with shape and size behind it.
fn of_its_own(file: &Path, shape: Shape, spans: usize) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{shape}-{spans}"));
    name.into()
}
