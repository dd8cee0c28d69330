//! Whatever a field names stays what it was: its type, its owner, and the lints that look at it.

#![deny(warnings)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tense::{event, record, traced};

struct Node {
    id: u64,
    parent: Option<u64>,
    place: (Arc<str>, u8),
    r#type: &'static str,
}

impl Node {
    #[traced(operation.nodes.moved, fields(self.id, self.parent, place = %self.place.0, kind = ?self.r#type, depth = self.place.1))]
    fn shift(&mut self, by: u64) -> u64 {
        self.id += by;
        self.id
    }

    #[traced(operation.nodes.taken, fields(self.id, %self.parent, self.r#type, to = _))]
    async fn take(self, to: u8) -> Arc<str> {
        record!(to);
        self.place.0
    }
}

#[traced(operation.values.seen, fields(peer, path, patience, letter, huge, ids, names, matrix, opt = ids.first(), %none, ?some))]
fn values<const N: usize, S: std::fmt::Debug>(
    peer: SocketAddr,
    path: &Path,
    patience: Duration,
    letter: char,
    huge: u128,
    ids: &[u32],
    names: Vec<String>,
    matrix: [[f64; 2]; N],
    none: Option<String>,
    some: Option<S>,
) -> usize {
    drop((peer, path, patience, letter, huge, none, some));
    ids.len() + names.len() + matrix.len()
}

#[traced(operation.values.seen, fields(value, %text, ?debug))]
fn generic<T: tense::Field, D: std::fmt::Display + ?Sized>(value: T, text: &D, debug: impl std::fmt::Debug) -> T {
    drop((text.to_string(), debug));
    value
}

/// What fills it in may be compiled out, and nobody warns of a variable that was never written.
#[traced(operation.values.seen, fields(filled = _, len = all.len()))]
async fn filled_elsewhere(all: Vec<u8>) -> usize {
    #[cfg(any())]
    record!(filled = 1);
    all.len()
}

#[traced(operation.values.seen, fields(filled = _))]
fn filled_nowhere() {}

#[traced(operation.values.seen, fields(r#type, match = 1, yes = _, r#loop = _))]
fn keywords(r#type: &str) -> usize {
    record!(yes = true, loop = 1);
    r#type.len()
}

fn main() {
    filled_nowhere();
    drop(filled_elsewhere(vec![1]));
    let mut node = Node { id: 1, parent: None, place: ("here".into(), 3), r#type: "leaf" };
    assert_eq!(node.shift(2), 3);
    event!(operation.nodes.seen, node.id, depth = node.place.1, place = %node.place.0);
    let future = node.take(4);
    assert_eq!(&*tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future), "here");
    let peer = "127.0.0.1:80".parse().unwrap();
    let (path, names) = (Path::new("a"), vec![String::new()]);
    assert_eq!(values(peer, path, Duration::ZERO, 'a', 1, &[1], names, [[0.5; 2]; 3], None, Some("a")), 5);
    assert_eq!(generic(Some(1), "text", [()]), Some(1));
    assert_eq!(keywords("leaf"), 4);
}
