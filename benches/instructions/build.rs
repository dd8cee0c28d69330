//! Finds out whether there is valgrind, so that the test which needs it is run, or is told as not run.

use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(valgrind)");
    println!("cargo::rerun-if-env-changed=PATH");
    println!("cargo::rerun-if-changed=build.rs");
    if Command::new("valgrind").arg("--version").output().is_ok_and(|out| out.status.success()) {
        println!("cargo::rustc-cfg=valgrind");
    }
}
