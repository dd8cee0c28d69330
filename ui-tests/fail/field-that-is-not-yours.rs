//~ `stages` is filled in by pipelines and the recorder; give yours another name [attribute/reserved]

use tense::traced;

#[traced(operation.tokens.created, fields(stages))]
fn create_token(stages: u32) -> u32 {
    stages
}

fn main() {
    create_token(1);
}
