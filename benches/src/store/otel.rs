//! The same runs as in `whole` go through the SDK of OpenTelemetry: its spans, its batch processor, and an exporter
//! that keeps them in SQLite as viewers do; rate, size and the look-up of a trace come out.
//!
//! It is given what it can be given: a queue that holds them all, batches sixteen times as large as it would make them,
//! and the same settings of SQLite as ours. Nothing is redacted, and only the root has the job and the user.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{Span as _, Status, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider, SpanData, SpanExporter,
};
use rusqlite::{Connection, params};
use serde_json::{Map, json};
use tense_benches::cpu::of_this_process;
use tense_benches::random::Random;

use crate::whole::{id, look_up};

/// Runs between two flushes: fewer spans than the queue has room for.
const RUNS: usize = 500;

/// How a span lies in the file.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Kept {
    /// A column for each key of a span, its attributes as JSON; indexes on the trace, and on when it began.
    Columns,
    /// A row of OTLP/JSON, as the messages of the protocol write it, and an index on the trace.
    Json,
}

impl Kept {
    const fn schema(self) -> &'static str {
        match self {
            Self::Columns => {
                "CREATE TABLE spans (trace_id TEXT NOT NULL, span_id TEXT NOT NULL, parent_span_id TEXT, name TEXT, kind INTEGER,
                     start INTEGER, end INTEGER, status INTEGER, message TEXT, scope TEXT, service TEXT, attributes TEXT,
                     PRIMARY KEY (trace_id, span_id)) WITHOUT ROWID;
                 CREATE INDEX by_start ON spans (start)"
            }
            Self::Json => "CREATE TABLE spans (trace_id BLOB, payload TEXT); CREATE INDEX by_trace ON spans (trace_id)",
        }
    }
}

/// Records so many thousand spans.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn otel(file: &Path, spans: usize, kept: Kept) -> anyhow::Result<()> {
    let db = Connection::open(file)?;
    db.pragma_update(None, "page_size", 8192)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "cache_size", -8 * 1024)?;
    db.execute_batch(kept.schema())?;
    let exporter = Exporter { db: Mutex::new(db), kept };
    let config = BatchConfigBuilder::default().with_max_queue_size(65_536).with_max_export_batch_size(8_192).build();
    let processor = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
    let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
    let tracer = provider.tracer("coordinator");
    let mut random = Random::new(3);
    let (began, cpu, mut done, mut some) = (Instant::now(), of_this_process(), 0, Vec::new());
    while done < spans {
        for nth in 0..RUNS {
            let (job, token) = (id(&mut random), id(&mut random));
            let trace = run(&tracer, &job, &token, random.below(1000) as i64, &mut done);
            some.extend((nth == 0).then_some(trace));
        }
        provider.force_flush()?;
    }
    let (took, worked) = (began.elapsed().as_secs_f64(), (of_this_process() - cpu).as_secs_f64());
    let recorded = done as f64;
    provider.shutdown()?;
    let db = Connection::open(file)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let there: i64 = db.query_row("SELECT count(*) FROM spans", [], |row| row.get(0))?;
    println!(
        "{done} spans, {:.0}/s by the clock, {:.0}/s by the processor, {} lost",
        recorded / took,
        recorded / worked,
        done as i64 - there
    );
    look_up(&some, |trace| read(&db, kept, trace))?;
    drop(db);
    println!("{:.1} bytes a span", file.metadata()?.len() as f64 / recorded);
    Ok(())
}

/// The spans of a trace, with their attributes as values: what a viewer has to know before it shows anything.
fn read(db: &Connection, kept: Kept, trace: &[u8; 16]) -> anyhow::Result<usize> {
    let mut found = 0;
    match kept {
        Kept::Columns => {
            let mut select = db.prepare_cached(
                "SELECT span_id, parent_span_id, name, kind, start, end, status, message, scope, service, attributes
                 FROM spans WHERE trace_id = ?1 ORDER BY start",
            )?;
            let mut rows = select.query([hex(trace)])?;
            while let Some(row) = rows.next()? {
                let texts: (String, Option<String>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let numbers: [i64; 4] = [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
                let rest: [String; 3] = [row.get(7)?, row.get(8)?, row.get(9)?];
                let attributes: Map<String, serde_json::Value> = serde_json::from_str(row.get_ref(10)?.as_str()?)?;
                std::hint::black_box((texts, numbers, rest, attributes));
                found += 1;
            }
        }
        Kept::Json => {
            let mut select = db.prepare_cached("SELECT payload FROM spans WHERE trace_id = ?1")?;
            let mut rows = select.query([trace.as_slice()])?;
            while let Some(row) = rows.next()? {
                std::hint::black_box(serde_json::from_str::<Span>(row.get_ref(0)?.as_str()?)?);
                found += 1;
            }
        }
    }
    Ok(found)
}

struct Exporter {
    db: Mutex<Connection>,
    kept: Kept,
}

impl Debug for Exporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exporter").field("kept", &self.kept).finish_non_exhaustive()
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.write(batch).map_err(|error| OTelSdkError::InternalFailure(error.to_string()))
    }
}

impl Exporter {
    fn write(&self, batch: Vec<SpanData>) -> anyhow::Result<()> {
        let mut db = self.db.lock().map_err(|_| anyhow::anyhow!("an export has panicked"))?;
        let tx = db.transaction()?;
        {
            let mut insert = tx.prepare_cached(match self.kept {
                Kept::Columns => {
                    "INSERT OR IGNORE INTO spans VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
                }
                Kept::Json => "INSERT INTO spans (trace_id, payload) VALUES (?1, ?2)",
            })?;
            for span in batch {
                let trace = span.span_context.trace_id().to_bytes();
                match self.kept {
                    Kept::Columns => {
                        let (status, message) = match &span.status {
                            Status::Unset => (0, ""),
                            Status::Ok => (1, ""),
                            Status::Error { description } => (2, &**description),
                        };
                        insert.execute(params![
                            hex(&trace),
                            hex(&span.span_context.span_id().to_bytes()),
                            Some(hex(&span.parent_span_id.to_bytes()))
                                .filter(|id| id.bytes().any(|digit| digit != b'0')),
                            span.name,
                            span.span_kind.clone() as i64,
                            nanos(span.start_time),
                            nanos(span.end_time),
                            status,
                            message,
                            span.instrumentation_scope.name(),
                            "coordinator",
                            attributes(&span.attributes),
                        ])?;
                    }
                    Kept::Json => {
                        insert.execute(params![trace.as_slice(), serde_json::to_string(&Span::from(span))?])?;
                    }
                }
            }
        }
        Ok(tx.commit()?)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

fn nanos(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64)
}

fn attributes(all: &[KeyValue]) -> String {
    let value = |value: &Value| match value {
        Value::Bool(value) => json!(value),
        Value::I64(value) => json!(value),
        Value::F64(value) => json!(value),
        other => json!(other.as_str()),
    };
    let all: Map<_, _> = all.iter().map(|pair| (pair.key.to_string(), value(&pair.value))).collect();
    serde_json::Value::Object(all).to_string()
}

/// Nineteen spans, of which ours makes twenty events: the root, a batch, and eight pairs below.
fn run(tracer: &SdkTracer, job: &str, token: &str, score: i64, spans: &mut usize) -> [u8; 16] {
    let text = |key, value: &str| KeyValue::new(key, value.to_owned());
    let mut root = tracer.start("operation.workflows.completed");
    root.set_attributes([text("job_id", job), KeyValue::new("user_id", "user-7")]);
    let trace = root.span_context().trace_id().to_bytes();
    let root = Context::new().with_span(root);
    let mut batch = tracer.start_with_context("dispatch.batch", &root);
    batch.set_attributes([
        text("token_id", token),
        KeyValue::new("node_id", "review"),
        KeyValue::new("decision_count", 2),
    ]);
    let batch = root.with_span(batch);
    let one = |name, attributes: [KeyValue; 3]| {
        let mut span = tracer.start_with_context(name, &batch);
        span.set_attributes(attributes);
        span.end();
    };
    for nth in 0..8 {
        one(
            "operation.tokens.created",
            [text("token_id", token), KeyValue::new("node_id", "review"), KeyValue::new("branch_index", nth)],
        );
        one(
            "operation.context.written",
            [text("token_id", token), KeyValue::new("path", "state.review.score"), KeyValue::new("value", score)],
        );
    }
    one(
        "operation.tokens.updated",
        [text("token_id", token), KeyValue::new("from", "pending"), KeyValue::new("to", "dispatched")],
    );
    batch.span().end();
    root.span().end();
    *spans += 19;
    trace
}
