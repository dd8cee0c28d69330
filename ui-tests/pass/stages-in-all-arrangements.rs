//! Stages tried again, side by side, left out, nested, as closures, stopped: in a pipeline that is `Send`, and under
//! names of the crate and of the arguments that nobody expects.

#![deny(warnings)]

use std::error::Error;

use tense as measured;
use tense::{Pipeline, name, pipeline_stage};

#[derive(Debug, Clone)]
struct Loan {
    amount: u32,
    months: u32,
}

fn is_transient(error: &String) -> bool {
    error.is_empty()
}

#[pipeline_stage(dispatch.credit, retry(when = is_transient, attempts = 3), fields(amount, left = _), crate = measured)]
async fn credit(Loan { amount, months }: Loan) -> Result<u32, String> {
    tense::record!(left = months);
    if amount > 100 { Err("too much".to_owned()) } else { Ok(amount) }
}

#[pipeline_stage(dispatch.term, retry(when = |error: &std::num::ParseIntError| error.to_string().is_empty(), attempts = 2,))]
fn term(run: Loan) -> Result<u32, std::num::ParseIntError> {
    run.months.to_string().parse()
}

#[pipeline_stage(dispatch.join, compensate = part)]
fn join((amount, months): (u32, u32)) -> Result<Loan, &'static str> {
    Ok(Loan { amount, months })
}

async fn part(_loan: &Loan) -> Result<(), Box<dyn Error + Send + Sync>> {
    Ok(())
}

#[pipeline_stage(dispatch.grace)]
async fn grace(loan: Loan) -> Result<Loan, std::convert::Infallible> {
    Ok(Loan { months: loan.months + 1, ..loan })
}

// What lives as long as the program is owned by nobody.
#[pipeline_stage(dispatch.print)]
async fn print(text: &'static str) -> Result<usize, String> {
    Ok(text.len())
}

fn send<T: Send>(future: T) -> T {
    future
}

fn main() {
    let factor = 2;
    let inner = Pipeline::named(name!(dispatch.prepare)).parallel((CreditStage, TermStage)).stage(JoinStage);
    let pipeline = Pipeline::named(name!(dispatch.loan, |loan: &Loan| fields(amount = loan.amount)))
        .stage(inner)
        .stage_if(|loan| loan.months < 12, GraceStage)
        .stage_if(|loan| loan.amount == 0, Pipeline::named(name!(dispatch.again)).stage(GraceStage))
        .stage_fn(name!(dispatch.double), move |loan: Loan| async move { Ok::<_, String>(loan.amount * factor) })
        .stage_fn(name!(dispatch.name), |amount| std::future::ready(if amount > 50 { Ok("large") } else { Err("small") }))
        .stage(PrintStage);
    let run = async {
        assert_eq!(send(pipeline.run(Loan { amount: 30, months: 6 })).await.unwrap(), 5);
        let enough = std::future::pending::<()>();
        let error = send(pipeline.run_until(Loan { amount: 3, months: 6 }, enough)).await.unwrap_err();
        assert_eq!((error.stage, error.source.to_string().as_str()), ("dispatch.name", "small"));
        assert_eq!(error.report.compensated().collect::<Vec<_>>(), ["dispatch.join"]);
        assert_eq!(error.report.skipped().collect::<Vec<_>>(), ["dispatch.again", "dispatch.grace"]);
        assert_eq!(error.report.to_string().lines().count(), 10);
    };
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(run);
}
