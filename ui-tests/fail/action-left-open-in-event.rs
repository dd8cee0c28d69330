//~ an event in a body has no function to take its action from, so write the action instead of `_` [name/wildcard]

fn main() {
    tense::event!(operation.tokens._);
}
