//! Forty stages in a row are not too deep for the compiler.

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.add)]
async fn add(number: u32) -> Result<u32, String> {
    Ok(number + 1)
}

fn send<T: Send>(future: T) -> T {
    future
}

#[rustfmt::skip]
fn main() {
    let pipeline = Pipeline::named(name!(dispatch.long))
        .stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage)
        .stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage)
        .stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage)
        .stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage)
        .stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage)
        .stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage)
        .stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage)
        .stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage).stage(AddStage);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(async { send(pipeline.run(2)).await.unwrap() }), 42);
}
