//! A seed enters; events of a workflow coordinator leave, as many as are asked for, in the order in which they happen.
//!
//! A run is a trace of some twenty events: tokens that walk from node to node, batches of decisions, statements, now
//! and then a try that fails and is made again, and one run in thirty that fails as a whole. Many runs are under way at
//! once, so what comes in a batch is of many traces. Names and fields are those of `ui-tests/coordinator/tense.toml`.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};

use crate::random::Random;

/// So many runs are under way at once.
const AT_ONCE: usize = 64;
/// When the first of them begins, in nanoseconds since 1970.
pub const BEGIN: i64 = 1_795_255_200_000_000_000;

const NODES: [&str; 8] = ["intake", "classify", "score", "review", "merge", "enrich", "notify", "archive"];
const PATHS: [&str; 5] = ["input.customer", "state.score", "state.review.result", "output.summary", "state.branches"];
const STATUSES: [(&str, &str); 3] =
    [("pending", "dispatched"), ("dispatched", "executing"), ("executing", "completed")];
const STATEMENTS: [&str; 4] = [
    "INSERT INTO tokens (id, node, status) VALUES (?1, ?2, ?3)",
    "UPDATE tokens SET status = ?2 WHERE id = ?1",
    "SELECT id, node, status FROM tokens WHERE run = ?1",
    "INSERT INTO context (path, value) VALUES (?1, ?2)",
];
/// By what people search: fields that spans hand down.
const INDEXED: &[&str] = &["token_id", "node_id"];

/// Events without an end.
#[derive(Debug)]
pub struct Runs {
    random: Random,
    open: Vec<VecDeque<Event>>,
    /// When the next event happens.
    clock: i64,
    step: i64,
    next_span: u64,
}

impl Runs {
    /// The same seed gives the same events, that far apart from each other.
    #[must_use]
    pub fn new(seed: u64, step: Duration) -> Self {
        let mut random = Random::new(seed);
        let next_span = random.number() & !0xfff;
        let step = i64::try_from(step.as_nanos()).unwrap_or(i64::MAX);
        Self { random, open: Vec::new(), clock: BEGIN, step, next_span }
    }

    /// When the next event will happen.
    #[must_use]
    pub fn clock(&self) -> Timestamp {
        Timestamp::from_unix_nanos(self.clock)
    }

    fn run(&mut self) -> VecDeque<Event> {
        let mut run = Run::new(self);
        run.walk();
        run.events.into()
    }
}

impl Iterator for Runs {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        while self.open.len() < AT_ONCE {
            let run = self.run();
            self.open.push(run);
        }
        let at = self.random.below(self.open.len());
        let mut event = self.open[at].pop_front()?;
        if self.open[at].is_empty() {
            self.open.swap_remove(at);
        }
        event.timestamp = self.clock();
        self.clock += self.step;
        Some(event)
    }
}

/// One run that is being made up.
struct Run<'r> {
    runs: &'r mut Runs,
    trace: TraceId,
    root: u64,
    job: String,
    user: Option<String>,
    worker: String,
    fails: bool,
    events: Vec<Event>,
}

impl<'r> Run<'r> {
    fn new(runs: &'r mut Runs) -> Self {
        let millis = (runs.clock / 1_000_000) as u64;
        let high = millis << 16 | 0x7000 | runs.random.number() & 0xfff;
        let trace = TraceId::from_halves(high, runs.random.number() >> 2 | 1 << 63);
        let job = uuid(&mut runs.random);
        let user = (runs.random.below(3) > 0).then(|| format!("user-{}", runs.random.below(20_000)));
        let worker = format!("worker-{:02}", runs.random.below(16));
        let fails = runs.random.below(30) == 0;
        let mut run = Self { runs, trace, root: 0, job, user, worker, fails, events: Vec::new() };
        run.root = run.span();
        run
    }

    fn span(&mut self) -> u64 {
        self.runs.next_span = self.runs.next_span.wrapping_add(1).max(1);
        self.runs.next_span
    }

    /// An event of a new span below another.
    fn push(&mut self, name: &'static str, source: &'static str, above: u64, fields: &[(&'static str, Value)]) -> u64 {
        let span = self.span();
        self.event(span, name, name, Status::Success, source, above, fields);
        span
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of an event")]
    fn event(
        &mut self,
        span: u64,
        event_type: &'static str,
        name: &'static str,
        status: Status,
        source: &'static str,
        above: u64,
        fields: &[(&'static str, Value)],
    ) {
        let Some(id) = SpanId::new(span) else { return };
        let mut event = Event::new(self.trace, id, event_type, status, Timestamp::from_unix_nanos(0));
        event.span_name = name.into();
        event.parent_span_id = SpanId::new(above);
        event.service = "coordinator".into();
        event.source = source.into();
        event.job_id = Some(self.job.clone());
        event.user_id = self.user.clone();
        event.worker_id = Some(self.worker.clone());
        event.data = fields.iter().map(|(name, value)| (*name, value.clone())).collect();
        event.indexed = INDEXED;
        if status != Status::Pending && !event_type.starts_with("decision") {
            event.duration = Some(Duration::from_nanos(20_000 + self.runs.random.number() % 3_000_000));
        }
        self.events.push(event);
    }

    fn walk(&mut self) {
        let tables = json!(["tokens", "context", "branches"]);
        let root = self.root;
        self.push("operation.metadata.cache_hit", "src/metadata.rs:41", root, &[]);
        let fields = [("has_input_schema", json!(true)), ("table_count", json!(3)), ("tables_created", tables)];
        self.push("operation.context.initialized", "src/context.rs:58", root, &fields);
        self.push("decision.lifecycle.start", "src/plan/lifecycle.rs:22", root, &[]);
        let tokens = 2 + self.runs.random.below(2);
        for branch in 0..tokens {
            let token = uuid(&mut self.runs.random);
            let node = self.runs.random.one_of(&NODES);
            self.token(&token, node, branch, tokens);
        }
        let ends = if self.fails { "dispatch.workflow.failed" } else { "dispatch.workflow.completed" };
        let status = if self.fails { Status::Failed } else { Status::Success };
        let output = [("has_output", json!(!self.fails))];
        self.event(root, ends, "dispatch.workflow.completed", status, "src/dispatch.rs:31", 0, &output);
        if self.fails {
            self.fail_last("WorkflowError", "a token failed: the service answered 503 after 3 tries");
        }
    }

    fn token(&mut self, token: &str, node: &str, branch: usize, tokens: usize) {
        let (root, batch) = (self.root, self.span());
        let (token, node) = (("token_id", json!(token)), ("node_id", json!(node)));
        let fields = [("decision_count", json!(2)), token.clone(), node.clone()];
        let (name, source) = ("dispatch.batch", "src/dispatch.rs:96");
        self.event(batch, "dispatch.batch.start", name, Status::Pending, source, root, &fields);
        let path = [token.clone(), node.clone(), ("branch_index", json!(branch)), ("branch_total", json!(tokens))];
        let created = self.push("operation.tokens.created", "src/operate/tokens.rs:17", batch, &path);
        let statement = self.runs.random.one_of(&STATEMENTS);
        let query = [("statement", json!(statement)), ("rows", json!(self.runs.random.below(40))), token.clone()];
        self.push("sql.query", "src/store/tokens.rs:88", created, &query);
        let (from, to) = STATUSES[self.runs.random.below(STATUSES.len())];
        let fields = [token.clone(), node.clone(), ("from", json!(from)), ("to", json!(to))];
        self.push("operation.tokens.status_updated", "src/operate/tokens.rs:63", batch, &fields);
        self.push("decision.routing.start", "src/plan/routing.rs:25", batch, &[token.clone(), node.clone()]);
        let value = json!({ "score": self.runs.random.below(100), "ok": true });
        let path = self.runs.random.one_of(&PATHS);
        let fields = [("path", json!(path)), ("value", value), token.clone(), node.clone()];
        if self.runs.random.below(25) == 0 {
            let span = self.span();
            let (name, source) = ("operation.context.field_set", "src/operate/context.rs:104");
            let failed = "operation.context.field_set_failed";
            self.event(span, failed, name, Status::Failed, source, batch, &fields);
            self.fail_last("StoreError", "the database is locked: another run writes");
        }
        self.push("operation.context.field_set", "src/operate/context.rs:104", batch, &fields);
        let counts = [
            ("total_decisions", json!(2)),
            ("batched_decisions", json!(1)),
            ("applied", json!(2)),
            ("tokens_created", json!(1)),
            token,
            node,
        ];
        self.event(batch, "dispatch.batch.complete", "dispatch.batch", Status::Success, source, root, &counts);
    }

    fn fail_last(&mut self, error_type: &'static str, message: &str) {
        let Some(event) = self.events.last_mut() else { return };
        let mut error = ErrorInfo::new(ErrorKind::Error);
        error.error_type = error_type.into();
        error.error_message = message.to_owned();
        error.stack_frames = vec!["src/operate/context.rs:104".to_owned(), "src/dispatch.rs:96".to_owned()];
        error.processor = "coordinator::operate::context::set".into();
        event.error = Some(error);
    }
}

fn uuid(random: &mut Random) -> String {
    let (high, low) = (random.number(), random.number());
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xfff);
    format!("{a:08x}-{b:04x}-4{c:03x}-{:04x}-{:012x}", 0x8000 | low >> 50, low & 0xffff_ffff_ffff)
}
