//! All forms of a word, from any of them.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use tense_grammar::{
    Conjugation, Past, Registry, base, conjugate, gerund, is_past, participle, simple_past, third_person,
};

fn forms(conjugation: &Conjugation) -> String {
    let Conjugation { base, past, participle, third_person, gerund, .. } = conjugation;
    format!("{base} {past} {participle} {third_person} {gerund}")
}

/// Of each line every word is asked for, and all have the same answer: base, past, participle, third person, gerund.
#[test]
fn any_form_leads_to_all() {
    let verbs = "write wrote written writes writing
        create created created creates creating
        set set set sets setting
        put put put puts putting
        split split split splits splitting
        preset preset preset presets presetting
        multicast multicast multicast multicasts multicasting
        fsync fsynced fsynced fsyncs fsyncing
        run ran run runs running
        begin began begun begins beginning
        forget forgot forgotten forgets forgetting
        commit committed committed commits committing
        cancel canceled canceled cancels canceling
        panic panicked panicked panics panicking
        try tried tried tries trying
        deploy deployed deployed deploys deploying
        fetch fetched fetched fetches fetching
        process processed processed processes processing
        tie tied tied ties tying
        agree agreed agreed agrees agreeing
        veto vetoed vetoed vetoes vetoing
        redo redid redone redoes redoing
        have had had has having
        singe singed singed singes singeing
        upsert upserted upserted upserts upserting
        dedupe deduped deduped dedupes deduping
        enqueue enqueued enqueued enqueues enqueuing
        ack acked acked acks acking
        shard sharded sharded shards sharding
        backfill backfilled backfilled backfills backfilling
        unzip unzipped unzipped unzips unzipping
        debug debugged debugged debugs debugging
        rewrite rewrote rewritten rewrites rewriting
        overwrite overwrote overwritten overwrites overwriting
        yeet yeeted yeeted yeets yeeting
        frobnicate frobnicated frobnicated frobnicates frobnicating
        log_in logged_in logged_in logs_in logging_in
        roll_back rolled_back rolled_back rolls_back rolling_back
        tear_down tore_down torn_down tears_down tearing_down";
    for line in verbs.lines().map(str::trim) {
        for form in line.split(' ') {
            assert_eq!(forms(&conjugate(form)), line, "{form}");
        }
    }
}

#[test]
fn words_that_are_no_verbs_yet() {
    for (word, expected) in [
        ("rollback", "roll_back rolled_back rolled_back rolls_back rolling_back"),
        ("login", "log_in logged_in logged_in logs_in logging_in"),
        ("setup", "set_up set_up set_up sets_up setting_up"),
        ("breakdown", "break_down broke_down broken_down breaks_down breaking_down"),
        ("init", "init initialized initialized initializes initializing"),
        ("sync", "sync synced synced syncs syncing"),
        ("exec", "exec executed executed executes executing"),
        ("status_update", "status_update status_updated status_updated status_updates status_updating"),
        ("written_to_disk", "write_to_disk wrote_to_disk written_to_disk writes_to_disk writing_to_disk"),
        ("cancelled", "cancel canceled canceled cancels canceling"),
        ("dying", "die died died dies dying"),
        ("hoping", "hope hoped hoped hopes hoping"),
        ("hopping", "hop hopped hopped hops hopping"),
        ("planes", "plane planed planed planes planing"),
        ("quizzed", "quiz quizzed quizzed quizzes quizzing"),
        ("string", "string strung strung strings stringing"),
    ] {
        assert_eq!(forms(&conjugate(word)), expected, "{word}");
    }
}

#[test]
fn it_says_what_was_asked_for() {
    let written = conjugate("written");
    assert_eq!((written.word.as_str(), written.is_past), ("written", Past::Yes));
    assert_eq!(conjugate("set").is_past, Past::Both);
    assert_eq!(conjugate("seed").is_past, Past::No);
    assert_eq!(conjugate("rolled_back").is_past, Past::Yes);
}

#[test]
fn words_of_the_project_come_first() {
    let text = "version = 1\n[words]\nblowup = \"blown_up\"\nwebhook = \"webhooked\"\nsunset = \"sunset\"\n";
    let registry = Registry::parse(text).unwrap();
    assert_eq!(forms(&registry.conjugate("blowup")), "blow_up blew_up blown_up blows_up blowing_up");
    assert_eq!(registry.conjugate("webhooked").base, "webhook");
    assert_eq!(registry.conjugate("sunset").past, "sunset");
    assert_eq!(registry.conjugate("rollback"), conjugate("rollback"));
}

/// Verbs whose forms belong to nobody else.
const VERBS: &[&str] = &[
    "accept",
    "apply",
    "begin",
    "build",
    "cancel",
    "check",
    "commit",
    "copy",
    "create",
    "debug",
    "defer",
    "delete",
    "drop",
    "embed",
    "emit",
    "fetch",
    "find",
    "fix",
    "freeze",
    "hit",
    "merge",
    "overwrite",
    "panic",
    "plan",
    "process",
    "put",
    "queue",
    "read",
    "redo",
    "replace",
    "reset",
    "retry",
    "rewrite",
    "seed",
    "send",
    "set",
    "skip",
    "split",
    "start",
    "submit",
    "sync",
    "throw",
    "tie",
    "transfer",
    "undo",
    "unzip",
    "update",
    "upsert",
    "validate",
    "write",
    "yield",
];

/// Endings and letters that the rules look at, so that they meet each other.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,12}",
        "[a-z_]{0,12}",
        "(re|un|out|under|over|mis)?[a-z]{0,5}(ed|eed|ing|ying|ies|es|s|e|y|ck|ll|qu)?(_up|_to_disk)?",
        "[A-Zäß€]{0,3}(ed|ing|s)?",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_word_makes_it_panic(word in word()) {
        let conjugation = conjugate(&word);
        prop_assert_eq!(&conjugation.word, &word);
        let _ = (third_person(&word), gerund(&word), simple_past(&word));
        prop_assert_eq!(Registry::builtin().conjugate(&word), conjugation);
    }

    #[test]
    fn every_form_of_a_verb_leads_back(verb in prop::sample::select(VERBS)) {
        let conjugation = conjugate(verb);
        prop_assert_eq!(conjugation.base.as_str(), verb);
        prop_assert_ne!(is_past(&conjugation.participle), Past::No);
        prop_assert_ne!(is_past(&conjugation.past), Past::No);
        prop_assert_eq!(base(&conjugation.participle), Some(verb.to_owned()));
        for form in [&conjugation.participle, &conjugation.past, &conjugation.third_person, &conjugation.gerund] {
            prop_assert_eq!(forms(&conjugate(form)), forms(&conjugation), "{}", form);
        }
    }

    /// Verbs of tomorrow: two syllables that no table knows.
    #[test]
    fn the_participle_of_any_verb_is_past(verb in "[bdfgklmnprstvz][aiou][bdfgklmnprstvz][aiou][bdgkmnprt]") {
        // `logon` is among them, whose past is two words
        let participle = participle(&verb);
        prop_assert_ne!(is_past(participle.split('_').next().unwrap()), Past::No);
    }
}

/// A word of 100 kB costs as much by the letter as a short one.
#[test]
fn long_words_take_linear_time() {
    let began = Instant::now();
    for part in ["a", "re", "un", "a_", "up_", "ing", "ed", "ee", "ll", "s", "Ä", "y"] {
        for ending in ["", "ed", "ing", "ies", "s"] {
            let word = part.repeat(100_000 / part.len()) + ending;
            let conjugation = conjugate(&word);
            assert!(conjugation.gerund.len() <= word.len() + 16);
            let _ = (third_person(&word), gerund(&word), simple_past(&word));
        }
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn be_is_a_verb_like_no_other() {
    let be = conjugate("be");
    assert_eq!((&*be.participle, &*be.gerund, &*conjugate("being").base), ("been", "being", "be"));
    assert_eq!(conjugate("were").base, "be");
}
