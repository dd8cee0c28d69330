//! While names are migrated an old life still compiles, with a warning.
//? `dispatch.batches` has a new name: write `dispatch.batch` [registry/renamed]

use tense::traced;

#[traced(dispatch.batches.*)]
fn run() {}

fn main() {
    run();
}
