//! Patterns, attributes and unnamed arguments stay what they were.

#![deny(warnings)]
#![allow(unexpected_cfgs, reason = "a feature that nobody switches on")]

use tense::traced;

#[traced(operation.arguments.taken, fields(a, c))]
fn patterns((a, mut b): (u8, u8), _: u8, [c, ..]: [u8; 3], _unused: u8, whole @ (x, _): (u8, u8)) -> u8 {
    b += 1;
    a + b + c + x + whole.1
}

#[traced(operation.arguments.taken)]
fn attributes(#[allow(unused_variables)] a: u8, #[cfg(feature = "absent")] b: u8, c: u8) -> u8 {
    #[cfg(feature = "absent")]
    drop(b);
    c
}

#[traced(operation.arguments.taken)]
async fn mutable(mut all: Vec<u8>, #[expect(unused_mut)] mut n: u8) -> Vec<u8> {
    all.push(n);
    all
}

#[traced(operation.arguments.taken, fields(first = all[0], len = all.len(), ?all, %name, text = %name, debug = ?name))]
fn expressions<const N: usize>(all: &[u8; N], name: &str) -> usize {
    all.len() + name.len()
}

fn main() {
    assert_eq!(patterns((1, 2), 3, [4, 5, 6], 7, (8, 9)), 25);
    assert_eq!(attributes(1, 2), 2);
    assert_eq!(expressions(&[1, 2], "a"), 3);
    let future = mutable(vec![1], 2);
    assert_eq!(tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future), [1, 2]);
}
