//! A test alone: SQLite itself says which statements it executes while the shipped workflows run, and for each of them
//! there has to be one event `sql.query`. What went past the one door would be missing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::trace::{TraceEvent, TraceEventCodes};
use tense_layer::testing::capture;
use tokio::runtime::Builder;

use super::{Store, runs};
use crate::catalog::{Library, Text};
use crate::definition::Definition;
use crate::run::Engine;
use crate::serve;
use crate::shipped::{self, NESTED, WORKFLOWS};
use crate::task::http::Http;
use crate::terminal::Output;
use crate::together::{Rows, run_all};

/// So many statements tell no more than a ring has room for.
const A_RING: usize = 100;

#[test]
fn every_statement_that_is_executed_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    shipped::lay_out(folder.path()).unwrap();
    let store = Store::open(&folder.path().join("state.db")).unwrap();
    let (mut library, mut rows) = (Library::default(), Vec::new());
    for (shipped, is_run) in NESTED.iter().map(|own| (own, false)).chain(WORKFLOWS.iter().map(|own| (own, true))) {
        let name = Definition::parse(shipped.file, shipped.text).unwrap().name;
        library.add(name.clone(), Text { file: shipped.file.to_owned(), text: shipped.text.to_owned() });
        if is_run {
            let (row, input) = ((name.as_str(), shipped.file, shipped.text), shipped::input(folder.path()));
            rows.push(store.with(|db| runs::insert(db, row, &input, None)).unwrap());
        }
    }
    let executed = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&executed);
    let count = move |event: TraceEvent<'_>| {
        let TraceEvent::Stmt(_, statement) = event else { return };
        let mut list = list.lock().unwrap();
        list.push(statement.to_owned());
        if list.len() % A_RING == 0 {
            tense_layer::flush(Duration::from_secs(10));
        }
    };
    store.0.lock().unwrap().trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(count)).unwrap();

    let capture = capture();
    // On this thread, whose events are captured.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let ran = runtime.block_on(async {
        let http = Http::new(serve::serve().await.unwrap()).unwrap();
        let engine = Engine { store, http, library, most_tokens: 1_000 };
        run_all(engine, Rows { resumed: Vec::new(), new: rows }, &mut Output::default()).await
    });
    ran.unwrap();
    drop(runtime);
    let events = capture.events();
    let told = events.iter().filter(|event| event.event_type == "sql.query");
    let mut told: Vec<_> = told.map(|event| event.data.get("statement").unwrap().as_str().unwrap()).collect();
    let executed = executed.lock().unwrap();
    let mut executed: Vec<_> = executed.iter().map(String::as_str).collect();
    told.sort_unstable();
    executed.sort_unstable();
    assert!(executed.len() > 2_000, "{}", executed.len());
    assert_eq!(told, executed);
}
