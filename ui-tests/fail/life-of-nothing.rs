//~ a life needs something that lives: name it between the layer and `*`, as in `dispatch.batch.*` [name/too-short]

use tense::traced;

#[traced(dispatch.*)]
fn run_batch() {}

fn main() {
    run_batch();
}
