//! Types that `tense schema --typescript` wrote go in, with programs that use them rightly and wrongly; what a
//! TypeScript compiler says comes out. The tests of the command hold the types against what it writes now.

use std::path::Path;
use std::process::Command;

#[test]
#[cfg_attr(
    not(typescript_compiler),
    ignore = "needs a TypeScript compiler: `tsc` in PATH, or the variable TENSE_TSC that names one"
)]
fn types_are_what_a_compiler_takes() {
    let tsc = option_env!("TSC").unwrap_or("tsc");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("typescript");
    let output = Command::new(tsc)
        .args("--noEmit --strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes".split(' '))
        .args("--target es2022 --lib es2022 --module esnext --moduleResolution bundler".split(' '))
        .args(["coordinator.ts", "chat.ts", "fleet.ts"])
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("{tsc}: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
