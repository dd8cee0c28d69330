//~ this exemption is not needed, since the words of a life follow their layer's tense by themselves: remove it [exempt/stale]

use tense::traced;

#[traced(dispatch.batch.*, exempt(tense, reason = "the event bus has always called it so"))]
fn run_batch() {}

fn main() {
    run_batch();
}
