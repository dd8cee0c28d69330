//! What a body gives back of what it was lent, and what it calls its own: loans last as long, and names mean what they
//! meant.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use crate::capture;

use super::{Noisy, n, outcome, rest, run};

twins! {
    {
        pub(super) fn lends<'a>(all: &'a mut Vec<u32>, more: &mut u32) -> &'a mut u32 {
            *more += 1;
            all.push(*more);
            all.last_mut().unwrap()
        }
    }
    {
        pub(super) fn lends_or_not(all: &mut [u32], at: usize) -> Result<&mut u32, String> {
            let len = all.len();
            all.get_mut(at).ok_or_else(|| format!("{at} of {len}"))
        }
    }
    {
        // Borrowed once in each arm, which the compiler accepts only of what is returned at once.
        pub(super) fn lends_entry<'a>(all: &'a mut BTreeMap<u32, Vec<u32>>, key: &u32) -> &'a mut Vec<u32> {
            if !all.contains_key(key) {
                return all.entry(*key).or_default();
            }
            match all.get_mut(key) {
                Some(found) => { found.push(*key); found }
                None => panic!("it is there"),
            }
        }
    }
    {
        pub(super) fn lends_each<'a>(all: &'a mut [u32], by: &'a u32) -> impl Iterator<Item = &'a mut u32> + 'a {
            all.iter_mut().filter(move |one| **one > *by)
        }
    }
    {
        pub(super) fn lends_a_closure<'a>(sum: &'a mut u32) -> impl FnMut(u32) -> u32 + 'a {
            move |by| { *sum += by; *sum }
        }
    }
    {
        pub(super) async fn lends_async<'a>(all: &'a mut Vec<u32>, more: &mut u32) -> Option<&'a mut u32> {
            *more += 1;
            all.push(*more);
            rest().await;
            all.first_mut()
        }
    }
    {
        pub(super) fn lends_boxed<'a>(all: &'a mut Vec<u32>) -> Pin<Box<dyn Future<Output = &'a mut [u32]> + Send + 'a>> {
            all.push(7);
            Box::pin(async move { rest().await; &mut all[1..] })
        }
    }
    {
        pub(super) fn lends_hidden<'a>(all: &'a mut Vec<u32>) -> impl Future<Output = &'a mut u32> + Send + 'a {
            all.push(7);
            async move { rest().await; &mut all[0] }
        }
    }
    {
        // Names that an expansion may have as well.
        #[allow(non_snake_case, clippy::too_many_arguments, reason = "whatever somebody may write")]
        pub(super) fn names(site: u32, SITE: u32, head: u32, open: u32, out: u32, body: u32, call: u32, fields: u32) -> u32 {
            let site = site + SITE;
            let run = |value: u32| value + site;
            let (values, tense, value, r#async) = (head, open, out, body);
            #[allow(unused_macros, reason = "a name as well")]
            macro_rules! record { () => { compile_error!("not ours") } }
            run(values) + tense * value - r#async + call * fields
        }
    }
    {
        pub(super) async fn names_async(first: Noisy, future: Noisy, context: u32, poll: u32) -> u32 {
            let first = { let _first = first; future };
            let (traced, call, outcome) = (context, poll, u32::from(first.0 == "b"));
            rest().await;
            let context = traced * call;
            context + outcome
        }
    }
    {
        #[allow(non_camel_case_types, unused_imports, reason = "whatever somebody may write")]
        pub(super) fn shadowed_types(n: u32) -> std::result::Result<u32, std::string::String> {
            use std::result::Result::{Err as Ok, Ok as Err};
            enum Result { Some(u32), None }
            struct String;
            type Option = Result;
            let found: Option = if n > 1 { Result::Some(n) } else { Result::None };
            let _s = String;
            match found { Result::Some(n) => Err(n), Result::None => Ok("nothing".into()) }
        }
    }
    {
        // Items of the body, and words that leave something.
        pub(super) fn items(n: u32) -> Option<u32> {
            const BY: u32 = 2;
            static ALL: [u32; 3] = [1, 2, 3];
            fn inner(n: u32) -> Option<u32> { Some(ALL.get(n as usize)? * BY) }
            let twice = |n: u32| -> Option<u32> { if n > 1 { return None; } Some(inner(n)? * 2) };
            let tried: Option<u32> = (|| { inner(n)?; twice(n) })();
            'outer: loop {
                for m in 0.. {
                    if m == n { break 'outer tried; }
                    if m > 5 { continue 'outer; }
                }
            }
        }
    }
}

#[test]
fn what_was_borrowed_comes_back() {
    macro_rules! both {
        (|$module:ident| $call:expr) => {{
            let traced = {
                use traced as $module;
                let recorded = capture();
                let out = $call;
                assert_eq!(recorded.events().len(), 1);
                out
            };
            use plain as $module;
            assert_eq!(traced, $call);
        }};
    }
    let all = || vec![1, 2];
    both!(|them| {
        let (mut all, mut more) = (all(), 5);
        *them::lends(&mut all, &mut more) += more;
        (all, more)
    });
    both!(|them| {
        let mut all = all();
        *them::lends_or_not(&mut all, 1).unwrap() += 1;
        all
    });
    both!(|them| them::lends_or_not(&mut all(), 2).map(|one| *one));
    both!(|them| {
        let mut all = BTreeMap::from([(1, vec![])]);
        them::lends_entry(&mut all, &1).push(7);
        all
    });
    both!(|them| {
        let mut all = BTreeMap::new();
        them::lends_entry(&mut all, &1).push(7);
        all
    });
    both!(|them| {
        let mut all = all();
        them::lends_each(&mut all, &1).for_each(|one| *one += 1);
        all
    });
    both!(|them| {
        let mut sum = 1;
        let sums = {
            let mut add = them::lends_a_closure(&mut sum);
            (add(1), add(2))
        };
        (sums, sum)
    });
    both!(|them| {
        let (mut all, mut more) = (all(), 5);
        *run(them::lends_async(&mut all, &mut more)).unwrap() += more;
        (all, more)
    });
    both!(|them| {
        let mut all = all();
        run(them::lends_boxed(&mut all))[0] += 1;
        all
    });
    both!(|them| {
        let mut all = all();
        *run(them::lends_hidden(&mut all)) += 1;
        all
    });
}

#[test]
fn names_mean_what_they_meant() {
    same!(names(1, 2, 3, 4, 5, 6, 7, 8));
    same!(names_async(n("a"), n("b"), 3, 4) => run);
    for how in 0..4 {
        same!(shadowed_types(how));
        same!(items(how));
    }
}
