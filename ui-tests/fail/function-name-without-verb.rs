//~ `operation` events say what has happened, and no verb to put into the past can be found in the function's name `banana`: write the action instead of `_` [name/function]

use tense::traced;

#[traced(operation.tokens._)]
fn banana() {}

fn main() {
    banana();
}
