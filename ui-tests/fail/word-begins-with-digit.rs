//~ a word of a name begins with a letter, and `2fa_enabled` does not [name/word]

use tense::traced;

#[traced(operation.accounts.2fa_enabled)]
fn enable() {}

fn main() {
    enable();
}
