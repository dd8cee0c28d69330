//~ no layer is called `operatoin`: write `operation`, or declare the new one as [layers.operatoin] in tense.toml [registry/unknown-layer]

use tense::traced;

#[traced(operatoin.tokens.created)]
fn work() {}

fn main() {
    work();
}
