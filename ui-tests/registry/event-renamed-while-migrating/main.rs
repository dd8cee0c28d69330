//! While names are migrated an old one still compiles, with a warning.
//? use of deprecated constant `work::_::OLD_EVENT_NAME`: `operation.tokens.inserted` has a new name: write `operation.tokens.created` [registry/renamed]
//? `operation.tokens.inserted` has a new name

use tense::traced;

#[traced(operation.tokens.inserted)]
fn work() {}

fn main() {
    work();
    tense::event!(operation.tokens.inserted);
}
