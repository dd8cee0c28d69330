//! What a function returns, in every type that somebody may return: whether it is a failure, and what its event says of
//! the error.

use std::any::Any;
use std::borrow::Cow;
use std::convert::Infallible;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::future::Future;
use std::io;
use std::num::ParseIntError;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};

use tense::traced;
use tense_event::{CleanEvent, ErrorKind, Status};
use tense_layer::testing::capture;

#[derive(Debug)]
struct Low;

impl Display for Low {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("disk full")
    }
}

impl Error for Low {}

#[derive(Debug)]
struct High(Low);

impl Display for High {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot save")
    }
}

impl Error for High {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// No error to the compiler.
#[derive(Debug)]
#[expect(dead_code, reason = "shown by Debug")]
struct OnlyDebug(u8);

struct OnlyDisplay;

impl Display for OnlyDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only displayed")
    }
}

struct Mute;

/// An error that has an error in it, of whatever type.
#[derive(Debug)]
struct Wrapper<E>(E);

impl<E: Error + 'static> Display for Wrapper<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrapped")
    }
}

impl<E: Error + 'static> Error for Wrapper<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// As a crate has its own.
type Result<T, E = High> = std::result::Result<T, E>;
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The type and the message of the one event that was recorded, when it has failed.
fn failure(events: &[CleanEvent]) -> Option<(String, String)> {
    let [event] = events else { panic!("one event: {events:#?}") };
    assert_eq!(event.status == Status::Failed, event.error.is_some());
    event.error.as_ref().map(|error| {
        assert_eq!(error.kind, ErrorKind::Error);
        (error.error_type.to_string(), error.error_message.clone())
    })
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(out) => out,
        Poll::Pending => panic!("nothing in here waits"),
    }
}

/// Like `drop`, of what can be copied as well.
fn dropped<T>(_: T) {}

/// What is recorded of a function that returns this, in each of the forms that a function has.
macro_rules! recorded {
    ($returned:ty => $out:expr) => {{
        // An async block does not coerce what it ends with, as the body of a function does.
        fn out() -> $returned {
            $out
        }
        #[traced(operation.errors.told)]
        fn plain() -> $returned {
            $out
        }
        #[traced(operation.errors.told)]
        async fn later() -> $returned {
            $out
        }
        #[traced(operation.errors.told)]
        fn hidden() -> impl Future<Output = $returned> {
            async { out() }
        }
        #[traced(operation.errors.told)]
        fn boxed() -> BoxFuture<'static, $returned> {
            Box::pin(async { out() })
        }
        #[track_caller]
        fn same_of(call: impl FnOnce()) -> Option<(String, String)> {
            let capture = capture();
            call();
            failure(&capture.events())
        }
        let told = same_of(|| dropped(plain()));
        assert_eq!(same_of(|| dropped(run(later()))), told, "async");
        assert_eq!(same_of(|| dropped(run(hidden()))), told, "impl Future");
        assert_eq!(same_of(|| dropped(run(boxed()))), told, "boxed");
        told
    }};
}

#[test]
fn what_an_error_says_is_recorded_as_far_as_its_type_can_say_it() {
    macro_rules! check {
        ($($returned:ty => $out:expr, $kind:literal, $message:literal;)*) => { $(
            let told = recorded!($returned => $out);
            assert_eq!(told, Some(($kind.to_owned(), $message.to_owned())), "{}", stringify!($returned));
        )* };
    }
    check! {
        // errors, with what caused them
        Result<()> => Err(High(Low)), "High", "cannot save: disk full";
        Result<(), Low> => Err(Low), "Low", "disk full";
        Result<(), Wrapper<High>> => Err(Wrapper(High(Low))), "Wrapper<High>", "wrapped: cannot save: disk full";
        Result<(), Box<High>> => Err(Box::new(High(Low))), "Box<High>", "cannot save: disk full";
        Result<(), &'static High> => Err(&High(Low)), "&High", "cannot save: disk full";
        Result<(), fmt::Error> => Err(fmt::Error), "fmt::Error", "an error occurred when formatting an argument";
        Result<(), ParseIntError> => "x".parse::<u8>().map(drop), "ParseIntError", "invalid digit found in string";
        io::Result<()> => Err(io::ErrorKind::NotFound.into()), "io::Error", "entity not found";
        // io::Error shows the error that it holds, and says that its source is that one's
        io::Result<()> => Err(io::Error::other(High(Low))), "io::Error", "cannot save: disk full";
        // whatever holds an error
        Result<(), Box<dyn Error + Send + Sync>> => Err(Box::new(High(Low))), "Box<dyn Error + Send + Sync>", "cannot save: disk full";
        Result<(), Box<dyn Error + Send + Sync>> => Err("a text")?, "Box<dyn Error + Send + Sync>", "a text";
        Result<(), Arc<dyn Error + Send + Sync>> => Err(Arc::new(High(Low))), "Arc<dyn Error + Send + Sync>", "cannot save: disk full";
        Result<(), Arc<High>> => Err(Arc::new(High(Low))), "Arc<High>", "cannot save: disk full";
        anyhow::Result<()> => Err(anyhow::Error::new(Low).context("cannot save").context("gave up")), "anyhow::Error", "gave up: cannot save: disk full";
        anyhow::Result<()> => Err(High(Low))?, "anyhow::Error", "cannot save: disk full";
        eyre::Result<()> => Err(eyre::Report::new(Low).wrap_err("cannot save")), "Report", "cannot save: disk full";
        // what is no error
        Result<(), &'static str> => Err("a word"), "&str", "a word";
        Result<(), String> => Err("a text".to_owned()), "String", "a text";
        Result<(), Cow<'static, str>> => Err("a text".into()), "Cow<'_, str>", "a text";
        Result<(), u16> => Err(404), "u16", "404";
        Result<(), OnlyDisplay> => Err(OnlyDisplay), "OnlyDisplay", "only displayed";
        Result<(), OnlyDebug> => Err(OnlyDebug(7)), "OnlyDebug", "OnlyDebug(7)";
        Result<(), (u8, &'static str)> => Err((7, "seven")), "(u8, &str)", "(7, \"seven\")";
        Result<(), Option<High>> => Err(Some(High(Low))), "Option<High>", "Some(High(Low))";
        Result<(), ()> => Err(()), "()", "()";
        Result<(), Mute> => Err(Mute), "Mute", "";
        // whatever it would have been
        Result<Mute> => Err(High(Low)), "High", "cannot save: disk full";
        Result<Result<(), Low>> => Err(High(Low)), "High", "cannot save: disk full";
        Result<Option<Box<dyn Fn() + Send>>> => Err(High(Low)), "High", "cannot save: disk full";
        Result<Infallible> => Err(High(Low)), "High", "cannot save: disk full";
        std::result::Result<(), High> => Err(High(Low)), "High", "cannot save: disk full";
    }
}

#[test]
fn errors_that_stay_on_their_thread_are_errors_too() {
    macro_rules! check {
        ($($returned:ty => $out:expr, $kind:literal, $message:literal;)*) => { $( {
            #[traced(operation.errors.told)]
            fn plain() -> $returned {
                $out
            }
            fn out() -> $returned {
                $out
            }
            #[traced(operation.errors.told)]
            fn boxed() -> Pin<Box<dyn Future<Output = $returned>>> {
                Box::pin(async { out() })
            }
            let capture = capture();
            dropped(plain());
            let told = failure(&capture.events());
            assert_eq!(told, Some(($kind.to_owned(), $message.to_owned())), "{}", stringify!($returned));
            drop(capture);
            let capture = tense_layer::testing::capture();
            dropped(run(boxed()));
            assert_eq!(failure(&capture.events()), told, "boxed");
        } )* };
    }
    check! {
        Result<(), Box<dyn Error>> => Err(Box::new(High(Low))), "Box<dyn Error>", "cannot save: disk full";
        Result<(), Box<dyn Error>> => Err(Low)?, "Box<dyn Error>", "disk full";
        Result<(), Arc<dyn Error>> => Err(Arc::new(High(Low))), "Arc<dyn Error>", "cannot save: disk full";
        Result<(), Rc<dyn Error>> => Err(Rc::new(High(Low))), "Rc<dyn Error>", "cannot save: disk full";
        Result<(), &'static dyn Error> => Err(&High(Low)), "&dyn Error", "cannot save: disk full";
        Result<(), Box<dyn Error + Send>> => Err(Box::new(High(Low))), "Box<dyn Error + Send>", "cannot save: disk full";
        // no errors
        Result<(), Box<dyn Display>> => Err(Box::new(OnlyDisplay)), "Box<dyn Display>", "only displayed";
        Result<(), Box<dyn Debug>> => Err(Box::new(OnlyDebug(7))), "Box<dyn Debug>", "OnlyDebug(7)";
        Result<(), Box<dyn Any>> => Err(Box::new(7)), "Box<dyn Any>", "Any { .. }";
    }
}

#[test]
fn what_is_no_err_is_no_failure() {
    macro_rules! check {
        ($($returned:ty => $out:expr;)*) => { $(
            assert_eq!(recorded!($returned => $out), None, "{}", stringify!($returned));
        )* };
    }
    check! {
        () => ();
        Result<u8> => Ok(7);
        Option<u8> => None;
        Option<Result<(), Low>> => Some(Err(Low));
        Vec<Result<(), Low>> => vec![Err(Low)];
        (Result<(), Low>, u8) => (Err(Low), 7);
        // The error within is a value to whoever called: only they know whether it is a failure.
        Result<Result<(), Low>> => Ok(Err(Low));
        Poll<Result<(), Low>> => Poll::Ready(Err(Low));
        ControlFlow<Low, ()> => ControlFlow::Break(Low);
        Low => Low;
        Box<dyn Error + Send + Sync> => Box::new(Low);
        anyhow::Error => anyhow::anyhow!("made, and not returned as one");
        &'static Result<(), Low> => &Err(Low);
        Box<Result<(), Low>> => Box::new(Err(Low));
        ExitCode => ExitCode::FAILURE;
    }
}

/// In a generic function the compiler knows of an error what its bounds say, and what it is called.
#[test]
fn an_error_of_a_generic_type_says_what_its_bounds_promise() {
    #[traced(operation.errors.told)]
    fn anything<E>(error: E) -> Result<(), E> {
        Err(error)
    }
    #[traced(operation.errors.told)]
    fn error<E: Error>(error: E) -> Result<(), E> {
        Err(error)
    }
    #[traced(operation.errors.told)]
    fn boxed_error<E: Error + Send + Sync + 'static>(error: E) -> Result<(), Box<dyn Error + Send + Sync>> {
        Err(error)?
    }
    #[traced(operation.errors.told)]
    fn display<E>(error: E) -> Result<(), E>
    where
        E: Display,
    {
        Err(error)
    }
    #[traced(operation.errors.told)]
    fn debug<E: Debug>(error: E) -> Result<(), E> {
        Err(error)
    }
    #[traced(operation.errors.told)]
    fn wrapped<E: Error + 'static>(error: E) -> Result<(), Wrapper<E>> {
        Err(Wrapper(error))
    }
    #[traced(operation.errors.told)]
    fn turned<T, E: From<T>>(error: T) -> Result<(), E> {
        Err(error)?
    }
    #[traced(operation.errors.told)]
    fn hidden(error: impl Error) -> Result<(), impl Error> {
        Err(error)
    }
    #[traced(operation.errors.told)]
    fn of_trait<T: FromStr>(text: &str) -> Result<T, T::Err> {
        text.parse()
    }
    #[traced(operation.errors.told)]
    fn of_trait_shown<T: FromStr<Err: Error>>(text: &str) -> Result<T, T::Err> {
        text.parse()
    }
    #[traced(operation.errors.told)]
    async fn later<E: Error>(error: E) -> Result<(), E> {
        Err(error)
    }
    #[traced(operation.errors.told)]
    fn whole<T>(out: T) -> T {
        out
    }
    macro_rules! check {
        ($($call:expr => $told:expr;)*) => { $(
            let capture = tense_layer::testing::capture();
            dropped($call);
            let told = failure(&capture.events());
            let expected: Option<(&str, &str)> = $told;
            assert_eq!(told.as_ref().map(|(kind, message)| (kind.as_str(), message.as_str())), expected, "{}", stringify!($call));
        )* };
    }
    check! {
        anything(High(Low)) => Some(("High", ""));
        anything(Mute) => Some(("Mute", ""));
        error(High(Low)) => Some(("High", "cannot save: disk full"));
        boxed_error(High(Low)) => Some(("Box<dyn Error + Send + Sync>", "cannot save: disk full"));
        display(High(Low)) => Some(("High", "cannot save"));
        display("a word") => Some(("&str", "a word"));
        debug(High(Low)) => Some(("High", "High(Low)"));
        wrapped(High(Low)) => Some(("Wrapper<High>", "wrapped: cannot save: disk full"));
        turned::<_, anyhow::Error>(High(Low)) => Some(("anyhow::Error", ""));
        hidden(High(Low)) => Some(("High", "cannot save: disk full"));
        of_trait::<u8>("x") => Some(("ParseIntError", ""));
        of_trait_shown::<u8>("x") => Some(("ParseIntError", "invalid digit found in string"));
        run(later(High(Low))) => Some(("High", "cannot save: disk full"));
        whole(Err::<(), _>(Low)) => None;
    }
}

/// What an error says twice is recorded once, and a chain that never ends, ends.
#[test]
fn a_chain_of_sources_is_told_once_and_to_an_end() {
    /// Says its source as well, as many do.
    #[derive(Debug)]
    struct Repeating(High);
    impl Display for Repeating {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "gave up: {}", self.0)
        }
    }
    impl Error for Repeating {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }
    /// Its own source.
    #[derive(Debug)]
    struct Endless(AtomicU32);
    impl Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "turn {}", self.0.fetch_add(1, Relaxed))
        }
    }
    impl Error for Endless {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(self)
        }
    }
    /// Says nothing, and has a source that does.
    #[derive(Debug)]
    struct Silent(Low);
    impl Display for Silent {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Ok(())
        }
    }
    impl Error for Silent {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }
    let message = |told: Option<(String, String)>| told.unwrap().1;
    assert_eq!(
        message(recorded!(Result<(), Repeating> => Err(Repeating(High(Low))))),
        "gave up: cannot save: disk full"
    );
    assert_eq!(message(recorded!(Result<(), Silent> => Err(Silent(Low)))), "disk full");
    let turns = message(recorded!(Result<(), Endless> => Err(Endless(AtomicU32::new(0)))));
    assert!(turns.starts_with("turn 0: turn 1: turn 2: ") && turns.len() < 1000, "{turns}");
}

#[test]
fn a_boxed_error_may_borrow_an_argument() {
    #[derive(Debug)]
    struct Unknown<'a>(&'a str);
    impl Display for Unknown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "nobody knows {}", self.0)
        }
    }
    impl Error for Unknown<'_> {}
    #[traced(operation.errors.told)]
    fn plain<'a>(text: &'a str) -> Result<(), Box<dyn Error + 'a>> {
        Err(Box::new(Unknown(text)))
    }
    #[traced(operation.errors.told)]
    async fn later<'a>(text: &'a str) -> Result<(), Box<dyn Error + Send + Sync + 'a>> {
        Err(Box::new(Unknown(text)))
    }
    #[traced(operation.errors.told)]
    fn sent<'a>(text: &'a str) -> Result<(), Box<dyn Error + Send + 'a>> {
        Err(Box::new(Unknown(text)))
    }
    let all = capture();
    let text = "me".to_owned();
    assert!(plain(&text).is_err() && run(later(&text)).is_err() && sent(&text).is_err());
    let told: Vec<_> = all.events().iter().filter_map(|event| failure(std::slice::from_ref(event))).collect();
    assert_eq!(
        told,
        [
            ("Box<dyn Error>".to_owned(), "nobody knows me".to_owned()),
            ("Box<dyn Error + Send + Sync>".to_owned(), "nobody knows me".to_owned()),
            ("Box<dyn Error + Send>".to_owned(), "nobody knows me".to_owned())
        ]
    );
}
