//! Makes the workspace that is measured, below the target folder: crates go in as texts, CPU seconds and lines of figures
//! come out.
//!
//! | crate | what it is |
//! |---|---|
//! | `empty` | a library with nothing in it |
//! | `checks` | `checks.rs`, built without optimization, as a macro is |
//! | `closed` | 2,000 annotated functions under a closed registry of 500 events with fields |
//! | `open` | the same functions without a registry |

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, ensure};

const EVENTS: usize = 500;
const CALLS: usize = 2_000;

/// Where the stand-in for rustc writes what a crate took; it is there exactly when the program was called as that.
const LOG: &str = "TENSE_NAMING_LOG";

/// The profile of what a proc macro is made of: no optimization, no debug information, and a cold build has no increment.
const PROFILE: &str = "[profile.dev]\ndebug = false\nincremental = false\n";

pub(crate) struct Workspace {
    root: PathBuf,
    log: PathBuf,
}

impl Workspace {
    /// Writes the crates, and builds them all once.
    pub(crate) fn make() -> anyhow::Result<Self> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the benches lie in the workspace")?;
        // target/release/naming
        let me = std::env::current_exe()?;
        let target = me.ancestors().nth(2).context("the bench lies in a target folder")?;
        let root = target.join("naming");
        let workspace = Workspace { log: root.join("rustc.log"), root };

        let members = ["empty", "checks", "closed", "open"];
        workspace.write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n{PROFILE}"))?;
        std::fs::copy(repository.join("Cargo.lock"), workspace.root.join("Cargo.lock"))?;

        let path = |room: &str| format!("{{ path = {:?} }}", repository.join(room));
        let functions = functions();
        let registry = registry();
        workspace.write("empty/src/lib.rs", "")?;
        workspace.write("checks/src/main.rs", include_str!("checks.rs"))?;
        workspace.write("checks/src/reference.toml", include_str!("../../../ui-tests/coordinator/tense.toml"))?;
        workspace.write("checks/src/large.toml", &registry)?;
        workspace.write("closed/tense.toml", &registry)?;
        workspace.write("closed/src/lib.rs", &functions)?;
        workspace.write("open/src/lib.rs", &functions)?;
        let (runtime, grammar) =
            (format!("tense = {}", path("runtime")), format!("tense-grammar = {}", path("grammar")));
        for (member, dependency) in members.iter().zip(["", &grammar, &runtime, &runtime]) {
            let manifest = format!(
                "[package]\nname = \"{member}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\n{dependency}\n"
            );
            workspace.write(&format!("{member}/Cargo.toml"), &manifest)?;
        }
        workspace.cargo("build", &["-p", "empty", "-p", "checks", "-p", "tense-grammar"])?;
        workspace.cargo("check", &["-p", "closed", "-p", "open"])?;
        Ok(workspace)
    }

    /// CPU seconds that rustc spends on one crate, all that it depends on being there.
    pub(crate) fn rebuilt(&self, how: &str, krate: &str) -> anyhow::Result<f64> {
        self.cargo("clean", &["-p", krate])?;
        std::fs::write(&self.log, "")?;
        self.cargo(how, &["-p", krate])?;
        let log = std::fs::read_to_string(&self.log)?;
        let name = krate.replace('-', "_");
        let took: Vec<f64> = figures(&log).filter(|(built, _)| *built == name).map(|(_, seconds)| seconds).collect();
        ensure!(took.len() == 1, "`{krate}` was compiled {} times", took.len());
        Ok(took.into_iter().sum())
    }

    /// What the program `checks` prints.
    pub(crate) fn checks(&self) -> anyhow::Result<Vec<(String, f64)>> {
        let printed = self.cargo("run", &["-p", "checks"])?;
        Ok(figures(&printed).map(|(key, figure)| (key.to_owned(), figure)).collect())
    }

    fn write(&self, file: &str, text: &str) -> anyhow::Result<()> {
        let file = self.root.join(file);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, text).with_context(|| format!("failed to write {}", file.display()))
    }

    fn cargo(&self, command: &str, args: &[&str]) -> anyhow::Result<String> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args([command, "--quiet"]).args(args).current_dir(&self.root);
        cargo.env("CARGO_TARGET_DIR", self.root.join("target")).env("RUSTC_WRAPPER", std::env::current_exe()?);
        cargo.env(LOG, &self.log).env_remove("RUSTFLAGS");
        let out = cargo.output().context("failed to call cargo")?;
        ensure!(out.status.success(), "cargo {command} {args:?}:\n{}", String::from_utf8_lossy(&out.stderr));
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    }
}

/// When cargo calls this program instead of rustc: does what rustc does, and writes down how long that was busy.
pub(crate) fn stand_in_for_rustc() -> anyhow::Result<Option<ExitCode>> {
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

/// User and system time of the children that have ended, of all their threads: fields 16 and 17 of `/proc/self/stat`, in
/// ticks, of which Linux shows programs a hundred a second on every machine that Rust builds for.
fn children_cpu_seconds() -> anyhow::Result<f64> {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").context("CPU seconds are read out of Linux's /proc")?;
    // the second field is the program's name in parentheses, which may hold anything
    let (_, behind) = stat.rsplit_once(')').context("/proc/self/stat has a name")?;
    let ticks: f64 = behind.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS)
}

/// `name<TAB>figure` lines.
fn figures(text: &str) -> impl Iterator<Item = (&str, f64)> {
    text.lines().filter_map(|line| {
        let (key, figure) = line.split_once('\t')?;
        Some((key, figure.parse().ok()?))
    })
}

/// A closed registry of events with three fields each.
fn registry() -> String {
    let mut text = "version = 1\nclosed = true\n[layers.operation]\ntense = \"past\"\n".to_owned();
    for event in 0..EVENTS {
        text += &format!(
            "[events.\"operation.room{event}.status_updated\"]\nabout = \"The status of a room was changed.\"\n\
             fields = {{ room_id = \"string\", seats = \"integer\", note = \"string?\" }}\n\
             was = [\"operation.room{event}.update_status\"]\n"
        );
    }
    text
}

/// Functions that emit these events, each of them several times.
fn functions() -> String {
    let mut text = "#![allow(dead_code)]\n".to_owned();
    for call in 0..CALLS {
        let event = call % EVENTS;
        text += &format!(
            "#[tense::traced(operation.room{event}.status_updated, fields(room_id, seats))]\n\
             fn update_{call}(room_id: &str, seats: u64) -> u64 {{\n    seats + room_id.len() as u64\n}}\n"
        );
    }
    text
}
