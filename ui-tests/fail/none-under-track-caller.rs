//~ under `#[track_caller]` nobody sees what a function returns: remove that attribute, or `none = failed` [attribute/none]

use tense::traced;

#[traced(operation.tokens.created, none = failed)]
#[track_caller]
fn create() -> Option<u32> {
    Some(1)
}

fn main() {
    create();
}
