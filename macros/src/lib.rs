//! The attributes and macros of `tense`: tokens of an annotated function go in, the same function comes out, wrapped in
//! one call into `tense::__private`.
//!
//! Use them through the crate `tense`, whose documentation shows what they do. The modules stand in the order of the
//! walk: what was written is taken apart (`written`, `fields`, `retry`, `args`, `item`), the `registry` is found and
//! its grammar asked (`plan`), and the expansion is put together: of a `function` by what is `returned`, or, where
//! annotations are compiled `off`, of its outermost tokens; of the `methods` of a block, of a `stage`, of what happens
//! at a `point`, of a `context`; of the file itself, `compiled`. Every diagnostic has its constructor in `errors`; all
//! mistakes of one attribute are told at once, and the function is always given back.

mod written;
mod fields;
mod retry;
mod args;
mod item;
mod registry;
mod plan;
mod off;
mod returned;
mod bindings;
mod function;
mod methods;
mod stage;
mod point;
mod context;
mod span;
mod text;
mod fail;
mod log;
mod compiled;
mod errors;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod places;

use proc_macro::TokenStream;

/// Records every call of a function as a span, under a name that the compiler checks.
///
/// ```text
/// #[traced(NAME, fields(..), level = "info", target = "..", tags("saga"), parent = expr, none = failed, returns = value, exempt(tense, reason = ".."), crate = path)]
/// ```
///
/// `NAME` is `layer.domain.action`: `operation.tokens.created`; with `_` as its action it is taken from the function's
/// name, with `*` the span has a life: an event when it starts, and one when it ends.
///
/// Nothing is recorded unless it is named in `fields`: `a` (an argument), `self.id` (under its last word), `k = expr`,
/// `%a` and `k = %expr` (its `Display` form), `?a` (its `Debug` form), `k = _` (filled in by `tense::record!`). Which
/// types need no sigil, [`Field`](../tense/trait.Field.html) says. The outcome is always recorded: an error, a panic,
/// or a future that was dropped before it finished. A `None` is a failure only where `none = failed` says so, and what
/// is a `Result` inside of something else (`Option<Result<..>>`, `Ok(Err(..))`) is none.
///
/// The expression of a field is the function's own code, and is looked at only where somebody records: one that panics,
/// such as `first = items[0]` of nothing, ends the call. (`first = items.first()` is absent instead.) `record!` finds
/// its function where it is written in the body itself, and not from within another `macro_rules!`.
///
/// `parent = expr`, a `TraceContext` or an `Option` of one, puts the call below a span of another process instead of
/// what its thread is in: `parent = job.trace`. What it calls is below the call, as ever; where the call itself is not
/// recorded, because a filter refuses it, what it calls is below that span. The `tracestate` and the flag of the trace
/// go on with what leaves from there. Of a function that returns a future the future is the call; what the function
/// does before it returns one is the caller's.
///
/// A call that nobody records costs one load and one branch. A mistake in the attribute is a compile error at its own
/// word.
///
/// ```
/// # #[derive(Debug)] struct Declined;
/// #[tense::traced(operation.cards.charged, fields(amount, holder = name.len(), receipt = _), level = "info")]
/// async fn charge(amount: u64, name: &str) -> Result<u64, Declined> {
///     tense::record!(receipt = amount * 100);
///     if amount > 9 { Err(Declined) } else { Ok(amount) }
/// }
/// # drop(charge(1, "a"));
/// ```
///
/// # On an `impl` or a `trait`
///
/// It covers the methods that have a body. The action is each method's own, so it is `_`; beside the name only `level`,
/// `target`, `tags` and `crate` make sense. A method with an attribute of its own keeps that one, `#[traced(skip)]`
/// leaves one out, and a `const fn` is left out by itself, because it may run in the compiler.
///
/// ```
/// # use std::collections::HashMap;
/// # struct TokenStore { tokens: HashMap<u64, String> }
/// #[tense::traced(operation.tokens._)]
/// impl TokenStore {
///     #[traced(skip)]
///     fn new() -> Self {
///         Self { tokens: HashMap::new() }
///     }
///
///     fn create_token(&mut self, id: u64) {
///         self.tokens.insert(id, String::new());
///     }
///
///     #[tense::traced(operation.tokens.found, none = failed, fields(id))]
///     fn find(&self, id: u64) -> Option<&String> {
///         self.tokens.get(&id)
///     }
/// }
/// # let mut store = TokenStore::new();
/// # store.create_token(1);
/// # assert!(store.find(1).is_some());
/// ```
///
/// # What a function keeps
///
/// Its result, its panics, the order in which arguments and locals are dropped, `Send`, lints, and under
/// `#[track_caller]` the caller's place. For this last one its body stays where it is, so that nobody sees what it
/// returns: such a call ends or panics, and an `Err` is not told.
///
/// The future of an `async fn` is as large as before. The function stays an `async fn`, and its future holds the
/// arguments once more, under `#[must_use]`, which is about the awaited value, and where an attribute follows that is
/// not known: a macro may expect an `async fn`. Of an `async fn` that returns a closure the compiler does not infer the
/// closure's arguments any more: write their types.
///
/// # Functions that return futures
///
/// The span is that of the future: it begins with the first poll, and a future that is never polled leaves nothing.
/// That holds for `async fn`, for `impl Future` (known by that word), for a `Pin<Box<dyn Future>>` or a
/// `Box<dyn Future + Unpin>` under whatever alias, and for what `async_trait` makes, in either order. A boxed one is
/// boxed once more while it is recorded. What the fields say is taken when the function is called.
///
/// A future of a type of its own, such as `Ready`, cannot be wrapped: that is an error that asks for `impl Future`.
/// What a trait names (`Self::Future`, `<T as Service>::Future`) is recorded as a future where it is a boxed one, and
/// is a value otherwise. Where the type does not tell, the call ends when the function returns: for an `F: Future` that
/// is a parameter of the function, a future inside of something else (`Result<BoxFuture<..>, E>`), a trait of one's own
/// behind `impl`, under `#[track_caller]`, and for a `JoinHandle` or a `Receiver`, which stand for work that goes on by
/// itself.
///
/// `returns = value` says so of any other type. A method needs it that returns a parameter of its `impl`, which its own
/// attribute cannot see; an attribute on the block sees it.
#[proc_macro_attribute]
pub fn traced(args: TokenStream, item: TokenStream) -> TokenStream {
    function::expand(args.into(), item.into()).into()
}

/// Makes a function a stage of a pipeline: a span with a life, and a unit type for `Pipeline::stage`.
///
/// ```text
/// #[pipeline_stage(NAME, compensate = path, retry(..), timeout = "5s", stage = Type, fields(..), and the other arguments of `traced`)]
/// ```
///
/// `NAME` has no action: `dispatch.funding`. The function takes one owned input and returns a `Result`, both of types
/// that are written out: a pipeline hands them on. `async fn fund` becomes the stage `FundStage`, or what `stage`
/// names. `compensate` names an `async fn(&Output) -> Result<(), E>` that undoes it, and is annotated itself, so that
/// it is seen; the output is cloned for that.
///
/// ```
/// # #[derive(Clone)] struct Loan;
/// use tense::{Pipeline, name, pipeline_stage, traced};
///
/// #[pipeline_stage(dispatch.credit, compensate = release)]
/// async fn credit(loan: Loan) -> Result<Loan, String> {
///     Ok(loan)
/// }
///
/// #[traced(dispatch.release_credit)]
/// async fn release(_loan: &Loan) -> Result<(), String> {
///     Ok(())
/// }
///
/// let pipeline = Pipeline::named(name!(dispatch.loan)).stage(CreditStage);
/// # drop(pipeline);
/// ```
///
/// **Trying again.** With `retry(when = is_transient, attempts = 3, backoff = "100ms", max_backoff = "5s")` a pipeline
/// calls the function again when it fails with an error of which `when` (a function or a closure, `fn(&E) -> bool`)
/// says so: `attempts` times at most (2 to 1000), the first one included. The input is cloned for each but the last. It
/// waits `backoff` before the second attempt, twice as long before the third, and so on up to `max_backoff` (30 s where
/// none is written), and of that at random between half and all. Without `backoff` it does not wait. Each attempt is a
/// span `dispatch.notify.attempt` (in a past layer `.attempted`) below that of the stage, with `attempt`, from 1 on,
/// and `backoff_ms`, how long was waited before it; and with the fields of the stage, which has on its end what the
/// last attempt filled in. So where somebody records, the expressions in `fields(..)` are looked at once for the stage,
/// on one more clone of the input, and once for each attempt.
///
/// **A limit.** With `timeout = "5s"` the function is dropped when it has run so long, all attempts and waits together;
/// the stage fails with `tense::pipeline::TimedOut`, and what has finished is undone.
///
/// A duration is a whole number with `ms`, `s`, `m` or `h`, up to a day. To wait and to measure takes the feature
/// `tokio` of the crate `tense`, and a tokio runtime with a timer around the pipeline: without it a stage with a
/// `timeout` does not begin, and the pipeline fails with `tense::pipeline::NoTimer`; one with a `backoff` fails with
/// its first error. A call of the function itself, without a pipeline, knows neither.
///
/// ```
/// use tense::{Pipeline, name, pipeline_stage};
///
/// #[derive(Debug, PartialEq)]
/// enum NoticeError { Busy, Unknown }
/// # impl std::fmt::Display for NoticeError {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{self:?}") }
/// # }
/// # impl std::error::Error for NoticeError {}
///
/// #[pipeline_stage(dispatch.notify, retry(when = |error| *error == NoticeError::Busy, attempts = 3))]
/// async fn notify(name: String) -> Result<(), NoticeError> {
///     if name.is_empty() { Err(NoticeError::Unknown) } else { Err(NoticeError::Busy) }
/// }
///
/// let pipeline = Pipeline::named(name!(dispatch.loan)).stage(NotifyStage);
/// # drop(pipeline);
/// ```
#[proc_macro_attribute]
pub fn pipeline_stage(args: TokenStream, item: TokenStream) -> TokenStream {
    stage::expand(args.into(), item.into()).into()
}

/// Records something that happens at a moment: `event!(operation.context.field_set, path, value = 7)`.
///
/// Takes fields as `fields(..)` of [`macro@traced`] does, `tags(..)`, and `parent = expr`. Where the crate `tense` is
/// found elsewhere, that is said first, here and in the other macros of this kind:
/// `event!(crate = my_library::tense, operation.context.field_set, path)`.
///
/// ```
/// fn set(path: &str, value: i64) {
///     tense::event!(operation.context.field_set, path, value, tags("saga"));
/// }
/// # set("a.b", 7);
/// ```
#[proc_macro]
pub fn event(input: TokenStream) -> TokenStream {
    point::event(input.into()).into()
}

/// An event as a value, for code that plans and leaves it to others to carry out:
/// `prepared!(decision.routing.start, token_id)`. It happens when [`emit`](../tense/struct.Prepared.html#method.emit)
/// is called. Takes what [`macro@event`] takes, apart from `parent`.
///
/// ```
/// let planned = tense::prepared!(decision.routing.start, token_id = "t1");
/// assert_eq!(planned.name(), "decision.routing.start");
/// planned.emit();
/// ```
#[proc_macro]
pub fn prepared(input: TokenStream) -> TokenStream {
    point::prepared(input.into()).into()
}

/// The name of a pipeline, checked by the compiler: `name!(dispatch.loan)`, or with fields that it records of its
/// input, `name!(dispatch.loan, |loan: &Application| fields(application = loan.id))`.
///
/// ```
/// # struct Application { id: String }
/// use tense::{Pipeline, name};
///
/// let pipeline = Pipeline::named(name!(dispatch.loan, |loan: &Application| fields(application = loan.id)));
/// # drop(pipeline);
/// ```
#[proc_macro]
pub fn name(input: TokenStream) -> TokenStream {
    point::name(input.into()).into()
}

/// Gives the span of the annotated function around it a value for a field that was declared with `= _`:
/// `record!(token_id = token.id)`. The value is on the span's end event, and on events below it that begin later when
/// the field is an inherited one.
///
/// ```
/// #[tense::traced(operation.tokens.created, fields(token_id = _))]
/// fn create() -> u64 {
///     let id = 7;
///     tense::record!(token_id = id);
///     id
/// }
/// # assert_eq!(create(), 7);
/// ```
///
/// A span that was started by hand is named first: `record!(in span, token_id = token.id)`, see [`macro@span`].
///
/// Where no annotated function around it has such a field it does not compile:
///
/// ```compile_fail
/// fn create() {
///     tense::record!(token_id = 7);
/// }
/// ```
#[proc_macro]
pub fn record(input: TokenStream) -> TokenStream {
    point::record(input.into()).into()
}

/// Sets fields for the span that this thread is in, and for all that begin below it from now on, here or in what is
/// spawned with the context: `context!(job_id = job.id)`.
///
/// `job_id`, `worker_id`, `machine_id` and `user_id` stand at the top of those events; other names must be in
/// `[context] inherit` of `tense.toml`, or may be any where there is no such file, and stand in the events' data. Where
/// a call records a field of that name itself, its own value counts. A later `context!` replaces what an earlier one
/// set. Values are written as in `fields(..)` of [`macro@traced`].
///
/// The span is the innermost one, also one of another crate: in an annotated function that function's, `async` or not,
/// so nothing leaks from one request into another. Right inside of `TraceContext::in_scope` it holds for what begins in
/// that scope, and so it does in a call with `parent = ..` that is not recorded itself. Outside of any span and scope
/// there is nothing to set it for, and nothing is set: it does not stick to the thread, where the next request would
/// find it.
///
/// Work of its own, a task of `tense::spawn`, a future `.in_current_context()`, a closure in `Context::in_scope`, is
/// below a span that belongs to others as well. Said right in there, it holds for what that work begins from then on,
/// after an `.await` too, and for nobody else: neither for the tasks beside it nor for the span. A further task that it
/// spawns is handed what was set until then.
///
/// It costs one load where nothing is recorded (the values are not looked at then), and a clock read and a small record
/// otherwise. A text of more than 8 KiB is left out.
///
/// ```
/// # struct Job { id: String }
/// #[tense::traced(operation.jobs.processed)]
/// fn process(job: &Job) {
///     tense::context!(job_id = job.id);
///     step(); // its events have the job
/// }
///
/// #[tense::traced(operation.step.taken)]
/// fn step() {}
/// # process(&Job { id: "j1".into() });
/// ```
#[proc_macro]
pub fn context(input: TokenStream) -> TokenStream {
    context::expand(input.into()).into()
}

/// Says that the annotated function around it has failed, and why: `fail!("{n} rows are missing", rows = n)`.
///
/// For a function that is not a `Result`, or that gives back a part of what it should. It does not return: the function
/// goes on, and its span ends as failed, whatever it returns then. The text is one of `format!`, at most 4 KiB of it,
/// and is formatted only when somebody wants it; what is named behind it fills in fields that were declared with `= _`,
/// as [`macro@record`] does. A span that was started by hand is named first: `fail!(in span, "..")`.
///
/// ```
/// #[tense::traced(operation.rows.imported, fields(missing = _))]
/// fn import(wanted: u64) -> u64 {
///     let found = 5;
///     if found < wanted {
///         tense::fail!("{} of {wanted} rows are missing", wanted - found, missing = wanted - found);
///     }
///     found
/// }
/// # assert_eq!(import(7), 5);
/// ```
///
/// Of several reasons the first stands: those behind it are likely to follow from it. Where the function ends with an
/// `Err` or a panic, that is what is told, because it is what its caller sees; a future that is dropped after it said
/// so has failed, and is not cancelled. A stage that says so and returns `Ok` has failed in the eyes of whoever reads
/// its events, and its pipeline goes on.
///
/// It finds its function where it is written in the body itself under this name, and not from within another
/// `macro_rules!`. Elsewhere it does not compile:
///
/// ```compile_fail
/// fn import() {
///     tense::fail!("no rows");
/// }
/// ```
#[proc_macro]
pub fn fail(input: TokenStream) -> TokenStream {
    fail::expand(input.into()).into()
}

/// A block, a future, or a stretch of time as a span: `span!(dispatch.batch.*, fields(size), || ..)`.
///
/// ```text
/// span!(NAME, fields(..), level = "info", target = "..", tags("saga"), exempt(tense, reason = ".."), BODY)
/// ```
///
/// Name and fields are those of [`macro@traced`], and are checked as they are there; the action has to be written out,
/// because there is no function that it could be taken from. It costs one load and one branch where nobody wants it.
///
/// | what happens | written | gives |
/// |---|---|---|
/// | a block | `span!(.., \|\| ..)`, `move \|\| ..` | what the closure returns, at once |
/// | a future | `span!(.., async move { .. })` | a future |
/// | something that is at hand as a closure | `span!(..).in_scope(work)` | what it returns |
/// | a future that is at hand | `span!(..).instrument(future)` | a future |
/// | a stretch of time, perhaps across threads | `span!(..).start()` | a [`StartedSpan`](../tense/struct.StartedSpan.html), which ends with `.end()` |
///
/// **Written into the macro**, the body is to its span what the body of a function is: `record!` and `fail!` in it are
/// about this span, the outcome is seen whatever the type, and a future's span begins with its first poll. A `return`
/// or `?` leaves the closure. The type of an error has to be known there: by what the place of the macro expects, by
/// `|| -> Result<..>`, or by `Ok::<_, E>(..)`.
///
/// ```
/// # fn load(batch: u64) -> Result<Vec<u64>, std::io::Error> { Ok(vec![batch]) }
/// # fn store(rows: &[u64]) -> usize { rows.len() }
/// # fn import(batch: u64) -> Result<usize, std::io::Error> {
/// let rows = tense::span!(operation.rows.loaded, fields(batch, count = _), || {
///     let rows = load(batch)?;
///     tense::record!(count = rows.len());
///     Ok::<_, std::io::Error>(rows)
/// })?;
/// # Ok(store(&rows)) }
/// # assert_eq!(import(1).unwrap(), 1);
/// ```
///
/// **As a value** the span has begun where `span!` stands, below the span that the thread is in there: so a future of
/// `.instrument(..)` may be spawned elsewhere, and is cancelled when it is dropped without having been polled. What
/// such a block returns has to be a `Result` or one of the usual types, see [`MayFail`](../tense/trait.MayFail.html);
/// of an error its own text is recorded, without its sources.
///
/// ```
/// # async fn send(batch: u64) -> Result<(), String> { Ok(()) }
/// let batch = 7;
/// let sending = tense::span!(dispatch.batch.*, fields(batch)).instrument(send(batch));
/// # drop(sending);
///
/// let span = tense::span!(dispatch.upload.*, fields(batch, bytes = _)).start();
/// tense::record!(in span, bytes = 100);
/// span.end();
/// ```
#[proc_macro]
pub fn span(input: TokenStream) -> TokenStream {
    span::expand(input.into()).into()
}

/// A line of the span that this thread is in: `log!(step, "{n} rows of {}", name, table = id)`. It becomes the event
/// `log.step`.
///
/// | kind | level | for |
/// |---|---|---|
/// | `info` | info | what is worth knowing |
/// | `step` | info | what is being done now |
/// | `success` | info | what went well |
/// | `failure` | warn | what did not, and was foreseen |
/// | `error` | error | what should not have happened |
/// | `data` | info | values without a text: `log!(data, rows = n, table = id)` |
///
/// The names are built in, and need no declaration in a closed `tense.toml`. The text is one of `format!`; what is
/// named behind it is a field, and the text may say it as well: `log!(info, "{rows} rows", rows = table.len())` works
/// it out once. At most 4 KiB of the text are formatted, and only when somebody wants the line; a text without values
/// costs no allocation, any other one. A line changes nothing of its span's outcome: that is what [`macro@fail`] is
/// for.
///
/// Outside of a span there is no run that a line could explain, and it is not recorded. So it is with `info!`, `warn!`,
/// `error!`, `debug!` and `trace!` of `tracing`, whose messages are lines as well: `log.info`, `log.warn`, `log.error`,
/// `log.debug`, `log.trace`.
///
/// ```
/// #[tense::traced(operation.rows.imported)]
/// fn import(table: &str) {
///     tense::log!(step, "reading {table}");
///     tense::log!(data, rows = 7, table);
///     tense::log!(success, "{rows} rows", rows = 7);
/// }
/// # import("orders");
/// ```
#[proc_macro]
pub fn log(input: TokenStream) -> TokenStream {
    log::expand(input.into()).into()
}

/// Compiles `tense.toml` into the program: `REGISTRY`, which is constant data, and a struct for every declared event.
///
/// It stands in a module of its own, whose name is yours. A layer becomes a module there, and so does every object of a
/// name: `operation.tokens.created` is the struct `operation::tokens::Created`, its failure
/// `operation::tokens::CreateFailed`. A word that is a keyword becomes a raw identifier (`r#type`), or gets an
/// underscore where it cannot be one (`self_`).
///
/// ```text
/// mod events {
///     tense::registry!(); // or registry!(crate = path), when `tense` has another name
/// }
/// // with [events."operation.tokens.created"] fields = { node_id = "string?", count = "integer" }:
/// pub mod operation {
///     pub mod tokens {
///         pub struct Created { pub count: i64, pub node_id: Option<String> }
///         pub struct CreateFailed { pub count: Option<i64>, pub node_id: Option<String> }
///     }
/// }
/// ```
///
/// A `string` is a `String`, an `integer` an `i64`, a `float` an `f64`, a `bool` a `bool`, and `json` is `tense::Json`.
/// Fields that may be absent are `Option`s: optional ones, all of a failure, and those that are handed down
/// (`[context] inherit`, `job_id`, `worker_id`, `machine_id`, `user_id`). These four ids are texts in an event,
/// whatever they were recorded as. A struct has no other fields. It implements `tense::registry::TypedEvent`, `Debug`,
/// `Clone` and `PartialEq`.
///
/// Without a `tense.toml` there are the built-in layers and no events. With a mistake in it there is an error for each,
/// and no events. The build is redone when the file changes.
///
/// ```
/// mod events {
///     tense::registry!();
/// }
///
/// for event in events::REGISTRY.events {
///     println!("{}: {}", event.name, event.about.unwrap_or_default());
/// }
/// ```
#[proc_macro]
pub fn registry(input: TokenStream) -> TokenStream {
    compiled::expand(input.into()).into()
}
