//~ `count` belongs to `dispatch.batch.start`, which is emitted before the body could fill it in: give its value here [fields/later]

use tense::traced;

#[traced(dispatch.batch.*, fields(count = _, applied = _))]
fn run() {
    tense::record!(count = 7);
    tense::record!(applied = 7);
}

fn main() {
    run();
}
