//! What is left at the end of a body: temporaries of its last expression are dropped where the edition says, with the
//! attribute as without.

use std::cell::RefCell;
use std::sync::Mutex;

use crate::capture;

use super::{Noisy, abandoned, n, outcome, rest, run, said, say};

/// Shows what it finds, and says when the way to it is dropped.
struct Door(RefCell<Option<u32>>, Noisy);

impl Door {
    fn open(&self) -> Opened<'_> {
        say("opened");
        Opened(self)
    }
}

struct Opened<'a>(&'a Door);

impl Opened<'_> {
    fn found(&self) -> Option<u32> {
        *self.0.0.borrow()
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        say("closed");
    }
}

twins! {
    {
        pub(super) fn tail_if_let(door: Door) -> u32 {
            let _l = Noisy("local");
            if let Some(n) = door.open().found() { say("some"); n } else { say("none"); u32::from(door.1.0 == "door") }
        }
    }
    {
        pub(super) fn tail_match(door: Door) -> u32 {
            let _l = Noisy("local");
            match door.open().found() { Some(n) => n, None => { say("none"); 0 } }
        }
    }
    {
        pub(super) fn tail_while_let(door: Door) {
            let _l = Noisy("local");
            while let Some(n) = door.open().found() {
                *door.0.borrow_mut() = n.checked_sub(1);
            }
        }
    }
    {
        pub(super) fn tail_in_blocks(door: Door) -> Option<u32> {
            let _l = Noisy("local");
            { let _inner = Noisy("inner"); { door.open().found() } }
        }
    }
    {
        pub(super) fn tail_question(door: Door) -> Option<u32> {
            let _l = Noisy("local");
            Some(door.open().found()? + 1)
        }
    }
    {
        pub(super) fn tail_returned(door: Door) -> Option<u32> {
            let _l = Noisy("local");
            return door.open().found();
        }
    }
    {
        pub(super) fn tail_let_else(door: Door) -> u32 {
            let Some(n) = door.open().found() else { say("none"); return 0 };
            let _l = Noisy("local");
            n
        }
    }
    {
        pub(super) fn tail_of_lock(all: Mutex<Vec<u32>>) -> usize {
            all.lock().unwrap().len()
        }
    }
    {
        pub(super) async fn tail_if_let_async(door: Door) -> u32 {
            let _l = Noisy("local");
            rest().await;
            if let Some(n) = door.open().found() { say("some"); n } else { rest().await; say("none"); 0 }
        }
    }
    {
        pub(super) async fn tail_match_async(door: Door) -> u32 {
            let _l = Noisy("local");
            match door.open().found() { Some(n) => { rest().await; n } None => { say("none"); 0 } }
        }
    }
    {
        pub(super) async fn tail_awaited(a: Noisy) -> &'static str {
            let _l = Noisy("local");
            a.with(async { rest().await; Noisy("awaited").with("end") }).await
        }
    }
}

fn door(found: impl Into<Option<u32>>) -> Door {
    Door(RefCell::new(found.into()), n("door"))
}

#[test]
fn temporaries_at_the_end_are_dropped_where_the_plain_function_drops_them() {
    for found in [Some(2), None] {
        same!(tail_if_let(door(found)));
        same!(tail_match(door(found)));
        same!(tail_while_let(door(found)));
        same!(tail_in_blocks(door(found)));
        same!(tail_question(door(found)));
        same!(tail_returned(door(found)));
        same!(tail_let_else(door(found)));
        same!(tail_if_let_async(door(found)) => run);
        same!(tail_match_async(door(found)) => run);
        same!(tail_if_let_async(door(found)) => abandoned);
        same!(tail_match_async(door(found)) => abandoned);
    }
    same!(tail_of_lock(Mutex::new(vec![1])));
    same!(tail_awaited(n("a")) => run);
    same!(tail_awaited(n("a")) => abandoned);
}

/// The editions differ here, so this says that the test above saw both.
#[test]
fn the_edition_is_the_one_of_the_crate() {
    plain::tail_if_let(door(None));
    let plain = said();
    let closed_first = plain.find("closed") < plain.find("none");
    assert_eq!(closed_first, env!("CARGO_PKG_NAME") != "tense-edition-2021", "{plain}");
}
