//! Arguments, files and standard input enter; the built binary is run with them, and what it said leaves.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(super) struct Said {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: Option<i32>,
}

pub(super) fn said(output: Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
}

impl Said {
    /// One value in all.
    #[track_caller]
    pub(super) fn json_whole(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }

    /// One value a line.
    #[track_caller]
    pub(super) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }
}

/// A folder to stand in.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn with(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(super) fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tense"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null()).env("LC_ALL", "C.UTF-8");
        for variable in ["TENSE_DB", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command
    }

    pub(super) fn ask<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Said {
        said(self.command(arguments).output().unwrap())
    }

    /// The same, with something on standard input.
    pub(super) fn pipe(&self, arguments: &[&str], input: &[u8]) -> Said {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::scope(|scope| {
            // Written beside, since both pipes may be full at once. Who is refused has left by then.
            scope.spawn(move || stdin.write_all(input).ok());
            said(child.wait_with_output().unwrap())
        })
    }
}
