//! The annotated functions that a program calls, in each shape that one may have.

use tense::{TraceContext, fail, traced};
use tracing::span::EnteredSpan;

use crate::program::Body;
use crate::run::{Ended, World, later, sync};

#[traced(operation.step.taken, fields(n))]
pub(crate) fn call(n: u32, world: &World, body: &Body) -> Ended {
    sync(world, body)
}

#[traced(operation.step.placed, parent = parent, fields(n))]
pub(crate) fn placed(n: u32, parent: &TraceContext, world: &World, body: &Body) -> Ended {
    sync(world, body)
}

#[traced(operation.wait.placed, parent = parent, fields(n))]
pub(crate) async fn placed_later(n: u32, parent: TraceContext, world: World, body: Body) -> Ended {
    later(world, body).await
}

#[traced(operation.step.blamed, fields(n))]
pub(crate) fn blamed(n: u32, world: &World, body: &Body) -> Ended {
    fail!("blame {n}");
    sync(world, body)
}

#[traced(operation.wait.blamed, fields(n))]
pub(crate) async fn blamed_later(n: u32, world: World, body: Body) -> Ended {
    fail!("blame {n}");
    later(world, body).await
}

#[track_caller]
#[traced(operation.place.kept, fields(n))]
pub(crate) fn in_place(n: u32, world: &World, body: &Body) -> Ended {
    sync(world, body)
}

#[traced(dispatch.turn.*, fields(n))]
pub(crate) fn turn(n: u32, world: &World, body: &Body) -> Ended {
    sync(world, body)
}

#[traced(operation.guard.taken, fields(n))]
pub(crate) fn handed(n: u32, world: &World, guard: EnteredSpan, before: &Body, after: &Body) -> Ended {
    sync(world, before)?;
    drop(guard);
    sync(world, after)
}

#[traced(operation.step.awaited, fields(n))]
pub(crate) async fn awaited(n: u32, world: World, body: Body) -> Ended {
    later(world, body).await
}

#[traced(operation.promise.kept, fields(n))]
pub(crate) fn returned(n: u32, world: World, body: Body) -> impl Future<Output = Ended> + Send {
    later(world, body)
}

#[traced(dispatch.journey.*, fields(n))]
pub(crate) async fn journey(n: u32, world: World, body: Body) -> Ended {
    later(world, body).await
}

/// Calls an annotated function when it is dropped.
pub(crate) struct Releasing(pub(crate) u32);

impl Drop for Releasing {
    fn drop(&mut self) {
        #[traced(operation.lock.released, fields(n))]
        fn release(n: u32) {}
        release(self.0);
    }
}
