//~ tense.toml:2:1: `clsoed` is not a key of tense.toml: did you mean `closed`? [file/key]
//~ tense.toml:5:9: `passed` is not a tense: there are `any`, `past`, `present` [file/layer]

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
