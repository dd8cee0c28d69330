//~ an exemption is `exempt(tense, reason = "why the rule cannot hold here")` [attribute/exempt]

use tense::traced;

#[traced(operation.tokens.create, exempt(tense))]
fn create_token() {}

fn main() {
    create_token();
}
