//! What a program wants goes in; a layer, or a whole subscriber that is the global default, comes out.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tense::registry::Registry;
use tracing_core::{Dispatch, LevelFilter, Subscriber, dispatcher};
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Filter, Layer as _, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::delivery::{Delivery, Lanes};
use crate::drainer;
use crate::filter::OwnFilter;
use crate::foreign::Recorder;
use crate::health::Health;
use crate::mark::Mark;
use crate::outlet::Outlet;
use crate::sink::Sink;

/// The layer, for a subscriber with a registry: `registry().with(tense_layer::layer())`.
///
/// `F` is the filter that [`Builder::filter`] was given.
pub type Layer<S, F = LevelFilter> = Filtered<Recorder, OwnFilter<F>, S>;

/// Makes this crate's layer the global subscriber, with an SQLite file behind it: `TENSE_DB`, else `tense.db` in the
/// current folder.
///
/// # Errors
/// When there is a global subscriber already, when the file cannot be opened, or when no thread can be started. The
/// program can go on without.
pub fn init() -> Result<Guard, InitError> {
    builder().init()
}

/// The layer with an SQLite file behind it, opened when the first event comes.
///
/// ```no_run
/// use tracing_subscriber::prelude::*;
///
/// tracing_subscriber::registry().with(tense_layer::layer()).init();
/// let _guard = tense_layer::guard(); // flushes when `main` ends
/// ```
pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>() -> Layer<S> {
    builder().layer()
}

/// Settings, for programs that want other ones.
///
/// ```no_run
/// let _guard = tense_layer::builder().service("checkout").database("/var/lib/checkout/trace.db").init()?;
/// # Ok::<(), tense_layer::InitError>(())
/// ```
pub fn builder() -> Builder {
    Builder {
        service: None,
        database: None,
        sinks: Vec::new(),
        delivery: Delivery::new(),
        filter: LevelFilter::TRACE,
        has_filter: false,
        max_level: None,
        level_unless_set: LevelFilter::INFO,
        real_spans: false,
        panic_hook: true,
        ring_bytes: None,
        registry: None,
    }
}

/// Made by [`builder`].
pub struct Builder<F = LevelFilter> {
    service: Option<String>,
    database: Option<PathBuf>,
    sinks: Vec<(Box<dyn Sink>, Option<Delivery>)>,
    delivery: Delivery,
    filter: F,
    has_filter: bool,
    max_level: Option<LevelFilter>,
    level_unless_set: LevelFilter,
    real_spans: bool,
    panic_hook: bool,
    ring_bytes: Option<usize>,
    registry: Option<&'static Registry>,
}

impl<F> Builder<F> {
    /// The name of this program in its events; otherwise `OTEL_SERVICE_NAME`, and then the name of the executable.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    /// The name, unless there is one.
    pub(crate) fn or_service(mut self, name: &str) -> Self {
        self.service.get_or_insert_with(|| name.to_owned());
        self
    }

    /// The SQLite file, instead of `TENSE_DB` and `tense.db`.
    #[cfg(feature = "sqlite")]
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.database = Some(path.into());
        self
    }

    /// A place for the events, instead of an SQLite file; a further one is served beside it, each with a queue, a
    /// circuit breaker and a thread of its own. A further sink costs a copy of every event. With a
    /// [`database`](Self::database) named as well, there is that too.
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.sinks.push((Box::new(sink), None));
        self
    }

    /// The same, for one that is to be served in another way than the others.
    ///
    /// ```no_run
    /// use tense_layer::{Delivery, builder, sink::{JsonLines, Stderr}};
    ///
    /// let archive = JsonLines::new("/var/log/checkout/trace.jsonl");
    /// let small = Delivery::new().queue_events(1000);
    /// let _guard = builder().sink(archive).sink_with(Stderr::new(), small).init()?;
    /// # Ok::<(), tense_layer::InitError>(())
    /// ```
    pub fn sink_with(mut self, sink: impl Sink + 'static, delivery: Delivery) -> Self {
        self.sinks.push((Box::new(sink), Some(delivery)));
        self
    }

    /// How every sink is served for which nothing else is said, the SQLite file among them.
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Spans and events above this level are not recorded, our own call sites included. INFO unless set, or unless a
    /// [`filter`](Self::filter) decides. [`set_max_level`](crate::set_max_level) changes it while the program runs.
    pub fn max_level(mut self, level: impl Into<LevelFilter>) -> Self {
        self.max_level = Some(level.into());
        self
    }

    /// What else decides which spans and events are recorded: any filter for layers, such as
    /// [`EnvFilter`](https://docs.rs/tracing-subscriber/latest/tracing_subscriber/filter/struct.EnvFilter.html) or
    /// [`Targets`](crate::Targets), also one that `tracing_subscriber::reload` can change. It decides alone unless a
    /// [`max_level`](Self::max_level) is set; a second one replaces it.
    ///
    /// This is where a filter costs annotated functions nothing: what it lets pass once and for all stays on the direct
    /// way, and what it refuses is off. Beside a filter that stands in front of the whole subscriber, or around this
    /// layer, every annotated call is a real `tracing` span. One that has to be asked at each call is asked, and for
    /// that such a call is a real span too. `docs/filters.md` lists them all with their costs.
    ///
    /// ```no_run
    /// // RUST_LOG and its like, in the syntax that `EnvFilter` knows, without its feature: `info,hyper=warn,my_crate::cache=off`.
    /// let targets: tense_layer::Targets = std::env::var("TRACE").unwrap_or_else(|_| "info".to_owned()).parse()?;
    /// let _guard = tense_layer::builder().filter(targets).init()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn filter<G>(self, filter: G) -> Builder<G> {
        let Self {
            service, database, sinks, delivery, max_level, real_spans, panic_hook, ring_bytes, registry, ..
        } = self;
        let level_unless_set = LevelFilter::TRACE;
        Builder {
            service,
            database,
            sinks,
            delivery,
            filter,
            has_filter: true,
            max_level,
            level_unless_set,
            real_spans,
            panic_hook,
            ring_bytes,
            registry,
        }
    }

    /// Makes every annotated call a real `tracing` span, for programs that hand `Span::current()` around. Such a call
    /// costs what `tracing` costs, some 100 ns, instead of a few ten.
    pub fn real_spans(mut self, on: bool) -> Self {
        self.real_spans = on;
        self
    }

    /// Whether a panic hook is chained before the one that is installed, so that the event of a span that panicked says
    /// what the panic said. On unless set.
    ///
    /// The same hook keeps silent about a `Debug`, `Display` or `Serialize` that panics while a field is formatted,
    /// which would not have been called without us. So a program with a hook of its own sets it before this: one that
    /// is set later is asked first, and hears of such a panic, although it is caught.
    pub fn panic_hook(mut self, on: bool) -> Self {
        self.panic_hook = on;
        self
    }

    /// Bytes of memory for the records of each thread, rounded up to a power of two; 256 KiB unless set. It is kept for
    /// the next thread when one ends, so a program pays for as many as run at one time. Holds for threads that record
    /// for the first time after the layer is made, in the whole program.
    pub fn ring_bytes(mut self, bytes: usize) -> Self {
        self.ring_bytes = Some(bytes);
        self
    }

    /// How many events may wait for each sink; 65,536 unless set. A further one is dropped and counted. The same as
    /// [`Delivery::queue_events`] of [`delivery`](Self::delivery).
    pub fn queue_events(mut self, events: usize) -> Self {
        self.delivery = self.delivery.queue_events(events);
        self
    }

    /// What the program's `tense.toml` says, as `tense::registry!()` compiles it in. Its `[foreign]` then holds: a span
    /// of another crate whose `target::name` is a key there, and an event whose target or `target::name` is one, is
    /// reported as the declared event, with the fields that are listed and no others. Whether it is seen at all is
    /// still up to [`max_level`](Self::max_level).
    ///
    /// ```
    /// mod events {
    ///     tense::registry!();
    /// }
    ///
    /// let builder = tense_layer::builder().registry(&events::REGISTRY);
    /// ```
    pub fn registry(mut self, registry: &'static Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// The layer. Its database is opened when the first event comes; what cannot be written then is counted.
    pub fn layer<S>(mut self) -> Layer<S, F>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
        F: Filter<S> + 'static,
    {
        if self.has_database() {
            self.default_sink();
        }
        // What is for a sink without a thread is dropped and counted.
        let (lanes, _) = Lanes::start(self.take_sinks());
        // A program with 255 layers of ours gets one more that records nothing.
        let mark = Mark::new(self.level(), self.real_spans).unwrap_or_else(Mark::without_number);
        self.layer_into(mark, Outlet::Lanes(lanes))
    }

    /// Makes the layer the global subscriber.
    ///
    /// # Errors
    /// When there is a global subscriber already, when the database cannot be opened, or when no thread can be started.
    pub fn init(mut self) -> Result<Guard, InitError>
    where
        F: Filter<tracing_subscriber::Registry> + Send + Sync + 'static,
    {
        // Before a file is made that nobody will write to.
        if dispatcher::has_been_set() {
            return Err(InitError::AlreadySet);
        }
        if self.has_database() {
            self.open_sink()?;
        }
        drainer::start().map_err(|error| InitError::Thread(std::io::Error::new(error.kind(), error.to_string())))?;
        let (lanes, started) = Lanes::start(self.take_sinks());
        started.map_err(InitError::Thread)?;
        let mark = Mark::new(self.level(), self.real_spans).ok_or(InitError::TooMany)?;
        // Without a filter of the program's the layer is alone, and needs none around it, which would look spans up at
        // every step.
        let dispatch = if self.has_filter {
            let layer = self.layer_into(Arc::clone(&mark), Outlet::Lanes(lanes));
            Dispatch::new(tracing_subscriber::registry().with(layer))
        } else {
            let (recorder, _) = self.recorder(Arc::clone(&mark), Outlet::Lanes(lanes), true);
            Dispatch::new(tracing_subscriber::registry().with(recorder))
        };
        dispatcher::set_global_default(dispatch).map_err(|_| InitError::AlreadySet)?;
        mark.promote();
        Ok(Guard { deadline: Guard::DEADLINE })
    }

    fn level(&self) -> LevelFilter {
        self.max_level.unwrap_or(self.level_unless_set)
    }

    fn take_sinks(&mut self) -> Vec<(Box<dyn Sink>, Delivery)> {
        let delivery = &self.delivery;
        let with = |(sink, own): (_, Option<Delivery>)| (sink, own.unwrap_or_else(|| delivery.clone()));
        self.sinks.drain(..).map(with).collect()
    }

    /// Whether there is an SQLite file: it was named, or nothing else was.
    fn has_database(&self) -> bool {
        self.database.is_some() || self.sinks.is_empty()
    }

    #[cfg(feature = "sqlite")]
    fn path(&mut self) -> PathBuf {
        self.database.take().unwrap_or_else(crate::sink::sqlite::default_path)
    }

    #[cfg(feature = "sqlite")]
    fn default_sink(&mut self) {
        let sink = crate::sink::Sqlite::new(self.path());
        self.sinks.push((Box::new(sink), None));
    }

    #[cfg(feature = "sqlite")]
    fn open_sink(&mut self) -> Result<(), InitError> {
        let path = self.path();
        match crate::sink::Sqlite::open(path.clone()) {
            Ok(sink) => self.sinks.push((Box::new(sink), None)),
            Err(source) => return Err(InitError::Database { path, source: Box::new(source) }),
        }
        Ok(())
    }

    #[cfg(not(feature = "sqlite"))]
    fn default_sink(&mut self) {}

    #[cfg(not(feature = "sqlite"))]
    fn open_sink(&mut self) -> Result<(), InitError> {
        Err(InitError::NoSink)
    }

    pub(crate) fn layer_into<S>(self, mark: Arc<Mark>, outlet: Outlet) -> Layer<S, F>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
        F: Filter<S> + 'static,
    {
        let (recorder, filter) = self.recorder(Arc::clone(&mark), outlet, false);
        recorder.with_filter(OwnFilter::new(mark, filter))
    }

    /// The part that `tracing` calls, and what else decides what it sees.
    fn recorder(self, mark: Arc<Mark>, outlet: Outlet, is_alone: bool) -> (Recorder, F) {
        if self.panic_hook {
            tense::__private::layer::install_hook();
        }
        if let Some(bytes) = self.ring_bytes {
            tense::__private::layer::set_ring_bytes(bytes);
        }
        drainer::add(Arc::clone(&mark), outlet, service(self.service));
        // Without the thread a flush still drains; what finds its ring full is counted.
        drainer::start().ok();
        (Recorder::new(mark, self.registry, is_alone), self.filter)
    }
}

impl<F> std::fmt::Debug for Builder<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("service", &self.service)
            .field("database", &self.database)
            .field("max_level", &self.level())
            .field("real_spans", &self.real_spans)
            .finish_non_exhaustive()
    }
}

/// The service's name lives as long as the program, because every event points at it; a name is kept once, however many
/// layers are made with it.
fn service(given: Option<String>) -> &'static str {
    static KEPT: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let name = given
        .or_else(|| std::env::var("OTEL_SERVICE_NAME").ok().filter(|name| !name.is_empty()))
        .or_else(|| Some(std::env::current_exe().ok()?.file_stem()?.to_string_lossy().into_owned()))
        .unwrap_or_default();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    match kept.iter().find(|known| **known == name) {
        Some(known) => known,
        None => {
            let name: &'static str = name.leak();
            kept.push(name);
            name
        }
    }
}

/// Why [`init`] could not set the layer up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// A program has one global subscriber, and this one has it already.
    #[error(
        "there is a global tracing subscriber already, and a program has one; where it is built, add `.with(tense_layer::layer())`, \
         and keep `tense_layer::guard()` in `main` instead of calling `init`"
    )]
    AlreadySet,
    /// The database could not be opened.
    #[error("cannot open the trace database {}; TENSE_DB names another one", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The operating system gave no thread.
    #[error("cannot start a thread")]
    Thread(#[source] std::io::Error),
    /// There are 255 layers of this crate in the program already.
    #[error("there are 255 layers in this program already; each of them records the same calls")]
    TooMany,
    /// The crate was built without the feature `sqlite`, and no sink was given.
    #[error("no sink: give one to `builder().sink(..)`, or build tense-layer with its feature `sqlite`")]
    NoSink,
}

/// Flushes when it is dropped, for at most two seconds. Bind it to a name: `let _guard`, not `let _`.
#[derive(Debug)]
#[must_use = "dropped at once it flushes at once; bind it to a name that lives as long as the program"]
pub struct Guard {
    deadline: Duration,
}

/// A guard for a program that added [`layer`] to a subscriber of its own.
pub const fn guard() -> Guard {
    Guard { deadline: Guard::DEADLINE }
}

impl Guard {
    const DEADLINE: Duration = Duration::from_secs(2);

    /// See [`flush`].
    pub fn flush(&self, timeout: Duration) -> FlushReport {
        flush(timeout)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        flush(self.deadline);
    }
}

/// Delivers everything that has been recorded until now, and waits for it for at most that long, from any thread,
/// inside and outside of a runtime. What is recorded meanwhile is not waited for.
///
/// ```
/// let report = tense_layer::flush(std::time::Duration::from_secs(1));
/// assert!(report.is_complete);
/// ```
pub fn flush(timeout: Duration) -> FlushReport {
    // A time-out beyond the end of the clock is none.
    let is_complete = drainer::flush(Instant::now().checked_add(timeout));
    FlushReport { is_complete, health: drainer::health() }
}

/// The end: delivers everything that has been recorded until now, and closes every sink, for at most that long. What is
/// recorded later is dropped and counted in [`Health::shut_down`]. From any thread, inside and outside of a runtime; a
/// second one, also at the same moment, finds nothing left to do.
///
/// A [`Guard`] flushes and leaves the sinks open, which is all that the end of `main` needs. This is for a program that
/// ends in another way, or wants its files closed before it goes on.
///
/// ```
/// let report = tense_layer::shutdown(std::time::Duration::from_secs(5));
/// assert!(report.is_complete);
/// assert_eq!(report.health.queued, 0);
/// ```
pub fn shutdown(timeout: Duration) -> FlushReport {
    let is_complete = drainer::shut_down(Instant::now().checked_add(timeout));
    FlushReport { is_complete, health: drainer::health() }
}

/// What a flush has reached.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlushReport {
    /// Nothing was left when it returned.
    pub is_complete: bool,
    /// The counters at that moment; `queued` is what was left.
    pub health: Health,
}

impl FlushReport {
    /// A sentence for the person at the terminal about what the trace database does not have; nothing when it has
    /// everything.
    ///
    /// ```
    /// let report = tense_layer::flush(std::time::Duration::from_secs(1));
    /// if let Some(sentence) = report.loss() {
    ///     eprintln!("{sentence}");
    /// }
    /// ```
    pub fn loss(&self) -> Option<String> {
        let Self { is_complete, health } = self;
        let lost = health.losses(if *is_complete { 0 } else { health.queued });
        match lost.as_slice() {
            [] if *is_complete => None,
            [] => Some("the trace database does not have everything: it was not ready in time".to_owned()),
            lost => Some(format!("the trace database does not have everything: it lacks {}", lost.join(", "))),
        }
    }
}
