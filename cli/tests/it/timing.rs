//! Where the time of a run went, as the command says it.

use std::process::Command;

use tense_event::Status;

use super::runs::{Bench, life, loan};
use super::said::said;

#[test]
fn the_critical_path_is_what_everything_waited_for() {
    Bench::with(loan()).check(
        &["critical-path", "last"],
        "
dispatch.loan  5.02 s  failed
     +0 ns   100 µs    0.0 %  dispatch.loan
   +100 µs   3.1 ms    0.1 %  dispatch.validate
   +3.2 ms   800 µs    0.0 %  dispatch.loan
   +4.0 ms   1.0 ms    0.0 %  dispatch.credit
   +5.0 ms   400 µs    0.0 %  operation.ledger.reserved
   +5.4 ms  19.6 ms    0.4 %  dispatch.credit
  +25.0 ms   1.0 ms    0.0 %  dispatch.loan
  +26.0 ms   4.97 s   99.1 %  dispatch.funding
   +5.00 s   300 µs    0.0 %  operation.ledger.debit_failed
   +5.00 s   5.7 ms    0.1 %  dispatch.funding
   +5.01 s   4.0 ms    0.1 %  dispatch.loan
   +5.01 s   1.2 ms    0.0 %  dispatch.release_credit
   +5.01 s   8.8 ms    0.2 %  dispatch.loan",
    );
}

#[test]
fn a_long_path_is_told_by_its_longest_parts_and_a_narrow_screen_is_kept_to() {
    let steps = (2..=300_u64).flat_map(|n| {
        let took = if n % 50 == 0 { 9 } else { 3 };
        life(
            0x81,
            n,
            1,
            "dispatch.a_step_with_a_name_that_is_rather_long_for_one",
            Status::Success,
            n * 10..n * 10 + took,
        )
    });
    let bench = Bench::with(steps.chain(life(0x81, 1, 0, "dispatch.batch", Status::Success, 0..10_000)));
    let mut narrow: Command = bench.command(&["critical-path", "last"]);
    let said = said(narrow.env("COLUMNS", "60").output().unwrap());
    let lines: Vec<_> = said.out.lines().collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 60), "{}", said.out);
    assert!(lines.len() < 60 && said.out.contains("shorter stretches"), "{}", said.out);
    // The end, the time before the first step, and the six long steps stand by themselves.
    assert!(lines.last().is_some_and(|line| line.ends_with("69.9 %  dispatch.batch")), "{}", said.out);
}

#[test]
fn the_path_for_programs_has_no_hole() {
    let said = Bench::with(loan()).ask(&["critical-path", "last", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let took = |part: &serde_json::Value| part["duration_ms"].as_f64().unwrap();
    let path = answer["path"].as_array().unwrap();
    assert_eq!((took(&answer), path.len()), (5020.0, 13));
    assert!((path.iter().map(took).sum::<f64>() - 5020.0).abs() < 1e-6);
    assert_eq!(path[7]["event_type"], "dispatch.funding.fail");
}

#[test]
fn a_root_that_never_ended_is_what_was_waited_for() {
    let [begin, _] = life(0x82, 1, 0, "dispatch.batch", Status::Success, 0..9_000);
    let step = life(0x82, 2, 1, "dispatch.step", Status::Success, 1_000..8_000);
    let elsewhere = life(0x82, 3, 77, "dispatch.side", Status::Success, 2_000..3_000);
    let said = Bench::with([begin].into_iter().chain(step).chain(elsewhere)).ask(&["critical-path", "last"]);
    assert!(said.out.trim_start().starts_with("dispatch.batch  8.0 ms"), "{}", said.out);
}
