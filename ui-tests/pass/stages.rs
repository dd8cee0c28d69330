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

// What is left out of the type of a function pointer or a trait object is its own, and what is static needs no owner.
#[pipeline_stage(dispatch.measure)]
async fn measure((each, mut text): (fn(&str) -> usize, String)) -> Result<(Box<dyn Fn(&str) -> bool + Send>, usize), String> {
    text.push('!');
    let len = each(&text);
    Ok((Box::new(move |other| other.len() < len), len))
}

#[pipeline_stage(dispatch.label)]
extern "Rust" fn label(mut words: Vec<Option<&'static str>>) -> Result<&'static str, std::borrow::Cow<'static, str>>
where
    u32: Copy,
{
    words.pop().flatten().ok_or("nothing".into())
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
        let measured = Pipeline::named(name!(dispatch.lengths)).stage(MeasureStage);
        let (is_shorter, len) = send(measured.run((str::len, "abc".to_owned()))).await.unwrap();
        assert_eq!((is_shorter("abc"), is_shorter("abcd"), len), (true, false, 4));
        let labels = Pipeline::named(name!(dispatch.labels)).stage(LabelStage);
        assert_eq!(labels.run(vec![None, Some("a")]).await.unwrap(), "a");
        assert_eq!(labels.run(vec![None]).await.unwrap_err().source.to_string(), "nothing");
        // In a body as well.
        #[pipeline_stage(dispatch.within)]
        fn inside(mut number: u32) -> Result<u32, String> {
            number += 1;
            Ok(number)
        }
        assert_eq!(Pipeline::named(name!(dispatch.bodies)).stage(InsideStage).run(1).await.unwrap(), 2);
    });
}
