//~ tense.toml:1:11: this is not a version that can be read here: write `version = 1` [file/version]
//~ tense.toml:2:10: `closed` has to be true or false, and this is of the type string [file/type]

use tense::traced;

#[traced(operation.tokens.created)]
fn create() {}

fn main() {
    create();
}
