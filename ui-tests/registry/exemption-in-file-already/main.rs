//~ this exemption is not needed, since tense.toml exempts the name already: remove it [exempt/stale]

use tense::traced;

#[traced(operation.context.snapshot, exempt(tense, reason = "a noun that readers of the stream key on"))]
fn snapshot() {}

fn main() {
    snapshot();
}
