//! Generics, bounds, lifetimes and `impl Trait` in both places stay what they were, and none is added.

#![deny(warnings)]

use std::borrow::Cow;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::marker::PhantomData;

use tense::traced;

#[traced(operation.generics.used, fields(len = all.len()))]
fn largest<'a, T, const N: usize>(all: &'a [T; N]) -> Option<&'a T>
where
    T: PartialOrd,
{
    all.iter().reduce(|a, b| if a > b { a } else { b })
}

#[traced(operation.generics.used, fields(?first, second = %second))]
fn shown<A: Debug, B: Display>(first: A, second: B) -> String {
    format!("{first:?}{second}")
}

#[traced(operation.generics.used)]
fn both_places<T: Into<String>>(text: T, mut each: impl FnMut(char)) -> impl Iterator<Item = char> {
    let text: String = text.into();
    text.chars().for_each(&mut each);
    text.chars().rev().collect::<Vec<_>>().into_iter()
}

#[traced(operation.generics.used)]
fn captured_precisely<'a, 'b, T: Clone>(all: &'a [T], _not: &'b str) -> impl Iterator<Item = T> + use<'a, T> {
    all.iter().cloned()
}

#[traced(operation.generics.used)]
fn higher_ranked<F>(f: F) -> usize
where
    F: for<'x> Fn(&'x str) -> &'x str,
{
    f("abc").len()
}

#[traced(operation.generics.used)]
fn unsized_argument<T: ?Sized + AsRef<str>>(text: &T) -> usize {
    text.as_ref().len()
}

#[traced(operation.generics.used)]
fn cow<'a>(text: &'a str, fallback: &'a str) -> Cow<'a, str> {
    if text.is_empty() { fallback.into() } else { Cow::Owned(text.to_uppercase()) }
}

#[traced(operation.generics.used)]
async fn awaited<T, F, const N: usize>(make: F) -> [T; N]
where
    F: AsyncFn(usize) -> T,
    T: Default + Copy,
{
    let mut all = [T::default(); N];
    for (at, one) in all.iter_mut().enumerate() {
        *one = make(at).await;
    }
    all
}

#[traced(operation.generics.used)]
fn nested(n: u8) -> (Vec<impl Display>, Option<impl Fn() -> u8>) {
    (vec![n], Some(move || n))
}

#[traced(operation.generics.used, fields(least))]
fn longer_than(least: usize) -> impl Fn(&str) -> Option<&str> + Clone {
    move |text| if text.len() > least { Some(text) } else { None }
}

#[traced(operation.generics.used, fields(%start))]
fn appending(start: String) -> Box<impl FnMut(&mut String)> {
    Box::new(move |text: &mut String| text.push_str(&start))
}

struct Holder<'s, T, const N: usize> {
    all: [&'s T; N],
    of: PhantomData<fn() -> T>,
}

impl<'s, T: PartialEq, const N: usize> Holder<'s, T, N> {
    #[traced(operation.holders.made)]
    fn new(all: [&'s T; N]) -> Self {
        Self { all, of: PhantomData }
    }

    #[traced(operation.holders.searched, fields(len = N))]
    fn find<'k: 's>(&self, key: &'k T) -> Option<&'s T> {
        self.all.into_iter().find(|one| *one == key)
    }

    #[traced(operation.holders.searched)]
    async fn find_later<U>(&self, key: U) -> bool
    where
        T: PartialEq<U>,
    {
        self.all.iter().any(|one| **one == key)
    }

    #[traced(operation.holders.searched)]
    fn find_in_future(&self, key: &T) -> impl Future<Output = usize> {
        let found = self.all.iter().filter(|one| **one == key).count();
        async move { found }
    }
}

fn main() {
    assert_eq!(largest(&[1, 3, 2]), Some(&3));
    assert_eq!(shown('a', 1), "'a'1");
    let mut seen = 0;
    assert_eq!(both_places("ab", |_| seen += 1).collect::<String>(), "ba");
    let all = [1, 2];
    let captured = { captured_precisely(&all, &String::from("gone soon")) };
    assert_eq!(captured.sum::<i32>(), 3);
    assert_eq!((seen, higher_ranked(|text| &text[1..]), unsized_argument("ab")), (2, 2, 2));
    assert_eq!((cow("", "a"), cow("a", "")), ("a".into(), "A".into()));
    let (all, one) = nested(7);
    assert_eq!((all[0].to_string(), one.unwrap()()), ("7".to_owned(), 7));
    assert_eq!((longer_than(1)("ab"), longer_than(2).clone()("ab")), (Some("ab"), None));
    let mut text = "a".to_owned();
    appending("b".to_owned())(&mut text);
    assert_eq!(text, "ab");
    let holder = Holder::new([&1, &2]);
    assert_eq!(holder.find(&2), Some(&2));
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        assert_eq!(awaited::<_, _, 3>(async |n| n * 2).await, [0, 2, 4]);
        assert!(holder.find_later(1).await);
        assert_eq!(holder.find_in_future(&1).await, 1);
    });
}
