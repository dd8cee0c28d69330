//! The ways in which a person names a trace, each given to every command that takes one: all of them lead to the same
//! answer. And the database, in the order in which it is looked for.

use tense_event::{Event, Sanitizer, Status};
use tense_store::{SqliteStore, Store};

use super::asked::{Asked, all, in_time, staged, tense};
use super::runs::{Bench, LOAN, life};
use super::said::{Said, said};

/// Ends as the loan does, and began earlier.
const OTHER: u128 = 0x0190_163d_0000_0000_0000_0000_77c1_d2e3;
const JOB: &str = "L123";

/// Two traces: the one that is asked for is the latest, has failed, and is that of a job.
fn two() -> Bench {
    let mut other: Vec<Event> = life(OTHER, 1, 0, "dispatch.other", Status::Success, 0..1_000).to_vec();
    for event in &mut other {
        let a_day = 86_400_000_000_000;
        event.timestamp = tense_event::Timestamp::from_unix_nanos(event.timestamp.unix_nanos() - a_day);
    }
    let mut bench = Bench::with(other);
    bench.add(staged());
    bench
}

/// Commands that take a trace, also those that need not have one.
fn of_a_trace() -> Vec<&'static Asked> {
    let takes = |asked: &&Asked| {
        let usage = asked.help.lines().find(|line| line.starts_with("Usage: ")).unwrap();
        asked.is_about_runs && ["<TRACE", "[TRACE]", "<A>", "<B>"].iter().any(|word| usage.contains(word))
    };
    all().iter().filter(takes).collect()
}

#[track_caller]
fn ask(bench: &Bench, asked: &Asked, which: &str) -> Said {
    let mut words: Vec<String> =
        asked.arguments.iter().map(|word| if word == "last" { which.to_owned() } else { word.clone() }).collect();
    if !asked.arguments.iter().any(|word| word == "last") {
        words.push(which.to_owned());
    }
    in_time(&mut tense(bench.folder(), &words), &format!("{} {which}", asked.name))
}

#[test]
fn each_of_them_leads_every_command_to_the_same_trace() {
    let bench = two();
    let id = format!("{LOAN:032x}");
    let ways = [
        id.to_uppercase(),
        id[24..].to_owned(),
        id[24..].to_uppercase(),
        // Digits that no other trace ends in, fewer and more than eight.
        id[25..].to_owned(),
        id[20..].to_owned(),
        format!("{}-{}", &id[16..24], &id[24..]),
        format!("00-{id}-00f067aa0ba902b7-01"),
        "last".to_owned(),
        "last-failed".to_owned(),
    ];
    let commands = of_a_trace();
    assert!(commands.len() > 12, "{}", commands.len());
    for asked in commands {
        let whole = ask(&bench, asked, &id);
        assert_ne!(whole.code, Some(1), "{}: {}", asked.name, whole.err);
        let by_job = [JOB.to_owned(), format!("job:{JOB}")];
        // The hand-offs of a job are those of all its traces.
        let by_job = if asked.name == "correlate" { &[][..] } else { &by_job[..] };
        for way in ways.iter().chain(by_job) {
            let said = ask(&bench, asked, way);
            assert_eq!((&said.out, said.code), (&whole.out, whole.code), "{} {way}: {}", asked.name, said.err);
        }
    }
}

#[test]
fn one_that_may_be_several_lists_them_for_every_command() {
    let bench = two();
    for asked in of_a_trace() {
        let said = ask(&bench, asked, "c1d2e3");
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}: {}", asked.name, said.err);
        for known in [LOAN, OTHER].map(|id| format!("{id:032x}")) {
            assert!(said.err.contains(&known), "{} does not list {known}: {}", asked.name, said.err);
        }
        assert!(said.err.contains("several traces end in these digits; use more of them"), "{}", said.err);
    }
}

#[test]
fn one_that_leads_nowhere_is_told_with_code_three_by_every_command() {
    let bench = two();
    let nowhere = format!("00-{:032x}-00f067aa0ba902b7-01", LOAN + 1);
    for asked in of_a_trace() {
        for which in ["0123abcd", nowhere.as_str(), "job:nobody", "nobody"] {
            let said = ask(&bench, asked, which);
            assert_eq!((said.code, said.out.as_str()), (Some(3), ""), "{} {which}: {}", asked.name, said.err);
            assert!(said.err.contains("tense "), "{}: it does not say what to ask: {}", asked.name, said.err);
        }
    }
}

/// What is said in the question goes before what is set, and that before what lies here; what lies here before what
/// lies above.
#[test]
fn the_database_that_is_named_closest_is_asked() {
    let runs = |name: &str| life(0x11, 1, 0, &format!("dispatch.{name}"), Status::Success, 0..1);
    let [above, set, said_so] = ["above", "set", "said"].map(|name| Bench::with(runs(name)));
    let below = above.folder().join("below");
    std::fs::create_dir(&below).unwrap();
    let [named, variable] = [&said_so, &set].map(|bench| bench.path().to_str().unwrap().to_owned());
    let ask = |more: &[&str], variables: &[(&str, &str)]| {
        let mut command = above.command(&[&["traces"], more].concat());
        let out = said(command.current_dir(&below).envs(variables.iter().copied()).output().unwrap()).out;
        out.split_whitespace().last().unwrap_or_default().to_owned()
    };
    assert_eq!(ask(&[], &[]), "dispatch.above");
    let clean = runs("here").map(|event| Sanitizer::default().clean(event));
    assert_eq!(SqliteStore::open(below.join("tense.db")).unwrap().append(&clean).unwrap().stored, 2);
    assert_eq!(ask(&[], &[]), "dispatch.here");
    assert_eq!(ask(&[], &[("TENSE_DB", &variable)]), "dispatch.set");
    assert_eq!(ask(&["--db", &named], &[("TENSE_DB", &variable)]), "dispatch.said");
}
