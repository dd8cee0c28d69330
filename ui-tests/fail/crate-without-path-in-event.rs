//~ `crate` takes a path, without quotes [attribute/value]

fn main() {
    tense::event!(crate = "tense", operation.tokens.created);
}
