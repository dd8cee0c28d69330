//! `cargo xtask test`: the list of checks goes in, cheap ones first; how each went comes out, and how many tests there
//! were.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::demo;
use crate::run::{self, Tests};
use crate::workspace::{self, Workspace};

/// One thing that has to hold before a change is handed over.
struct Check {
    name: String,
    /// The arguments of cargo.
    cargo: Vec<String>,
    env: Vec<(&'static str, String)>,
    /// A part of the toolchain that a machine may lack.
    needs: Option<Component>,
}

/// A component of rustup, and the command of cargo that it brings.
#[derive(Clone, Copy)]
struct Component {
    name: &'static str,
    command: &'static str,
}

const RUSTFMT: Component = Component { name: "rustfmt", command: "fmt" };
const CLIPPY: Component = Component { name: "clippy", command: "clippy" };

enum Outcome {
    Ok,
    Failed(String),
    NotRun(Component),
}

impl Check {
    fn new(name: impl Into<String>, cargo: &str) -> Self {
        let cargo = cargo.split(' ').map(str::to_owned).collect();
        Self { name: name.into(), cargo, env: Vec::new(), needs: None }
    }

    fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    fn needs(mut self, component: Component) -> Self {
        self.needs = Some(component);
        self
    }

    fn run(&self, workspace: &Workspace, toolchain: &mut Toolchain, tests: &mut Tests) -> anyhow::Result<Outcome> {
        if let Some(component) = self.needs.filter(|component| !toolchain.has(*component)) {
            return Ok(Outcome::NotRun(component));
        }
        let mut command = workspace::cargo();
        command.args(&self.cargo).envs(self.env.iter().map(|(name, value)| (name, value))).current_dir(&workspace.root);
        let ran = run::run(command)?;
        tests.add(&ran.output);
        Ok(if ran.is_ok { Outcome::Ok } else { Outcome::Failed(ran.output) })
    }
}

/// What is known of the toolchain: each component is looked for, and sent for, once.
#[derive(Default)]
struct Toolchain(BTreeMap<&'static str, bool>);

impl Toolchain {
    fn has(&mut self, component: Component) -> bool {
        *self.0.entry(component.name).or_insert_with(|| component.is_there() || component.add() && component.is_there())
    }
}

impl Component {
    fn is_there(self) -> bool {
        let mut probe = workspace::cargo();
        probe.args([self.command, "--version"]);
        run::run(probe).is_ok_and(|ran| ran.is_ok)
    }

    /// Whether rustup could bring it. That there is no rustup, or no network, is said by what comes after: not run.
    fn add(self) -> bool {
        let mut rustup = Command::new("rustup");
        rustup.args(["component", "add", self.name]);
        run::run(rustup).is_ok_and(|ran| ran.is_ok)
    }
}

/// The list. One profile and one set of flags, so that no step builds again what another one has built; only what is
/// compiled out, and the models, have folders of their own, because other flags mean other builds.
fn checks(workspace: &Workspace) -> Vec<Check> {
    let mut checks = vec![
        Check::new("formatting", "fmt --all --check").needs(RUSTFMT),
        Check::new("lints", "clippy --workspace --all-targets -- -D warnings").needs(CLIPPY),
    ];
    for package in workspace.packages.iter().filter(|package| !package.features.is_empty()) {
        let name = &package.name;
        checks.push(
            Check::new(
                format!("{name} without features"),
                &format!("clippy --package {name} --no-default-features -- -D warnings"),
            )
            .needs(CLIPPY),
        );
        for feature in &package.features {
            checks.push(
                Check::new(
                    format!("{name} with {feature} alone"),
                    &format!("clippy --package {name} --no-default-features --features {feature} -- -D warnings"),
                )
                .needs(CLIPPY),
            );
        }
    }
    checks.extend([
        // The command and the library `tense` have one page between them; the library's is the one that stays.
        Check::new("documentation of the command", "doc --package tense-cli --no-deps")
            .env("RUSTDOCFLAGS", "-D warnings"),
        Check::new("documentation", "doc --workspace --exclude tense-cli --no-deps --keep-going")
            .env("RUSTDOCFLAGS", "-D warnings"),
        compiled_out(workspace, "annotations compiled out", "test --package tense --no-fail-fast"),
        // Whoever compiles them out compiles the layer and the programs as well.
        compiled_out(workspace, "everything with them compiled out", "check --workspace"),
        // The same code with other atomics under it, which run it in every order.
        Check::new("models of threads", "test --package tense --lib models")
            .env("RUSTFLAGS", "--cfg tense_loom -D warnings")
            // Tens of thousands of runs: a fifth of the time.
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env("CARGO_TARGET_DIR", workspace.target.join("tense-loom").to_string_lossy()),
        Check::new("tests", "test --workspace --no-fail-fast"),
        // A workspace of its own, with an SQLite of another version.
        Check::new("tests beside crates of others", "test --manifest-path ui-tests/foreign/Cargo.toml")
            .env("CARGO_TARGET_DIR", workspace.target.join("foreign").to_string_lossy()),
    ]);
    checks
}

fn compiled_out(workspace: &Workspace, name: &str, cargo: &str) -> Check {
    Check::new(name, cargo)
        .env("RUSTFLAGS", "--cfg tense_off -D warnings")
        .env("CARGO_TARGET_DIR", workspace.target.join("tense-off").to_string_lossy())
}

/// Runs everything, whatever fails on the way.
pub(crate) fn all() -> anyhow::Result<ExitCode> {
    let workspace = Workspace::read()?;
    let (mut failed, mut tests, mut toolchain) = (Vec::new(), Tests::default(), Toolchain::default());
    for check in checks(&workspace) {
        step(&check.name, &mut failed, || check.run(&workspace, &mut toolchain, &mut tests))?;
    }
    for example in workspace.packages.iter().filter(|package| package.is_example) {
        for program in &example.programs {
            step(&format!("example {program}"), &mut failed, || example_runs(&workspace, program))?;
        }
    }
    step("demo", &mut failed, || Ok(demo::check(&workspace)?.map_or(Outcome::Ok, Outcome::Failed)))?;
    // They need another compiler than those that are here, and other tests do not: so it is told, and no failure.
    for test in &tests.left_out {
        println!("not run: {test}");
    }
    if !failed.is_empty() {
        println!("failed: {}", failed.join(", "));
    }
    println!("{tests}");
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says what is being done, does it, and says how it went.
fn step(name: &str, failed: &mut Vec<String>, work: impl FnOnce() -> anyhow::Result<Outcome>) -> anyhow::Result<()> {
    print!("{name:<36}");
    std::io::stdout().flush()?;
    let began = Instant::now();
    // What could not even be started has failed, and the others go on.
    let outcome = work().unwrap_or_else(|error| Outcome::Failed(format!("{error:#}\n")));
    let seconds = began.elapsed().as_secs_f64();
    match outcome {
        Outcome::Ok => println!("ok      {seconds:>6.1} s"),
        Outcome::Failed(output) => {
            println!("failed  {seconds:>6.1} s\n\n{}\n", output.trim_end());
            failed.push(name.to_owned());
        }
        Outcome::NotRun(Component { name: component, .. }) => {
            println!("not run: needs {component} (`rustup component add {component}`)");
            // Nobody looks at a green run for what was left out.
            if std::env::var("CI").is_ok_and(|ci| ci == "true") {
                failed.push(name.to_owned());
            }
        }
    }
    Ok(())
}

/// Builds all programs with the features of the tests, so that nothing is built twice.
pub(crate) const TESTED: &[&str] = &["--workspace", "--bins", "--tests", "--quiet"];

/// An example is run as a person would the first time: without arguments, in an empty folder.
fn example_runs(workspace: &Workspace, program: &str) -> anyhow::Result<Outcome> {
    let programs = workspace::build(TESTED)?;
    let Some(executable) = programs.get(program) else {
        return Ok(Outcome::Failed(format!("cargo did not build {program}")));
    };
    let folder = workspace.fresh_folder("example-run")?;
    let mut command = Command::new(executable);
    command.current_dir(&folder).env("TENSE_DB", folder.join("tense.db"));
    let ran = run::run(command)?;
    Ok(if ran.is_ok { Outcome::Ok } else { Outcome::Failed(ran.output) })
}
