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

fn main() {
    drop(never());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        assert_eq!(hidden(1).await, 2);
        assert_eq!(send(boxed(1)).await, 2);
        assert_eq!(send(cell(Cell::new(1))).await, 1);
        assert_eq!(send(recurse(5)).await, 5);
        assert_eq!(send(borrowed("a", &mut String::new())).await, "a");
        assert_eq!(7_u32.sell("ab").await, 2);
    });
}
