//! What a function returns is inferred, coerced and borrowed as before.

#![deny(warnings)]

use std::error::Error;

use tense::traced;

type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

struct Borrowing<'a>(&'a str);

#[traced(operation.results.given)]
fn alias(fail: bool) -> Answer<u8> {
    if fail { Err("no")? }
    Ok(1)
}

#[traced(operation.results.given)]
fn option(n: u8) -> Option<u8> {
    n.checked_sub(1)
}

#[traced(operation.results.given)]
fn collected() -> Vec<usize> {
    (0..3).collect()
}

#[traced(operation.results.given)]
async fn collected_async() -> Result<Vec<usize>, Box<dyn Error>> {
    Ok((0..3).collect())
}

#[traced(operation.results.given)]
fn iterator(n: u8) -> Result<impl Iterator<Item = u8>, String> {
    if n > 9 {
        return Err(format!("{n} is too many"));
    }
    Ok(0..n)
}

#[traced(operation.results.given)]
fn function(by: u8) -> Box<dyn Fn(u8) -> u8> {
    Box::new(move |n| n + by)
}

#[traced(operation.results.given)]
fn reborrowed(x: &mut u8) -> Result<&mut u8, String> {
    if *x > 9 {
        return Err(x.to_string());
    }
    *x += 1;
    Ok(x)
}

#[traced(operation.results.given)]
fn error_that_borrows<'a>(text: &'a mut String) -> Result<(), Borrowing<'a>> {
    text.push('!');
    Err(Borrowing(text))
}

#[traced(operation.results.given)]
fn generic<'a, T, const N: usize>(all: &'a [T; N]) -> &'a T
where
    T: PartialOrd,
{
    let mut largest = &all[0];
    for one in all {
        if one > largest {
            largest = one;
        }
    }
    largest
}

#[traced(operation.results.given)]
fn unit() {}

#[traced(operation.results.given)]
fn questioned(text: &str) -> Result<u32, Box<dyn Error>> {
    let number: u32 = text.parse()?;
    Ok(number)
}

#[must_use]
#[traced(operation.results.given)]
fn taken() -> u8 {
    1
}

fn main() {
    assert!(alias(true).is_err() && alias(false).is_ok());
    assert_eq!(option(1), Some(0));
    assert_eq!(collected(), [0, 1, 2]);
    assert_eq!(iterator(3).unwrap().count(), 3);
    assert_eq!(function(1)(2), 3);
    assert_eq!(*reborrowed(&mut 1).unwrap(), 2);
    assert_eq!(error_that_borrows(&mut "a".to_owned()).unwrap_err().0, "a!");
    assert_eq!(*generic(&[1, 3, 2]), 3);
    assert!(questioned("x").is_err() && questioned("1").is_ok());
    unit();
    assert_eq!(taken(), 1);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(collected_async()).unwrap(), [0, 1, 2]);
}
