//! Values of the standard library fit what is declared, at once and filled in later.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use tense::traced;

struct Node {
    s: Arc<str>,
    i: AtomicU64,
}

#[traced(operation.values.seen, fields(node.s, s2, node.i, i2, f, f2, b, b2, j, j2))]
fn see(
    node: &Node,
    s2: Option<IpAddr>,
    i2: Option<Arc<AtomicU64>>,
    f: Duration,
    f2: Option<Duration>,
    b: &AtomicBool,
    b2: Option<bool>,
    j: &[String],
    j2: Option<Vec<Option<u8>>>,
) {
}

#[traced(operation.values.seen, fields(s = _, s2 = _, i = 1, f = 1.0, b = true, j = _, j2 = _))]
fn see_late(path: &Path, peer: SocketAddr, opt: Option<&str>) {
    tense::record!(s = path, s2 = %opt, j = u128::MAX, j2 = [[peer], [peer]]);
    tense::record!(s = 'c', s2 = peer, j = Rc::<[u8]>::from([1]), j2 = None::<PathBuf>);
}

fn main() {
    let node = Node { s: "a".into(), i: AtomicU64::new(1) };
    see(&node, None, None, Duration::ZERO, None, &AtomicBool::new(true), None, &[], None);
    see_late(Path::new("a"), "127.0.0.1:80".parse().unwrap(), None);
}
