//~ this attribute goes on a function with a body [item/function]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
struct Funding;

fn main() {
    let _ = Funding;
}
