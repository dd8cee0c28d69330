//! What is forbidden cannot be allowed again, so the expansion asks for no such thing.

#![deny(warnings)]
#![forbid(dead_code, unused_mut, unused_variables, unused_unsafe, unused_assignments, unused_must_use, unused_imports)]

use tense::{Pipeline, name, pipeline_stage, record, traced};

#[traced(operation.orders.packed, fields(left = left.len(), last = _, never = _))]
async fn pack(mut left: Vec<u8>) -> usize {
    left.push(1);
    record!(last = left.len());
    left.len()
}

#[traced(operation.orders.left, fields(first = left[0], last = _))]
fn leave(mut left: Vec<u8>) -> usize {
    record!(last = left.len());
    left.clear();
    left.len()
}

#[pipeline_stage(dispatch.packing, fields(n), retry(when = |_| true, attempts = 3))]
fn pack_all(mut n: u32) -> Result<u32, String> {
    n += 1;
    Ok(n)
}

#[pipeline_stage(dispatch.sending, fields(always = 7), retry(when = |_| true, attempts = 3))]
async fn send_all(n: u32) -> Result<u32, String> {
    Ok(n + 1)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(pack(vec![7])), 2);
    assert_eq!(leave(vec![7]), 0);
    let pipeline = Pipeline::named(name!(dispatch.all)).stage(PackAllStage).stage(SendAllStage);
    assert_eq!(runtime.block_on(pipeline.run(1)).unwrap(), 3);
}
