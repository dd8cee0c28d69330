//! One attribute on an `impl` or a `trait`: whatever else stands in the block passes through.

#![deny(warnings)]

use std::fmt;

use tense::{pipeline_stage, traced};

#[derive(Debug, Default)]
struct Store<const N: usize> {
    all: Vec<u32>,
}

macro_rules! getter {
    ($name:ident) => {
        fn $name(&self) -> usize {
            self.all.len()
        }
    };
}

/// With every kind of member.
#[traced(operation.stores._, level = "debug", target = "stores", tags("a", "b"))]
#[allow(clippy::len_without_is_empty)]
impl<const N: usize> Store<{ N }> {
    #![allow(clippy::missing_const_for_fn)]

    const MOST: usize = if N > 1 { N } else { 1 };

    getter!(size);
    getter! { count }

    const fn most() -> usize {
        Self::MOST
    }

    fn fill<const M: usize>(&mut self, with: [u32; M]) -> Full<{ M }> {
        self.all.extend(with);
        Full
    }

    #[must_use]
    #[inline]
    fn find_first(&self) -> Option<&u32> {
        self.all.first()
    }

    #[traced(operation.stores.listed, none = failed)]
    fn list(&self) -> Option<&[u32]> {
        self.all.get(..1)
    }

    #[tense::traced(skip)]
    fn new() -> Self {
        Self { all: Vec::new() }
    }

    #[cfg(any())]
    fn banana() {}

    #[cfg_attr(all(), traced(skip))]
    fn banana_too() {}

    #[cfg_attr(any(), traced(skip))]
    async fn clear(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.all)
    }

    #[pipeline_stage(dispatch.store)]
    async fn keep(self, one: u32) -> Result<u32, String> {
        Ok(one)
    }

    #[cfg_attr(all(), pipeline_stage(dispatch.store_again))]
    async fn keep_again(&self, one: u32) -> Result<u32, String> {
        Ok(one)
    }

    fn grow(self: Box<Self>) -> impl Iterator<Item = u32> {
        self.all.into_iter().map(|n| n >> 1)
    }
}

#[derive(Debug, PartialEq)]
struct Full<const M: usize>;

#[traced(operation.shops._)]
pub trait Shop: fmt::Debug {
    type Good: Default;
    const OPEN: bool = true;

    fn close(&mut self);

    fn sell(&mut self) -> Self::Good
    where
        Self: Sized,
    {
        if !Self::OPEN {
            self.close();
        }
        Self::Good::default()
    }

    fn order(&self, n: u32) -> impl Future<Output = u32> + Send {
        async move { n }
    }
}

#[traced(operation.shops._)]
impl Shop for Store<1> {
    type Good = u32;
    const OPEN: bool = false;

    fn close(&mut self) {
        self.all.clear();
    }

    async fn order(&self, n: u32) -> u32 {
        n + 1
    }
}

/// Of `F` the methods know that it is a future, and nothing more.
#[derive(Debug)]
struct Slot<F>(Option<F>);

#[traced(operation.slots._)]
impl<F: Future<Output = u32>, const N: usize> Make<N> for Slot<F> {
    type Made = F;

    fn make_first(&mut self) -> Option<Self::Made> {
        self.0.take()
    }

    fn make_one(mut self) -> F {
        self.0.take().unwrap()
    }

    fn make_next(mut self) -> Self::Made {
        self.0.take().unwrap()
    }
}

pub trait Make<const N: usize> {
    type Made;

    fn make_first(&mut self) -> Option<Self::Made>;
    fn make_one(self) -> Self::Made;
    fn make_next(self) -> Self::Made;
}

macro_rules! implement {
    ($(#[$attr:meta])* $name:ident: $type:ty, $body:block) => {
        #[traced(operation.made._)]
        impl $name for $type {
            $(#[$attr])*
            fn make(&self) -> u8 $body
        }
    };
}

pub trait MakeByte {
    fn make(&self) -> u8;
}

implement!(#[inline] MakeByte: u8, { 7 });
implement!(#[traced(skip)] MakeByte: u16, { 8 });

fn main() {
    let mut store = Store::<2>::new();
    Store::<2>::banana_too();
    assert_eq!(store.fill([1, 2, 3]), Full::<3>);
    assert_eq!((store.size(), store.count(), Store::<2>::most(), store.find_first()), (3, 3, 2, Some(&1)));
    assert_eq!(store.list(), Some(&[1][..]));
    let mut shop = Store::<1>::default();
    assert_eq!((shop.sell(), 1_u8.make(), 1_u16.make()), (0, 7, 8));
    assert_eq!(Box::new(Store::<1> { all: vec![4] }).grow().collect::<Vec<_>>(), [2]);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        assert_eq!(Make::<1>::make_one(Slot(Some(shop.order(1)))).await, 2);
        assert_eq!(Make::<1>::make_next(Slot(Some(shop.order(2)))).await, 3);
        assert_eq!(Make::<1>::make_first(&mut Slot(Some(shop.order(3)))).unwrap().await, 4);
        assert_eq!((store.clear().await.len(), shop.order(1).await), (3, 2));
        assert_eq!(store.keep_again(1).await, Ok(1));
        assert_eq!(store.keep(1).await, Ok(1));
    });
}
