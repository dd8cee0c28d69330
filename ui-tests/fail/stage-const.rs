//~ a const fn may run in the compiler, where nothing can be recorded: remove `const` or this attribute [item/const]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
const fn fund(loan: u32) -> Result<u32, String> {
    Ok(loan)
}

fn main() {
    drop(fund(1));
}
