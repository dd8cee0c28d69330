//! Arguments enter, and the program runs as a child process; what it said leaves, and what it stored.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tense_store::query::Query;
use tense_store::{SqliteStore, Store, StoreError, Trace, TraceFilter};

/// Nothing here takes a second; a machine that builds something else at the same time may.
const LONGEST: Duration = Duration::from_secs(60);

/// For runs of many applications in which inboxes that answer have to be heard, also on a machine that is busy with
/// other tests. What waits for one that never answers waits three times as long.
pub(crate) const PATIENCE: [&str; 2] = ["--patience", "2500"];

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

    /// Starts the program. Its output goes to files: a pipe that nobody empties would stop it.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loan"));
        command.args(arguments).current_dir(&self.0).env("TENSE_DB", self.path("tense.db")).env("RUST_BACKTRACE", "0");
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TENSE_CONFIG"] {
            command.env_remove(variable);
        }
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

    /// What has been printed so far.
    pub(crate) fn printed(&self) -> String {
        fs::read_to_string(self.path("out")).unwrap()
    }

    /// All traces of the database; none as long as there is no database.
    pub(crate) fn traces(&self) -> Vec<Trace> {
        let Ok(store) = SqliteStore::open_read_only(self.path("tense.db")) else { return Vec::new() };
        let list = store.traces(&TraceFilter::newest(1_000)).unwrap();
        list.iter().map(|summary| store.trace(summary.id).unwrap().unwrap()).collect()
    }

    /// The trace of an application.
    pub(crate) fn find(&self, application: &str) -> Option<Trace> {
        let mut traces = self.traces();
        traces
            .retain(|trace| trace.roots().any(|root| root.data.get("application").is_some_and(|id| id == application)));
        assert!(traces.len() <= 1, "{application} has {} traces", traces.len());
        traces.pop()
    }

    pub(crate) fn trace(&self, application: &str) -> Trace {
        self.find(application).unwrap_or_else(|| panic!("no trace of {application}"))
    }

    /// Every event that is stored, in the order in which they happened.
    pub(crate) fn events(&self) -> Vec<Event> {
        events(&self.path("tense.db")).unwrap()
    }
}

/// An event as it was delivered: a [`Trace`] has put those of one span together already.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) event_type: String,
    pub(crate) span_name: String,
    pub(crate) status: &'static str,
    /// All of it.
    pub(crate) json: String,
}

fn events(path: &Path) -> Result<Vec<Event>, StoreError> {
    let store = SqliteStore::open_read_only(path)?;
    let (mut events, mut from) = (Vec::new(), None);
    loop {
        let page = store.search(&Query::new(), from.as_ref(), 1_000)?;
        events.extend(page.events);
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    events.sort_by_key(|event| event.timestamp);
    let told = events.into_iter().map(|event| Event {
        event_type: event.event_type.to_string(),
        span_name: event.span_name.to_string(),
        status: event.status.as_str(),
        json: serde_json::to_string(&event).unwrap(),
    });
    Ok(told.collect())
}

impl Event {
    pub(crate) fn has(&self, field: &str, value: &str) -> bool {
        self.json.contains(&format!("\"{field}\":\"{value}\""))
    }

    /// Whether it only says that its span has been open for a second.
    pub(crate) fn is_report(&self) -> bool {
        self.status == "pending" && self.event_type == self.span_name
    }
}

impl Running {
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

/// The printed tree, without times and line numbers.
pub(crate) fn tree(trace: &Trace) -> String {
    let lines = trace.tree().into_iter().map(|mut line| {
        line.duration = None;
        without_changing_numbers(&line.to_string())
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// `at src/stages.rs:117` becomes `at src/stages.rs:_`, and `backoff_ms=41` `backoff_ms=_`.
pub(crate) fn without_changing_numbers(text: &str) -> String {
    [".rs:", "backoff_ms="].into_iter().fold(text.to_owned(), |text, mark| {
        let mut parts = text.split(mark);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |before, after| before + mark + "_" + after.trim_start_matches(|c: char| c.is_ascii_digit()))
    })
}

/// How far the lines of an expected text are indented, but for the first.
const INDENT: &str = "        ";

/// Compares texts of several lines; the expected one stands in the source as it is printed, indented.
#[track_caller]
pub(crate) fn check(found: &str, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(|line| line.strip_prefix(INDENT).unwrap_or(line)).collect();
    let found: Vec<&str> = found.lines().collect();
    assert!(found == expected, "found:\n{}\n\nexpected:\n{}", found.join("\n"), expected.join("\n"));
}
