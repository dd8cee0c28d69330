//! What goes when `tense purge` is asked, and what stays.

use std::process::Stdio;
use std::time::Duration;

use tense_event::{SpanId, TraceId};

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

    let unsaid = bench.ask(&["purge"]);
    assert!(unsaid.err.contains("<--older-than <TIME>|--larger-than <SIZE>>"), "{}", unsaid.err);
    assert_eq!((unsaid.out.as_str(), unsaid.code), ("", Some(2)));

    let unasked = {
        let mut command = bench.command(&["purge", "--older-than", "12h"]);
        super::said::said(command.stdin(Stdio::null()).output().unwrap())
    };
    assert_eq!((unasked.code, unasked.out.as_str()), (Some(1), ""));
    assert!(
        unasked.err.contains("this removes 2 traces with 8 events for ever, and there is nobody to ask: say --yes"),
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

/// A full disk is why somebody removes what is old, and that takes a little room first.
#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_it_says_what_it_takes_and_goes_on_with_a_little_room() {
    let bench = Bench::with(shop());
    let folder = bench.folder();
    // As a file that lies there, with nobody who has it open.
    let copy = folder.join("copy.db");
    rusqlite::Connection::open(bench.path()).unwrap().execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let program = env!("CARGO_BIN_EXE_tense");
    // How much room there is, and what is asked then. A disk of its own takes a mount space of its own.
    let script = format!(
        "set -e; mkdir disk; mount -t tmpfs -o size=2m tense disk; cp copy.db disk/tense.db; cd disk
         head -c 4000000 /dev/zero > filler 2>/dev/null || true
         ask() {{ echo \"== $*\"; '{program}' \"$@\" --db tense.db 2>&1 || echo \"code $?\"; }}
         ask traces
         ask purge --larger-than 0B --yes
         truncate -s -36864 filler
         ask purge --larger-than 0B --yes
         truncate -s -524288 filler
         ask purge --larger-than 0B --yes"
    );
    let mut command = std::process::Command::new("unshare");
    command.args(["-rm", "sh", "-c", &script]).current_dir(folder).env("COLUMNS", "200").env("TZ", "UTC");
    let Ok(output) = command.output() else { return };
    let out = String::from_utf8(output.stdout).unwrap();
    let told: Vec<&str> = out.split("== ").skip(1).collect();
    // Not every system lets a process mount something.
    let [listed, without, little, enough] = told.as_slice() else {
        return assert!(told.is_empty(), "{out}");
    };
    assert!(listed.contains("dispatch.checkout") && !listed.contains("code"), "it can be read: {listed}");
    for said in [without, little] {
        assert!(said.contains("the disk is full; make room, and try again") && said.contains("code 1"), "{said}");
    }
    assert!(little.contains("after 0 traces with 0 events had been removed: what is to be removed takes"), "{little}");
    assert!(enough.contains("removed 3 traces with 12 events"), "{enough}");
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

/// Ten steps of it.
fn much() -> Bench {
    let one = shop().swap_remove(0);
    Bench::with((0..20_000_u64).map(|nth| {
        let mut event = one.clone();
        (event.trace_id, event.span_id) = (TraceId::from_halves(7, nth / 8 + 1), SpanId::new(nth + 1).unwrap());
        event
    }))
}

/// Without a pause between two steps, 97 of 100 looks are in vain, and whoever looks ever less often, as SQLite does,
/// may wait until the end.
#[test]
fn programs_write_while_much_is_removed() {
    let bench = much();
    let db = rusqlite::Connection::open(bench.path()).unwrap();
    db.busy_timeout(Duration::ZERO).unwrap();
    let mut purge = bench.command(&["purge", "--larger-than", "0B", "--yes"]).stdout(Stdio::null()).spawn().unwrap();
    // Whether each look found that somebody writes.
    let mut looks = Vec::new();
    while purge.try_wait().unwrap().is_none() {
        looks.push(db.execute_batch("BEGIN IMMEDIATE; COMMIT").is_err());
        std::thread::sleep(Duration::from_millis(1));
    }
    // Before the first step and behind the last one nobody is in the way.
    let first = looks.iter().position(|in_vain| *in_vain).unwrap();
    let last = looks.iter().rposition(|in_vain| *in_vain).unwrap();
    let within = &looks[first..=last];
    let in_vain = within.iter().filter(|in_vain| **in_vain).count();
    assert!(in_vain * 5 < within.len() * 4, "{in_vain} of {} looks in vain", within.len());
    assert_eq!(bench.ask(&["traces"]).code, Some(3));
}
