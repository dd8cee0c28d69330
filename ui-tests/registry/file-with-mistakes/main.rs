//~ line 2, column 1: `clsoed` is not a key of tense.toml: did you mean `closed`?
//~ line 5, column 9:

use tense::traced;

#[traced(operation.tokens.create)]
fn create() {}

// Told once in a crate, however many annotations it has.
#[traced(operation.tokens.deleted)]
fn delete() {}

fn main() {
    create();
    delete();
}
