//~ an exemption is `exempt(tense, reason = "why the rule cannot hold here")` [attribute/exempt]
//+ unexpected token, expected `)`
//+ `operation` events say what has happened, so their action is in the past tense: write `created` [tense/past]

use tense::traced;

#[traced(operation.tokens.create, exempt(grammar, reason = "the event bus has always called it so"))]
fn create_token() {}

fn main() {
    create_token();
}
