//! Every kind of receiver, and functions without one.

#![deny(warnings)]

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use tense::traced;

#[derive(Clone)]
struct Till {
    sum: u64,
    name: String,
}

impl Till {
    #[traced(operation.tills.opened)]
    fn new() -> Self {
        Self { sum: 0, name: String::from("a") }
    }

    #[traced(operation.tills.read, fields(sum = self.sum))]
    fn by_ref(&self) -> &str {
        &self.name
    }

    #[traced(operation.tills.changed)]
    fn by_mut(&mut self) -> &mut String {
        self.sum += 1;
        &mut self.name
    }

    #[traced(operation.tills.closed)]
    fn by_value(self) -> (u64, String) {
        let Self { sum, name } = self;
        (sum, name)
    }

    #[traced(operation.tills.closed)]
    fn by_mut_value(mut self) -> u64 {
        self.sum += 1;
        self.sum
    }

    #[traced(operation.tills.closed)]
    fn boxed(self: Box<Self>) -> u64 {
        self.sum
    }

    #[traced(operation.tills.read)]
    fn counted(self: Rc<Self>) -> u64 {
        self.sum
    }

    #[traced(operation.tills.read)]
    async fn shared(self: Arc<Self>, more: &str) -> usize {
        self.name.len() + more.len()
    }

    #[traced(operation.tills.read)]
    fn pinned(self: Pin<&mut Self>) -> u64 {
        self.sum
    }

    #[traced(operation.tills.changed)]
    async fn named<'a>(&mut self, other: &'a str) -> &'a str {
        self.sum += 1;
        other
    }
}

fn main() {
    let mut till = Till::new();
    assert_eq!(till.by_ref(), "a");
    till.by_mut().push('b');
    assert_eq!(Pin::new(&mut till).pinned(), 1);
    assert_eq!(till.clone().by_mut_value(), 2);
    assert_eq!(Box::new(till.clone()).boxed() + Rc::new(till.clone()).counted(), 2);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        assert_eq!(Arc::new(till.clone()).shared("c").await, 3);
        assert_eq!(till.named("d").await, "d");
    });
    assert_eq!(till.by_value(), (2, "ab".to_owned()));
}
