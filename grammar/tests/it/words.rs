//! Single words: past or not, participles, bases.

use tense_grammar::{Past, base, is_past, participle};

#[test]
fn participles() {
    let table = "write written, read read, commit committed, prefer preferred, permit permitted, debug debugged, remap remapped,
        unzip unzipped, snapshot snapshotted, bootstrap bootstrapped, set set, reset reset, break broken, init initialized,
        sync synced, recv received, alloc allocated, panic panicked, traffic trafficked, mimic mimicked, apply applied,
        deploy deployed, convey conveyed, skip skipped, stop stopped, fix fixed, show shown, quiz quizzed, map mapped,
        free freed, agree agreed, tie tied, queue queued, update updated, visit visited, open opened, equip equipped,
        rewrite rewritten, outshine outshone, rewind rewound, relay relayed, remind reminded, failover failed_over,
        cutover cut_over, checkout checked_out, shutdown shut_down, setup set_up, lead led, get got, flush flushed,
        push pushed, log logged, plan planned, cancel canceled, transfer transferred, offer offered, sum summed,
        shard sharded, evict evicted, try tried, retry retried, ack acked, upsert upserted, throw thrown, swap swapped";
    for (verb, expected) in pairs(table) {
        assert_eq!(participle(verb), expected, "{verb}");
    }
}

#[test]
fn bases() {
    let table = "created create, updated update, written write, wrote write, set set, rolled roll, synced sync, applied apply,
        committed commit, cancelled cancel, canceled cancel, labelled label, focussed focus, learnt learn, led lead, shed shed,
        freed free, agreed agree, queued queue, panicked panic, tied tie, left leave, found find, upserted upsert,
        frobnicated frobnicate, deduped dedupe, added add, passed pass, filled fill, hopped hop, hoped hope, rewrote rewrite,
        scheduled schedule, enabled enable, changed change, parsed parse, released release, exchanged exchange,
        snapshotted snapshot, offered offer, explored explore, monitored monitor, drained drain, resent resend,
        fsynced fsync, broadcasted broadcast, multicasted multicast, inputted input, obsoleted obsolete, tombstoned tombstone,
        linted lint, mined mine, gzipped gzip, diffed diff, sharded shard";
    for (past, expected) in pairs(table) {
        assert_eq!(base(past).as_deref(), Some(expected), "{past}");
    }
    for not_past in ["status", "seed", "create", "hundred", "present"] {
        assert_eq!(base(not_past), None, "{not_past}");
    }
}

#[test]
fn what_only_looks_past() {
    let traps = "present background outcome underground comet debit dissent subset upbeat foreground outbound offbeat hotshot
        need feed seed embed exceed proceed succeed speed breed bleed bed red hundred sacred naked infrared deed creed seaweed
        wicked dogged ragged relent beat heartbeat watershed testbed newbed seedbed flatbed newsfeed shred reseed id edit";
    for trap in traps.split_whitespace() {
        assert_eq!(is_past(trap), Past::No, "{trap}");
    }
    for both in
        "read set put cut split run hit cost let shut spread reset rerun reread input output offset broadcast left felt
        ground bound fell lay saw rose bore bit lit rent bent spoke shot clad laden overlay rebound recut resent
        preset multicast unicast"
            .split_whitespace()
    {
        assert_eq!(is_past(both), Past::Both, "{both}");
    }
}

#[test]
fn what_ends_in_bed_and_is_past() {
    for past in "grabbed climbed curbed probed described tubed bulbed".split_whitespace() {
        assert_eq!(is_past(past), Past::Yes, "{past}");
    }
}

/// What nobody listed inflects by the rules of spelling, and back.
#[test]
fn new_verbs_work_unlisted() {
    for (verb, past) in pairs("frobnicate frobnicated, yeet yeeted, grok grokked, kubectl kubectled, blorp blorped") {
        assert_eq!(participle(verb), past);
        assert_eq!(is_past(past), Past::Yes, "{past}");
    }
}

fn pairs(table: &str) -> impl Iterator<Item = (&str, &str)> {
    table.split(',').map(|pair| pair.trim().split_once(' ').unwrap())
}
