//~ `F` is a future of a type that nothing can be wrapped in, so its span would end before it does

use std::future::{Future, ready};

use tense::traced;

struct Slot<F>(F);

impl<F: Future> Slot<F> {
    #[traced(operation.slots.emptied)]
    fn empty(self) -> F {
        self.0
    }
}

fn main() {
    drop(Slot(ready(1)).empty());
}
