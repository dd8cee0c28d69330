//! Futures go in, and are polled to their ends: by a multi-threaded tokio runtime, or in an order that a seed decides.
//! Now and then what they have recorded until then is drained meanwhile.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Waker};
use std::time::Duration;

use tense::{InContext, TraceContext};
use tokio::runtime::{Handle, Runtime};
use tokio::task::JoinHandle;

use crate::random::Random;
use crate::run::Work;
use crate::waits::Cut;

/// What a program can spawn on.
#[derive(Clone)]
pub(crate) enum Executor {
    /// In the order of a seed, each poll on a worker that the seed decides as well.
    Dealt(Arc<Mutex<Vec<Task>>>),
    Tokio(Handle, Arc<Mutex<Vec<JoinHandle<()>>>>),
}

pub(crate) struct Task {
    work: Work,
    /// After so many it is dropped, by whoever has it then, and not in a poll.
    polls: Option<u32>,
}

impl Executor {
    pub(crate) fn dealt() -> Self {
        Self::Dealt(Arc::default())
    }

    pub(crate) fn tokio() -> Self {
        static RUNTIME: OnceLock<Runtime> = OnceLock::new();
        let runtime =
            RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(3).build().unwrap());
        Self::Tokio(runtime.handle().clone(), Arc::default())
    }

    pub(crate) fn spawn(&self, work: Work, is_carried: bool, polls: Option<u32>) {
        match self {
            Self::Dealt(tasks) => {
                let work: Work = if is_carried { Box::pin(work.in_current_context()) } else { work };
                tasks.lock().unwrap().push(Task { work, polls });
            }
            Self::Tokio(handle, spawned) => {
                // From a thread of the program's own as well.
                let _runtime = handle.enter();
                let work = async move {
                    let polls = polls.unwrap_or(u32::MAX);
                    drop(Cut { work: Some(work), polls }.await);
                };
                let task = if is_carried { tense::spawn(work) } else { tokio::spawn(work) };
                spawned.lock().unwrap().push(task);
            }
        }
    }

    /// Until nothing is left. Gives back what was wrong: a thread that is still in something when it has done its part.
    pub(crate) fn run(&self, seed: u64, workers: usize) -> Vec<String> {
        match self {
            Self::Dealt(tasks) => deal(tasks, seed, workers),
            Self::Tokio(handle, spawned) => {
                let is_done = AtomicBool::new(false);
                std::thread::scope(|scope| {
                    scope.spawn(|| {
                        while !is_done.load(SeqCst) {
                            drain();
                        }
                    });
                    handle.block_on(async {
                        loop {
                            let Some(task) = spawned.lock().unwrap().pop() else { break };
                            task.await.unwrap();
                        }
                    });
                    is_done.store(true, SeqCst);
                });
                Vec::new()
            }
        }
    }
}

/// Has what was recorded until now joined, without a word of what is on its way.
fn drain() {
    tense_layer::flush(Duration::ZERO);
}

fn deal(tasks: &Mutex<Vec<Task>>, seed: u64, workers: usize) -> Vec<String> {
    let mut dice = Random(seed);
    let mut wrong = Vec::new();
    std::thread::scope(|scope| {
        let workers: Vec<(Sender<Task>, Receiver<Done>)> = (0..workers)
            .map(|_| {
                let ((give, given), (tell, told)) = (channel(), channel());
                scope.spawn(move || given.iter().try_for_each(|task| tell.send(poll(task))));
                (give, told)
            })
            .collect();
        loop {
            let task = {
                let mut tasks = tasks.lock().unwrap();
                if tasks.is_empty() {
                    break;
                }
                let at = dice.below(tasks.len());
                tasks.swap_remove(at)
            };
            let done = match workers.get(dice.below(workers.len().max(1))) {
                Some((give, told)) => {
                    give.send(task).unwrap_or_else(|_| panic!("a worker is gone"));
                    told.recv().unwrap()
                }
                None => poll(task),
            };
            wrong.extend(done.wrong);
            if dice.below(8) == 0 {
                drain();
            }
            tasks.lock().unwrap().extend(done.left);
        }
    });
    wrong
}

struct Done {
    left: Option<Task>,
    wrong: Option<String>,
}

fn poll(mut task: Task) -> Done {
    let mut left = None;
    if task.polls == Some(0) {
        drop(task);
    } else {
        task.polls = task.polls.map(|polls| polls - 1);
        if task.work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            left = Some(task);
        }
    }
    let is_in = TraceContext::current().map(|left| format!("a thread is left in {left:?}"));
    let is_in = is_in.or_else(|| tracing::Span::current().id().map(|id| format!("a thread is left in {id:?}")));
    Done { left, wrong: is_in }
}
