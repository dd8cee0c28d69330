//~ a word of a name begins with a letter, and `2` does not [name/word]

use tense::traced;

#[traced(operation.2.enabled)]
fn enable() {}

fn main() {
    enable();
}
