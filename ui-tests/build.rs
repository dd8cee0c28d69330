//! The tools of this machine go in; which of them the tests can use comes out, so that a test whose tool is missing is
//! told as ignored, and not as passed.
//!
//! | cfg | when |
//! |---|---|
//! | `recorded_compiler` | the compiler is the one that the `.stderr` files were recorded with |
//! | `typescript_compiler` | the variable `TENSE_TSC` names one, or `tsc` is one; the variable `TSC` says which |

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(recorded_compiler, typescript_compiler)");
    println!("cargo::rerun-if-changed=rustc-version");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let recorded = include_str!("rustc-version").trim();
    if version(&rustc).split(' ').nth(1) == Some(recorded) {
        println!("cargo::rustc-cfg=recorded_compiler");
    }

    println!("cargo::rerun-if-env-changed=TENSE_TSC");
    println!("cargo::rerun-if-env-changed=PATH");
    let tsc = std::env::var("TENSE_TSC").unwrap_or_else(|_| "tsc".to_owned());
    // a path is one from the root of the workspace
    let in_workspace = Path::new("..").join(&tsc).canonicalize();
    let tsc = in_workspace.map_or(tsc, |path| path.to_string_lossy().into_owned());
    if version(&tsc).starts_with("Version ") {
        println!("cargo::rustc-cfg=typescript_compiler");
        println!("cargo::rustc-env=TSC={tsc}");
    }
}

/// What a program says of itself; nothing when there is none.
fn version(program: &str) -> String {
    let output = Command::new(program).arg("--version").output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}
