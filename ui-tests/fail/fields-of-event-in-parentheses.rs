//~ the fields of an event stand between its commas, without `fields(..)` around them [attribute/field]

use tense::event;

fn main() {
    let node = 1;
    event!(operation.tokens.created, fields(node));
}
