//! The version of the compiler goes in; whether it is the one that the `.stderr` files were recorded with comes out, as
//! `cfg(recorded_compiler)`: so a test that needs it is told as ignored elsewhere, and not as passed.

use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(recorded_compiler)");
    println!("cargo::rerun-if-changed=rustc-version");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let recorded = include_str!("rustc-version").trim();
    if version.split(' ').nth(1) == Some(recorded) {
        println!("cargo::rustc-cfg=recorded_compiler");
    }
}
