//! A program goes in, and is done, with annotated functions, spans of `tracing`, tasks and threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use tense::{InContext, StartedSpan, TraceContext, current_context, event, fail, span, suppress};
use tracing::{Instrument, info, info_span};

use crate::calls::{
    Releasing, awaited, blamed, blamed_later, call, handed, in_place, journey, placed, placed_later, returned, turn,
};
use crate::executor::Executor;
use crate::program::{Body, ByHand, Promise, Shape, Step};
use crate::waits::{Caught, Cut, Joined, Leaking, Yield};

pub(crate) type Ended = Result<(), String>;
pub(crate) type Work = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// What somebody could get wrong who hands on a context: the model has to notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    /// A task is spawned without its context.
    LostContext,
    /// A span is entered once, before the first poll of its future, and left behind the last.
    GuardAcrossAwait,
}

/// Where a program runs.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) executor: Executor,
    pub(crate) bug: Bug,
}

/// The place in another process that a number stands for. Even ones begin a trace, odd ones go on in one.
pub(crate) fn remote(key: u32) -> TraceContext {
    if key.is_multiple_of(2) {
        return TraceContext::begin(&format!("key-{key}"));
    }
    format!("00-{key:032x}-{key:016x}-01").parse().unwrap()
}

pub(crate) fn sync(world: &World, body: &Body) -> Ended {
    let mut released = Vec::new();
    body.iter().try_for_each(|step| now(world, step, &mut released))
}

/// The same for one that may wait.
pub(crate) fn later(world: World, body: Body) -> Work {
    Box::pin(async move {
        let mut released = Vec::new();
        for step in body.iter() {
            let world = world.clone();
            match step {
                // What they return is left aside.
                Step::Await { n, shape: Promise::Plain, body } => drop(awaited(*n, world, Arc::clone(body)).await),
                Step::Await { n, shape: Promise::Returned, body } => drop(returned(*n, world, Arc::clone(body)).await),
                Step::Await { n, shape: Promise::Life, body } => drop(journey(*n, world, Arc::clone(body)).await),
                Step::Await { n, shape: Promise::Blamed, body } => {
                    drop(blamed_later(*n, world, Arc::clone(body)).await);
                }
                Step::Await { n, shape: Promise::Placed, body } => {
                    drop(placed_later(*n, remote(*n), world, Arc::clone(body)).await);
                }
                Step::Await { n, shape: Promise::Block, body } => {
                    let body = Arc::clone(body);
                    drop(span!(operation.block.awaited, fields(n = *n), async move { later(world, body).await }).await);
                }
                Step::Await { n, shape: Promise::InSpan, body } => {
                    let work = later(world, Arc::clone(body));
                    drop(span!(operation.scope.awaited, fields(n = *n)).instrument(work).await);
                }
                Step::Started { meanwhile, .. } => {
                    let started = start(&world, step)?;
                    later(world, Arc::clone(meanwhile)).await?;
                    finish(started, step);
                }
                Step::Instrumented(body) if world.bug == Bug::GuardAcrossAwait => {
                    Leaking {
                        span: info_span!(target: "model", "theirs"),
                        work: later(world, Arc::clone(body)),
                        is_in: false,
                    }
                    .await?;
                }
                Step::Instrumented(body) => {
                    later(world, Arc::clone(body)).instrument(info_span!(target: "model", "theirs")).await?;
                }
                Step::Suppressed(body) => later(world, Arc::clone(body)).suppressed().await?,
                Step::Remote { key, body } => later(world, Arc::clone(body)).in_context(remote(*key)).await?,
                Step::There(body) => match TraceContext::current() {
                    Some(here) => later(world, Arc::clone(body)).in_context(here).await?,
                    None => later(world, Arc::clone(body)).await?,
                },
                Step::Caught(body) => Caught(Some(later(world, Arc::clone(body)))).await?,
                Step::Yield => Yield(false).await,
                Step::Cut { polls, body } => Cut { work: Some(later(world, Arc::clone(body))), polls: *polls }.await?,
                Step::Joined(bodies) => {
                    let of = |(is_carried, body): &(bool, Body)| -> Option<Work> {
                        let work = later(world.clone(), Arc::clone(body));
                        Some(if *is_carried { Box::pin(work.in_current_context()) } else { work })
                    };
                    Joined(bodies.iter().map(of).collect()).await;
                }
                step => now(&world, step, &mut released)?,
            }
        }
        Ok(())
    })
}

fn now(world: &World, step: &Step, released: &mut Vec<Releasing>) -> Ended {
    match step {
        Step::Call { n, shape: Shape::Plain, body } => drop(call(*n, world, body)),
        Step::Call { n, shape: Shape::InPlace, body } => drop(in_place(*n, world, body)),
        Step::Call { n, shape: Shape::Life, body } => drop(turn(*n, world, body)),
        Step::Call { n, shape: Shape::Blamed, body } => drop(blamed(*n, world, body)),
        Step::Call { n, shape: Shape::Block, body } => {
            drop(span!(operation.block.run, fields(n = *n), || sync(world, body)));
        }
        Step::Call { n, shape: Shape::InScope, body } => {
            drop(span!(operation.scope.run, fields(n = *n)).in_scope(|| sync(world, body)));
        }
        Step::Started { meanwhile, .. } => {
            let started = start(world, step)?;
            sync(world, meanwhile)?;
            finish(started, step);
        }
        Step::Call { n, shape: Shape::Placed, body } => drop(placed(*n, &remote(*n), world, body)),
        Step::Foreign(body) => {
            let _entered = info_span!(target: "model", "theirs").entered();
            sync(world, body)?;
        }
        Step::Overlapping(first, second, third) => {
            let outer = info_span!(target: "model", "theirs").entered();
            sync(world, first)?;
            let _inner = info_span!(target: "model", "theirs").entered();
            sync(world, second)?;
            drop(outer);
            sync(world, third)?;
        }
        Step::HandedIn { n, before, after } => {
            let guard = info_span!(target: "model", "theirs").entered();
            handed(*n, world, guard, before, after).ok();
        }
        Step::PlacedPoint(n) => event!(operation.thing.placed, parent = remote(*n), n = *n),
        Step::There(body) => match TraceContext::current() {
            Some(here) => here.in_scope(|| sync(world, body))?,
            None => sync(world, body)?,
        },
        Step::Point(n) => event!(operation.thing.noted, n = *n),
        Step::Logged(n) => tense::log!(step, "{n}"),
        Step::Said(n) => info!(target: "model", "{n}"),
        Step::Give(n) => tense::context!(job_id = *n),
        Step::Releasing(n) => released.push(Releasing(*n)),
        Step::Suppressed(body) => suppress(|| sync(world, body))?,
        Step::Remote { key, body } => remote(*key).in_scope(|| sync(world, body))?,
        Step::Caught(body) => catch_unwind(AssertUnwindSafe(|| sync(world, body))).unwrap_or(Ok(()))?,
        Step::Panic(n) => panic!("planned {n}"),
        Step::Fail(n) => return Err(format!("fault {n}")),
        Step::Spawned { is_carried, polls, body } => {
            let work: Work = Box::pin(Caught(Some(later(world.clone(), Arc::clone(body)))));
            let is_carried = *is_carried && world.bug != Bug::LostContext;
            world.executor.spawn(work, is_carried, *polls);
        }
        Step::Thread { is_carried, body } => {
            let context = current_context();
            let work = || catch_unwind(AssertUnwindSafe(|| sync(world, body)));
            std::thread::scope(|scope| {
                let thread = scope.spawn(|| if *is_carried { context.in_scope(work) } else { work() });
                drop(thread.join());
            });
        }
        Step::Await { .. } | Step::Instrumented(_) | Step::Yield | Step::Cut { .. } | Step::Joined(_) => {
            unreachable!("{step:?} in a body that cannot wait")
        }
    }
    Ok(())
}

/// A span that is ended by hand, with what is done in it.
fn start(world: &World, step: &Step) -> Result<StartedSpan, String> {
    let Step::Started { n, inside, is_blamed, .. } = step else { unreachable!("{step:?}") };
    let started = span!(operation.stretch.passed, fields(n = *n)).start();
    started.in_scope(|| sync(world, inside))?;
    if *is_blamed {
        fail!(in started, "blame {n}");
    }
    Ok(started)
}

fn finish(started: StartedSpan, step: &Step) {
    let Step::Started { n, is_ended_elsewhere, ending, .. } = step else { unreachable!("{step:?}") };
    let work = || match ending {
        ByHand::End => started.end(),
        ByHand::EndWithError => started.end_with(&Err::<(), _>(format!("fault {n}"))),
        ByHand::Drop => drop(started),
    };
    if *is_ended_elsewhere {
        std::thread::scope(|scope| drop(scope.spawn(work).join()));
    } else {
        work();
    }
}
