//~ a const fn may run in the compiler, where nothing can be recorded: remove `const` or this attribute [item/const]
//~ `operation` events say what has happened, so their action is in the past tense: write `created` [tense/past]

use tense::traced;

#[traced(operation.tokens.create)]
const fn create_token() {}

fn main() {
    create_token();
}
