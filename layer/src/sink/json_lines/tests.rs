//! A file, its lines, and what becomes of it when it is full, old, moved, torn or shared.

use std::io::Read;
use std::path::Path;

use tense_event::Event;

use super::*;
use crate::sink::conformance;

fn events(path: &Path) -> Vec<Event> {
    let Ok(mut file) = File::open(path) else { return Vec::new() };
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.split_terminator('\n').map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn event(id: u64) -> CleanEvent {
    use tense_event::{Sanitizer, SpanId, Status, Timestamp, TraceId};
    let id = SpanId::new(id).unwrap();
    let at = Timestamp::from_unix_nanos(0);
    Sanitizer::default().clean(Event::new(TraceId::from_bytes([1; 16]), id, "sql.query", Status::Success, at))
}

fn ids(path: &Path) -> Vec<u64> {
    events(path).iter().map(|event| event.span_id.get()).collect()
}

#[test]
fn it_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    conformance(|| JsonLines::new(&path), || events(&path));
}

#[test]
fn a_full_file_is_set_aside_and_the_oldest_one_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let mut sink = JsonLines::new(&path).max_bytes(1).keep(2);
    for id in 1..=5 {
        sink.deliver(&[event(id)]).unwrap();
    }
    let there = |end: &str| ids(&folder.path().join(format!("events.jsonl{end}")));
    assert_eq!((there(""), there(".1"), there(".2"), there(".3")), (vec![5], vec![4], vec![3], vec![]));
}

#[test]
fn an_old_file_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let mut sink = JsonLines::new(&path);
    sink.deliver(&[event(1)]).unwrap();
    sink.deliver(&[event(2)]).unwrap();
    sink.clock = || SystemTime::now() + Duration::from_secs(86_401);
    sink.deliver(&[event(3)]).unwrap();
    assert_eq!((ids(&path), ids(&folder.path().join("events.jsonl.1"))), (vec![3], vec![1, 2]));
}

#[test]
fn a_file_that_somebody_moved_away_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let mut sink = JsonLines::new(&path);
    sink.deliver(&[event(1)]).unwrap();
    fs::rename(&path, folder.path().join("moved")).unwrap();
    sink.deliver(&[event(2)]).unwrap();
    fs::remove_file(&path).unwrap();
    sink.deliver(&[event(3)]).unwrap();
    assert_eq!((ids(&path), ids(&folder.path().join("moved"))), (vec![3], vec![1]));
}

#[test]
fn two_that_write_to_one_file_do_not_tear_each_others_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let write = |from: u64| {
        let mut sink = JsonLines::new(&path).max_bytes(20_000).keep(1000);
        for id in from..from + 200 {
            while let Err(error) = sink.deliver(&[event(id)]) {
                assert!(matches!(error, SinkError::NothingWritten(_)), "{error:?}");
            }
        }
    };
    std::thread::scope(|threads| {
        threads.spawn(|| write(1));
        threads.spawn(|| write(1001));
    });
    let files = fs::read_dir(folder.path()).unwrap();
    let mut all: Vec<u64> = files.flat_map(|file| ids(&file.unwrap().path())).collect();
    all.sort_unstable();
    assert_eq!(all, (1..=200).chain(1001..=1200).collect::<Vec<_>>());
}

#[test]
fn a_torn_line_of_another_process_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let mut sink = JsonLines::new(&path);
    sink.deliver(&[event(1)]).unwrap();
    let mut other = OpenOptions::new().append(true).open(&path).unwrap();
    other.write_all(b"{\"schema_version\":1,\"tra").unwrap();
    sink.deliver(&[event(2)]).unwrap();
    assert_eq!(ids(&path), [1, 2]);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    JsonLines::new(&path).deliver(&[event(1)]).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_folder_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let error = JsonLines::new(folder.path()).deliver(&[event(1)]).unwrap_err();
    assert!(matches!(error, SinkError::NothingWritten(_)), "{error:?}");
}
