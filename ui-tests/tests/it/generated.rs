//! Cases go in; they become the binaries of a workspace under `target/`, and what the compiler says about each comes
//! out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::case::Case;

/// What the compiler said about one case.
#[derive(Default)]
pub(crate) struct Said {
    /// Errors and warnings, as a person sees them.
    pub(crate) diagnostics: Vec<String>,
    pub(crate) compiled: bool,
}

/// Checks all cases in one run of cargo, with these flags for rustc; `folder` keeps what was built with them.
pub(crate) fn check(cases: &[Case], folder: &str, flags: &str) -> BTreeMap<String, Said> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    write_workspace(&root, cases);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["check", "--offline", "--workspace", "--bins", "--keep-going", "--message-format=json", "--target-dir"])
        .arg(root.join("target"))
        .current_dir(&root)
        .env("RUSTFLAGS", flags)
        .output()
        .unwrap();
    let mut said: BTreeMap<String, Said> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let Some(name) = message["target"]["name"].as_str() else { continue };
        let case = said.entry(name.to_owned()).or_default();
        match message["reason"].as_str() {
            Some("compiler-artifact") => case.compiled = true,
            // "aborting due to 3 previous errors" stands nowhere.
            Some("compiler-message") if message["message"]["spans"] != Value::Array(Vec::new()) => {
                case.diagnostics.extend(message["message"]["rendered"].as_str().map(str::to_owned));
            }
            _ => {}
        }
    }
    assert!(
        cases.iter().all(|case| said.contains_key(&case.name)),
        "cargo did not come to all cases:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// What was said, without where on this machine the case and its generated package stand.
pub(crate) fn without_places(said: &str, folder: &Path, workspace: &str, package: &str) -> String {
    let generated = Path::new(env!("CARGO_TARGET_TMPDIR")).join(workspace).join(package);
    let cut =
        |text: String, place: &Path| text.replace(&format!("{}{}", place.display(), std::path::MAIN_SEPARATOR), "");
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    cut(cut(cut(said.to_owned(), folder), &generated), house)
}

/// A package for the cases without a `tense.toml`, and one for each with one. Files that are right already are left
/// alone, so that a second run compiles only what failed before.
fn write_workspace(root: &Path, cases: &[Case]) {
    let mut packages: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        packages.entry(if case.registry.is_some() { &case.name } else { "cases" }).or_default().push(case);
    }
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (package, cases) in &packages {
        let mut manifest = format!(
            "[package]\nname = \"{package}\"\nedition = \"2024\"\nautobins = false\n\n[dependencies]\n\
             tense = {{ path = '{}' }}\ntokio = {{ version = \"1\", features = [\"rt\", \"macros\"] }}\n\
             tense-layer = {{ path = '{}', default-features = false }}\nasync-trait = \"0.1\"\nsecrecy = \"0.10\"\n",
            house.join("runtime").display(),
            house.join("layer").display()
        );
        for case in cases {
            write!(manifest, "\n[[bin]]\nname = \"{}\"\npath = '{}'\n", case.name, case.source.display()).unwrap();
        }
        write(&root.join(package).join("Cargo.toml"), &manifest);
        if let [Case { registry: Some(registry), .. }] = cases.as_slice() {
            write(&root.join(package).join("tense.toml"), std::fs::read(registry).unwrap());
        }
    }
    let members: Vec<_> = packages.keys().map(|package| format!("\"{package}\"")).collect();
    write(&root.join("Cargo.toml"), format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", ")));
    lock_as(root, &std::fs::read_to_string(house.join("Cargo.lock")).unwrap());
}

/// The versions that everything else here is built with. Cargo leaves out of the copy what the cases do not need, so
/// what the copy was made from is kept beside it: after `cargo update` there has to be a new one.
pub(crate) fn lock_as(root: &Path, source: &str) {
    let (lock, made_from) = (root.join("Cargo.lock"), root.join("Cargo.lock.source"));
    let is_fresh = lock.exists() && std::fs::read_to_string(&made_from).is_ok_and(|old| old == source);
    if !is_fresh {
        write(&lock, source);
        write(&made_from, source);
    }
}

pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) {
    let text = text.as_ref();
    if std::fs::read(path).is_ok_and(|old| old == text) {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn the_generated_workspace_follows_the_lock_file() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lock");
    // From an earlier run; most often there is none.
    std::fs::remove_dir_all(&root).ok();
    let lock = root.join("Cargo.lock");
    let holds = |expected: &str| assert_eq!(std::fs::read_to_string(&lock).unwrap(), expected);
    lock_as(&root, "tokio 1, axum 1");
    holds("tokio 1, axum 1");
    // What cargo makes of it is left alone, so that the second run builds nothing.
    std::fs::write(&lock, "tokio 1").unwrap();
    lock_as(&root, "tokio 1, axum 1");
    holds("tokio 1");
    lock_as(&root, "tokio 2, axum 1");
    holds("tokio 2, axum 1");
    std::fs::remove_file(&lock).unwrap();
    lock_as(&root, "tokio 2, axum 1");
    holds("tokio 2, axum 1");
}
