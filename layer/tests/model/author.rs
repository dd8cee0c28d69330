//! A seed goes in; a random program comes out, the same for the same seed.

use std::sync::Arc;

use crate::program::{Body, ByHand, Promise, Shape, Step};
use crate::random::Random;

/// What a program may be made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Tasks that run from the start.
    pub(crate) tasks: usize,
    /// Steps, about.
    pub(crate) steps: usize,
    /// How deep one stands in the other.
    pub(crate) depth: usize,
    /// Whether it starts threads.
    pub(crate) has_threads: bool,
}

/// The bodies of the tasks that run from the start.
pub(crate) fn program(seed: u64, size: Size) -> Vec<Body> {
    let mut author = Author { dice: Random(seed), next: 0, left: size.steps, has_threads: size.has_threads };
    (0..size.tasks).map(|_| author.body(Place { is_async: true, depth: size.depth }, &mut true)).collect()
}

struct Author {
    dice: Random,
    next: u32,
    left: usize,
    has_threads: bool,
}

/// Where a body stands.
#[derive(Clone, Copy)]
struct Place {
    is_async: bool,
    depth: usize,
}

impl Author {
    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// `may_give`: whether `context!` has one meaning here. Where something already runs beside it below the same span,
    /// it would depend on who comes first what that inherits.
    fn body(&mut self, place: Place, may_give: &mut bool) -> Body {
        let steps = 1 + self.dice.below(5);
        Arc::new((0..steps).map_while(|_| self.step(place, may_give)).collect())
    }

    fn step(&mut self, place: Place, may_give: &mut bool) -> Option<Step> {
        self.left = self.left.checked_sub(1)?;
        if place.depth == 0 {
            return Some(self.leaf(place, may_give));
        }
        let below = Place { depth: place.depth - 1, ..place };
        let sync = Place { is_async: false, ..below };
        Some(match self.dice.below(if place.is_async { 36 } else { 17 }) {
            0..=2 => Step::Call { n: self.number(), shape: self.shape(), body: self.own(sync) },
            3 => Step::Foreign(self.own(sync)),
            4 => {
                let (first, mut inner) = (self.own(sync), true);
                Step::Overlapping(first, self.body(sync, &mut inner), self.body(sync, &mut inner))
            }
            5 => {
                let (n, mut own) = (self.number(), true);
                Step::HandedIn { n, before: self.body(sync, &mut own), after: self.body(sync, &mut own) }
            }
            6 => Step::Suppressed(self.body(below, may_give)),
            7 => Step::Remote { key: self.number(), body: self.own(below) },
            8 => {
                // What is spawned in it inherits of what it is in as well.
                let mut own = true;
                let body = self.body(below, &mut own);
                *may_give &= own;
                Step::There(body)
            }
            9 => Step::Caught(self.body(below, may_give)),
            10 if self.has_threads => {
                *may_give = false;
                let is_carried = !self.dice.one_in(3);
                Step::Thread { is_carried, body: self.carried(sync, is_carried) }
            }
            11 | 12 => {
                *may_give = false;
                let polls = self.dice.one_in(3).then(|| self.dice.below(5) as u32);
                let is_carried = !self.dice.one_in(3);
                let body = self.carried(Place { is_async: true, ..below }, is_carried);
                Step::Spawned { is_carried, polls, body }
            }
            13 | 14 => {
                let (inside, meanwhile) = (self.own(sync), self.body(below, may_give));
                Step::Started {
                    n: self.number(),
                    inside,
                    is_blamed: self.dice.one_in(3),
                    meanwhile,
                    // Where a thread has no subscriber, the registry of `tracing-subscriber` cannot close what was
                    // above.
                    is_ended_elsewhere: self.has_threads && self.dice.one_in(2),
                    ending: [ByHand::End, ByHand::EndWithError, ByHand::Drop][self.dice.below(3)],
                }
            }
            17..=20 => Step::Await { n: self.number(), shape: self.promise(), body: self.own(below) },
            21 => Step::Instrumented(self.own(below)),
            22 | 25 | 26 => Step::Cut { polls: self.dice.below(5) as u32, body: self.body(below, may_give) },
            23 | 24 => {
                *may_give = false;
                let many = 1 + self.dice.below(3);
                let mut bodies = Vec::new();
                for _ in 0..many {
                    let is_carried = self.dice.one_in(2);
                    bodies.push((is_carried, self.carried(below, is_carried)));
                }
                Step::Joined(bodies)
            }
            _ => self.leaf(place, may_give),
        })
    }

    /// The body of what has a span or a scope of its own.
    fn own(&mut self, place: Place) -> Body {
        self.body(place, &mut true)
    }

    /// The body of what runs beside this one: in a context it has a scope of its own.
    fn carried(&mut self, place: Place, mut is_carried: bool) -> Body {
        self.body(place, &mut is_carried)
    }

    fn leaf(&mut self, place: Place, may_give: &mut bool) -> Step {
        let n = self.number();
        match self.dice.below(40) {
            0..=4 => Step::Point(n),
            5 => Step::PlacedPoint(n),
            6..=8 => Step::Said(n),
            9 => Step::Logged(n),
            10..=14 if *may_give => Step::Give(n),
            15 => Step::Panic(n),
            16 => Step::Fail(n),
            17..=20 => Step::Releasing(n),
            21..=34 if place.is_async => Step::Yield,
            _ => Step::Call { n, shape: self.shape(), body: Arc::default() },
        }
    }

    fn shape(&mut self) -> Shape {
        let shapes =
            [Shape::Plain, Shape::InPlace, Shape::Life, Shape::Blamed, Shape::Block, Shape::InScope, Shape::Placed];
        shapes[self.dice.below(shapes.len())]
    }

    fn promise(&mut self) -> Promise {
        let shapes = [
            Promise::Plain,
            Promise::Returned,
            Promise::Life,
            Promise::Blamed,
            Promise::Block,
            Promise::InSpan,
            Promise::Placed,
        ];
        shapes[self.dice.below(shapes.len())]
    }
}
