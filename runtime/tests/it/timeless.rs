//! Stages with a limit, in runtimes that cannot measure it; nobody has a layer that would keep a panic quiet.

use std::panic::{set_hook, take_hook};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

use tense::pipeline::NoTimer;
use tense::{Pipeline, name, pipeline_stage};
use tokio::runtime::Builder;

#[pipeline_stage(dispatch.fund, timeout = "2s")]
async fn fund(amount: u64) -> Result<u64, String> {
    Ok(amount)
}

#[test]
fn a_runtime_is_asked_for_its_timer_once() {
    let (heard, me, host) = (Arc::new(AtomicU32::new(0)), thread::current().id(), take_hook());
    let hears = heard.clone();
    set_hook(Box::new(move |panic| {
        if thread::current().id() != me {
            return host(panic);
        }
        hears.fetch_add(1, Relaxed);
    }));
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(FundStage);
    let timeless = Builder::new_current_thread().build().unwrap();
    for _ in 0..3 {
        let error = timeless.block_on(pipeline.run(7)).unwrap_err();
        assert!(error.source.is::<NoTimer>(), "{error:?}");
    }
    assert_eq!(heard.load(Relaxed), 1);
    // Another one is asked for itself.
    let timed = Builder::new_current_thread().enable_time().build().unwrap();
    assert_eq!(timed.block_on(pipeline.run(7)).unwrap(), 7);
    assert!(timeless.block_on(pipeline.run(7)).is_err());
    assert_eq!(heard.load(Relaxed), 1);
}
