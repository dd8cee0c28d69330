//! What a pipeline did not come to, left out, or could not list: questions about it, and their answers.

use tense_event::{ErrorKind, Status};

use super::runs::{Bench, error, life, loan};

#[test]
fn what_was_left_out_is_told_beside_what_never_ran() {
    let mut events = loan();
    let pipeline = events.iter_mut().find(|event| event.event_type == "dispatch.loan.start").unwrap();
    let declared = ["validate", "gift", "credit", "insure", "funding", "notify"].map(|name| format!("dispatch.{name}"));
    pipeline.data.insert("stages", declared.to_vec());
    pipeline.data.insert("skipped", vec!["dispatch.gift", "dispatch.insure"]);
    Bench::with(events).check(
        &["why", "last"],
        "
dispatch.loan failed after 5.02 s: insufficient funds (FundingError) in dispatch.funding, src/stages.rs:41
  because operation.ledger.debit_failed: balance 120 < 5000
  compensated: dispatch.credit · not compensated: none · never ran: dispatch.notify · skipped: dispatch.gift, dispatch.insure",
    );
}

#[test]
fn a_list_of_stages_that_was_cut_is_told_to_be_one() {
    let mut events = loan();
    let pipeline = events.iter_mut().find(|event| event.event_type == "dispatch.loan.start").unwrap();
    pipeline.cut.push("stages".to_owned());
    let bench = Bench::with(events);
    let said = bench.ask(&["why", "last"]).out;
    assert!(said.contains("never ran: dispatch.notify, and what had no room in the list of dispatch.loan\n"), "{said}");
    assert!(bench.ask(&["why", "last", "--json"]).out.contains(r#""stages_cut":["0000000000000001"]"#));
    let tree = bench.ask(&["tree", "last"]).out;
    let [.., absent, cut, _] = tree.lines().collect::<Vec<_>>()[..] else { panic!("{tree}") };
    assert!(absent.starts_with("├─ dispatch.notify ") && absent.ends_with("  never ran"), "{tree}");
    assert!(cut.starts_with("└─ .. ") && cut.ends_with("  list of stages cut"), "{tree}");
}

#[test]
fn a_run_that_was_told_to_stop_is_no_dropped_one() {
    let [mut start, mut end] = life(0x31, 1, 0, "dispatch.loan", Status::Failed, 0..3_000);
    start.data.insert("stages", vec!["dispatch.validate", "dispatch.notify"]);
    end.error = error(ErrorKind::Cancelled, "Stopped", "told to stop");
    let mut validate = life(0x31, 2, 1, "dispatch.validate", Status::Success, 100..200);
    validate[0].data.insert("compensate", "forget");
    let bench = Bench::with([start, end].into_iter().chain(validate));
    bench.check(
        &["why", "last"],
        "
dispatch.loan was cancelled after 3.0 ms: told to stop
  compensated: none · not compensated: dispatch.validate (compensation not seen) · never ran: dispatch.notify",
    );
    let tree = bench.ask(&["tree", "last"]).out;
    assert!(tree.lines().next().unwrap().ends_with("  cancelled  told to stop"), "{tree}");
}
