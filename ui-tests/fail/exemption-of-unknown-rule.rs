//~ an exemption is `exempt(tense, reason = "why the rule cannot hold here")` [attribute/exempt]

use tense::traced;

#[traced(operation.tokens.create, exempt(grammar, reason = "the event bus has always called it so"))]
fn create_token() {}

fn main() {
    create_token();
}
