//! A request over the loopback to a real server, and what its trace shows; and what OpenTelemetry sees of ours. Each
//! case is the only one of its process.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]
#![allow(dead_code, reason = "what the cases share is that of the layer's own tests")]

#[macro_use]
#[path = "../../../../layer/tests/alone/mod.rs"]
mod alone;
#[path = "../../../../layer/tests/seen/mod.rs"]
mod seen;
mod tree {
    /// In the order in which spans began: the answer of a database comes from a thread of its own.
    pub(crate) fn tree(events: &[tense_event::CleanEvent]) -> String {
        tense_layer::testing::Tree::of(events).to_string()
    }
}

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use opentelemetry::trace::{SpanId, Status, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use seen::Kept;
use tense::traced;
use tense_layer::{Builder, Targets, builder};
use tense_ui_foreign::{app, events::REGISTRY};
use tokio::net::{TcpListener, TcpStream};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, registry};

/// What the crates of others say is mostly on the level DEBUG.
const WANTED: &str = "info,tower_http=debug,tower_http::trace::on_request=off,sqlx::query=debug";

fn targets() -> Targets {
    WANTED.parse().unwrap()
}

/// Asks a server of its own for a greeting, and waits until both are gone.
fn request() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let text = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = app().await.unwrap();
        tokio::spawn(async { axum::serve(listener, app).await });
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::get("/greet/ada").header("host", "localhost").body(Empty::<Bytes>::new()).unwrap();
        let response = client.send_request(request).await.unwrap();
        response.into_body().collect().await.unwrap().to_bytes()
    });
    assert_eq!(text, "hello ada, 0");
    drop(runtime);
}

/// sqlx hands `Span::current()` to the thread on which it asks SQLite. On the direct way ours are no spans of
/// `tracing`, so a statement hangs under the nearest one that is: the request. It is in the right trace, and beside the
/// call that asked.
const DIRECT: &str = "\
http.request method=\"GET\" uri=\"/greet/ada\"
  operation.greetings.given name=\"ada\"
    operation.greetings.counted name=\"ada\"
    log.info message=\"greeted\"
  sql.query summary=\"select count(*) from greeted …\" rows_returned=1
  http.response status=200
";

/// With real spans it hangs under the call that asked.
const REAL: &str = "\
http.request method=\"GET\" uri=\"/greet/ada\"
  operation.greetings.given name=\"ada\"
    operation.greetings.counted name=\"ada\"
      sql.query summary=\"select count(*) from greeted …\" rows_returned=1
    log.info message=\"greeted\"
  http.response status=200
";

/// The tree of the request alone: what the pool has to say when the table is made is a trace of its own.
fn tree_of_request(kept: &Kept) -> String {
    let tree = kept.tree();
    let from = tree.find("http.request").unwrap_or_else(|| panic!("no request was recorded:\n{tree}"));
    tree[from..].to_owned()
}

cases! {
    fn a_request_on_the_direct_way() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).registry(&REGISTRY).filter(targets()).init().unwrap();
        request();
        assert_eq!(tree_of_request(&kept), DIRECT);
    }

    fn a_request_with_real_spans() {
        let kept = Kept::default();
        let builder = builder().sink(kept.clone()).registry(&REGISTRY).filter(targets());
        let _guard = builder.real_spans(true).init().unwrap();
        request();
        assert_eq!(tree_of_request(&kept), REAL);
    }

    /// As in most services: a log that wants everything stands beside our layer, so our spans are real ones anyway.
    fn a_request_beside_a_log() {
        let kept = Kept::default();
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(EnvFilter::new("info"));
        let layer = builder().sink(kept.clone()).registry(&REGISTRY).filter(targets()).layer();
        registry().with(log).with(layer).init();
        request();
        assert_eq!(tree_of_request(&kept), REAL);
    }

    /// Unless it is told that the log does not want ours.
    fn a_request_beside_a_log_that_does_not_want_our_spans() {
        let kept = Kept::default();
        let filter = EnvFilter::new("info,tense_ui_foreign=off");
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(filter);
        let layer = builder().sink(kept.clone()).registry(&REGISTRY).filter(targets()).layer();
        registry().with(log).with(layer).init();
        // The first one is made while nobody knows yet where our layer stands.
        request();
        kept.tree();
        wait_for_direct();
        request();
        assert_eq!(tree_of_request(&kept), DIRECT);
    }

    fn opentelemetry_in_front_of_ours() {
        let (kept, exporter) = (Kept::default(), InMemorySpanExporter::default());
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let telemetry = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        registry().with(telemetry).with(builder().sink(kept.clone()).layer()).init();
        sees_ours(&kept, &exporter);
    }

    fn opentelemetry_behind_ours() {
        let (kept, exporter) = (Kept::default(), InMemorySpanExporter::default());
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let telemetry = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        registry().with(builder().sink(kept.clone()).layer()).with(telemetry).init();
        sees_ours(&kept, &exporter);
    }

    fn opentelemetry_sees_how_ours_end() {
        assert_eq!(status_of_a_failure(builder()), Status::error(""));
    }

    fn opentelemetry_sees_the_texts_of_errors_when_it_is_told_to() {
        assert_eq!(status_of_a_failure(builder().error_texts(true)), Status::error("no such greeting"));
    }
}

/// What comes late of a call: a value, and its error.
fn status_of_a_failure(builder: Builder) -> Status {
    #[traced(operation.greetings.given, fields(name, times = _))]
    fn give(name: &str) -> Result<(), &'static str> {
        tense::record!(times = 3);
        if name.is_empty() { Err("no such greeting") } else { Ok(()) }
    }
    let (kept, exporter) = (Kept::default(), InMemorySpanExporter::default());
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let telemetry = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    registry().with(telemetry).with(builder.sink(kept.clone()).layer()).init();
    give("ada").unwrap();
    give("").unwrap_err();
    let tree = kept.tree();
    assert_eq!(tree.lines().next(), Some("operation.greetings.given name=\"ada\" times=3"), "{tree}");
    let [well, badly] = &exporter.get_finished_spans().unwrap()[..] else { panic!("two spans") };
    assert_eq!((attribute(well, "times").as_deref(), attribute(badly, "times").as_deref()), (Some("3"), Some("3")));
    assert_eq!((attribute(well, "outcome"), &well.status), (None, &Status::Unset));
    assert_eq!(attribute(badly, "outcome").as_deref(), Some("failed"));
    assert_eq!(attribute(badly, "error.type").as_deref(), Some("&str"));
    badly.status.clone()
}

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == name);
    found.map(|attribute| attribute.value.to_string())
}

/// Until the drainer has found the layer in the global default, and a call has noticed.
fn wait_for_direct() {
    use tense::__private::{MARK, Route, Site};
    static SITE: Site = Site::action(&SITE, "tense_ui_foreign", "", "operation.greetings.given", "", &[MARK]);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while SITE.route() != Route::Direct {
        assert!(std::time::Instant::now() < deadline, "{:?}", SITE.route());
        std::thread::yield_now();
    }
}

#[traced(operation.greetings.given, fields(name))]
async fn outer(name: &str) {
    let span = tracing::info_span!("between");
    tracing::Instrument::instrument(inner("grace"), span).await;
    tokio::task::yield_now().await;
}

#[traced(operation.greetings.counted, fields(name))]
async fn inner(name: &str) {
    tokio::task::yield_now().await;
}

/// Real spans, with their fields, in the same nesting as in our own tree.
fn sees_ours(kept: &Kept, exporter: &InMemorySpanExporter) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(outer("ada"));
    assert_eq!(
        kept.tree(),
        "operation.greetings.given name=\"ada\"\n\
         \x20 foreign.it name=\"between\"\n\
         \x20   operation.greetings.counted name=\"grace\"\n"
    );
    let spans = exporter.get_finished_spans().unwrap();
    let one = |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"));
    let (given, between, counted) =
        (one("operation.greetings.given"), one("between"), one("operation.greetings.counted"));
    assert_eq!(
        (attribute(given, "name").as_deref(), attribute(counted, "name").as_deref()),
        (Some("ada"), Some("grace"))
    );
    assert_eq!(given.parent_span_id, SpanId::INVALID);
    assert_eq!(between.parent_span_id, given.span_context.span_id());
    assert_eq!(counted.parent_span_id, between.span_context.span_id());
}
