//! What a program wants, one setting after the other: here what is recorded, and in `delivered` what becomes of it.

mod delivered;

use std::path::PathBuf;
use std::time::Duration;

use tense::registry::Registry;
use tense_event::Sanitizer;
use tracing_core::LevelFilter;

use crate::delivery::Delivery;
use crate::sampling::{Limits, Sampling};
use crate::sink::Sink;
use crate::watch::Watch;

/// Made by [`builder`](crate::builder).
pub struct Builder<F = LevelFilter> {
    pub(super) enabled: Option<bool>,
    pub(super) service: Option<String>,
    pub(super) sanitizer: Option<Sanitizer>,
    pub(super) database: Option<PathBuf>,
    pub(super) sinks: Vec<(Box<dyn Sink>, Option<Delivery>)>,
    pub(super) delivery: Delivery,
    pub(super) filter: F,
    pub(super) has_filter: bool,
    pub(super) max_level: Option<LevelFilter>,
    pub(super) level_unless_set: LevelFilter,
    pub(super) real_spans: bool,
    pub(super) panic_hook: bool,
    pub(super) error_texts: bool,
    pub(super) ring_bytes: Option<usize>,
    pub(super) registry: Option<&'static Registry>,
    pub(super) sampling: Sampling,
    pub(super) limits: Limits,
    pub(super) slow_from: Option<Duration>,
    pub(super) watch: Option<Watch>,
}

impl<F> Builder<F> {
    /// Whether anything is recorded at all; `TENSE_ENABLED` and `OTEL_SDK_DISABLED` go before it.
    ///
    /// With `false` nothing is opened, no thread is started, and annotated calls cost what they cost without a layer:
    /// [`init`](Self::init) sets no subscriber, and [`layer`](Self::layer) gives one that wants nothing, beside which
    /// the layers of others get what they got. [`Health::switched_off`](crate::Health::switched_off) says so.
    ///
    /// ```
    /// let _guard = tense_layer::builder().enabled(false).init()?;
    /// assert!(tense_layer::health().switched_off);
    /// # Ok::<(), tense_layer::InitError>(())
    /// ```
    pub fn enabled(mut self, on: bool) -> Self {
        self.enabled = Some(on);
        self
    }

    /// The name of this program in its events; `TENSE_SERVICE`, `OTEL_SERVICE_NAME` and the `service.name` of
    /// `OTEL_RESOURCE_ATTRIBUTES` go before it. Where nobody names it, it is the name of the executable.
    ///
    /// ```
    /// let builder = tense_layer::builder().service("checkout");
    /// ```
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    /// The name, unless there is one.
    pub(crate) fn or_service(mut self, name: &str) -> Self {
        self.service.get_or_insert_with(|| name.to_owned());
        self
    }

    /// Spans and events above this level are not recorded, our own call sites included. `TENSE_LEVEL` goes before it.
    /// INFO unless set, or unless a [`filter`](Self::filter) decides. [`set_max_level`](crate::set_max_level) changes
    /// it while the program runs.
    ///
    /// ```
    /// let builder = tense_layer::builder().max_level(tracing::Level::DEBUG);
    /// ```
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
            enabled,
            service,
            database,
            sinks,
            delivery,
            max_level,
            real_spans,
            panic_hook,
            error_texts,
            ring_bytes,
            registry,
            slow_from,
            watch,
            sanitizer,
            sampling,
            limits,
            ..
        } = self;
        let level_unless_set = LevelFilter::TRACE;
        Builder {
            enabled,
            service,
            sanitizer,
            database,
            sinks,
            delivery,
            filter,
            has_filter: true,
            max_level,
            level_unless_set,
            real_spans,
            panic_hook,
            error_texts,
            ring_bytes,
            registry,
            sampling,
            limits,
            slow_from,
            watch,
        }
    }

    /// Makes every annotated call a real `tracing` span, for programs that hand `Span::current()` around. Such a call
    /// costs what `tracing` costs, some 100 ns, instead of a few ten.
    ///
    /// ```
    /// let builder = tense_layer::builder().real_spans(true);
    /// ```
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
    ///
    /// ```
    /// let builder = tense_layer::builder().panic_hook(false);
    /// ```
    pub fn panic_hook(mut self, on: bool) -> Self {
        self.panic_hook = on;
        self
    }

    /// Whether layers of others that see our spans, a log or OpenTelemetry, get the texts of errors and panics as well,
    /// as `otel.status_description`. Without it they get the outcome and the type of the error: a text may hold
    /// whatever there is, and only our own events are cleaned of secrets. `#[tracing::instrument]` shows it where
    /// somebody has written `err`; this is the same word, for the whole program. Off unless set; once on it stays so,
    /// also for other layers of ours.
    ///
    /// ```no_run
    /// use tracing_subscriber::prelude::*;
    ///
    /// let log = tracing_subscriber::fmt::layer();
    /// tracing_subscriber::registry().with(log).with(tense_layer::builder().error_texts(true).layer()).init();
    /// ```
    pub fn error_texts(mut self, on: bool) -> Self {
        self.error_texts = on;
        self
    }

    /// Bytes of memory for the records of each thread, rounded up to a power of two; 256 KiB unless set. The operating
    /// system gives it page by page, as records reach it. It is kept for the next thread when one ends, so a program
    /// pays for as many as run at one time. Holds for threads that record
    /// for the first time after the layer is made, in the whole program.
    ///
    /// ```
    /// // A program whose bursts are long, on few threads.
    /// let builder = tense_layer::builder().ring_bytes(4 << 20);
    /// ```
    pub fn ring_bytes(mut self, bytes: usize) -> Self {
        self.ring_bytes = Some(bytes);
        self
    }

    /// What the program's `tense.toml` says, as `tense::registry!()` compiles it in. Its settings then hold, behind
    /// what code and environment say (`docs/settings.md`), its `[redact]`, and its `[foreign]`: a span of another crate
    /// whose `target::name` is a key there, and an event whose target or `target::name` is one, is reported as the
    /// declared event, with the fields that are listed and no others. Whether it is seen at all is still up to
    /// [`max_level`](Self::max_level).
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
