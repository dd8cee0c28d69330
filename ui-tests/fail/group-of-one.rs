//~ `BookStage` is no group of stages
//+ the same once more, of the type that is returned

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.book)]
async fn book(loan: String) -> Result<String, String> {
    Ok(loan)
}

fn main() {
    let _pipeline = Pipeline::named(name!(dispatch.loan)).stage(BookStage).parallel(BookStage);
}
