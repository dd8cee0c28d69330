//! What cargo says in JSON goes in; the packages, their features and the programs that were built come out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

/// The workspace as cargo sees it.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Where builds go.
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

pub(crate) struct Package {
    pub(crate) name: String,
    /// Without `default`, which says only what is on unless somebody says otherwise.
    pub(crate) features: Vec<String>,
    pub(crate) is_example: bool,
    pub(crate) programs: Vec<String>,
}

impl Workspace {
    pub(crate) fn read() -> anyhow::Result<Self> {
        let output = cargo().args(["metadata", "--no-deps", "--format-version=1"]).stderr(Stdio::inherit()).output();
        let output = output.context("failed to start cargo")?;
        ensure!(output.status.success(), "cargo could not read the workspace");
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let root = path(&metadata["workspace_root"])?;
        let examples = root.join("examples");
        let packages = array(&metadata["packages"]).map(|package| Package::read(package, &examples));
        Ok(Self { target: path(&metadata["target_directory"])?, packages: packages.collect::<Result<_, _>>()?, root })
    }

    /// An empty folder below the build, where a program may leave its files.
    pub(crate) fn fresh_folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.target.join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("failed to empty {}", folder.display()))?;
        }
        std::fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
        Ok(folder)
    }
}

impl Package {
    fn read(package: &Value, examples: &Path) -> anyhow::Result<Self> {
        let features = package["features"].as_object().into_iter().flat_map(|features| features.keys());
        let programs = array(&package["targets"]).filter(|target| array(&target["kind"]).any(|kind| kind == "bin"));
        Ok(Self {
            name: text(&package["name"])?,
            features: features.filter(|feature| *feature != "default").cloned().collect(),
            is_example: path(&package["manifest_path"])?.starts_with(examples),
            programs: programs.map(|target| text(&target["name"])).collect::<Result<_, _>>()?,
        })
    }
}

/// Builds with these arguments and gives back where each program is. What the compiler says goes to the person.
pub(crate) fn build(arguments: &[&str]) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let output = cargo()
        .arg("build")
        .args(arguments)
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("failed to start cargo")?;
    ensure!(output.status.success(), "failed to build");
    let mut programs = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line)?;
        let is_program =
            array(&message["target"]["kind"]).any(|kind| kind == "bin") && message["profile"]["test"] == false;
        if let Some(executable) = message["executable"].as_str().filter(|_| is_program) {
            programs.insert(text(&message["target"]["name"])?, PathBuf::from(executable));
        }
    }
    Ok(programs)
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("failed to understand cargo: {value} is no text"))
}

fn path(value: &Value) -> anyhow::Result<PathBuf> {
    text(value).map(PathBuf::from)
}
