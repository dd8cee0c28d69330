//~ missing lifetime specifier

use std::borrow::Cow;

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
fn fund(loan: Cow<str>) -> Result<usize, String> {
    Ok(loan.len())
}

fn main() {
    drop(fund(Cow::Borrowed("")));
}
