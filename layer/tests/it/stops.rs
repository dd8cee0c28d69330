//! Runs that are told to stop: what runs goes on to its end, what is done is undone, and nothing further begins.

use std::future::pending;
use std::sync::Mutex;
use std::task::Poll;

use tense::pipeline::Stopped;
use tense::{Pipeline, name, pipeline_stage, traced};
use tense_layer::testing::capture;
use tokio::sync::oneshot;
use tokio::task::yield_now;

use crate::groups::{BillStage, Order, PackStage, TakeStage, WeighStage, endings, order, shown};

#[tokio::test]
async fn a_run_that_is_told_to_stop_finishes_its_stage_and_undoes_it() {
    let (say_so, enough) = oneshot::channel::<()>();
    let say_so = Mutex::new(Some(say_so));
    let pipeline = Pipeline::named(name!(dispatch.order))
        .stage(TakeStage)
        .stage_fn(name!(dispatch.interrupt), |order: Order| {
            // From within, and without a single await: it is looked for between any two stages.
            let is_heard = say_so.lock().unwrap().take().is_none_or(|say_so| say_so.send(()).is_ok());
            async move { if is_heard { Ok(order) } else { Err("nobody listens") } }
        })
        .stage(PackStage);
    let capture = capture();
    let error = pipeline.run_until(order(""), enough).await.unwrap_err();
    assert!(error.source.is::<Stopped>());
    assert_eq!(error.to_string(), "stopped at stage dispatch.pack");
    assert_eq!(
        endings(&error.report),
        ["dispatch.take: compensated", "dispatch.interrupt: ran", "dispatch.pack: never ran"]
    );
    assert_eq!(
        shown(&capture.events()),
        "dispatch.order  cancelled  told to stop\n\
         ├─ dispatch.take  compensated by dispatch.put_back\n\
         ├─ dispatch.interrupt\n\
         ├─ dispatch.put_back  undoes dispatch.take\n\
         └─ dispatch.pack  never ran\n"
    );
    // Nobody says so: it runs to its end.
    assert!(pipeline.run_until(order(""), pending::<()>()).await.is_ok());
    // Said before it began: nothing runs.
    let error = pipeline.run_until(order(""), async {}).await.unwrap_err();
    assert_eq!(error.report.never_ran().count(), 3);
}

#[tokio::test]
async fn what_runs_beside_a_pipeline_that_is_told_to_stop_is_not_interrupted() {
    let (say_so, enough) = oneshot::channel::<()>();
    let say_so = Mutex::new(Some(say_so));
    // While the other one has not come far: it is told when the inner pipeline has its first stage behind it.
    let inner = Pipeline::named(name!(dispatch.prepare))
        .stage_fn(name!(dispatch.interrupt), |order: Order| {
            let is_heard = say_so.lock().unwrap().take().is_some_and(|say_so| say_so.send(()).is_ok());
            async move { if is_heard { Ok(order) } else { Err("nobody listens") } }
        })
        .stage(WeighStage);
    let pipeline = Pipeline::named(name!(dispatch.order)).stage(TakeStage).parallel((LabelStage, inner));
    let capture = capture();
    let error = pipeline.run_until(order(""), enough).await.unwrap_err();
    assert!(error.source.is::<Stopped>());
    assert_eq!(
        endings(&error.report),
        [
            "dispatch.take: compensated",
            "dispatch.label: compensated",
            "dispatch.prepare: cancelled",
            "dispatch.interrupt: ran",
            "dispatch.weigh: never ran",
        ]
    );
    assert_eq!(
        shown(&capture.events()),
        "dispatch.order  cancelled\n\
         ├─ dispatch.take  compensated by dispatch.put_back\n\
         ├─ dispatch.label  compensated by dispatch.peel_off\n\
         ├─ dispatch.prepare  cancelled  told to stop\n\
         │  ├─ dispatch.interrupt\n\
         │  └─ dispatch.weigh  never ran\n\
         ├─ dispatch.peel_off  undoes dispatch.label\n\
         └─ dispatch.put_back  undoes dispatch.take\n"
    );
}

#[tokio::test]
async fn a_failure_beside_a_pipeline_that_is_told_to_stop_is_the_failure() {
    let inner = Pipeline::named(name!(dispatch.prepare)).stage(TakeStage).stage(WeighStage);
    let pipeline = Pipeline::named(name!(dispatch.order)).parallel((BillStage, inner));
    // The group begins at the second poll, because somebody may say before it that it is enough.
    let mut polls = 0;
    let enough = std::future::poll_fn(|_| {
        polls += 1;
        if polls > 2 { Poll::Ready(()) } else { Poll::Pending }
    });
    let error = pipeline.run_until(order("bill"), enough).await.unwrap_err();
    assert_eq!((error.stage, error.source.to_string().as_str()), ("dispatch.bill", "bill is out of order"));
    assert!(error.report.never_ran().eq(["dispatch.take", "dispatch.weigh"]), "{}", error.report);
}

#[pipeline_stage(dispatch.label, compensate = peel_off)]
async fn label(order: Order) -> Result<Order, String> {
    for _ in 0..9 {
        yield_now().await;
    }
    order.at("label")
}

#[traced(dispatch.peel_off)]
async fn peel_off(_order: &Order) -> Result<(), String> {
    Ok(())
}
