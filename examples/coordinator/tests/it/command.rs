//! The command `tense` is asked about what the program has left behind, as a person asks it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::program::Desk;

/// The registry of this program.
pub(crate) const REGISTRY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tense.toml");

/// Another package's program, so cargo is asked for it; with the tests of the workspace it is built already.
#[track_caller]
pub(crate) fn ask(desk: &Desk, question: &[&str]) -> String {
    let house = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into()));
    command.args(["run", "--quiet", "--package", "tense-cli", "--manifest-path"]).arg(house.join("Cargo.toml"));
    command.arg("--target-dir").arg(target).arg("--").args(question);
    command
        .current_dir(desk.path(""))
        .env("TENSE_DB", desk.path("tense.db"))
        .env("NO_COLOR", "1")
        .env("COLUMNS", "200");
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{question:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
