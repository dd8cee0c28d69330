//! What goes when `tense purge` is asked, and what stays.

use super::runs::Bench;
use super::search::shop;

#[test]
fn old_runs_go_and_new_ones_stay() {
    let mut old = shop();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64;
    let last = old.iter().map(|event| event.timestamp.unix_nanos()).max().unwrap();
    // The last run ended an hour ago, the two before it a day earlier.
    for event in &mut old {
        let is_last = event.trace_id.short() == "0000a002";
        let shift = now - last - 3_600_000_000_000 - if is_last { 0 } else { 86_400_000_000_000 };
        event.timestamp = tense_event::Timestamp::from_unix_nanos(event.timestamp.unix_nanos() + shift);
    }
    let bench = Bench::with(old);
    let dry = bench.ask(&["purge", "--older-than", "12h", "--dry-run"]);
    assert!(dry.out.starts_with("would remove 2 traces with 8 events, about "), "{}", dry.out);
    assert_eq!((dry.err.as_str(), dry.code), ("", Some(0)));
    assert_eq!(bench.ask(&["traces"]).out.lines().count(), 3);

    let unasked = {
        let mut command = bench.command(&["purge", "--older-than", "12h"]);
        super::said::said(command.stdin(std::process::Stdio::null()).output().unwrap())
    };
    assert_eq!((unasked.code, unasked.out.as_str()), (Some(1), ""));
    assert!(
        unasked
            .err
            .contains("2 traces with 8 events are about to be removed for ever, and there is nobody to ask: say --yes"),
        "{}",
        unasked.err
    );
    assert_eq!(bench.ask(&["traces"]).out.lines().count(), 3);

    let done = bench.ask(&["purge", "--older-than", "12h", "--yes"]);
    assert!(done.out.starts_with("removed 2 traces with 8 events, "), "{}", done.out);
    assert_eq!((done.err.as_str(), done.code), ("", Some(0)));
    assert_eq!(bench.ask(&["search", "--json"]).json_whole()["events"].as_array().unwrap().len(), 4);

    let again = bench.ask(&["purge", "--older-than", "12h", "--yes"]);
    assert_eq!((again.out.as_str(), again.err.as_str(), again.code), ("", "there is nothing to remove\n", Some(3)));
    let all = bench.ask(&["purge", "--larger-than", "0B", "--yes", "--json"]).json_whole();
    assert_eq!(
        (all["traces"].as_u64(), all["events"].as_u64(), all["removed"].as_bool()),
        (Some(1), Some(4), Some(true))
    );
    assert_eq!(bench.ask(&["traces"]).code, Some(3));
}

#[test]
fn what_is_to_go_has_to_be_said() {
    let bench = Bench::with(shop());
    for (arguments, expected) in [
        (&["purge"] as &[&str], "--older-than"),
        (&["purge", "--older-than", "90"], "write a number and its unit, one of ns"),
        (&["purge", "--larger-than", "2"], "a size is a number and its unit"),
    ] {
        let said = bench.ask(arguments);
        assert!(said.code == Some(2) && said.err.contains(expected), "{}", said.err);
    }
    let nowhere = bench.ask(&["purge", "--older-than", "1d", "--yes", "--db", "none.db"]);
    assert_eq!(nowhere.code, Some(1));
    assert!(nowhere.err.starts_with("error: no database at none.db, which --db names"), "{}", nowhere.err);
    assert!(!bench.path().with_file_name("none.db").exists());
    std::fs::write(bench.path().with_file_name("notes.txt"), "not a database, but long enough to look at").unwrap();
    let foreign = bench.ask(&["purge", "--older-than", "1d", "--yes", "--db", "notes.txt"]);
    assert!(foreign.code == Some(1) && foreign.err.contains("not a tense database"), "{}", foreign.err);
}
