//! `--legacy-events` names a file: what is there already stays as it is, and what cannot be written is told.

use std::fs;

use crate::program::Desk;

/// As small as a workflow may be.
const SMALL: &str =
    r#"{ "name": "small", "start": "only", "nodes": [ { "id": "only", "task": "wait", "input": { "ms": 0 } } ] }"#;

/// A desk on which everything lies that is not to be lost: both databases with a run in them, the definition, a text.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("small.json", SMALL);
    desk.write("notes.txt", "mine\n");
    assert_eq!(desk.run(&["run", "small.json", "--db", "state.db"]).code, Some(0));
    desk
}

#[track_caller]
fn check(desk: &Desk, target: &str) {
    let said = desk.run(&["run", "small.json", "--db", "state.db", "--legacy-events", target]);
    let expected =
        format!("error: write {target}: it is there already, and nothing is written over: name a file that is not\n");
    assert_eq!((said.err.as_str(), said.out.as_str(), said.code), (expected.as_str(), "", Some(1)));
    let read = |file| fs::read_to_string(desk.path(file)).unwrap();
    assert_eq!((read("small.json").as_str(), read("notes.txt").as_str()), (SMALL, "mine\n"));
    // The databases have what they had, and nothing was begun that somebody would have to go on with.
    assert_eq!(desk.query("state.db", "SELECT number, status FROM runs"), [("1".to_owned(), "completed".to_owned())]);
    assert_eq!(desk.traces().len(), 1);
}

#[test]
fn what_is_there_already_is_not_written_over() {
    let desk = desk();
    for file in ["state.db", "tense.db", "small.json", "notes.txt"] {
        check(&desk, file);
        check(&desk, &format!("./{file}"));
        check(&desk, desk.path(file).to_str().unwrap());
        fs::hard_link(desk.path(file), desk.path("other")).unwrap();
        check(&desk, "other");
        fs::remove_file(desk.path("other")).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(file, desk.path("link")).unwrap();
            check(&desk, "link");
            fs::remove_file(desk.path("link")).unwrap();
        }
    }
}

/// The two databases are made before the file for the lines is, and so refuse it its name.
#[test]
fn a_database_that_is_yet_to_be_made_is_as_good_as_there() {
    for file in ["state.db", "tense.db"] {
        let desk = Desk::new();
        desk.write("small.json", SMALL);
        let said = desk.run(&["run", "small.json", "--db", "state.db", "--legacy-events", file]);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
        assert!(said.err.starts_with(&format!("error: write {file}: it is there already")), "{}", said.err);
        // They are what they have to be.
        let said = desk.run(&["run", "small.json", "--db", "state.db", "--legacy-events", "old.jsonl"]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        assert_eq!(desk.traces().len(), 1);
    }
}

#[test]
fn a_place_where_no_file_can_be_is_told() {
    let desk = desk();
    let check = |target: &str| {
        let said = desk.run(&["run", "small.json", "--legacy-events", target]);
        assert!(said.err.starts_with(&format!("error: write {target}: ")), "{}", said.err);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    };
    check("no/such/folder/old.jsonl");
    fs::create_dir(desk.path("folder")).unwrap();
    check("folder");
}

/// A device that takes nothing stands for a disk that is full. The trace database has nothing to do with that.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_what_was_not_written_is_not_counted() {
    let desk = Desk::new();
    let said = desk.run(&["run", "--legacy-events", "/dev/full"]);
    let expected =
        "error: write /dev/full: it has no more lines than are counted: No space left on device (os error 28)\n";
    assert_eq!((said.code, said.err.as_str()), (Some(1), expected));
    assert!(said.out.contains("5 workflows: 4 completed, 1 failed\n"), "{}", said.out);
    // All events are stored all the same, and counted; of the old ones there are none.
    let stored: u64 = desk.event_counts().into_values().sum();
    let all: Vec<_> = said.out.lines().filter(|line| line.trim_start().starts_with("all ")).collect();
    assert_eq!(all[0].split_whitespace().collect::<Vec<_>>(), ["all", &stored.to_string(), "0"]);
    assert!(all[1].ends_with(" 0"), "{}", said.out);
    assert!(desk.traces().iter().all(|trace| trace.gaps().is_empty()));
}

/// What takes lines and keeps none may be named as often as one likes.
#[cfg(unix)]
#[test]
fn a_device_is_no_file_that_could_be_lost() {
    let desk = Desk::new();
    for _ in 0..2 {
        let said = desk.run(&["run", "--legacy-events", "/dev/null"]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        assert!(said.out.contains("% fewer"), "{}", said.out);
    }
}
