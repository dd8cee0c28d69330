//~ `operation` events say what has happened, so their action is in the past tense, and `banana` is not: close the name with a participle (`created`, `status_updated`), or keep it with `exempt(tense, reason = "..")` [tense/past]

use tense::traced;

#[traced(operation.tokens.banana)]
fn create_token() {}

fn main() {
    create_token();
}
