//~ an exemption is `exempt(tense, reason = "why the rule cannot hold here")` [attribute/exempt]
//+ `operation` events say what has happened, so their action is in the past tense: write `created` [tense/past]

use tense::traced;

#[traced(operation.tokens.create, exempt(tense))]
fn create_token() {}

fn main() {
    create_token();
}
