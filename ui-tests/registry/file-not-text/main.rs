//~ tense.toml:2:18: this byte is not UTF-8 text, which a `tense.toml` is: save the file as UTF-8 [file/text]

use tense::traced;

#[traced(operation.tokens.created)]
fn create() {}

fn main() {
    create();
}
