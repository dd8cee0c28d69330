//! Settings go in; a layer with its queue, its sink and its threads comes out, or a reason why there is none.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_core::{Dispatch, LevelFilter, Subscriber, dispatcher};
use tracing_subscriber::layer::{Filter, Layer as _, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::{Builder, Guard, Layer};
use crate::delivery::{Delivery, Lanes};
use crate::drainer::{self, InChild, Wanted};
use crate::filter::OwnFilter;
use crate::foreign::Recorder;
use crate::mark::Mark;
use crate::outlet::Outlet;
use crate::redaction;
use crate::settings::Environment;
use crate::sink::Sink;
use crate::watch::{Slowness, UNLESS_SET};

impl<F> Builder<F> {
    /// The layer. Its database is opened when the first event comes; what cannot be written then is counted.
    ///
    /// ```
    /// use tracing_subscriber::prelude::*;
    ///
    /// let layer = tense_layer::builder().service("checkout").layer();
    /// let subscriber = tracing_subscriber::registry().with(layer);
    /// ```
    pub fn layer<S>(self) -> Layer<S, F>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
        F: Filter<S> + 'static,
    {
        let this = self.settled(&Environment::of_process());
        if this.is_off() { this.switched_off() } else { this.layer_settled() }
    }

    fn layer_settled<S>(mut self) -> Layer<S, F>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
        F: Filter<S> + 'static,
    {
        let in_child = self.in_child();
        if self.has_database() {
            self.add_database();
        }
        // What is for a sink without a thread is dropped and counted.
        let (lanes, _) = Lanes::start(self.take_sinks());
        // A program with 255 layers of ours gets one more that records nothing.
        let mark = Mark::new(self.level(), self.real_spans).unwrap_or_else(Mark::without_number);
        self.layer_into(mark, Outlet::Lanes(lanes), in_child)
    }

    /// Makes the layer the global subscriber.
    ///
    /// ```no_run
    /// let _guard = tense_layer::builder().database("trace.db").init()?;
    /// # Ok::<(), tense_layer::InitError>(())
    /// ```
    ///
    /// # Errors
    /// When there is a global subscriber already, when the database cannot be opened, or when no thread can be started.
    pub fn init(self) -> Result<Guard, InitError>
    where
        F: Filter<tracing_subscriber::Registry> + Send + Sync + 'static,
    {
        let this = self.settled(&Environment::of_process());
        if this.is_off() {
            this.prepare_others();
            return Ok(Guard::new());
        }
        this.init_settled()
    }

    fn init_settled(mut self) -> Result<Guard, InitError>
    where
        F: Filter<tracing_subscriber::Registry> + Send + Sync + 'static,
    {
        // Before a file is made that nobody will write to.
        if dispatcher::has_been_set() {
            return Err(InitError::AlreadySet);
        }
        let in_child = self.in_child();
        if self.has_database() {
            self.add_open_database()?;
        }
        drainer::start().map_err(InitError::Thread)?;
        let (lanes, started) = Lanes::start(self.take_sinks());
        started.map_err(InitError::Thread)?;
        let mark = Mark::new(self.level(), self.real_spans).ok_or(InitError::TooMany)?;
        // Without a filter of the program's the layer is alone, and needs none around it, which would look spans up at
        // every step.
        // A subscriber that is new makes `tracing` ask all of them.
        let asked = tense::__private::layer::Asked::begin();
        let dispatch = if self.has_filter {
            let layer = self.layer_into(Arc::clone(&mark), Outlet::Lanes(lanes), in_child);
            Dispatch::new(tracing_subscriber::registry().with(layer))
        } else {
            let (recorder, _) = self.recorder(Arc::clone(&mark), Outlet::Lanes(lanes), in_child, true);
            Dispatch::new(tracing_subscriber::registry().with(recorder))
        };
        drop(asked);
        dispatcher::set_global_default(dispatch).map_err(|_| InitError::AlreadySet)?;
        mark.promote();
        Ok(Guard::new())
    }

    pub(crate) fn level(&self) -> LevelFilter {
        self.max_level.unwrap_or(self.level_unless_set)
    }

    fn take_sinks(&mut self) -> Vec<(Box<dyn Sink>, Delivery)> {
        let delivery = &self.delivery;
        let with = |(sink, own): (_, Option<Delivery>)| (sink, own.unwrap_or_else(|| delivery.clone()));
        self.sinks.drain(..).map(with).collect()
    }

    /// Whether there is an SQLite file: it was named, or nothing else was.
    pub(super) fn has_database(&self) -> bool {
        self.database.is_some() || self.sinks.is_empty()
    }

    #[cfg(feature = "sqlite")]
    fn path(&mut self) -> PathBuf {
        self.database.take().unwrap_or_else(|| super::settled::DATABASE.into())
    }

    /// What a process that is forked off gets instead of the sink: nothing can be made again of one that was given.
    #[cfg(feature = "sqlite")]
    fn in_child(&self) -> InChild {
        let mut path = self.database.clone().unwrap_or_else(|| super::settled::DATABASE.into()).into_os_string();
        path.push(".forked-");
        let delivery = self.delivery.clone();
        let sinks = move || -> Vec<(Box<dyn Sink>, Delivery)> {
            let mut path = path.clone();
            path.push(format!("{}.jsonl", std::process::id()));
            vec![(Box::new(crate::sink::JsonLines::new(path)), delivery.clone())]
        };
        if self.has_database() { Some(Arc::new(sinks)) } else { None }
    }

    #[cfg(not(feature = "sqlite"))]
    fn in_child(&self) -> InChild {
        None
    }

    #[cfg(feature = "sqlite")]
    fn add_database(&mut self) {
        let sink = crate::sink::Sqlite::new(self.path());
        self.sinks.push((Box::new(sink), None));
    }

    #[cfg(feature = "sqlite")]
    fn add_open_database(&mut self) -> Result<(), InitError> {
        let path = self.path();
        match crate::sink::Sqlite::open(path.clone()) {
            Ok(sink) => self.sinks.push((Box::new(sink), None)),
            Err(source) => return Err(InitError::Database { path, source: Box::new(source) }),
        }
        Ok(())
    }

    #[cfg(not(feature = "sqlite"))]
    fn add_database(&mut self) {}

    #[cfg(not(feature = "sqlite"))]
    fn add_open_database(&mut self) -> Result<(), InitError> {
        Err(InitError::NoSink)
    }

    pub(crate) fn layer_into<S>(self, mark: Arc<Mark>, outlet: Outlet, in_child: InChild) -> Layer<S, F>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
        F: Filter<S> + 'static,
    {
        let (recorder, filter) = self.recorder(Arc::clone(&mark), outlet, in_child, false);
        recorder.with_filter(OwnFilter::new(mark, filter))
    }

    /// The part that `tracing` calls, and what else decides what it sees.
    fn recorder(self, mark: Arc<Mark>, outlet: Outlet, in_child: InChild, is_alone: bool) -> (Recorder, F) {
        if self.panic_hook {
            tense::__private::layer::install_hook();
        }
        self.prepare_others();
        if let Some(bytes) = self.ring_bytes {
            tense::__private::layer::set_ring_bytes(bytes);
        }
        let sanitizer = self.sanitizer.unwrap_or_else(|| redaction::of(self.registry));
        // Its tables take a millisecond to be made, in which a burst would be lost, or the process forked.
        sanitizer.redact("\"--\"=/home/");
        outlet.clean_with(&sanitizer);
        let slowness = Slowness { registry: self.registry, unless_set: self.slow_from.unwrap_or(UNLESS_SET) };
        let (sampling, limits) = (self.sampling, self.limits);
        let wanted = Wanted { service: service(self.service), sanitizer, sampling, limits, slowness };
        drainer::add(Arc::clone(&mark), outlet, wanted, in_child, self.watch);
        // Without the thread a flush still drains; what finds its ring full is counted.
        drainer::start().ok();
        (Recorder::new(mark, self.registry, is_alone), self.filter)
    }
}

/// The service's name lives as long as the program, because every event points at it; a name is kept once, however many
/// layers are made with it.
fn service(given: Option<String>) -> &'static str {
    static KEPT: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let name = given
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

/// Why [`init`](crate::init) could not set the layer up.
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
