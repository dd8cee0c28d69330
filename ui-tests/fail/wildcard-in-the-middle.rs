//~ `_` stands for the action, so it can only be the last segment [name/wildcard]

use tense::traced;

#[traced(operation._.created)]
fn create_token() {}

fn main() {
    create_token();
}
