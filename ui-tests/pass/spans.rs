//! Blocks, futures and stretches of time as spans: what they return, borrow and move is what they would without.

#![deny(warnings)]
#![forbid(unused, dead_code)]

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tense::{MayFail, NewSpan, StartedSpan, fail, log, record, span, traced};
use tense_layer::testing::capture;

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(out) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return out;
        }
    }
}

/// Never recorded, and no field ever filled in.
fn left_alone() {
    span!(operation.rows.loaded, fields(n = _), || ());
    span!(operation.rows.loaded, fields(n = _)).start().end();
}

fn a_question_mark_leaves_the_closure() -> Result<u8, String> {
    let seven = span!(operation.rows.loaded, || -> Result<u8, std::num::ParseIntError> {
        let seven: u8 = "7".parse()?;
        if seven > 9 {
            return Ok(9);
        }
        Ok(seven)
    });
    seven.map_err(|error| error.to_string())
}

fn an_error_of_the_type_that_is_expected() -> Result<u8, ()> {
    span!(operation.rows.loaded, || Ok(7))
}

fn of_any_type<T>(work: impl FnOnce() -> T) -> T {
    span!(operation.rows.loaded, || work())
}

fn of_a_type_that_tells<T: MayFail>(work: impl FnOnce() -> T) -> T {
    span!(operation.rows.loaded).in_scope(work)
}

fn borrows() -> usize {
    let (mut rows, name) = (vec![1_u8], "orders".to_owned());
    span!(operation.rows.loaded, fields(known = rows.len(), %name), || rows.push(2));
    span!(operation.rows.loaded, fields(known = rows.len())).in_scope(|| rows.push(3));
    let first = span!(operation.rows.loaded, || rows.first());
    assert_eq!(first, Some(&1));
    let moved = span!(operation.rows.loaded, fields(name), move || name);
    let sent = span!(operation.rows.loaded, fields(moved)).instrument(async move { moved.len() });
    rows.len() + run(sent)
}

fn is_send<T: Send>(it: T) -> T {
    it
}

fn futures() {
    let name = "orders".to_owned();
    assert_eq!(run(is_send(span!(operation.rows.loaded, fields(name), async { name.len() }))), 6);
    assert_eq!(run(span!(operation.rows.loaded, async { Ok::<_, String>(name.len()) })), Ok(6));
    assert_eq!(run(is_send(span!(operation.rows.loaded).instrument(async { name.len() }))), 6);
    // What is not `Send` stays where it is, and is recorded all the same.
    let shared = Rc::new(RefCell::new(1));
    run(span!(operation.rows.loaded, async {
        std::future::ready(()).await;
        *shared.borrow_mut() += 1;
    }));
    assert_eq!(*shared.borrow(), 2);
}

struct Job {
    span: StartedSpan,
    done: Option<NewSpan>,
}

fn kept() -> Job {
    let span = is_send(span!(dispatch.job.*, fields(n = _)).start());
    record!(in span, n = 7);
    Job { span: span.erase(), done: Some(span!(operation.rows.loaded)) }
}

macro_rules! timed {
    ($($name:ident).+, $work:expr) => {
        tense::span!($($name).+, || $work)
    };
}

macro_rules! told {
    ($text:literal $(, $value:expr)*) => {
        log!(step, $text $(, $value)*)
    };
}

#[traced(operation.rows.imported, fields(n = _, r#type = _))]
fn outer(path: &str) -> u8 {
    // Of the block, and of the function: each has its own.
    let inner = span!(operation.rows.loaded, fields(n = _), || {
        record!(n = 1);
        fail!("{path} is torn");
        1
    });
    record!(n = 2);
    fail!("{} is torn, and so is {type}", path, r#type = "all",);
    told!("{}", path);
    told!("as it is");
    inner
}

fn main() {
    let capture = capture();
    left_alone();
    assert_eq!(a_question_mark_leaves_the_closure(), Ok(7));
    assert_eq!(an_error_of_the_type_that_is_expected(), Ok(7));
    assert_eq!((of_any_type(|| 7), of_a_type_that_tells(|| Some(7))), (7, Some(7)));
    assert_eq!(borrows(), 9);
    futures();
    let Job { span, done } = kept();
    done.map(|done| done.in_scope(|| ())).unwrap_or_default();
    span.end();
    assert_eq!(timed!(operation.rows.loaded, 3 + 4), 7);
    assert_eq!(outer("a page"), 1);
    let events = capture.events();
    let failed: Vec<_> = events.iter().filter_map(|event| Some(&*event.error.as_ref()?.error_message)).collect();
    assert_eq!(failed, ["a page is torn", "a page is torn, and so is all"]);
    let said = events.iter().filter(|event| event.event_type == "log.step").count();
    assert_eq!(said, 2);
}
