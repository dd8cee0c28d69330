//~ this exemption is not needed, since the layer `sql` has no tense to keep: remove it [exempt/stale]

use tense::traced;

#[traced(sql.query, exempt(tense, reason = "the event bus has always called it so"))]
fn query() {}

fn main() {
    query();
}
