//~ a const fn may run in the compiler, where nothing can be recorded: remove `const` or this attribute [item/const]

use tense::traced;

#[traced(operation.tokens.counted)]
const fn count() -> u32 {
    7
}

fn main() {
    count();
}
