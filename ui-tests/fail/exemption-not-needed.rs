//~ this exemption is not needed, since `created` is in the tense of its layer: remove it [exempt/stale]

use tense::traced;

#[traced(operation.tokens.created, exempt(tense, reason = "the event bus has always called it so"))]
fn create_token() {}

fn main() {
    create_token();
}
