//! Stages that are tried again, and stages that take too long. Time is tokio's paused clock: nothing here waits.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tense::pipeline::{BoxError, NoTimer, StageEnding, Stopped, TimedOut};
use tense::{Pipeline, name, pipeline_stage, traced};
use tense_event::{CleanEvent, ErrorKind};
use tense_layer::testing::capture;
use tense_store::Trace;
use tokio::time::{Instant, sleep};

use crate::groups::shown;
use crate::tree::tree;

#[derive(Debug, Clone)]
struct Notice {
    to: &'static str,
    /// How often it is in vain.
    busy: u64,
    tried: Arc<AtomicU64>,
}

fn notice(to: &'static str, busy: u64) -> Notice {
    Notice { to, busy, tried: Arc::default() }
}

#[derive(Debug, PartialEq)]
enum NoticeError {
    Busy,
    Unknown,
}

impl NoticeError {
    fn is_transient(&self) -> bool {
        *self == Self::Busy
    }
}

impl fmt::Display for NoticeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_transient() { "the line is busy" } else { "nobody has that number" })
    }
}

impl std::error::Error for NoticeError {}

#[pipeline_stage(
    dispatch.notify,
    fields(to = notice.to, rang = _),
    retry(when = NoticeError::is_transient, attempts = 4, backoff = "100ms", max_backoff = "150ms"),
    compensate = revoke,
)]
async fn notify(notice: Notice) -> Result<&'static str, NoticeError> {
    if notice.to.is_empty() {
        return Err(NoticeError::Unknown);
    }
    ring();
    tense::record!(rang = true);
    let tried = notice.tried.fetch_add(1, Relaxed);
    if tried < notice.busy { Err(NoticeError::Busy) } else { Ok(notice.to) }
}

#[traced(operation.bells.rung)]
fn ring() {}

#[traced(dispatch.revoke)]
async fn revoke(_to: &&'static str) -> Result<(), String> {
    Ok(())
}

#[pipeline_stage(dispatch.file)]
async fn file(to: &'static str) -> Result<usize, String> {
    if to == "nobody" { Err("no file".to_owned()) } else { Ok(to.len()) }
}

/// The tree with the waits in it written as `..`, and the waits.
fn without_waits(events: &[CleanEvent]) -> (String, Vec<u64>) {
    let waits: Vec<_> = events.iter().filter_map(|event| event.data.get("backoff_ms")?.as_u64()).collect();
    let mut text = tree(events);
    for wait in waits.iter().filter(|wait| **wait > 0) {
        text = text.replace(&format!("backoff_ms={wait}"), "backoff_ms=..");
    }
    (text, waits)
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_a_span_under_that_of_the_stage() {
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(NotifyStage).stage(FileStage);
    let capture = capture();
    let began = Instant::now();
    assert_eq!(pipeline.run(notice("ann", 2)).await.unwrap(), 3);
    let (text, waits) = without_waits(&capture.events());
    assert_eq!(
        text,
        "dispatch.loan.start stages=[\"dispatch.notify\",\"dispatch.file\"] pending\n\
         \x20 dispatch.notify.start to=\"ann\" compensate=\"revoke\" pending\n\
         \x20   dispatch.notify.attempt_fail to=\"ann\" rang=true attempt=1 backoff_ms=0 failed Error NoticeError: the line is busy\n\
         \x20     operation.bells.rung\n\
         \x20   dispatch.notify.attempt_fail to=\"ann\" rang=true attempt=2 backoff_ms=.. failed Error NoticeError: the line is busy\n\
         \x20     operation.bells.rung\n\
         \x20   dispatch.notify.attempt to=\"ann\" rang=true attempt=3 backoff_ms=..\n\
         \x20     operation.bells.rung\n\
         \x20 dispatch.notify.complete to=\"ann\" rang=true compensate=\"revoke\"\n\
         \x20 dispatch.file.start pending\n\
         \x20 dispatch.file.complete\n\
         dispatch.loan.complete stages=[\"dispatch.notify\",\"dispatch.file\"]\n"
    );
    let [0, second @ 50..=100, third @ 75..=150] = waits[..] else { panic!("{waits:?}") };
    assert_eq!(began.elapsed().as_millis(), u128::from(second + third), "as long as was recorded");
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_after_the_last_attempt_and_at_once_for_good_errors() {
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(NotifyStage).stage(FileStage);
    let capture = capture();
    for (notice, attempts, said) in
        [(notice("ann", 9), 4, "the line is busy"), (notice("", 0), 1, "nobody has that number")]
    {
        let before = capture.events().len();
        let error = pipeline.run(notice).await.unwrap_err();
        assert_eq!((error.stage, error.source.to_string().as_str()), ("dispatch.notify", said));
        assert!(error.source.is::<NoticeError>());
        assert_eq!(error.report.stages[0].ending, StageEnding::Failed { message: said.to_owned() });
        let events = &capture.events()[before..];
        let failed = |name: &str| events.iter().filter(|event| event.event_type == name).count();
        assert_eq!((failed("dispatch.notify.attempt_fail"), failed("dispatch.notify.fail")), (attempts, 1));
        let stage = events.iter().find(|event| event.event_type == "dispatch.notify.fail").unwrap();
        assert_eq!(stage.error.as_ref().unwrap().error_message, said);
    }
}

/// What `tense why` has to say: the way to the cause with the number of attempts, what failed and then went well, and
/// what was dropped.
fn why(events: &[CleanEvent]) -> Vec<String> {
    let trace = Trace::from_events(events[0].trace_id, events.iter().map(|event| (**event).clone()));
    let why = trace.why();
    assert!(why.also_failed.is_empty(), "{:#?}", why.also_failed);
    let reasons = why.reasons();
    let reasons = reasons.iter().map(|reason| {
        format!("{}: {} ({} attempts)", reason.cause.span.label(), reason.message, reason.cause.attempts)
    });
    let recovered = why.recovered.iter().map(|call| format!("{}: {} in vain", call.last_failure.name, call.failures));
    let dropped = why.cancelled.iter().map(|span| format!("{} was dropped", span.label()));
    reasons.chain(recovered).chain(dropped).collect()
}

#[tokio::test(start_paused = true)]
async fn the_answers_count_attempts() {
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(NotifyStage).stage(FileStage).stage(FundLaterStage);
    let told = async |notice| {
        let capture = capture();
        pipeline.run(notice).await.map(drop).ok();
        why(&capture.events())
    };
    assert_eq!(told(notice("ann", 9)).await, ["dispatch.notify.attempt_fail: the line is busy (4 attempts)"]);
    assert_eq!(told(notice("", 0)).await, ["dispatch.notify.attempt_fail: nobody has that number (1 attempts)"]);
    assert_eq!(told(notice("ann", 2)).await, ["dispatch.notify.attempt: 2 in vain"]);
    // Of what took too long, where it stood.
    assert_eq!(
        told(notice("somebody far away", 0)).await,
        ["dispatch.fund_later: timed out after 2s (1 attempts)", "operation.time.pass_failed was dropped"]
    );
}

#[pipeline_stage(dispatch.fund_later, timeout = "2s")]
async fn fund_later(length: usize) -> Result<usize, String> {
    wait(length as u64 / 4).await;
    Ok(length)
}

#[tokio::test(start_paused = true)]
async fn what_is_undone_is_the_stage_and_not_an_attempt() {
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(NotifyStage).stage(FileStage);
    let capture = capture();
    let error = pipeline.run(notice("nobody", 1)).await.unwrap_err();
    assert_eq!(error.report.compensated().collect::<Vec<_>>(), ["dispatch.notify"]);
    let events = capture.events();
    let of = |name: &str| events.iter().find(|event| event.event_type == name).unwrap();
    let original = of("dispatch.revoke").data.get("original_span_id").unwrap();
    assert_eq!(*original, of("dispatch.notify.start").span_id.to_string());
}

#[test]
fn the_function_itself_is_called_once_and_has_a_life() {
    let capture = capture();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        assert_eq!(notify(notice("ann", 1)).await, Err(NoticeError::Busy));
    });
    assert!(tree(&capture.events()).starts_with("dispatch.notify.start to=\"ann\" compensate=\"revoke\" pending\n"));
}

#[test]
fn where_nothing_measures_time_there_is_one_attempt() {
    let capture = capture();
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(NotifyStage);
    // Neither this nor the next one has a timer.
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        pipeline.run(notice("ann", 1)).await.unwrap_err();
    });
    let mut run = std::pin::pin!(pipeline.run(notice("ann", 1)));
    assert!(run.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready());
    let events = capture.events();
    assert_eq!(events.iter().filter(|event| event.event_type == "dispatch.notify.attempt_fail").count(), 2);
}

// In a past layer the words are past; without a back-off nothing is waited for, and no runtime is asked for.
#[pipeline_stage(operation.seal, fields(?tries), retry(when = |_| true, attempts = 2))]
fn seal(tries: Rc<std::cell::Cell<u32>>) -> Result<u32, String> {
    tries.set(tries.get() + 1);
    if tries.get() < 2 { Err("cold wax".to_owned()) } else { Ok(tries.get()) }
}

#[test]
fn a_plain_function_is_tried_again_at_once() {
    let capture = capture();
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(SealStage);
    let mut run = std::pin::pin!(pipeline.run(Rc::default()));
    let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(matches!(run.as_mut().poll(context), std::task::Poll::Ready(Ok(2))));
    assert_eq!(
        tree(&capture.events()),
        "dispatch.loan.start stages=[\"operation.seal\"] pending\n\
         \x20 operation.seal.started tries=\"Cell { value: 0 }\" pending\n\
         \x20   operation.seal.attempt_failed tries=\"Cell { value: 0 }\" attempt=1 backoff_ms=0 failed Error String: cold wax\n\
         \x20   operation.seal.attempted tries=\"Cell { value: 1 }\" attempt=2 backoff_ms=0\n\
         \x20 operation.seal.completed tries=\"Cell { value: 0 }\"\n\
         dispatch.loan.complete stages=[\"operation.seal\"]\n"
    );
}

#[pipeline_stage(dispatch.reserve, compensate = free)]
async fn reserve(amount: u64) -> Result<u64, String> {
    Ok(amount)
}

#[traced(dispatch.free)]
async fn free(_amount: &u64) -> Result<(), String> {
    Ok(())
}

#[pipeline_stage(dispatch.fund, timeout = "2s", fields(seconds))]
async fn fund(seconds: u64) -> Result<u64, String> {
    wait(seconds).await;
    Ok(seconds)
}

#[traced(operation.time.passed)]
async fn wait(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_takes_too_long_is_dropped_and_the_others_are_undone() {
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(ReserveStage).stage(FundStage);
    let capture = capture();
    assert_eq!(pipeline.run(1).await.unwrap(), 1);
    let before = capture.events().len();
    let began = Instant::now();
    let error = pipeline.run(60).await.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    assert_eq!(error.source.downcast_ref::<TimedOut>().unwrap().limit, Duration::from_secs(2));
    assert_eq!(error.report.compensated().collect::<Vec<_>>(), ["dispatch.reserve"]);
    let events = &capture.events()[before..];
    let original =
        events.iter().find(|event| event.event_type == "dispatch.reserve.start").unwrap().span_id.to_string();
    assert_eq!(
        tree(events).replace(&original, "(reserve)"),
        "dispatch.loan.start stages=[\"dispatch.reserve\",\"dispatch.fund\"] pending\n\
         \x20 dispatch.reserve.start compensate=\"free\" pending\n\
         \x20 dispatch.reserve.complete compensate=\"free\"\n\
         \x20 dispatch.fund.start seconds=60 pending\n\
         \x20   operation.time.pass_failed failed Cancelled : \n\
         \x20 dispatch.fund.fail seconds=60 failed Error TimedOut: timed out after 2s\n\
         \x20 dispatch.free original_span_id=\"(reserve)\"\n\
         dispatch.loan.fail stages=[\"dispatch.reserve\",\"dispatch.fund\"] failed Error TimedOut: timed out after 2s\n"
    );
}

#[pipeline_stage(dispatch.ask, timeout = "1s", retry(when = |_| true, attempts = 9, backoff = "400ms"))]
async fn ask(patience: u64) -> Result<u64, String> {
    sleep(Duration::from_millis(100 * patience)).await;
    Err("no answer".to_owned())
}

#[tokio::test(start_paused = true)]
async fn the_limit_holds_for_all_attempts_and_waits_together() {
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(AskStage);
    let capture = capture();
    let began = Instant::now();
    let error = pipeline.run(1).await.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_secs(1));
    assert!(error.source.is::<TimedOut>());
    let events = capture.events();
    let stage = events.iter().find(|event| event.event_type == "dispatch.ask.fail").unwrap();
    let error = stage.error.as_ref().unwrap();
    assert_eq!((error.kind, error.error_type.as_ref()), (ErrorKind::Error, "TimedOut"));
    // Behind the first, between 200 and 400 ms; behind the second, between 400 and 800: one more does not fit in any
    // more.
    let attempts = events.iter().filter(|event| event.span_name == "dispatch.ask.attempt").count();
    assert!((2..=3).contains(&attempts), "{}", tree(&events));
}

#[test]
fn a_stage_whose_limit_nobody_can_measure_does_not_begin() {
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(ReserveStage).stage(FundStage);
    let timeless = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // In a runtime without time, and without a runtime.
    let in_runtime = || timeless.block_on(pipeline.run(0)).unwrap_err();
    let without = || {
        let mut run = std::pin::pin!(pipeline.run(0));
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(Err(error)) = run.as_mut().poll(context) else { panic!("it waits for nothing") };
        error
    };
    for run in [&in_runtime as &dyn Fn() -> _, &without] {
        let capture = capture();
        let error: tense::PipelineError = run();
        assert!(error.source.is::<NoTimer>());
        assert_eq!(error.to_string(), "stage dispatch.fund failed");
        assert!(error.report.never_ran().eq(["dispatch.fund"]));
        assert!(error.report.compensated().eq(["dispatch.reserve"]));
        assert_eq!(
            shown(&capture.events()),
            "dispatch.loan  failed  NoTimer: its timeout needs a tokio runtime with a timer: run the pipeline in one built with \
             `enable_time`\n\
             ├─ dispatch.reserve  compensated by dispatch.free\n\
             ├─ dispatch.free  undoes dispatch.reserve\n\
             └─ dispatch.fund  never ran\n"
        );
    }
}

/// An error that holds a line as long as it lives. It could not be sent to another thread.
struct Engaged(Arc<AtomicU64>, #[expect(dead_code, reason = "for its type")] Rc<()>);

impl Drop for Engaged {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl fmt::Display for Engaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("engaged")
    }
}

impl From<Engaged> for BoxError {
    fn from(engaged: Engaged) -> Self {
        engaged.to_string().into()
    }
}

#[pipeline_stage(dispatch.dial, retry(when = |_| true, attempts = 1000, backoff = "1h"))]
async fn dial(lines: Arc<AtomicU64>) -> Result<(), Engaged> {
    lines.fetch_add(1, Relaxed);
    Err(Engaged(lines, Rc::default()))
}

#[tokio::test(start_paused = true)]
async fn an_error_does_not_live_through_the_wait_for_the_next_attempt() {
    let lines = Arc::<AtomicU64>::default();
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(DialStage);
    let input = lines.clone();
    let run = tokio::spawn(async move { tokio::time::timeout(Duration::from_secs(60), pipeline.run(input)).await });
    tokio::task::yield_now().await;
    assert_eq!(lines.load(Relaxed), 0, "the input waits, and no error with it");
    assert!(run.await.unwrap().is_err(), "it still waits");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_told_to_stop_makes_no_further_attempt() {
    let pipeline = Pipeline::named(name!(dispatch.loan))
        .stage(ReserveStage)
        .stage_fn(name!(dispatch.look_up), |_| async { Ok::<_, String>(Arc::default()) })
        .stage(DialStage);
    let capture = capture();
    let began = Instant::now();
    let error = pipeline.run_until(1, sleep(Duration::from_secs(60))).await.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_secs(60), "it does not sleep through it");
    assert!(error.source.is::<Stopped>());
    assert_eq!(error.to_string(), "stopped at stage dispatch.dial");
    assert_eq!(error.report.stage("dispatch.dial").unwrap().ending, StageEnding::Cancelled);
    assert!(error.report.compensated().eq(["dispatch.reserve"]));
    let events = capture.events();
    let named = |name: &str| events.iter().filter(|event| event.event_type == name).collect::<Vec<_>>();
    assert_eq!(named("dispatch.dial.attempt_fail").len(), 1);
    assert_eq!(named("dispatch.dial.fail")[0].error.as_ref().unwrap().kind, ErrorKind::Cancelled);
}

#[pipeline_stage(dispatch.hurry, retry(when = |_| true, attempts = 1000))]
fn hurry(tries: Arc<AtomicU64>) -> Result<u32, &'static str> {
    tries.fetch_add(1, Relaxed);
    Err("not yet")
}

#[tokio::test]
async fn a_run_that_is_told_to_stop_makes_no_further_attempt_at_once_either() {
    let tries = Arc::<AtomicU64>::default();
    let enough = std::future::poll_fn(|_| match tries.load(Relaxed) {
        3 => std::task::Poll::Ready(()),
        _ => std::task::Poll::Pending,
    });
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(HurryStage);
    assert!(pipeline.run_until(tries.clone(), enough).await.unwrap_err().source.is::<Stopped>());
    assert_eq!(tries.load(Relaxed), 3);
    // Nobody says so: it is tried as often as it may, and fails for good.
    let error = pipeline.run_until(tries.clone(), std::future::pending::<()>()).await.unwrap_err();
    assert_eq!((error.source.to_string().as_str(), tries.load(Relaxed)), ("not yet", 1003));
}

/// Counts how often it is cloned.
#[derive(Debug, Default)]
struct Form {
    clones: Arc<AtomicU64>,
}

impl Clone for Form {
    fn clone(&self) -> Self {
        self.clones.fetch_add(1, Relaxed);
        Self { clones: self.clones.clone() }
    }
}

#[pipeline_stage(dispatch.submit, retry(when = |_| true, attempts = 3))]
fn submit(_form: Form) -> Result<(), &'static str> {
    Err("rejected")
}

#[tokio::test]
async fn the_last_attempt_takes_the_input_itself() {
    let form = Form::default();
    let clones = form.clones.clone();
    Pipeline::named(name!(dispatch.loan)).stage(SubmitStage).run(form).await.unwrap_err();
    assert_eq!((clones.load(Relaxed), Arc::strong_count(&clones)), (2, 1));
}
