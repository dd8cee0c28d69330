//! A closed registry declares the stages of a pipeline; its attempts, and what it fills in itself, need no declaration.

// What a pipeline fills in itself, and the names of attempts, need no declaration.

#![deny(warnings)]

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.notify, fields(amount, answer = _), retry(when = String::is_empty, attempts = 3))]
async fn notify(amount: u32) -> Result<u32, String> {
    tense::record!(answer = "yes");
    Ok(amount)
}

#[pipeline_stage(dispatch.book)]
fn book(amount: u32) -> Result<u32, String> {
    Ok(amount)
}

fn main() {
    let pipeline = Pipeline::named(name!(dispatch.loan, |amount: &u32| fields(amount)))
        .stage(NotifyStage)
        .stage_if(|amount| *amount > 0, BookStage);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        assert_eq!(pipeline.run(7).await.unwrap(), 7);
    });
}
