//! A pipeline with attempts, a limit, a group and a method of another name, and the tree that it leaves, whichever way
//! the records take.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.ring, fields(floor, rung = _), retry(when = |error| error.contains("nobody"), attempts = 3))]
async fn ring(floor: u32) -> Result<u32, String> {
    static RUNG: AtomicU32 = AtomicU32::new(0);
    tense::record!(rung = RUNG.fetch_add(1, Relaxed));
    if RUNG.load(Relaxed) < 2 { Err("nobody opens".to_owned()) } else { Ok(floor) }
}

#[pipeline_stage(dispatch.wait, timeout = "1s")]
async fn wait(_floor: u32) -> Result<u32, String> {
    std::future::pending().await
}

struct Lift;

impl Lift {
    #[pipeline_stage(dispatch.lift)]
    async fn lift(&self, floor: u32) -> Result<u32, String> {
        Ok(floor)
    }
}

/// A parcel that is lifted by a method of another name, and rung for twice, beside a wait that takes too long.
pub(crate) fn run() {
    let pipeline = Pipeline::named(name!(dispatch.parcel))
        .stage_method(name!(dispatch.rise), |floor: u32| Lift.lift(floor))
        .parallel((RingStage, WaitStage));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let error = runtime.block_on(pipeline.run(4)).unwrap_err();
    assert!(error.source.is::<tense::pipeline::TimedOut>(), "{error:?}");
}

pub(crate) const TREE: &str = "dispatch.parcel.start stages=[\"dispatch.rise\",\"dispatch.ring\",\"dispatch.wait\"] pending\n\
    \x20 dispatch.lift.start pending\n\
    \x20 dispatch.lift.complete\n\
    \x20 dispatch.ring.start floor=4 pending\n\
    \x20   dispatch.ring.attempt_fail floor=4 rung=0 attempt=1 backoff_ms=0 failed Error String: nobody opens\n\
    \x20   dispatch.ring.attempt floor=4 rung=1 attempt=2 backoff_ms=0\n\
    \x20 dispatch.ring.complete floor=4 rung=1\n\
    \x20 dispatch.wait.start pending\n\
    \x20 dispatch.wait.fail failed Error TimedOut: timed out after 1s\n\
    dispatch.parcel.fail stages=[\"dispatch.rise\",\"dispatch.ring\",\"dispatch.wait\"] unseen=[\"dispatch.rise\"] failed Error TimedOut: timed out after 1s\n";
