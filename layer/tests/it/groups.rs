//! Stages side by side, left out, nested, and made of closures.

use std::error::Error;
use std::future::pending;
use std::task::{Context, Waker};

use tense::pipeline::{NotUndone, Report, StageEnding};
use tense::{Pipeline, name, pipeline_stage, traced};
use tense_event::CleanEvent;
use tense_layer::testing::capture;
use tense_store::Trace;
use tokio::task::yield_now;

use crate::tree::tree;

#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    number: u32,
    fail: &'static str,
}

pub(crate) fn order(fail: &'static str) -> Order {
    Order { number: 7, fail }
}

impl Order {
    pub(crate) fn at(self, stage: &str) -> Result<Self, String> {
        if self.fail == stage { Err(format!("{stage} is out of order")) } else { Ok(self) }
    }
}

#[pipeline_stage(dispatch.take, compensate = put_back)]
pub(crate) async fn take(order: Order) -> Result<Order, String> {
    order.at("take")
}

#[traced(dispatch.put_back)]
async fn put_back(_order: &Order) -> Result<(), String> {
    Ok(())
}

#[pipeline_stage(dispatch.pack, compensate = unpack)]
pub(crate) async fn pack(order: Order) -> Result<Order, String> {
    yield_now().await;
    order.at("pack")
}

#[traced(dispatch.unpack)]
async fn unpack(_order: &Order) -> Result<(), String> {
    Ok(())
}

#[pipeline_stage(dispatch.bill)]
pub(crate) async fn bill(order: Order) -> Result<u32, Box<dyn Error + Send + Sync>> {
    for _ in 0..3 {
        yield_now().await;
    }
    Ok(order.at("bill")?.number)
}

#[pipeline_stage(dispatch.weigh)]
pub(crate) async fn weigh(order: Order) -> Result<u32, String> {
    if order.fail == "bill" {
        // It is still weighed when the bill has failed.
        pending::<()>().await;
    }
    Ok(order.number * 2)
}

#[pipeline_stage(dispatch.ship)]
fn ship((order, price, weight): (Order, u32, u32)) -> Result<Order, &'static str> {
    if order.fail == "ship" { Err("no ship") } else { Ok(Order { number: price + weight, ..order }) }
}

#[pipeline_stage(dispatch.gift)]
fn wrap_as_gift(order: Order) -> Result<Order, String> {
    order.at("gift")
}

/// `name: ending` of each stage.
pub(crate) fn endings(report: &Report) -> Vec<String> {
    report.stages.iter().map(|stage| format!("{}: {}", stage.name, stage.ending)).collect()
}

fn trace(events: &[CleanEvent]) -> Trace {
    Trace::from_events(events[0].trace_id, events.iter().map(|event| (**event).clone()))
}

/// As the command shows it, without how long anything took.
pub(crate) fn shown(events: &[CleanEvent]) -> String {
    trace(events)
        .tree()
        .into_iter()
        .map(|mut line| {
            line.duration = None;
            format!("{line}\n")
        })
        .collect()
}

#[tokio::test]
async fn stages_side_by_side_take_clones_and_give_a_tuple() {
    let pipeline = Pipeline::named(name!(dispatch.order))
        .stage(TakeStage)
        .parallel((PackStage, BillStage, WeighStage))
        .stage(ShipStage);
    let capture = capture();
    let (shipped, report) = pipeline.run_reported(order("")).await.unwrap();
    assert_eq!(shipped.number, 21);
    assert!(report.stages.iter().all(|stage| stage.duration.is_some()), "{report}");
    // They are under way at the same time: each has begun before one of them ends.
    assert_eq!(
        tree(&capture.events()),
        "dispatch.order.start stages=[\"dispatch.take\",\"dispatch.pack\",\"dispatch.bill\",\"dispatch.weigh\",\"dispatch.ship\"] pending\n\
         \x20 dispatch.take.start compensate=\"put_back\" pending\n\
         \x20 dispatch.take.complete compensate=\"put_back\"\n\
         \x20 dispatch.pack.start compensate=\"unpack\" pending\n\
         \x20 dispatch.bill.start pending\n\
         \x20 dispatch.weigh.start pending\n\
         \x20 dispatch.weigh.complete\n\
         \x20 dispatch.pack.complete compensate=\"unpack\"\n\
         \x20 dispatch.bill.complete\n\
         \x20 dispatch.ship.start pending\n\
         \x20 dispatch.ship.complete\n\
         dispatch.order.complete stages=[\"dispatch.take\",\"dispatch.pack\",\"dispatch.bill\",\"dispatch.weigh\",\"dispatch.ship\"]\n"
    );
}

#[tokio::test]
async fn the_first_failure_cancels_the_others_and_undoes_what_is_done() {
    let pipeline = Pipeline::named(name!(dispatch.order))
        .stage(TakeStage)
        .parallel((PackStage, BillStage, WeighStage))
        .stage(ShipStage);
    let capture = capture();
    let error = pipeline.run(order("bill")).await.unwrap_err();
    assert_eq!((error.stage, error.source.to_string().as_str()), ("dispatch.bill", "bill is out of order"));
    assert_eq!(
        endings(&error.report),
        [
            "dispatch.take: compensated",
            "dispatch.pack: compensated",
            "dispatch.bill: failed: bill is out of order",
            "dispatch.weigh: cancelled",
            "dispatch.ship: never ran"
        ]
    );
    let events = capture.events();
    let trace = trace(&events);
    let why = trace.why();
    assert_eq!(why.reasons().iter().map(|reason| reason.cause.span.label()).collect::<Vec<_>>(), ["dispatch.bill"]);
    assert!(why.also_failed.is_empty(), "what was dropped on its account has not failed: {:#?}", why.also_failed);
    assert_eq!(
        shown(&events),
        "dispatch.order  failed\n\
         ├─ dispatch.take  compensated by dispatch.put_back\n\
         ├─ dispatch.pack  compensated by dispatch.unpack\n\
         ├─ dispatch.bill  failed  Box<dyn Error + Send + Sync>: bill is out of order\n\
         ├─ dispatch.weigh  cancelled\n\
         ├─ dispatch.unpack  undoes dispatch.pack\n\
         ├─ dispatch.put_back  undoes dispatch.take\n\
         └─ dispatch.ship  never ran\n"
    );
}

#[tokio::test]
async fn a_group_may_be_first_and_may_take_parts() {
    #[pipeline_stage(dispatch.split)]
    fn split(order: Order) -> Result<(Order, Order), String> {
        Ok((Order { number: 1, ..order.clone() }, order))
    }
    let pipeline = Pipeline::named(name!(dispatch.order)).parallel((WeighStage, BillStage));
    assert_eq!(pipeline.run(order("")).await.unwrap(), (14, 7));
    let pipeline = Pipeline::named(name!(dispatch.order)).stage(SplitStage).parallel_parts((WeighStage, BillStage));
    assert_eq!(pipeline.run(order("")).await.unwrap(), (2, 7));
}

#[tokio::test]
async fn a_stage_whose_condition_does_not_hold_is_told_as_skipped() {
    let pipeline = Pipeline::named(name!(dispatch.order))
        .stage(TakeStage)
        .stage_if(|order: &Order| order.number > 100, WrapAsGiftStage)
        .stage(PackStage)
        .stage_if(|order: &Order| order.fail.is_empty(), WrapAsGiftStage);
    let capture = capture();
    let (_, report) = pipeline.run_reported(order("")).await.unwrap();
    assert_eq!(
        endings(&report),
        ["dispatch.take: ran", "dispatch.gift: skipped", "dispatch.pack: ran", "dispatch.gift: ran"]
    );
    let before = capture.events().len();
    let (_, report) = pipeline.run_reported(order("elsewhere")).await.unwrap();
    assert_eq!(report.skipped().collect::<Vec<_>>(), ["dispatch.gift", "dispatch.gift"]);
    assert_eq!(
        shown(&capture.events()[before..]),
        "dispatch.order\n\
         ├─ dispatch.take\n\
         ├─ dispatch.pack\n\
         ├─ dispatch.gift  skipped\n\
         └─ dispatch.gift  skipped\n"
    );
    let before = capture.events().len();
    let error = pipeline.run(order("pack")).await.unwrap_err();
    assert_eq!(error.report.never_ran().collect::<Vec<_>>(), ["dispatch.gift"]);
    assert_eq!(
        shown(&capture.events()[before..]),
        "dispatch.order  failed\n\
         ├─ dispatch.take  compensated by dispatch.put_back\n\
         ├─ dispatch.pack  failed  String: pack is out of order\n\
         ├─ dispatch.put_back  undoes dispatch.take\n\
         ├─ dispatch.gift  skipped\n\
         └─ dispatch.gift  never ran\n"
    );
}

#[tokio::test]
async fn a_pipeline_is_a_stage_and_its_stages_count() {
    let inner = Pipeline::named(name!(dispatch.prepare, |order: &Order| fields(number = order.number)))
        .stage(PackStage)
        .stage(WrapAsGiftStage);
    let pipeline = Pipeline::named(name!(dispatch.order)).stage(TakeStage).stage(inner).stage(WeighStage);
    let capture = capture();
    let declared = ["dispatch.take", "dispatch.prepare", "dispatch.pack", "dispatch.gift", "dispatch.weigh"];

    // Before it: none of its stages has run.
    let error = pipeline.run(order("take")).await.unwrap_err();
    assert_eq!(error.report.stages.iter().map(|stage| stage.name).collect::<Vec<_>>(), declared);
    assert_eq!(error.report.never_ran().collect::<Vec<_>>(), declared[1..]);
    let events = capture.events();
    assert_eq!(trace(&events).never_ran().iter().map(|absent| absent.stage).collect::<Vec<_>>(), declared[1..]);

    // Within it: what it has done is undone within it, and the rest outside.
    let before = events.len();
    let error = pipeline.run(order("gift")).await.unwrap_err();
    assert_eq!(error.stage, "dispatch.gift");
    assert_eq!(
        endings(&error.report),
        [
            "dispatch.take: compensated",
            "dispatch.prepare: failed: gift is out of order",
            "dispatch.pack: compensated",
            "dispatch.gift: failed: gift is out of order",
            "dispatch.weigh: never ran"
        ]
    );
    assert_eq!(
        shown(&capture.events()[before..]),
        "dispatch.order  failed\n\
         ├─ dispatch.take  compensated by dispatch.put_back\n\
         ├─ dispatch.prepare  number=7  failed\n\
         │  ├─ dispatch.pack  compensated by dispatch.unpack\n\
         │  ├─ dispatch.gift  failed  String: gift is out of order\n\
         │  └─ dispatch.unpack  undoes dispatch.pack\n\
         ├─ dispatch.put_back  undoes dispatch.take\n\
         └─ dispatch.weigh  never ran\n"
    );
}

#[tokio::test]
async fn what_a_nested_pipeline_did_is_undone_when_a_later_stage_fails() {
    let inner = Pipeline::named(name!(dispatch.prepare)).stage(PackStage);
    let pipeline = Pipeline::named(name!(dispatch.order))
        .stage(TakeStage)
        .stage(inner)
        .stage_fn(name!(dispatch.lose), |order: Order| async move {
            Err::<Order, _>(format!("order {} is lost", order.number))
        });
    let capture = capture();
    pipeline.run(order("")).await.unwrap_err();
    assert_eq!(
        shown(&capture.events()),
        "dispatch.order  failed\n\
         ├─ dispatch.take  compensated by dispatch.put_back\n\
         ├─ dispatch.prepare\n\
         │  └─ dispatch.pack  compensated by dispatch.unpack\n\
         ├─ dispatch.lose  failed  String: order 7 is lost\n\
         ├─ dispatch.unpack  undoes dispatch.pack\n\
         └─ dispatch.put_back  undoes dispatch.take\n"
    );
}

#[tokio::test]
async fn a_nested_pipeline_beside_a_stage_that_fails_is_dropped_and_undone() {
    let inner = Pipeline::named(name!(dispatch.prepare)).stage(PackStage).stage(WeighStage);
    let pipeline = Pipeline::named(name!(dispatch.order)).parallel((BillStage, inner));
    let capture = capture();
    let error = pipeline.run(order("bill")).await.unwrap_err();
    assert_eq!(
        endings(&error.report),
        [
            "dispatch.bill: failed: bill is out of order",
            "dispatch.prepare: cancelled",
            "dispatch.pack: compensated",
            "dispatch.weigh: cancelled"
        ]
    );
    let events = capture.events();
    let trace = trace(&events);
    assert!(trace.compensations().missing.is_empty() && trace.never_ran().is_empty(), "{trace}");
}

#[tokio::test]
async fn two_that_fail_at_the_same_time_are_both_in_the_report() {
    let fail = |text: &'static str| move |_: Order| async move { Err::<(), _>(text) };
    let pipeline = Pipeline::named(name!(dispatch.order))
        .stage_fn(name!(dispatch.begin), |order: Order| async { Ok::<_, String>(order) })
        .parallel((
            Pipeline::named(name!(dispatch.first)).stage_fn(name!(dispatch.left), fail("left is broken")),
            Pipeline::named(name!(dispatch.second)).stage_fn(name!(dispatch.right), fail("right is broken")),
        ));
    let error = pipeline.run(order("")).await.unwrap_err();
    assert_eq!(error.stage, "dispatch.left");
    assert!(error.report.failed().eq(["dispatch.first", "dispatch.left", "dispatch.second", "dispatch.right"]));
    let failed = |message: &str| StageEnding::Failed { message: message.to_owned() };
    assert_eq!(error.report.stage("dispatch.left").unwrap().ending, failed("left is broken"));
    assert_eq!(error.report.stage("dispatch.right").unwrap().ending, failed("right is broken"));
}

#[pipeline_stage(dispatch.lock, compensate = unlock)]
async fn lock(order: Order) -> Result<Order, String> {
    Ok(order)
}

#[traced(dispatch.unlock)]
async fn unlock(_order: &Order) -> Result<(), String> {
    pending().await
}

#[tokio::test]
async fn a_compensation_that_is_dropped_has_not_compensated() {
    let inner = Pipeline::named(name!(dispatch.prepare))
        .stage(LockStage)
        .stage_fn(name!(dispatch.lose), |_: Order| async { Err::<(), _>("lost") });
    // The bill fails a little later, while that is being undone.
    let pipeline = Pipeline::named(name!(dispatch.order)).stage(TakeStage).parallel((BillStage, inner));
    let capture = capture();
    let error = pipeline.run(order("bill")).await.unwrap_err();
    assert_eq!(
        endings(&error.report),
        [
            "dispatch.take: compensated",
            "dispatch.bill: failed: bill is out of order",
            "dispatch.prepare: cancelled",
            "dispatch.lock: not compensated: cancelled",
            "dispatch.lose: failed: lost"
        ]
    );
    assert_eq!(error.report.stage("dispatch.lock").unwrap().ending, StageEnding::NotCompensated(NotUndone::Cancelled));
    assert!(error.report.not_compensated().eq(["dispatch.lock"]));
    assert_eq!(
        shown(&capture.events()),
        "dispatch.order  failed\n\
         ├─ dispatch.take  compensated by dispatch.put_back\n\
         ├─ dispatch.bill  failed  Box<dyn Error + Send + Sync>: bill is out of order\n\
         ├─ dispatch.prepare  cancelled\n\
         │  ├─ dispatch.lock  not compensated: failed dispatch.unlock_fail\n\
         │  ├─ dispatch.lose  failed  &str: lost\n\
         │  └─ dispatch.unlock_fail  cancelled  undoes dispatch.lock\n\
         └─ dispatch.put_back  undoes dispatch.take\n"
    );
}

#[tokio::test]
async fn a_run_that_is_dropped_undoes_nothing_and_the_trace_says_so() {
    let inner = Pipeline::named(name!(dispatch.prepare)).stage(PackStage);
    let pipeline = Pipeline::named(name!(dispatch.order))
        .stage(TakeStage)
        .stage(inner)
        .stage_fn(name!(dispatch.wait), |order: Order| async move {
            pending::<()>().await;
            Ok::<_, String>(order)
        })
        .stage(WrapAsGiftStage);
    let capture = capture();
    let mut run = Box::pin(pipeline.run(order("")));
    let context = &mut Context::from_waker(Waker::noop());
    while !capture.events().iter().any(|event| event.event_type == "dispatch.wait.start") {
        assert!(run.as_mut().poll(context).is_pending());
    }
    drop(run);
    assert_eq!(
        shown(&capture.events()),
        "dispatch.order  cancelled\n\
         ├─ dispatch.take  not compensated\n\
         ├─ dispatch.prepare\n\
         │  └─ dispatch.pack  not compensated\n\
         ├─ dispatch.wait  cancelled\n\
         └─ dispatch.gift  never ran\n"
    );
}

struct Warehouse {
    shelves: u32,
}

impl Warehouse {
    #[pipeline_stage(dispatch.store, fields(shelves = self.shelves))]
    async fn store(&self, order: Order) -> Result<Order, String> {
        yield_now().await;
        if self.shelves == 0 { Err("the warehouse is full".to_owned()) } else { Ok(order) }
    }
}

/// A trait whose methods return boxed futures.
#[async_trait::async_trait]
trait Bank {
    async fn lend(&self, order: Order) -> Result<Order, String>;
}

struct Branch;

#[async_trait::async_trait]
impl Bank for Branch {
    #[pipeline_stage(dispatch.lend, fields(left = _))]
    async fn lend(&self, order: Order) -> Result<Order, String> {
        yield_now().await;
        tense::record!(left = 1);
        Ok(order)
    }
}

#[tokio::test]
async fn what_a_boxed_method_fills_in_is_kept() {
    let pipeline =
        Pipeline::named(name!(dispatch.order)).stage_method(name!(dispatch.lend), |order| Branch.lend(order));
    let capture = capture();
    pipeline.run(order("")).await.unwrap();
    assert_eq!(shown(&capture.events()), "dispatch.order\n└─ dispatch.lend  left=1\n");
}

#[tokio::test]
async fn a_method_is_a_stage_through_a_closure() {
    for (shelves, store) in [(1, ""), (0, "  failed  String: the warehouse is full")] {
        let warehouse = &Warehouse { shelves };
        let pipeline = Pipeline::named(name!(dispatch.order))
            .stage_method(name!(dispatch.store), |order: Order| warehouse.store(order))
            .stage_fn(name!(dispatch.note, |order: &Order| fields(number = order.number)), |order: Order| async move {
                note();
                Ok::<_, String>(order)
            });
        let capture = capture();
        let result = pipeline.run_reported(order("")).await;
        let report = match &result {
            Ok((_, report)) => report,
            Err(error) => &error.report,
        };
        assert_eq!(
            report.stages.iter().map(|stage| stage.name).collect::<Vec<_>>(),
            ["dispatch.store", "dispatch.note"]
        );
        let note = if result.is_ok() {
            "├─ dispatch.store  shelves=1\n└─ dispatch.note  number=7\n   └─ operation.notes.written\n".to_owned()
        } else {
            format!("├─ dispatch.store  shelves=0{store}\n└─ dispatch.note  never ran\n")
        };
        let pipeline = if result.is_ok() { "dispatch.order" } else { "dispatch.order  failed" };
        assert_eq!(shown(&capture.events()), format!("{pipeline}\n{note}"));
    }
}

#[traced(operation.notes.written)]
fn note() {}

#[tokio::test]
async fn a_method_of_another_name_is_noticed() {
    let warehouse = &Warehouse { shelves: 1 };
    let before = tense_layer::health().stages_unseen;
    let pipeline = Pipeline::named(name!(dispatch.order))
        .stage_method(name!(dispatch.stow), |order: Order| warehouse.store(order))
        .stage_method(name!(dispatch.store), |order: Order| warehouse.store(order))
        .stage(PackStage);
    let capture = capture();
    let error = pipeline.run(order("pack")).await.unwrap_err();
    assert!(error.report.ran().eq(["dispatch.stow", "dispatch.store"]));
    assert_eq!(
        shown(&capture.events()),
        "dispatch.order  failed\n\
         ├─ dispatch.store  shelves=1\n\
         ├─ dispatch.store  shelves=1\n\
         ├─ dispatch.pack  failed  String: pack is out of order\n\
         └─ dispatch.stow  ran unseen\n"
    );
    let events = capture.events();
    let trace = trace(&events);
    assert_eq!((trace.never_ran(), trace.ran_unseen()), (vec![], vec!["dispatch.stow"]));
    assert_eq!(tense_layer::health().stages_unseen, before + 1);
}
