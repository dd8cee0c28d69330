//! A program goes in; the tree that has to be recorded of it comes out.
//!
//! It is read from the first step to the last, on one thread and without anything that it could have in common with the
//! recorder: no stack, no ids, no clock. What runs side by side is read one after the other, because nothing that is
//! recorded depends on who comes first. Of time it only knows polls: a future that is dropped after three of them has
//! come as far as its third `Yield`.

use std::cmp::Ordering;

use crate::nodes::{Above, Kind, Node, Nodes};
use crate::program::{Body, ByHand, Promise, Shape, Step};
use crate::tree::{self, Line};

/// A rule that is wrong on purpose: the model has to notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    Nothing,
    /// What `context!` sets holds for what has begun before as well.
    GivenToAllBelow,
    /// A future that is dropped ends well.
    DroppedIsDone,
    /// What `context!` sets in a task holds for the span that has spawned it.
    GivenToSpawner,
}

pub(crate) fn expected(program: &[Body], wrong: Wrong) -> String {
    let mut reader = Reader { nodes: Nodes::default(), wrong };
    for body in program {
        reader.task(Above::Nothing, None, body);
    }
    let lines: Vec<Line> = reader.nodes.0.iter().map(Node::line).collect();
    tree::shown(&lines)
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    Failed(u32),
    Panicked(u32),
    /// It is not polled again: dropped, in the second case because of the panic of something beside it.
    Dropped,
    DroppedBy(u32),
}

struct Reader {
    nodes: Nodes,
    wrong: Wrong,
}

/// How far a future comes.
#[derive(Debug, Clone, Copy)]
struct Polls {
    /// How often it is still polled, this time included.
    left: u32,
    /// How it is dropped then.
    then: End,
}

impl Polls {
    fn then_dropped(left: u32) -> Self {
        Self { left, then: End::Dropped }
    }
}

impl Reader {
    /// A task, or a thread: nobody hears how it ends.
    fn task(&mut self, above: Above, polls: Option<u32>, body: &Body) {
        let mut polls = Polls::then_dropped(polls.unwrap_or(u32::MAX));
        if polls.left > 0 {
            self.body(above, &mut polls, body);
        }
    }

    fn body(&mut self, above: Above, polls: &mut Polls, body: &Body) -> End {
        let mut released = Vec::new();
        let mut end = End::Done;
        for step in body.iter() {
            if let Step::Releasing(n) = step {
                released.push(*n);
                continue;
            }
            end = self.step(above, polls, step);
            if end != End::Done {
                break;
            }
        }
        for n in released {
            self.nodes.add(above, format!("operation.lock.released n={n}"));
        }
        end
    }

    fn step(&mut self, above: Above, polls: &mut Polls, step: &Step) -> End {
        match step {
            Step::Call { n, shape, body } => {
                let life = *shape == Shape::Life;
                let names = match shape {
                    Shape::Plain => ["operation.step.taken", "operation.step.take_failed"],
                    Shape::InPlace => ["operation.place.kept", "operation.place.keep_failed"],
                    Shape::Life => ["dispatch.turn.complete", "dispatch.turn.fail"],
                    Shape::Blamed => ["", "operation.step.blame_failed"],
                    Shape::Block => ["operation.block.run", "operation.block.run_failed"],
                    Shape::Placed => ["operation.step.placed", "operation.step.place_failed"],
                    Shape::InScope => ["operation.scope.run", "operation.scope.run_failed"],
                };
                let blame = (*shape == Shape::Blamed).then_some(*n);
                let above = if *shape == Shape::Placed { self.nodes.place(above, *n) } else { above };
                self.call(above, names, *n, life.then_some("dispatch.turn.start"), blame, |reader, span| {
                    let end = reader.body(span, polls, body);
                    match end {
                        End::Failed(_) if *shape == Shape::InPlace => End::Done,
                        end => end,
                    }
                })
            }
            Step::Await { n, shape, body } => {
                let life = *shape == Promise::Life;
                let names = match shape {
                    Promise::Plain => ["operation.step.awaited", "operation.step.await_failed"],
                    Promise::Returned => ["operation.promise.kept", "operation.promise.keep_failed"],
                    Promise::Life => ["dispatch.journey.complete", "dispatch.journey.fail"],
                    Promise::Blamed => ["", "operation.wait.blame_failed"],
                    Promise::Block => ["operation.block.awaited", "operation.block.await_failed"],
                    Promise::Placed => ["operation.wait.placed", "operation.wait.place_failed"],
                    Promise::InSpan => ["operation.scope.awaited", "operation.scope.await_failed"],
                };
                let blame = (*shape == Promise::Blamed).then_some(*n);
                let above = if *shape == Promise::Placed { self.nodes.place(above, *n) } else { above };
                self.call(above, names, *n, life.then_some("dispatch.journey.start"), blame, |reader, span| {
                    reader.body(span, polls, body)
                })
            }
            Step::Started { n, inside, is_blamed, meanwhile, ending, .. } => {
                let names = ["operation.stretch.passed", "operation.stretch.pass_failed"];
                let mut blame = None;
                // What goes wrong goes on, and drops the span.
                let span = self.begin(above, *n, None);
                let end = match self.body(span, polls, inside) {
                    End::Done => {
                        blame = is_blamed.then_some(*n);
                        self.body(above, polls, meanwhile)
                    }
                    end => end,
                };
                let of_span = match (end, ending) {
                    (End::Done, ByHand::End) => End::Done,
                    (End::Done, ByHand::EndWithError) => End::Failed(*n),
                    (End::Done, ByHand::Drop) | (End::Failed(_) | End::Dropped, _) => End::Dropped,
                    // Who drops it panics.
                    (End::Panicked(n) | End::DroppedBy(n), _) => End::Panicked(n),
                };
                self.end(span, names, *n, blame, of_span);
                end
            }
            Step::Foreign(body) | Step::Instrumented(body) => {
                let span = self.foreign(above);
                self.body(span, polls, body)
            }
            Step::Overlapping(first, second, third) => {
                let outer = self.foreign(above);
                self.in_turn(
                    polls,
                    |reader, polls| reader.body(outer, polls, first),
                    |reader, polls| {
                        let inner = reader.foreign(outer);
                        reader.in_turn(
                            polls,
                            |reader, polls| reader.body(inner, polls, second),
                            |reader, polls| reader.body(inner, polls, third),
                        )
                    },
                )
            }
            Step::HandedIn { n, before, after } => {
                let guard = self.foreign(above);
                let names = ["operation.guard.taken", "operation.guard.take_failed"];
                self.call(guard, names, *n, None, None, |reader, span| {
                    reader.in_turn(
                        polls,
                        |reader, polls| reader.body(span, polls, before),
                        |reader, polls| reader.body(span, polls, after),
                    )
                })
            }
            Step::Point(n) => {
                self.nodes.add(above, format!("operation.thing.noted n={n}"));
                End::Done
            }
            Step::PlacedPoint(n) => {
                let place = self.nodes.place(above, *n);
                self.nodes.add(place, format!("operation.thing.placed n={n}"));
                End::Done
            }
            Step::Said(n) | Step::Logged(n) => {
                // Outside of a span a line of a log explains nothing.
                if !self.nodes.is_nothing(above) {
                    let name = if matches!(step, Step::Said(_)) { "log.info" } else { "log.step" };
                    self.nodes.add(above, format!("{name} n={n}"));
                }
                End::Done
            }
            Step::Give(n) => {
                self.give(above, *n);
                End::Done
            }
            Step::Releasing(_) => End::Done,
            Step::Suppressed(body) => self.body(Above::Silence, polls, body),
            Step::Remote { key, body } => {
                let place = self.nodes.place(above, *key);
                self.body(place, polls, body)
            }
            Step::There(body) => {
                let scope = self.nodes.scope(above);
                self.body(scope, polls, body)
            }
            Step::Caught(body) => match self.body(above, polls, body) {
                End::Panicked(_) => End::Done,
                end => end,
            },
            Step::Panic(n) => End::Panicked(*n),
            Step::Fail(n) => End::Failed(*n),
            Step::Yield if polls.left == 1 => polls.then,
            Step::Yield => {
                polls.left -= 1;
                End::Done
            }
            Step::Cut { polls: 0, .. } => End::Done,
            Step::Cut { polls: at_most, body } => {
                // It is dropped in the poll that finds it not ready, and what is behind it goes on in the same one.
                let is_cut = *at_most <= polls.left;
                let mut own = if is_cut { Polls::then_dropped(*at_most) } else { *polls };
                let before = own.left;
                let end = self.body(above, &mut own, body);
                polls.left -= before - own.left;
                if is_cut && end == End::Dropped { End::Done } else { end }
            }
            Step::Joined(bodies) => self.joined(above, polls, bodies),
            Step::Spawned { is_carried, polls, body } => {
                let above = if *is_carried { self.nodes.carried(above) } else { Above::Nothing };
                self.task(above, *polls, body);
                End::Done
            }
            Step::Thread { is_carried, body } => {
                let above = if *is_carried { self.nodes.carried(above) } else { Above::Nothing };
                self.task(above, None, body);
                End::Done
            }
        }
    }

    /// Of one that ends as any other, the next is not done.
    fn in_turn(
        &mut self,
        polls: &mut Polls,
        first: impl FnOnce(&mut Self, &mut Polls) -> End,
        second: impl FnOnce(&mut Self, &mut Polls) -> End,
    ) -> End {
        match first(self, polls) {
            End::Done => second(self, polls),
            end => end,
        }
    }

    fn foreign(&mut self, above: Above) -> Above {
        self.nodes.add(above, "foreign.model theirs".to_owned())
    }

    fn call(
        &mut self,
        above: Above,
        names: [&str; 2],
        n: u32,
        start: Option<&str>,
        blame: Option<u32>,
        body: impl FnOnce(&mut Self, Above) -> End,
    ) -> End {
        let span = self.begin(above, n, start);
        let end = body(self, span);
        self.end(span, names, n, blame, end);
        match end {
            // Whoever calls it goes on.
            End::Failed(_) => End::Done,
            end => end,
        }
    }

    fn begin(&mut self, above: Above, n: u32, start: Option<&str>) -> Above {
        let span = self.nodes.add(above, String::new());
        if let (Some(start), Above::Node(at)) = (start, span) {
            let (key, job) = (self.nodes.0[at].text.clone(), self.nodes.0[at].job);
            let text = format!("{start} n={n}{key}");
            self.nodes.0.push(Node { above: Some(at), text, job, ending: String::new(), kind: Kind::Event });
        }
        span
    }

    /// With `blame` it has said `fail!`, which tells of what would have been a success otherwise, or was dropped.
    fn end(&mut self, span: Above, [done, failed]: [&str; 2], n: u32, blame: Option<u32>, end: End) {
        let Above::Node(at) = span else { return };
        let (name, ending) = match (end, blame) {
            (End::Failed(n), _) => (failed, format!(" Error fault {n}")),
            (End::Panicked(n), _) => (failed, format!(" Panic planned {n}")),
            (End::Done | End::Dropped | End::DroppedBy(_), Some(n)) => (failed, format!(" Error blame {n}")),
            (End::Done, None) => (done, String::new()),
            (End::Dropped, None) if self.wrong == Wrong::DroppedIsDone => (done, String::new()),
            (End::Dropped | End::DroppedBy(_), None) => (failed, " Cancelled".to_owned()),
        };
        let key = std::mem::take(&mut self.nodes.0[at].text);
        self.nodes.0[at].text = format!("{name} n={n}{key}");
        self.nodes.0[at].ending = ending;
    }

    fn give(&mut self, above: Above, job: u32) {
        let Above::Node(mut at) = above else { return };
        if self.wrong == Wrong::GivenToSpawner {
            at = self.nodes.scope_of(at).unwrap_or(at);
        }
        self.nodes.0[at].job = Some(job);
        if self.wrong == Wrong::GivenToAllBelow {
            for below in at + 1..self.nodes.0.len() {
                if self.nodes.0[below].above == Some(at) {
                    self.nodes.0[below].job = Some(job);
                }
            }
        }
    }

    /// Each is polled once in each poll of the whole, in their order. A panic in one of them drops the others: those in
    /// front of it have been polled that time, those behind it have not.
    fn joined(&mut self, above: Above, polls: &mut Polls, bodies: &[(bool, Body)]) -> End {
        let before = self.nodes.0.len();
        let mut ends = Vec::new();
        for (is_carried, body) in bodies {
            let mut own = *polls;
            let above = if *is_carried { self.nodes.carried(above) } else { above };
            let end = self.body(above, &mut own, body);
            ends.push((polls.left - own.left, end));
        }
        let panic = ends.iter().enumerate().filter_map(|(at, (used, end))| match end {
            End::Panicked(n) => Some((*used, at, *n)),
            _ => None,
        });
        let Some((used, panicked, n)) = panic.min() else {
            polls.left -= ends.iter().map(|(used, _)| *used).max().unwrap_or(0);
            return if ends.iter().any(|(_, end)| *end == polls.then) { polls.then } else { End::Done };
        };
        // Once more, as far as each of them has come.
        self.nodes.0.truncate(before);
        for (at, (is_carried, body)) in bodies.iter().enumerate() {
            let mut own = match at.cmp(&panicked) {
                Ordering::Less => Polls { left: used + 1, then: End::DroppedBy(n) },
                Ordering::Equal => *polls,
                Ordering::Greater => Polls { left: used, then: End::DroppedBy(n) },
            };
            if own.left > 0 {
                let above = if *is_carried { self.nodes.carried(above) } else { above };
                self.body(above, &mut own, body);
            }
        }
        polls.left -= used;
        End::Panicked(n)
    }
}
