//! The program is killed in the middle of a loan: what had ended is there, what had not is shown as not finished.

use std::time::{Duration, Instant};

use tense_store::Outcome;

use crate::program::{Desk, check, tree, until};

#[test]
fn a_killed_program_leaves_a_database_that_tells_what_it_was_doing() {
    let desk = Desk::new();
    let three = ["--only", "L001", "--only", "L002", "--only", "L031"];
    // A temporary ledger would stay behind: nobody is left to remove it.
    let program = desk.start(&[&three[..], &["--hold", "L002", "--ledger", "ledger.db"]].concat());

    // Both others have been decided when their lines are printed.
    until("two applications are decided", || (desk.printed().lines().count() == 2).then_some(()));
    let decided = Instant::now();
    until("what has ended and what has begun is stored", || {
        let has_ended = |id| desk.find(id).is_some_and(|trace| trace.gaps().open.is_empty());
        let is_held = || {
            let trace = desk.find("L002")?;
            trace.spans().iter().find(|span| span.name == "dispatch.funding" && span.outcome == Outcome::Open)?;
            Some(())
        };
        if has_ended("L001") && has_ended("L031") { is_held() } else { None }
    });
    // The promise is 250 ms; the rest is for a machine that is busy with other things.
    let late = decided.elapsed();
    assert!(late < Duration::from_secs(5), "stored after {late:?}");
    let before: Vec<_> = ["L001", "L031"].map(|id| tree(&desk.trace(id))).into();

    let status = program.kill();
    assert!(!status.success());

    // The file opens, and nothing that was there is lost.
    let after: Vec<_> = ["L001", "L031"].map(|id| tree(&desk.trace(id))).into();
    assert_eq!(before, after);
    let killed = desk.trace("L002");
    check(
        &tree(&killed),
        "dispatch.loan  application=L002  not finished
        ├─ dispatch.validate
        ├─ dispatch.credit
        │  └─ operation.ledger.reserved  amount=1700
        ├─ dispatch.funding  not finished
        └─ dispatch.notify  has not run",
    );
    let why = killed.why();
    assert_eq!(why.open.iter().map(|span| span.label()).collect::<Vec<_>>(), ["dispatch.funding"]);
    assert_eq!(why.never_ran.iter().map(|absent| absent.stage).collect::<Vec<_>>(), ["dispatch.notify"]);

    // And the next program writes to it as if nothing had happened.
    assert_eq!(desk.run(&["--only", "L003"]).code, Some(0));
    assert_eq!(desk.traces().len(), 4);
    assert_eq!(desk.trace("L003").roots().next().unwrap().outcome, Outcome::Success);
}

/// Decides everything but one held application, and is killed 250 ms after the last line was printed. Gives the decided
/// applications that are not in the database as a whole.
fn lost_after_a_quarter_of_a_second() -> Vec<String> {
    let desk = Desk::new();
    let program = desk.start(&["--hold", "L002", "--ledger", "ledger.db"]);
    until("all others are decided", || (desk.printed().lines().count() == 95).then_some(()));
    let decided = Instant::now();
    until("a quarter of a second is over", || (decided.elapsed() > Duration::from_millis(250)).then_some(()));
    program.kill();
    let printed = desk.printed();
    let ids = printed.lines().filter_map(|line| line.split_whitespace().next());
    let is_whole = |id: &str| desk.find(id).is_some_and(|trace| trace.gaps().open.is_empty());
    ids.filter(|id| !is_whole(id)).map(str::to_owned).collect()
}

#[test]
fn what_ended_a_quarter_of_a_second_before_the_kill_is_there() {
    // A promise of a machine that has a moment for it; on one that is busy with other tests it may take another try.
    let tries: Vec<_> =
        (0..5).map(|_| lost_after_a_quarter_of_a_second()).take_while(|lost| !lost.is_empty()).collect();
    assert!(tries.len() < 5, "lost every time: {tries:?}");
}
