//! Crates go in as texts; they become a workspace below the target folder, and how long rustc is busy with each comes
//! out.
//!
//! The seconds are CPU seconds out of `/proc`, so they need Linux.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, ensure};

/// Where the stand-in for rustc writes what a crate took; it is there exactly when the program was called as that.
const LOG: &str = "TENSE_RUSTC_LOG";

/// The profile of what a proc macro is made of: no optimization, no debug information, and a cold build has no
/// increment.
const PROFILE: &str = "[profile.dev]\ndebug = false\nincremental = false\n";

/// Prints a source with its macros expanded.
const EXPANDED: &str = "-Zunpretty=expanded";

/// A generated workspace.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    log: PathBuf,
}

impl Workspace {
    /// An empty one of that name, with these members to be.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn new(name: &str, members: &[&str]) -> anyhow::Result<Self> {
        // target/release/naming
        let me = std::env::current_exe()?;
        let target = me.ancestors().nth(2).context("the bench lies in a target folder")?;
        let root = target.join("measured").join(name);
        let workspace = Self { log: root.join("rustc.log"), root };
        workspace.write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n{PROFILE}"))?;
        // what is measured is built of the very versions that are tested
        std::fs::copy(repository()?.join("Cargo.lock"), workspace.root.join("Cargo.lock"))?;
        Ok(workspace)
    }

    /// A member with these lines of dependencies, and that source at that path.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn member(&self, name: &str, dependencies: &str, source: &str, text: &str) -> anyhow::Result<()> {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\n{dependencies}\n"
        );
        self.write(&format!("{name}/Cargo.toml"), &manifest)?;
        self.write(&format!("{name}/{source}"), text)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn write(&self, file: &str, text: &str) -> anyhow::Result<()> {
        let file = self.root.join(file);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, text).with_context(|| format!("failed to write {}", file.display()))
    }

    /// CPU seconds that rustc spends on one crate, with these flags, all that it depends on being there.
    ///
    /// # Errors
    /// A build that fails.
    pub fn rebuilt(&self, how: &str, krate: &str, flags: &str) -> anyhow::Result<f64> {
        self.cargo(&["clean", "-p", krate], flags)?;
        std::fs::write(&self.log, "")?;
        self.cargo(&[how, "-p", krate], flags)?;
        let log = std::fs::read_to_string(&self.log)?;
        let name = krate.replace('-', "_");
        let took: Vec<f64> = figures(&log).filter(|(built, _)| *built == name).map(|(_, seconds)| seconds).collect();
        ensure!(took.len() == 1, "`{krate}` was compiled {} times", took.len());
        Ok(took.into_iter().sum())
    }

    /// The source of a library with its macros expanded.
    ///
    /// # Errors
    /// A crate that does not compile.
    pub fn expanded(&self, krate: &str) -> anyhow::Result<String> {
        self.cargo(&["rustc", "-p", krate, "--profile", "check", "--", EXPANDED], "")
    }

    /// What cargo prints, called with these arguments and with these flags for rustc.
    ///
    /// # Errors
    /// What cargo says when it fails.
    pub fn cargo(&self, args: &[&str], flags: &str) -> anyhow::Result<String> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let (command, rest) = args.split_first().context("cargo is called with a command")?;
        cargo.args([command, "--quiet"]).args(rest).current_dir(&self.root);
        // the compiler prints expanded source to developers of its own only
        if rest.contains(&EXPANDED) {
            cargo.env("RUSTC_BOOTSTRAP", "1");
        }
        // a folder for each set of flags, which would throw out each other's dependencies
        let target = format!("target{}", flags.replace([' ', '='], "_"));
        cargo.env("CARGO_TARGET_DIR", self.root.join(target)).env("RUSTC_WRAPPER", std::env::current_exe()?);
        cargo.env(LOG, &self.log).env("RUSTFLAGS", flags);
        let out = cargo.output().context("failed to call cargo")?;
        ensure!(out.status.success(), "cargo {args:?}:\n{}", String::from_utf8_lossy(&out.stderr));
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    }
}

/// The folder of this repository.
///
/// # Errors
/// None, as long as the benches lie in the workspace.
pub fn repository() -> anyhow::Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the benches lie in the workspace")
}

/// When cargo calls this program instead of rustc: does what rustc does, and writes down how long that was busy.
///
/// # Errors
/// A compiler that cannot be called, and a `/proc` that is not there.
pub fn stand_in_for_rustc() -> anyhow::Result<Option<ExitCode>> {
    let mut args = std::env::args_os().skip(1);
    let (Some(log), Some(rustc)) = (std::env::var_os(LOG), args.next()) else { return Ok(None) };
    let args: Vec<_> = args.collect();
    let status = Command::new(&rustc).args(&args).status()?;
    let name = args.iter().skip_while(|arg| *arg != "--crate-name").nth(1);
    if let Some(name) = name {
        let mut log = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        writeln!(log, "{}\t{}", name.display(), children_cpu_seconds()?)?;
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(Some(ExitCode::from(code)))
}

/// User and system time of the children that have ended, of all their threads: fields 16 and 17 of `/proc/self/stat`,
/// in ticks, of which Linux shows programs a hundred a second on every machine that Rust builds for.
fn children_cpu_seconds() -> anyhow::Result<f64> {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").context("CPU seconds are read out of Linux's /proc")?;
    // the second field is the program's name in parentheses, which may hold anything
    let (_, behind) = stat.rsplit_once(')').context("/proc/self/stat has a name")?;
    let ticks: f64 = behind.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS)
}

/// `name<TAB>figure` lines.
pub fn figures(text: &str) -> impl Iterator<Item = (&str, f64)> {
    text.lines().filter_map(|line| {
        let (key, figure) = line.split_once('\t')?;
        Some((key, figure.parse().ok()?))
    })
}

/// The least and the middle one of these figures.
#[must_use]
pub fn best_and_median(mut figures: Vec<f64>) -> (f64, f64) {
    figures.sort_by(f64::total_cmp);
    let at = |index: usize| figures.get(index).copied().unwrap_or(f64::NAN);
    (at(0), at(figures.len() / 2))
}
