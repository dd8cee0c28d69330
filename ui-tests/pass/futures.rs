//! Functions that return futures, however they are written; `Send` where the plain ones are.

#![deny(warnings)]

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;

use tense::traced;

fn send<T: Send>(future: T) -> T {
    future
}

#[traced(operation.futures.made)]
fn hidden(n: u8) -> impl Future<Output = u8> {
    let m = n + 1;
    async move { m }
}

#[traced(operation.futures.made)]
fn boxed(n: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    let m = n + 1;
    if n > 9 {
        return Box::pin(async { 0 });
    }
    Box::pin(async move { m })
}

#[traced(operation.futures.awaited)]
async fn cell(n: Cell<u8>) -> u8 {
    tokio::task::yield_now().await;
    n.get()
}

#[traced(dispatch.tree.*, fields(depth))]
async fn recurse(depth: u8) -> u8 {
    if depth == 0 { 0 } else { 1 + Box::pin(recurse(depth - 1)).await }
}

#[traced(operation.futures.awaited, fields(name))]
async fn borrowed<'a>(name: &'a str, other: &mut String) -> &'a str {
    other.push_str(name);
    tokio::task::yield_now().await;
    name
}

trait Shop {
    fn sell(&mut self, what: &str) -> impl Future<Output = usize> + Send;
}

impl Shop for u32 {
    #[traced(operation.shops.sold, fields(what))]
    async fn sell(&mut self, what: &str) -> usize {
        *self += 1;
        what.len()
    }
}

#[traced(operation.futures.awaited)]
async fn never() -> ! {
    panic!("it does not return")
}

#[traced(operation.futures.made)]
fn made_of_combinators(n: u8) -> impl Future<Output = Result<u8, Box<dyn std::error::Error>>> + Unpin {
    std::future::ready(n.checked_sub(1).ok_or_else(|| "nothing left".into()))
}

type Boxed<'a, T = ()> = Pin<Box<dyn Future<Output = T> + 'a>>;

#[traced(operation.futures.made, fields(name))]
fn through_an_alias<'a>(name: &'a str, all: &'a mut Vec<String>) -> Boxed<'a, &'a str> {
    let future: Boxed<'a, &'a str> = Box::pin(async move {
        all.push(name.to_owned());
        name
    });
    future
}

#[traced(operation.futures.made)]
fn unit_of_an_alias() -> Boxed<'static> {
    Box::pin(async {})
}

#[traced(operation.futures.made)]
fn borrowed_from_one<'a>(name: &'a str, _other: &str) -> impl Future<Output = usize> + use<'a> {
    async move { name.len() }
}

trait Makes {
    fn make(&self, n: u8) -> impl Future<Output = u8> + Send;

    #[traced(operation.futures.made)]
    fn make_default(&self, n: u8) -> impl Future<Output = u8> + Send
    where
        Self: Sync,
    {
        async move { self.make(n).await + 1 }
    }

    #[traced(operation.futures.made)]
    async fn make_async(&self, n: u8) -> u8 {
        self.make(n).await
    }
}

impl Makes for u8 {
    #[traced(operation.futures.made, fields(n, this = self))]
    fn make(&self, n: u8) -> impl Future<Output = u8> + Send {
        let this = *self;
        async move { this + n }
    }
}

#[traced(operation.futures.mapped)]
async fn closure_that_borrows<T>(all: &mut [T], mut each: impl AsyncFnMut(&mut T)) -> usize {
    for one in all.iter_mut() {
        each(one).await;
    }
    all.len()
}

fn main() {
    drop(never());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        assert_eq!(hidden(1).await, 2);
        assert_eq!((made_of_combinators(1).await.unwrap(), made_of_combinators(0).await.is_err()), (0, true));
        let mut all = Vec::new();
        assert_eq!(through_an_alias("a", &mut all).await, "a");
        assert_eq!(all.len(), 1);
        unit_of_an_alias().await;
        assert_eq!({ borrowed_from_one("ab", &String::new()) }.await, 2);
        assert_eq!((send(1.make(2)).await, send(1.make_default(2)).await, 1.make_async(2).await), (3, 4, 3));
        assert_eq!(closure_that_borrows(&mut [1, 2], async |n| *n += 1).await, 2);
        assert_eq!(send(boxed(1)).await, 2);
        assert_eq!(send(cell(Cell::new(1))).await, 1);
        assert_eq!(send(recurse(5)).await, 5);
        assert_eq!(send(borrowed("a", &mut String::new())).await, "a");
        assert_eq!(7_u32.sell("ab").await, 2);
    });
}
