//! Words that no dictionary has, or has otherwise: what programs call their doings enters, its inflection leaves.
//!
//! All of it is written by hand. Regular verbs nobody listed work as well; a verb stands here so that it is proposed,
//! and told from a noun.

/// Verbs that programs made, mostly by a prefix: regular ones.
#[rustfmt::skip]
pub(super) const VERBS: &[&str] = &[
    "ack", "allowlist", "anonymize", "autofill", "autoscale", "backfill", "blocklist", "canonicalize", "crosscheck",
    "deadlock", "deallocate", "debounce", "decrement", "dedupe", "deduplicate", "deescalate", "demultiplex",
    "denormalize", "deprovision", "dequeue", "dereference", "deregister", "deselect", "deserialize", "downcase",
    "downsample", "downscale", "encash", "enqueue", "fastforward", "fsync", "increment", "inline", "livelock",
    "lowercase", "memoize", "multiplex", "nack", "offboard", "onboard", "precheck", "precompute", "prefetch", "prefill",
    "preload", "prepend", "preprocess", "preregister", "prevalidate", "reacquire", "reapply", "reattach",
    "reauthenticate", "rebalance", "rebase", "rebrand", "recalibrate", "recheck", "reclone", "recompile", "recompute",
    "reconfigure", "reconnect", "redeclare", "redeliver", "redispatch", "reenqueue", "reenter", "reexecute", "refactor",
    "refetch", "rehydrate", "reimport", "reindex", "reinitialize", "reinsert", "rekey", "relabel", "relaunch", "relist",
    "renumber", "repack", "reparse", "repartition", "replumb", "repopulate", "repost", "reprice", "reprioritize",
    "requery", "requeue", "rerender", "rerequest", "reroute", "resample", "resave", "reshard", "respawn", "restage",
    "resubscribe", "retarget", "retest", "retransform", "retrigger", "revalidate", "reverify", "reweigh", "sideload",
    "tokenize", "transcode", "unarchive", "unassign", "unbundle", "undelete", "undeploy", "unencrypt", "unescape",
    "uninstall", "unlatch", "unlink", "unlist", "unmark", "unmerge", "unmount", "unmute", "unnest", "unpark",
    "unpublish", "unquarantine", "unquote", "unregister", "unschedule", "unserialize", "unshare", "unstack", "unstage",
    "unsubscribe", "unsuspend", "untrack", "upcase", "uppercase", "upscale", "upsert", "whitelist",
];

/// Verbs that programs made and that double their last consonant (`unzip`, `unzipped`).
#[rustfmt::skip]
pub(super) const DOUBLING: &[&str] = &[
    "airdrop", "autocommit", "dedup", "deflag", "defrag", "hotplug", "hotswap", "outrig", "precommit", "preemit",
    "preplan", "presubmit", "rebag", "rebin", "reemit", "reequip", "reformat", "remap", "repin", "replan", "replug",
    "rerig", "rescan", "reskin", "restub", "resub", "retag", "retap", "retrim", "rewrap", "rezip", "snapshot", "subnet",
    "unbag", "unban", "uncap", "unflag", "unmap", "unpeg", "unship", "unsnap", "unstop", "unstub", "unsub", "untag",
    "worship",
];

/// Nouns made of a verb and its particle; the past takes them apart (`rollback`, `rolled_back`).
#[rustfmt::skip]
pub(super) const COMPOUND: &[(&str, &str)] = &[
    ("backoff", "backed_off"), ("backup", "backed_up"), ("blackout", "blacked_out"), ("breakdown", "broken_down"),
    ("breakup", "broken_up"), ("bringup", "brought_up"), ("buildup", "built_up"), ("burndown", "burned_down"),
    ("buyout", "bought_out"), ("callback", "called_back"), ("carryover", "carried_over"),
    ("changeover", "changed_over"), ("checkin", "checked_in"), ("checkout", "checked_out"), ("cleanup", "cleaned_up"),
    ("countdown", "counted_down"), ("crossover", "crossed_over"), ("cutoff", "cut_off"), ("cutover", "cut_over"),
    ("drawdown", "drawn_down"), ("drilldown", "drilled_down"), ("dropout", "dropped_out"), ("failback", "failed_back"),
    ("failover", "failed_over"), ("fallback", "fallen_back"), ("fanin", "fanned_in"), ("fanout", "fanned_out"),
    ("feedback", "fed_back"), ("followup", "followed_up"), ("handoff", "handed_off"), ("handover", "handed_over"),
    ("hangup", "hung_up"), ("holdup", "held_up"), ("kickoff", "kicked_off"), ("knockout", "knocked_out"),
    ("lineup", "lined_up"), ("linkup", "linked_up"), ("lockdown", "locked_down"), ("lockout", "locked_out"),
    ("login", "logged_in"), ("logoff", "logged_off"), ("logon", "logged_on"), ("logout", "logged_out"),
    ("lookup", "looked_up"), ("markup", "marked_up"), ("mockup", "mocked_up"), ("optin", "opted_in"),
    ("optout", "opted_out"), ("pagein", "paged_in"), ("pageout", "paged_out"), ("passthrough", "passed_through"),
    ("payout", "paid_out"), ("phaseout", "phased_out"), ("pickup", "picked_up"), ("playback", "played_back"),
    ("popup", "popped_up"), ("poweroff", "powered_off"), ("poweron", "powered_on"), ("powerup", "powered_up"),
    ("printout", "printed_out"), ("pullback", "pulled_back"), ("pulldown", "pulled_down"), ("pushback", "pushed_back"),
    ("rampdown", "ramped_down"), ("rampup", "ramped_up"), ("readback", "read_back"), ("readout", "read_out"),
    ("rollback", "rolled_back"), ("rollforward", "rolled_forward"), ("rollout", "rolled_out"),
    ("rollover", "rolled_over"), ("rollup", "rolled_up"), ("roundup", "rounded_up"), ("rundown", "run_down"),
    ("runthrough", "run_through"), ("scaledown", "scaled_down"), ("scaleout", "scaled_out"), ("scaleup", "scaled_up"),
    ("setup", "set_up"), ("shutdown", "shut_down"), ("signin", "signed_in"), ("signoff", "signed_off"),
    ("signon", "signed_on"), ("signout", "signed_out"), ("signup", "signed_up"), ("slowdown", "slowed_down"),
    ("speedup", "sped_up"), ("spindown", "spun_down"), ("spinoff", "spun_off"), ("spinup", "spun_up"),
    ("splitoff", "split_off"), ("standby", "stood_by"), ("startup", "started_up"), ("swapin", "swapped_in"),
    ("swapout", "swapped_out"), ("switchover", "switched_over"), ("takedown", "taken_down"), ("takeoff", "taken_off"),
    ("takeover", "taken_over"), ("teardown", "torn_down"), ("timeout", "timed_out"), ("topup", "topped_up"),
    ("tradeoff", "traded_off"), ("tuneup", "tuned_up"), ("turnaround", "turned_around"), ("turnover", "turned_over"),
    ("wakeup", "woken_up"), ("walkthrough", "walked_through"), ("warmup", "warmed_up"), ("winddown", "wound_down"),
    ("workaround", "worked_around"), ("writeback", "written_back"),
];

/// Clipped words: what engineers write, and the participle of what they mean.
#[rustfmt::skip]
pub(super) const CLIPPED: &[(&str, &str)] = &[
    ("alloc", "allocated"), ("authn", "authenticated"), ("authz", "authorized"), ("calc", "calculated"),
    ("cfg", "configured"), ("config", "configured"), ("dealloc", "deallocated"), ("decl", "declared"),
    ("decr", "decremented"), ("deinit", "deinitialized"), ("del", "deleted"), ("deref", "dereferenced"),
    ("deser", "deserialized"), ("desync", "desynced"), ("eval", "evaluated"), ("exec", "executed"),
    ("fmt", "formatted"), ("gen", "generated"), ("incr", "incremented"), ("init", "initialized"),
    ("prealloc", "preallocated"), ("realloc", "reallocated"), ("recv", "received"), ("reinit", "reinitialized"),
    ("resync", "resynced"), ("rm", "removed"), ("sync", "synced"), ("uninit", "uninitialized"),
];
