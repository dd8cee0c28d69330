//! A case runs in a process of its own, in a folder of its own, with variables in its environment, which must not be
//! changed where there are threads. Whatever it prints on standard error is a failure.

use std::path::Path;
use std::process::Command;

/// Names the case to the process that is to run it.
const CASE: &str = "TENSE_TEST_CASE";

/// Runs `body` in a process that has these variables, and none other of ours; says which files it has left.
///
/// The same test is run twice: by whoever runs tests, and as that process, where this does not come back.
pub(crate) fn with(case: &str, variables: &[(&str, &str)], files: &[(&str, &str)], body: impl FnOnce()) -> Vec<String> {
    if std::env::var(CASE).is_ok_and(|asked| asked == case) {
        body();
        std::process::exit(0);
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TENSE_") || name.to_string_lossy().starts_with("OTEL_") {
            command.env_remove(name);
        }
    }
    command.args(["--exact", case, "--nocapture"]).env(CASE, case).envs(variables.iter().copied());
    let out = command.current_dir(folder.path()).output().unwrap();
    let (said, printed) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && printed.is_empty(), "{variables:?}: {}: {said}\n{printed}", out.status);
    left(folder.path())
}

fn left(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}
