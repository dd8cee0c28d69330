//! What signatures are put together from. `$` stands for the number of the argument, in `look` for the call.

/// An argument, and what is handed over for it.
pub(super) struct Argument {
    pub(super) pattern: &'static str,
    pub(super) ty: &'static str,
    pub(super) value: &'static str,
    /// Generic parameters that it needs, between semicolons.
    pub(super) generic: &'static str,
    /// What a `where` says of them.
    pub(super) bound: &'static str,
    /// How it is recorded, when it can be.
    pub(super) field: &'static str,
}

const fn argument(pattern: &'static str, ty: &'static str, value: &'static str) -> Argument {
    Argument { pattern, ty, value, generic: "", bound: "", field: "" }
}

impl Argument {
    const fn generic(mut self, generic: &'static str) -> Self {
        self.generic = generic;
        self
    }

    const fn bound(mut self, bound: &'static str) -> Self {
        self.bound = bound;
        self
    }

    const fn field(mut self, field: &'static str) -> Self {
        self.field = field;
        self
    }
}

pub(super) const ARGUMENTS: &[Argument] = &[
    argument("a$", "u32", "1").field("a$"),
    argument("mut a$", "Vec<u8>", "vec![1]").field("a$ = a$.len()"),
    argument("(a$, _)", "(u8, &str)", "(1, \"b\")").field("%a$"),
    argument("(a$, mut b$)", "(u8, String)", "(1, String::new())").field("b$"),
    argument("_", "String", "String::new()"),
    argument("_a$", "&mut u32", "&mut 1"),
    argument("[a$, .., _]", "[u16; 3]", "[1, 2, 3]").field("a$"),
    argument("Pair { left: a$, .. }", "Pair", "Pair { left: 1, right: 2 }").field("a$ = a$ + 1"),
    argument("ref a$", "u64", "1").field("a$"),
    argument("a$ @ (_, _)", "(u8, u8)", "(1, 2)").field("?a$"),
    argument("&a$", "&u8", "&1").field("a$"),
    argument("a$", "impl Fn(u8) -> u8", "|n| n").field("a$ = a$(1)"),
    argument("a$", "&dyn Debug", "&1").field("?a$"),
    argument("a$", "Box<dyn FnOnce() -> u8 + Send>", "Box::new(|| 1)"),
    argument("a$", "Option<&'a str>", "Some(\"a\")").generic("'a").field("a$"),
    argument("a$", "&'a mut Vec<&'b str>", "&mut vec![\"a\"]").generic("'a;'b").field("a$ = a$.len()"),
    argument("a$", "U", "'u'").generic("U: Debug").field("?a$"),
    argument("mut a$", "[V; M]", "[1, 2]").generic("V: Copy;const M: usize").field("a$ = M"),
    argument("a$", "impl Into<String> + Clone", "\"a\""),
    argument("a$", "for<'x> fn(&'x str) -> &'x str", "|text| text"),
    argument("#[allow(unused_variables)] a$", "()", "()"),
    argument("#[cfg(any())] a$", "Missing", ""),
    argument("#[cfg(all())] a$", "u8", "1").field("a$"),
    argument("#[cfg_attr(all(), allow(unused_variables))] a$", "Duration", "Duration::from_millis(1)").field("a$"),
    argument("r#type", "Cow<'_, str>", "Cow::Borrowed(\"a\")").field("r#type"),
    argument("r#async", "&Path", "Path::new(\"a\")").field("r#async"),
    // names that the expansion may have as well
    argument("site", "Arc<str>", "\"a\".into()").field("site"),
    argument("call", "char", "'a'").field("call"),
    argument("tense", "&[u8]", "&[1, 2]").field("tense"),
    argument("mut head", "Box<u8>", "Box::new(1)").field("head = *head"),
    argument("&mut (a$, _)", "&mut (u8, u8)", "&mut (1, 2)").field("a$"),
    argument("Id(a$)", "Id", "Id(7)").field("a$"),
    argument("ref mut a$", "u64", "1").field("a$"),
    argument("Id(ref mut a$)", "Id", "Id(7)").field("a$"),
    argument("a$", "[u8; { const ONE: usize = 1; ONE + 1 }]", "[1, 2]").field("a$"),
    argument("a$", "&(dyn Fn() -> u8 + Send)", "&|| 1").field("a$ = a$()"),
    argument("a$", "impl Iterator<Item = impl Debug>", "0..3").field("a$ = a$.size_hint().0"),
    argument("a$", "impl AsyncFnOnce(u8) -> u8", "async |n| n"),
    argument("a$", "W", "'w'").generic("W").bound("W: Debug + Clone").field("?a$"),
    argument("a$", "X", "u8::clone as fn(&u8) -> u8")
        .generic("X")
        .bound("X: for<'x> Fn(&'x u8) -> u8")
        .field("a$ = a$(&1)"),
    argument("a$", "&'c [&'d str]", "&[\"a\"]").generic("'c;'d").bound("'d: 'c").field("a$"),
    argument("mut a$", "Y", "0..3_u8").generic("Y").bound("Y: Iterator<Item: Debug>").field("a$ = ?a$.next()"),
];

/// Receivers, what is called for them, and the lifetime that they need.
pub(super) const RECEIVERS: &[(&str, &str, &str)] = &[
    ("&self", "holder().", ""),
    ("&mut self", "holder().", ""),
    ("self", "holder().", ""),
    ("mut self", "holder().", ""),
    ("&'a self", "holder().", "'a"),
    ("self: &Self", "holder().", ""),
    ("self: &'a mut Self", "holder().", "'a"),
    ("self: Box<Self>", "Box::new(holder()).", ""),
    ("self: Arc<Self>", "Arc::new(holder()).", ""),
    ("self: Rc<Self>", "Rc::new(holder()).", ""),
    ("self: &Arc<Self>", "Arc::new(holder()).", ""),
    ("self: Pin<Box<Self>>", "Box::pin(holder()).", ""),
    ("mut self: Pin<&mut Self>", "Pin::new(&mut holder()).", ""),
];

/// What may stand above a function, whatever else it is.
pub(super) const ATTRIBUTES: &[&str] = &[
    "#[inline]\n",
    "#[cold]\n",
    "#[must_use]\n",
    "/// Says something.\n",
    "#[allow(clippy::all, unused)]\n",
    "#[cfg_attr(all(), inline(never))]\n",
];

/// What is returned.
pub(super) struct Return {
    pub(super) ty: &'static str,
    pub(super) body: &'static str,
    /// How it is looked at; nothing for what does not return.
    pub(super) look: Option<&'static str>,
    /// Not the output of an async function.
    pub(super) is_future: bool,
}

const fn returns(ty: &'static str, body: &'static str) -> Return {
    Return { ty, body, look: Some("format!(\"{:?}\", $)"), is_future: false }
}

impl Return {
    const fn look(mut self, look: &'static str) -> Self {
        self.look = Some(look);
        self
    }

    const fn future(mut self) -> Self {
        self.is_future = true;
        self.look("format!(\"{:?}\", run($))")
    }
}

pub(super) const RETURNS: &[Return] = &[
    returns("", ""),
    returns("", "let _n = 1;"),
    returns("()", "()"),
    returns("u32", "7"),
    returns("u32", "#![allow(unused_mut)]\nlet mut n = 7; return n;"),
    returns(
        "Result<u32, String>",
        "let n: u32 = \"7\".parse().map_err(|error: ParseIntError| error.to_string())?; Ok(n)",
    ),
    returns("Result<(), Box<dyn Error + Send + Sync>>", "Err(\"no\")?"),
    returns("Answer<Vec<usize>>", "Ok((0..3).collect())"),
    returns("Option<u8>", "let n: Option<u8> = None; Some(n? + 1)"),
    returns("Option<u8>", "for n in 0..3 { if n == 1 { return Some(n); } } None"),
    returns("Result<u8, Mute>", "Err(Mute)").look("format!(\"{}\", if $.is_err() { \"Err(..)\" } else { \"Ok(..)\" })"),
    returns("Result<Result<u8, String>, String>", "Ok(Err(String::new()))"),
    returns("Result<u8, <u8 as FromStr>::Err>", "let n = \"x\".parse()?; Ok(n)"),
    returns("Poll<Result<u8, String>>", "Poll::Ready(Err(String::new()))"),
    returns(
        "ControlFlow<u8>",
        "(0..3_u8).try_for_each(|n| if n > 1 { ControlFlow::Break(n) } else { ControlFlow::Continue(()) })",
    ),
    returns("[u8; 2]", "let [a, b] = [1, 2]; [b, a]"),
    returns("Box<dyn Debug + 'static>", "Box::new(1)"),
    returns("u8", "'found: { for n in 0.. { if n > 3 { break 'found n; } } 0 }"),
    returns("u8", "fn inner(n: u8) -> u8 { n + 1 } const N: u8 = 2; inner(N)"),
    returns("Vec<usize>", "(0..3).collect()"),
    returns("Cow<'static, str>", "\"text\".into()"),
    returns("impl Debug", "(1, 2)"),
    returns("Result<impl Debug, String>", "if 1 > 2 { return Err(String::new()); } Ok([1])"),
    returns("(impl Debug, [u8; 2])", "(1, [2; 2])"),
    returns("impl Iterator<Item = u8>", "(0..3_u8).map(|n| n + 1)").look("format!(\"{:?}\", $.collect::<Vec<_>>())"),
    returns("Box<dyn Fn(u8) -> u8>", "let by = 1; Box::new(move |n| n + by)").look("format!(\"{:?}\", $(1))"),
    Return { ty: "!", body: "panic!(\"never\")", look: None, is_future: false },
    returns("impl Future<Output = u8>", "async move { 1 }").future(),
    returns(
        "impl Future<Output = Result<u8, String>> + Send + 'static",
        "let n = 1; async move { if n > 2 { Err(String::new())? } Ok(n) }",
    )
    .future(),
    returns("Pin<Box<dyn Future<Output = u8>>>", "let n = 1; Box::pin(async move { n })").future(),
    returns(
        "BoxFuture<'static, Result<u8, String>>",
        "if 1 > 2 { return Box::pin(ready(Ok(1))); } Box::pin(async { Err(\"no\")? })",
    )
    .future(),
    returns(
        "std::pin::Pin<Box<dyn std::future::Future<Output = Option<u8>> + Send + Sync>>",
        "Box::pin(ready(Some(1)))",
    )
    .future(),
    returns("impl Future<Output = impl Debug>", "ready([1])").future(),
    returns("impl Future<Output = Option<u8>> + Unpin", "ready(None)").future(),
    returns("Box<dyn Future<Output = u8> + Unpin>", "Box::new(ready(1))").future(),
];

/// What the functions use, once in each module.
pub(super) const PRELUDE: &str = r#"
#![allow(unused_imports)]

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Debug;
use std::future::{Future, ready};
use std::num::ParseIntError;
use std::ops::ControlFlow;
use std::path::Path;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub(crate) type Answer<T> = Result<T, Box<dyn Error>>;
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(crate) struct Pair {
    left: u8,
    right: u8,
}

pub(crate) struct Id(u64);

/// An error that says nothing.
pub(crate) struct Mute;

#[derive(Clone)]
pub(crate) struct Holder<'s, T, const N: usize> {
    all: [&'s T; N],
}

fn holder() -> Holder<'static, u8, 2> {
    Holder { all: [&1, &2] }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(out) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return out;
        }
    }
}
"#;
