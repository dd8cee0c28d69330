//! Shapes that the edition 2021 judges otherwise: what `impl` borrows, and how long what is borrowed at the end of a
//! block lives.

use std::cell::RefCell;
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

use tense::traced;

/// Borrows, and takes an `impl Trait`.
#[traced(operation.editions.written, fields(name, n = all.len()))]
pub async fn write(name: &str, all: &mut Vec<String>, more: impl Display) -> usize {
    all.push(format!("{name} {more}"));
    tokio_free_rest().await;
    all.len()
}

/// Gives back what it borrowed.
#[traced(operation.editions.read)]
pub async fn read<'a>(all: &'a [String], name: &str) -> Option<&'a String> {
    tokio_free_rest().await;
    all.iter().find(|text| text.starts_with(name))
}

/// Says what it borrows, as this edition wants it.
#[traced(operation.editions.measured)]
pub fn measure(name: &str) -> impl Future<Output = usize> + Send + '_ {
    async move { name.len() }
}

/// A closure of `impl` that borrows nothing.
#[traced(operation.editions.counted, fields(name))]
pub fn count(name: &str) -> impl Fn(usize) -> usize {
    let n = name.len();
    move |more| n + more
}

/// A future that does not borrow its argument.
#[traced(operation.editions.measured, fields(name))]
pub fn measure_now(name: &str) -> impl Future<Output = usize> {
    let n = name.len();
    async move { n }
}

/// An alias without a lifetime written.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Boxed.
#[traced(operation.editions.boxed, fields(name))]
pub fn boxed<'a>(name: &'a str, all: &'a [String]) -> BoxFuture<'a, usize> {
    Box::pin(async move { name.len() + all.len() })
}

/// The borrow at its end is dropped before the argument is.
#[traced(operation.editions.borrowed)]
pub fn borrow(text: RefCell<String>) -> usize {
    text.borrow().len()
}

/// The borrow at its end is dropped before the receiver is.
#[derive(Debug)]
pub struct Shelf(RefCell<Vec<String>>);

#[traced(operation.shelves._)]
impl Shelf {
    /// A full one.
    #[traced(skip)]
    #[must_use]
    pub fn full() -> Self {
        Self(RefCell::new(vec!["a".to_owned()]))
    }

    /// Empties it.
    pub fn empty(self) -> usize {
        self.0.borrow().len()
    }

    /// Reads it.
    pub async fn read(&self, at: usize) -> Option<String> {
        tokio_free_rest().await;
        self.0.borrow().get(at).cloned()
    }
}

async fn tokio_free_rest() {
    let mut has_rested = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut has_rested, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// For crates that use this one and do not depend on `tense` themselves.
pub use tense;

/// A service of whoever calls this, recorded without that crate's knowing `tense`.
#[macro_export]
macro_rules! service {
    ($name:ident($argument:ident: $type:ty) -> $output:ty $body:block) => {
        /// Made by the macro of another crate.
        #[$crate::tense::traced(operation.services.called, fields($argument, result = _), crate = $crate::tense)]
        pub async fn $name($argument: $type) -> $output $body
    };
}

/// A block of methods, a stage and an event, in the same way.
#[macro_export]
macro_rules! services {
    ($type:ident { $($method:item)* } $stage:ident $event:ident) => {
        #[$crate::tense::traced(operation.services._, crate = $crate::tense)]
        impl $type { $($method)* }

        /// Made by the macro of another crate.
        ///
        /// # Errors
        /// None.
        #[$crate::tense::pipeline_stage(dispatch.service, crate = $crate::tense)]
        pub async fn $stage(amount: u64) -> Result<u64, String> {
            $crate::tense::event!(crate = $crate::tense, operation.$event.seen, amount);
            Ok(amount)
        }
    };
}
