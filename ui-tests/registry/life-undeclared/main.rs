//~ `dispatch.batch.start` is not declared in tense.toml, which is closed

use tense::traced;

#[traced(dispatch.batch.*)]
fn work() {}

fn main() {
    work();
}
