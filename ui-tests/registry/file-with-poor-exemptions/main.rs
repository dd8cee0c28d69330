//~ tense.toml:4:10: this exemption is not needed, since the name is in the tense of its layer: remove it [exempt/stale]
//~ tense.toml:7:37: an exemption says why to whoever reads it next year: give a reason of at least 15 characters, not a placeholder [exempt/reason]
//~ tense.toml:10:19: `spelling` is no rule to be exempt from: write "tense" [exempt/rule]

use tense::traced;

#[traced(operation.tokens.created)]
fn create() {}

fn main() {
    create();
}
