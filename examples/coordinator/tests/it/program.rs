//! Arguments enter, and the program runs as a child process; what it said leaves, and what it stored.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;
use tense_store::{SqliteStore, Store, Trace, TraceFilter};

/// Nothing here takes a second; a machine that builds something else at the same time may.
const LONGEST: Duration = Duration::from_secs(60);

/// A folder of its own for each test, in which the program runs.
pub(crate) struct Desk(TempDir);

/// What the program left behind.
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: Option<i32>,
}

/// A program that runs; it does not outlive its test.
pub(crate) struct Running(Child);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    /// The program, before it is started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coordinator"));
        command.args(arguments).current_dir(&self.0).env("TENSE_DB", self.path("tense.db")).env("RUST_BACKTRACE", "0");
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TENSE_CONFIG"] {
            command.env_remove(variable);
        }
        // A program that is killed leaves its temporary folder behind; so it goes with the desk.
        command.env("TMPDIR", self.0.path());
        command
    }

    /// Starts the program. Its output goes to files: a pipe that nobody empties would stop it.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        let file = |name| File::create(self.path(name)).unwrap();
        Running(command.stdout(file("out")).stderr(file("err")).spawn().unwrap())
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let mut running = self.start(arguments);
        let status = until("the program has ended", || running.0.try_wait().unwrap());
        let said = |name| fs::read_to_string(self.path(name)).unwrap();
        Said { out: said("out"), err: said("err"), code: status.code() }
    }

    /// What it has said so far, also about mistakes.
    pub(crate) fn said(&self) -> String {
        ["out", "err"].map(|name| fs::read_to_string(self.path(name)).unwrap()).concat()
    }

    /// All traces of the database; none as long as there is no database.
    pub(crate) fn traces(&self) -> Vec<Trace> {
        let Ok(store) = SqliteStore::open_read_only(self.path("tense.db")) else { return Vec::new() };
        let list = store.traces(&TraceFilter::newest(1_000)).unwrap();
        list.iter().map(|summary| store.trace(summary.id).unwrap().unwrap()).collect()
    }

    /// The trace of one run of a workflow, by the beginning of its id.
    pub(crate) fn trace(&self, run: &str) -> Trace {
        let is_of = |trace: &Trace| trace.roots().any(|root| job_id(root).is_some_and(|id| id.starts_with(run)));
        self.traces().into_iter().find(is_of).unwrap_or_else(|| panic!("no trace of {run}"))
    }

    /// How many events are stored so far; none as long as there is no database, or no table in it.
    pub(crate) fn event_count(&self) -> i64 {
        if !self.path("tense.db").exists() {
            return 0;
        }
        let count = self.try_query("tense.db", "SELECT count(*), '' FROM events");
        match count {
            Ok(rows) => rows[0].0.parse().unwrap(),
            Err(error) if error.to_string().contains("no such table") => 0,
            Err(error) => panic!("{error}"),
        }
    }

    /// How many events of each type are stored.
    pub(crate) fn event_counts(&self) -> BTreeMap<String, u64> {
        // The report of a span that has been open for a second, on a busy machine, has the name of the span and is no
        // event to count.
        let sql = "SELECT name.name, count(*) FROM events JOIN names name ON name.id = events.type \
                   WHERE NOT (events.status = 0 AND events.duration IS NOT NULL) GROUP BY name.name";
        self.query("tense.db", sql).into_iter().map(|(name, count)| (name, count.parse().unwrap())).collect()
    }

    /// Pairs of texts from a database of the desk.
    pub(crate) fn query(&self, file: &str, sql: &str) -> Vec<(String, String)> {
        self.try_query(file, sql).unwrap()
    }

    /// The same while the program runs: nothing as long as there is nothing to ask.
    pub(crate) fn ask(&self, file: &str, sql: &str) -> Option<Vec<(String, String)>> {
        self.try_query(file, sql).ok()
    }

    fn try_query(&self, file: &str, sql: &str) -> rusqlite::Result<Vec<(String, String)>> {
        let db = Connection::open_with_flags(self.path(file), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut statement = db.prepare(sql)?;
        let text = |value: rusqlite::types::Value| match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        let rows = statement.query_map([], |row| Ok((text(row.get(0)?), text(row.get(1)?))))?;
        rows.collect()
    }

    /// Changes a database of the desk by hand.
    pub(crate) fn change(&self, file: &str, sql: &str) {
        Connection::open(self.path(file)).unwrap().execute_batch(sql).unwrap();
    }

    /// The lines of a file, as JSON.
    pub(crate) fn lines(&self, file: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(file)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The run that a span belongs to.
pub(crate) fn job_id(span: &tense_store::Span) -> Option<&str> {
    span.context.iter().find(|(key, _)| *key == "job_id").map(|(_, id)| id.as_str())
}

/// The operations of the traces, each with what it was done to. What would have been done or reported a second time is
/// twice in the list.
pub(crate) fn operations(traces: &[Trace]) -> Vec<String> {
    let spans = traces.iter().flat_map(Trace::spans);
    let operations = spans.filter(|span| span.event_type.starts_with("operation."));
    operations
        .map(|span| {
            let field = |name| span.data.get(name).map(|value| format!(" {name}={value}")).unwrap_or_default();
            let subject = ["token_id", "to", "path", "section", "target_path", "table_name", "token_ids", "reason"];
            format!("{} {}{}", job_id(span).unwrap_or("-"), span.event_type, subject.map(field).concat())
        })
        .collect()
}

/// What is more than once in the list.
pub(crate) fn twice(list: &[String]) -> Vec<&String> {
    let mut counts = BTreeMap::new();
    list.iter().for_each(|item| *counts.entry(item).or_insert(0) += 1);
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(item, _)| item).collect()
}

impl Running {
    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }

    /// SIGKILL: the program gets no chance to do anything about it.
    pub(crate) fn kill(mut self) -> ExitStatus {
        self.0.kill().unwrap();
        self.0.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails when it has ended already, which is as good.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Asks until there is an answer.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < LONGEST, "waited {LONGEST:?} in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
