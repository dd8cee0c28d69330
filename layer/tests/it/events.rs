//! Annotated functions, foreign spans and log lines, in every nesting, on the way that a scoped default takes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tense::{Pipeline, event, name, pipeline_stage, traced};
use tense_event::{ErrorKind, Status};
use tense_layer::testing::capture;
use tracing::Instrument;

use crate::tree::tree;

#[derive(Debug)]
struct Declined(u64);

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is too much", self.0)
    }
}

impl std::error::Error for Declined {}

#[traced(operation.cards.charged, fields(amount, receipt = _), tags("money"))]
fn charge(amount: u64) -> Result<u64, Declined> {
    if amount > 9 {
        return Err(Declined(amount));
    }
    tense::record!(receipt = amount * 100);
    Ok(amount)
}

#[traced(dispatch.order.*, fields(job_id, amount))]
async fn order(job_id: &str, amount: u64) -> Result<u64, Declined> {
    tokio::task::yield_now().await;
    let paid = charge(amount)?;
    event!(operation.order.paid, paid, job = %job_id);
    Ok(paid)
}

#[tokio::test]
async fn a_life_an_action_and_a_point_make_a_tree() {
    let capture = capture();
    order("j1", 5).await.unwrap();
    let events = capture.events();
    assert_eq!(
        tree(&events),
        "dispatch.order.start amount=5 pending\n\
         \x20 operation.cards.charged amount=5 receipt=500\n\
         \x20 operation.order.paid paid=5 job=\"j1\"\n\
         dispatch.order.complete amount=5\n"
    );
    assert!(events.iter().all(|event| event.job_id.as_deref() == Some("j1")), "the job is handed down: {events:#?}");
    assert!(events.iter().all(|event| event.trace_id == events[0].trace_id));
    let charged = events.iter().find(|event| event.event_type == "operation.cards.charged").unwrap();
    assert_eq!(charged.tags, ["money"]);
    assert_eq!(charged.service, "test");
    assert!(charged.source.starts_with("layer/tests/it/events.rs:"), "{}", charged.source);
    let complete = events.last().unwrap();
    assert_eq!(complete.span_name, "dispatch.order");
    assert!(complete.duration >= charged.duration);
}

#[tokio::test]
async fn a_failure_says_why_and_where() {
    let capture = capture();
    order("j1", 50).await.unwrap_err();
    let events = capture.events();
    let [start, charge_failed, order_failed] = events.as_slice() else { panic!("{events:#?}") };
    assert_eq!(start.status, Status::Pending);
    assert_eq!(charge_failed.event_type, "operation.cards.charge_failed");
    assert_eq!(charge_failed.span_name, "operation.cards.charged");
    assert_eq!(order_failed.event_type, "dispatch.order.fail");
    let error = charge_failed.error.as_ref().unwrap();
    assert_eq!(
        (error.kind, &*error.error_type, &*error.error_message),
        (ErrorKind::Error, "Declined", "50 is too much")
    );
    assert_eq!(error.processor, "charge");
    assert_eq!(error.stack_frames, [charge_failed.source.to_string(), start.source.to_string()]);
}

#[test]
fn a_panic_passes_and_is_recorded() {
    #[traced(operation.cards.burnt)]
    fn burn() {
        panic!("the card is on fire");
    }
    let capture = capture();
    let payload = catch_unwind(burn).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"the card is on fire"));
    let events = capture.events();
    let error = events[0].error.as_ref().unwrap();
    assert_eq!((error.kind, events[0].event_type.as_ref()), (ErrorKind::Panic, "operation.cards.burn_failed"));
    assert!(
        error.error_message.starts_with("the card is on fire at layer/tests/it/events.rs:"),
        "{}",
        error.error_message
    );
}

#[tokio::test]
async fn a_future_dropped_in_the_middle_is_cancelled_and_one_never_polled_is_nothing() {
    #[traced(operation.cards.awaited)]
    async fn wait_for_ever() {
        std::future::pending::<()>().await;
    }
    let capture = capture();
    drop(wait_for_ever());
    assert_eq!(tree(&capture.events()), "");
    let mut waiting = Box::pin(wait_for_ever());
    assert!(std::future::poll_fn(|context| std::task::Poll::Ready(waiting.as_mut().poll(context).is_pending())).await);
    drop(waiting);
    let events = capture.events();
    assert_eq!(events[0].error.as_ref().unwrap().kind, ErrorKind::Cancelled);
}

#[tokio::test]
async fn a_future_that_panics_has_panicked_even_when_it_is_dropped_later() {
    #[traced(operation.cards.burnt)]
    async fn burn() {
        tokio::task::yield_now().await;
        panic!("late fire");
    }
    let capture = capture();
    let mut burning = Box::pin(burn());
    let poll = |burning: &mut std::pin::Pin<Box<dyn Future<Output = ()>>>| {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        burning.as_mut().poll(&mut context)
    };
    let mut burning_dyn: std::pin::Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move { burning.as_mut().await });
    assert!(poll(&mut burning_dyn).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut burning_dyn))).is_err());
    drop(burning_dyn);
    let events = capture.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].error.as_ref().unwrap().kind, ErrorKind::Panic);
}

#[tokio::test]
async fn foreign_spans_and_log_lines_stand_in_the_same_tree() {
    #[traced(operation.cards.found)]
    async fn find() {
        tokio::task::yield_now().await;
        tracing::warn!(card = 7, "slow index");
    }
    let capture = capture();
    tracing::info!("outside of every span");
    async { find().instrument(tracing::info_span!("select", secret = "no")).await }
        .instrument(tracing::info_span!("request"))
        .await;
    assert_eq!(
        tree(&capture.events()),
        "foreign.it.events name=\"request\"\n\
         \x20 foreign.it.events name=\"select\"\n\
         \x20   operation.cards.found\n\
         \x20     log.warn message=\"slow index\"\n"
    );
}

#[test]
fn a_foreign_guard_that_is_dropped_early_does_not_come_back() {
    #[traced(operation.steps.done)]
    fn step(work: impl FnOnce()) {
        work();
    }
    let capture = capture();
    let foreign = tracing::info_span!("foreign").entered();
    step(|| {
        drop(foreign);
        step(|| {});
    });
    step(|| {});
    let events = capture.events();
    let roots = events.iter().filter(|event| event.parent_span_id.is_none()).count();
    assert_eq!(roots, 2, "the foreign span, and the step behind it: {events:#?}");
}

#[test]
fn what_is_recorded_on_another_thread_is_another_ones() {
    #[traced(operation.steps.done)]
    fn step() {}
    let capture = capture();
    std::thread::spawn(step).join().unwrap();
    assert_eq!(tree(&capture.events()), "");
    step();
    assert_eq!(tree(&capture.events()), "operation.steps.done\n");
}

#[test]
fn a_debug_form_that_logs_is_no_recursion() {
    struct Chatty;
    impl std::fmt::Debug for Chatty {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            tracing::info!("formatting");
            inner();
            f.write_str("Chatty")
        }
    }
    #[traced(operation.steps.logged)]
    fn inner() {}
    #[traced(operation.steps.done, fields(chatty = ?Chatty))]
    fn step() {
        tracing::info!("{:?}", Chatty);
    }
    let capture = capture();
    step();
    let events = capture.events();
    let done = events.iter().find(|event| event.event_type == "operation.steps.done").unwrap();
    assert_eq!(done.data.get("chatty").unwrap(), "Chatty");
    assert!(
        events.iter().any(|event| event.event_type == "log.info" && event.data.get("message").unwrap() == "Chatty")
    );
}

#[derive(Clone, Debug)]
struct Loan(u64);

#[pipeline_stage(dispatch.check)]
fn check(loan: Loan) -> Result<Loan, String> {
    Ok(loan)
}

#[pipeline_stage(dispatch.reserve, compensate = release)]
async fn reserve(loan: Loan) -> Result<Loan, Declined> {
    tokio::task::yield_now().await;
    charge(1).map(|_| loan)
}

#[traced(dispatch.release)]
async fn release(loan: &Loan) -> Result<(), Declined> {
    tokio::task::yield_now().await;
    charge(loan.0).map(drop)
}

#[pipeline_stage(dispatch.book, stage = Book)]
fn book(loan: Loan) -> Result<Loan, Declined> {
    if loan.0 > 3 { Err(Declined(loan.0)) } else { Ok(loan) }
}

#[pipeline_stage(dispatch.tell)]
fn tell(loan: Loan) -> Result<u64, String> {
    Ok(loan.0)
}

#[tokio::test]
async fn a_pipeline_says_what_it_has_and_what_it_undid() {
    let pipeline = Pipeline::named(name!(dispatch.loan, |loan: &Loan| fields(user_id = loan.0)))
        .stage(CheckStage)
        .stage(ReserveStage)
        .stage(Book)
        .stage(TellStage);
    let capture = capture();
    assert_eq!(pipeline.run(Loan(2)).await.unwrap(), 2);
    assert_eq!(capture.events().len(), 11);
    let error = pipeline.run(Loan(5)).await.unwrap_err();
    assert_eq!(error.stage, "dispatch.book");
    assert_eq!(error.report.compensated().collect::<Vec<_>>(), ["dispatch.reserve"]);
    assert_eq!(error.report.never_ran().collect::<Vec<_>>(), ["dispatch.tell"]);
    let events = &capture.events()[11..];
    let text = tree(events);
    let reserve = events.iter().find(|event| event.event_type == "dispatch.reserve.start").unwrap();
    let original = reserve.span_id.to_string();
    assert_eq!(
        text.replace(&original, "(reserve)"),
        "dispatch.loan.start stages=[\"dispatch.check\",\"dispatch.reserve\",\"dispatch.book\",\"dispatch.tell\"] pending\n\
         \x20 dispatch.check.start pending\n\
         \x20 dispatch.check.complete\n\
         \x20 dispatch.reserve.start compensate=\"release\" pending\n\
         \x20   operation.cards.charged amount=1 receipt=100\n\
         \x20 dispatch.reserve.complete compensate=\"release\"\n\
         \x20 dispatch.book.start pending\n\
         \x20 dispatch.book.fail failed Error Declined: 5 is too much\n\
         \x20 dispatch.release original_span_id=\"(reserve)\"\n\
         \x20   operation.cards.charged amount=5 receipt=500\n\
         dispatch.loan.fail stages=[\"dispatch.check\",\"dispatch.reserve\",\"dispatch.book\",\"dispatch.tell\"] failed Error Declined: 5 is too much\n"
    );
    let release = events.iter().find(|event| event.event_type == "dispatch.release").unwrap();
    assert_eq!(release.tags, ["compensation"]);
    assert!(events.iter().all(|event| event.user_id.as_deref() == Some("5")));
}

#[test]
fn a_prepared_event_happens_where_it_is_emitted() {
    #[traced(dispatch.planned.apply)]
    fn apply(planned: tense::Prepared) {
        planned.emit();
    }

    let plan = |n: u32| tense::prepared!(decision.routing.wait, n, reason = "no match", absent = None::<u32>);
    assert_eq!(plan(1), plan(1));
    assert_ne!(plan(1), plan(2));
    let capture = capture();
    let dropped = plan(3);
    drop(dropped);
    apply(plan(4));
    assert_eq!(
        tree(&capture.events()),
        "dispatch.planned.apply\n\
         \x20 decision.routing.wait n=4 reason=\"no match\"\n"
    );
}
