//! Stages: async and plain, compensated, renamed, with other error types, as methods, and in a pipeline that is `Send`.

#![deny(warnings)]

use std::error::Error;

use tense::{Pipeline, name, pipeline_stage, traced};

#[pipeline_stage(dispatch.parse, fields(len = text.len()))]
async fn parse(text: String) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[pipeline_stage(dispatch.double)]
fn double(number: u32) -> Result<u32, &'static str> {
    number.checked_mul(2).ok_or("too large")
}

#[pipeline_stage(dispatch.hold, compensate = free, stage = HoldFunds)]
async fn hold(amount: u32) -> Result<u32, Box<dyn Error + Send + Sync>> {
    Ok(amount)
}

#[traced(operation.funds.released, fields(amount))]
async fn free(amount: &u32) -> Result<(), String> {
    if *amount > 100 { Err("gone".to_owned()) } else { Ok(()) }
}

#[pipeline_stage(dispatch.split)]
fn split_in_two(number: u32) -> Result<(u32, u32), String> {
    if number > 50 { Err("too much to split".to_owned()) } else { Ok((number / 2, number - number / 2)) }
}

#[pipeline_stage(dispatch.join)]
async fn join((a, b): (u32, u32)) -> Result<u32, String> {
    Ok(a + b)
}

struct Bank;

impl Bank {
    #[pipeline_stage(dispatch.ask)]
    async fn ask(&self, amount: u32) -> Result<u32, String> {
        Ok(amount)
    }
}

fn send<T: Send>(future: T) -> T {
    future
}

fn main() {
    let pipeline = Pipeline::named(name!(dispatch.numbers, |text: &String| fields(text)))
        .stage(ParseStage)
        .stage(DoubleStage)
        .stage(HoldFunds)
        .stage(SplitInTwoStage)
        .stage(JoinStage);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        assert_eq!(send(pipeline.run("21".to_owned())).await.unwrap(), 42);
        let error = pipeline.run("30".to_owned()).await.unwrap_err();
        assert_eq!(error.report.compensated().collect::<Vec<_>>(), ["dispatch.hold"]);
        assert_eq!(error.report.never_ran().collect::<Vec<_>>(), ["dispatch.join"]);
        assert_eq!(Bank.ask(1).await, Ok(1));
    });
}
