//~ unknown argument `levle` (did you mean `level`?)
//~ `operation.tokens.created` declares no field `colour`
//~ `branch` (integer), `node_id` (string) are missing
//~ `operation` events say what has happened, so their action is in the past tense: write `dropped` [tense/past]
//~ a word of a name begins with a letter, and `2` does not [name/word]

use tense::traced;

#[traced(operation.tokens.created, fields(colour = "red"), tags("saga"))]
#[allow(dead_code)]
fn create() {}

#[traced(operation.tokens.created, fields(node_id = "n", branch = 1), levle = "info")]
fn again() {}

#[traced(operation.tokens.drop)]
fn discard() {}

#[traced(operation.2.dropped)]
fn count() {}

fn main() {
    create();
    again();
    discard();
    count();
}
