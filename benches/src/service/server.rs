//! A process that serves the shop, with the layer or without it, on a free port of this machine alone. It ends when
//! whoever started it closes its standard input.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use axum::routing::get;
use clap::{Args, ValueEnum};
use serde_json::json;
use tense_benches::spans::Nowhere;
use tense_event::CleanEvent;
use tense_layer::sink::Sqlite;
use tense_layer::{Sink, SinkError};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// The threads that answer.
pub(crate) const WORKER: &str = "worker";

/// What is different between the servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layer {
    /// The annotated functions are the same, and nobody records.
    Off,
    /// As a program has it that calls `tense_layer::init()`.
    Sqlite,
    /// Up to the sink, which drops: the difference is what SQLite takes.
    Drop,
    /// A sink that never comes back.
    Hangs,
    /// A database that cannot be opened.
    Unopenable,
    /// A database on a disk of two megabytes, or of which no file may be longer than one.
    Full,
}

impl Layer {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Off => "layer off",
            Self::Sqlite => "layer on, SQLite",
            Self::Drop => "layer on, sink that drops",
            Self::Hangs => "layer on, sink that hangs",
            Self::Unopenable => "layer on, database that cannot be opened",
            Self::Full => "layer on, database on a full disk",
        }
    }

    /// Whether nobody may wait until everything is delivered, because it never is.
    pub(crate) const fn is_ill(self) -> bool {
        matches!(self, Self::Hangs | Self::Unopenable | Self::Full)
    }
}

/// Never comes back.
struct Hanging;

impl Sink for Hanging {
    fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
        loop {
            std::thread::park();
        }
    }
}

/// The command line of the process.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[arg(long)]
    layer: Layer,
    /// Threads of tokio.
    #[arg(long)]
    workers: usize,
    /// Where the shop's database is, and where ours goes.
    #[arg(long)]
    folder: PathBuf,
    /// Where ours goes instead.
    #[arg(long)]
    disk: Option<PathBuf>,
}

/// In a mount space of its own, if there may be one; else under a limit of the process. A process keeps its number.
const ON_A_SMALL_DISK: &str = r#"mounted='mount -t tmpfs -o size=2m none /mnt'
    unshare -m sh -c "$mounted" 2>/dev/null &&
    exec unshare -m sh -c "$mounted && exec \"\$0\" \"\$@\" --disk /mnt" "$0" "$@"
    trap '' XFSZ; ulimit -f 2000; exec "$0" "$@""#;

/// Such a process, which ends with this value.
pub(crate) struct Server {
    pub(crate) layer: Layer,
    pub(crate) port: u16,
    process: Child,
}

impl Server {
    pub(crate) fn start(layer: Layer, workers: usize, folder: &Path) -> anyhow::Result<Self> {
        let name = layer.to_possible_value().context("every layer has a name")?;
        let program = std::env::current_exe()?;
        let mut command = Command::new(&program);
        if layer == Layer::Full {
            command = Command::new("sh");
            command.args(["-c", ON_A_SMALL_DISK]).arg(program);
        }
        if layer.is_ill() {
            // What an open breaker prints.
            command.stderr(Stdio::null());
        }
        let mut process = command
            .args(["serve", "--layer", name.get_name(), "--workers", &workers.to_string(), "--folder"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut port = String::new();
        BufReader::new(process.stdout.take().context("its output is a pipe")?).read_line(&mut port)?;
        Ok(Self { layer, port: port.trim().parse().context("a server says its port first")?, process })
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}

/// The life of that process.
pub(crate) fn serve(serve: &Serve) -> anyhow::Result<()> {
    let builder = tense_layer::builder().service("shop");
    let _guard = match serve.layer {
        Layer::Off => None,
        Layer::Sqlite => Some(builder.database(serve.folder.join("trace.db")).init()?),
        Layer::Drop => Some(builder.sink(Nowhere).init()?),
        Layer::Hangs => Some(builder.sink(Hanging).init()?),
        Layer::Unopenable => Some(builder.sink(Sqlite::new(serve.folder.join("nowhere").join("trace.db"))).init()?),
        Layer::Full => {
            let disk = serve.disk.as_ref().unwrap_or(&serve.folder);
            Some(builder.sink(Sqlite::new(disk.join("full.db"))).init()?)
        }
    };
    let shop: &'static Path = Box::leak(serve.folder.join("shop.db").into_boxed_path());
    let patience = if serve.layer.is_ill() { Duration::from_millis(50) } else { Duration::from_secs(30) };
    let routes = tense_shop::routes(shop).route("/settled", get(move || settled(patience)));
    let runtime = Builder::new_multi_thread().worker_threads(serve.workers).thread_name(WORKER).enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
    // what the process that has started it reads
    println!("{}", listener.local_addr()?.port());
    runtime.spawn(async move { axum::serve(listener, routes).await });
    // Connections that are kept open would keep it from ending by itself.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    runtime.shutdown_background();
    Ok(())
}

/// `GET /settled`: what was counted, once all that was recorded has been delivered, or as far as it could be.
async fn settled(patience: Duration) -> String {
    let flush = tokio::task::spawn_blocking(move || tense_layer::flush(patience));
    let counts = flush.await.map(|report| {
        let health = report.health;
        let records = health.ring_full + health.records_lost + health.spans_given_up + health.values_lost;
        let lost = records + health.drainer_panics + health.dropped() + health.queued;
        let queued = health.queued;
        json!({ "emitted": health.emitted, "delivered": health.delivered, "queued": queued, "lost": lost })
    });
    counts.unwrap_or_default().to_string()
}
