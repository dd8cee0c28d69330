//! Who may import whom, that every dependency says why it is there, and that it is used.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{assert_none, files, read, root};

/// What each room may import of the others. Nobody imports the rooms that are not here: examples, ui-tests, benches,
/// xtask.
const ROOMS: [(&str, &[&str]); 7] = [
    ("tense-grammar", &[]),
    ("tense-macros", &["tense-grammar"]),
    ("tense", &["tense-macros"]),
    ("tense-event", &["tense-grammar"]),
    ("tense-store", &["tense-event"]),
    ("tense-layer", &["tense", "tense-event", "tense-grammar", "tense-store"]),
    ("tense-cli", &["tense-event", "tense-grammar", "tense-store"]),
];

/// Crates of others that one room stands in front of. An example or a bench may use what it likes.
const DOORS: [(&str, &[&str]); 8] = [
    ("clap", &["tense-cli"]),
    ("quote", &["tense-macros"]),
    ("regex", &["tense-event"]),
    ("rusqlite", &["tense-store"]),
    ("syn", &["tense-macros"]),
    ("toml", &["tense-grammar"]),
    ("tracing-core", &["tense", "tense-layer"]),
    ("tracing-subscriber", &["tense-layer"]),
];

fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--offline", "--no-deps", "--format-version=1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Names of what a package is built from; what only its tests use does not count.
fn imports(package: &Value) -> Vec<&str> {
    let all = package["dependencies"].as_array().unwrap().iter();
    all.filter(|dependency| dependency["kind"] != "dev").filter_map(|dependency| dependency["name"].as_str()).collect()
}

/// The lines of `[workspace.dependencies]`.
fn dependency_table() -> String {
    let manifest = read(&root().join("Cargo.toml"));
    manifest.split("[workspace.dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap().to_owned()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

#[test]
fn a_room_imports_only_the_rooms_before_it() {
    let packages = packages();
    let mut broken = Vec::new();
    for (room, allowed) in ROOMS {
        let package = packages.iter().find(|package| name(package) == room);
        let package = package.unwrap_or_else(|| panic!("there is no room `{room}`"));
        for import in imports(package) {
            if packages.iter().any(|package| name(package) == import) && !allowed.contains(&import) {
                broken.push(format!("{room} may import {allowed:?} of ours, and it imports {import}"));
            }
        }
    }
    assert_none(&broken);
}

#[test]
fn a_foreign_crate_is_used_behind_its_door() {
    let packages = packages();
    let mut broken = Vec::new();
    for package in packages.iter().filter(|package| ROOMS.iter().any(|(room, _)| *room == name(package))) {
        for (import, rooms) in DOORS {
            if imports(package).contains(&import) && !rooms.contains(&name(package)) {
                broken.push(format!("{import} is used in {rooms:?} only, and {} imports it", name(package)));
            }
        }
    }
    assert_none(&broken);
}

#[test]
fn all_packages_move_in_lock_step() {
    let packages = packages();
    let version = &packages[0]["version"];
    let exact = format!("={}", version.as_str().unwrap());
    let mut broken = Vec::new();
    for package in &packages {
        if package["version"] != *version {
            broken.push(format!("{} has a version of its own: write `version.workspace = true`", name(package)));
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            // What only the tests need is not published with the package.
            let is_ours = packages.iter().any(|package| package["name"] == dependency["name"]);
            let is_published = dependency["kind"] != "dev";
            if is_ours && is_published && dependency["req"] != exact.as_str() {
                broken.push(format!("{} takes {} in any version", name(package), dependency["name"]));
            }
        }
        let manifest = read(package["manifest_path"].as_str().unwrap().as_ref());
        if !manifest.contains("[lints]\nworkspace = true") {
            broken.push(format!("{} does not keep the lints of the workspace", name(package)));
        }
    }
    assert_none(&broken);
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let table = dependency_table();
    // A comment speaks for the lines below it, up to an empty one.
    let mut has_reason = false;
    let mut broken = Vec::new();
    for line in table.lines() {
        match line.trim() {
            "" => has_reason = false,
            line if line.starts_with('#') => has_reason = true,
            line if !has_reason => broken.push(format!("say above this line why we need it: {line}")),
            _ => {}
        }
    }
    assert_none(&broken);
}

#[test]
fn every_dependency_is_used() {
    let packages = packages();
    let sources: Vec<(PathBuf, String)> = files("rs").into_iter().map(|path| (path.clone(), read(&path))).collect();
    let mut broken = Vec::new();
    let mut declared = BTreeSet::new();
    for package in &packages {
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let import = dependency["rename"].as_str().or(dependency["name"].as_str()).unwrap();
            let ident = import.replace('-', "_");
            let mut of_package = sources.iter().filter(|(path, _)| path.starts_with(folder));
            if !of_package.any(|(_, text)| names_crate(text, &ident)) {
                broken.push(format!("no source of {} names `{ident}::`: take it out of its manifest", name(package)));
            }
            declared.insert(import.to_owned());
        }
    }
    for line in dependency_table().lines().filter(|line| !line.starts_with('#')) {
        let Some((import, _)) = line.split_once(" = ") else { continue };
        if !declared.contains(import) {
            broken.push(format!("no package takes `{import}`: take it out of the table of the workspace"));
        }
    }
    assert_none(&broken);
}

/// Whether a path begins with the crate, in code or in an example of the documentation.
fn names_crate(text: &str, ident: &str) -> bool {
    text.match_indices(ident).any(|(at, _)| {
        let is_whole = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let after = &text[at + ident.len()..];
        is_whole && (after.starts_with("::") || text[..at].ends_with("use ") && after.starts_with([';', ' ']))
    })
}

#[test]
fn a_crate_is_named_by_the_beginning_of_a_path() {
    let check = |text: &str, expected: bool| assert_eq!(names_crate(text, "serde"), expected, "{text}");
    check("serde::to_writer(out)", true);
    check("use serde;", true);
    check("use serde as s;", true);
    check("/// use ::serde::Serialize;", true);
    check("// without serde, so that it is light", false);
    check("serde_json::Value", false);
    check("my_serde::Value", false);
}
