//! A command goes in; whether it went well, what it said, and how many tests it ran come out.

use std::io::Read;
use std::process::Command;

use anyhow::Context;

/// How a command went.
pub(crate) struct Ran {
    pub(crate) is_ok: bool,
    /// Both outputs, in the order in which they were written.
    pub(crate) output: String,
}

/// Runs a command to its end and keeps what it says.
pub(crate) fn run(mut command: Command) -> anyhow::Result<Ran> {
    let (mut reader, writer) = std::io::pipe()?;
    command.stdin(std::process::Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("failed to start {}", command.get_program().display()))?;
    // It holds the writing end as well, and reading would never end.
    drop(command);
    let mut output = Vec::new();
    reader.read_to_end(&mut output)?;
    let is_ok = child.wait()?.success();
    Ok(Ran { is_ok, output: String::from_utf8_lossy(&output).into_owned() })
}

/// Tests by how they ended.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Tests {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    /// Those that were skipped for a reason: `<test>: <reason>`.
    pub(crate) left_out: Vec<String>,
}

impl Tests {
    /// Adds what the lines `test result: ok. 4 passed; 0 failed; 1 ignored; ..` of a test runner say, and the lines
    /// `test a::b ... ignored, needs c`.
    pub(crate) fn add(&mut self, output: &str) {
        for line in output.lines() {
            if let Some((test, reason)) = line.split_once(" ... ignored, ") {
                self.left_out.push(format!("{}: {reason}", test.trim_start_matches("test ")));
            }
        }
        for (_, result) in output.lines().filter_map(|line| line.split_once("test result: ")) {
            for part in result.split(['.', ';']) {
                let Some((count, what)) = part.trim().split_once(' ') else { continue };
                let Ok(count) = count.parse::<u64>() else { continue };
                match what {
                    "passed" => self.passed += count,
                    "failed" => self.failed += count,
                    "ignored" => self.skipped += count,
                    _ => {}
                }
            }
        }
    }
}

impl std::fmt::Display for Tests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { passed, failed, skipped, .. } = self;
        write!(f, "tests: {passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_runs_are_summed() {
        let mut tests = Tests::default();
        tests.add(
            "running 3 tests\n\
             test exact::said ... ignored, needs rustc 1.2.3\n\
             test src/lib.rs - Span (line 4) ... ignored\n\
             test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.17s\n\
             noise on the same line test result: FAILED. 1 passed; 2 failed; 4 ignored; 0 measured; 9 filtered out",
        );
        assert_eq!(tests.to_string(), "tests: 4 passed, 2 failed, 4 skipped");
        assert_eq!(tests.left_out, ["exact::said: needs rustc 1.2.3"]);
    }
}
