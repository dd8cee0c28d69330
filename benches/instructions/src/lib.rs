//! A program and the name of a function go in; how many instructions run below that function comes out, counted by
//! valgrind.
//!
//! It counts thread by thread, so what else the machine does is of no account, and neither is what happens behind the
//! caller. What the kernel does for a thread is not counted either. Where a program is compared with itself, what its
//! allocator comes to can be left out, which hangs on the length of a path or of a variable: see [`Rust`](Part::Rust).

mod profile;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Whose instructions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everybody's.
    All,
    /// Those of functions written in Rust, and of copies of memory. Left out are libraries written in C: the allocator,
    /// and a database that calls it. They take other ways when blocks happen to lie otherwise, and where they lie hangs
    /// on whatever was allocated before, the path of a file among it: some 500 instructions for ten queries.
    Rust,
}

/// Instructions for each of the things that a program is asked to do, on the thread that does them, below the functions
/// that this pattern names, e.g. `program::*root`, and of that part. The program is called with these
/// arguments and with how many it is to do, for a shorter and for a longer run: what happens once, and not for each, is
/// in both.
///
/// # Errors
/// A valgrind that is not there or says no, and a function that was never called.
pub fn instructions_of_one(
    program: &Path,
    args: &[&str],
    runs: [u32; 2],
    function: &str,
    part: Part,
) -> anyhow::Result<u64> {
    let [shorter, longer] = runs.map(|count| counted(program, args, count, function, part));
    let (shorter, longer) = (shorter?, longer?);
    ensure!(longer > shorter, "`{function}` took {shorter} instructions for {} and {longer} for {}", runs[0], runs[1]);
    Ok((longer - shorter) / u64::from(runs[1] - runs[0]))
}

fn counted(program: &Path, args: &[&str], count: u32, function: &str, part: Part) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let out = Command::new("valgrind")
        .args(["--tool=callgrind", "--separate-threads=yes", &format!("--toggle-collect={function}")])
        .arg(format!("--callgrind-out-file={}", folder.path().join("out").display()))
        .arg(program)
        .args(args)
        .arg(count.to_string())
        .output()
        .context("failed to call valgrind")?;
    ensure!(out.status.success(), "valgrind: {}", String::from_utf8_lossy(&out.stderr));
    // One file a thread; a thread on which the function was not called has counted nothing.
    let mut most = 0;
    for file in std::fs::read_dir(folder.path())? {
        most = most.max(profile::instructions(&std::fs::read_to_string(file?.path())?, part)?);
    }
    ensure!(most > 0, "`{function}` was not called in {}", program.display());
    Ok(most)
}

/// Builds the program of that package with optimization, and with these lines of a profile, in a folder of its own,
/// which other builds neither wait for nor throw out.
///
/// It has thin LTO and one codegen unit, as whoever counts instructions builds, and as the limits were set. Without,
/// reading the clock is two calls, which are 13 instructions more.
///
/// # Errors
/// A package that does not build.
pub fn built_with_optimization(package: &str, profile: &[&str], target: &Path) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--quiet", "--package", package, "--bin", package]);
    let alike =
        ["profile.release.debug=false", "profile.release.lto=\"thin\"", "profile.release.codegen-units=1"].iter();
    cargo.args(alike.chain(profile).flat_map(|line| ["--config", line]));
    // Flags of the build that runs a test would be others than those of a release.
    let status = cargo.env("CARGO_TARGET_DIR", target).env_remove("RUSTFLAGS").status()?;
    ensure!(status.success(), "failed to build {package}, which is to be counted");
    Ok(target.join("release").join(package).with_extension(std::env::consts::EXE_EXTENSION))
}
