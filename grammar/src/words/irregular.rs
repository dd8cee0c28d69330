//! Verbs that no spelling rule can inflect: a base form enters, its past forms leave.
//!
//! Every table is sorted by its first column (a test holds it to that), so that a look-up is a binary search.

/// base, simple past, participle. A base that is missing here is regular.
#[rustfmt::skip]
pub(crate) const IRREGULAR: &[(&str, &str, &str)] = &[
    ("arise", "arose", "arisen"), ("awake", "awoke", "awoken"), ("backlight", "backlit", "backlit"),
    ("backslide", "backslid", "backslid"), ("bear", "bore", "borne"), ("beat", "beat", "beaten"),
    ("become", "became", "become"), ("befall", "befell", "befallen"), ("beget", "begot", "begotten"),
    ("begin", "began", "begun"), ("behold", "beheld", "beheld"), ("bend", "bent", "bent"),
    ("bereave", "bereft", "bereft"), ("beseech", "besought", "besought"), ("bespeak", "bespoke", "bespoken"),
    ("bestrew", "bestrewed", "bestrewn"), ("bestride", "bestrode", "bestridden"), ("bind", "bound", "bound"),
    ("bite", "bit", "bitten"), ("bleed", "bled", "bled"), ("blow", "blew", "blown"), ("break", "broke", "broken"),
    ("breed", "bred", "bred"), ("bring", "brought", "brought"), ("browbeat", "browbeat", "browbeaten"),
    ("build", "built", "built"), ("buy", "bought", "bought"), ("catch", "caught", "caught"),
    ("choose", "chose", "chosen"), ("cling", "clung", "clung"), ("come", "came", "come"), ("creep", "crept", "crept"),
    ("crossbreed", "crossbred", "crossbred"), ("deal", "dealt", "dealt"), ("dig", "dug", "dug"), ("do", "did", "done"),
    ("draw", "drew", "drawn"), ("drink", "drank", "drunk"), ("drive", "drove", "driven"), ("dwell", "dwelt", "dwelt"),
    ("eat", "ate", "eaten"), ("fall", "fell", "fallen"), ("feed", "fed", "fed"), ("feel", "felt", "felt"),
    ("fight", "fought", "fought"), ("find", "found", "found"), ("flee", "fled", "fled"), ("fling", "flung", "flung"),
    ("fly", "flew", "flown"), ("forbear", "forbore", "forborne"), ("forbid", "forbade", "forbidden"),
    ("foresee", "foresaw", "foreseen"), ("foretell", "foretold", "foretold"), ("forget", "forgot", "forgotten"),
    ("forgive", "forgave", "forgiven"), ("forgo", "forwent", "forgone"), ("forsake", "forsook", "forsaken"),
    ("forswear", "forswore", "forsworn"), ("freeze", "froze", "frozen"), ("gainsay", "gainsaid", "gainsaid"),
    ("get", "got", "got"), ("ghostwrite", "ghostwrote", "ghostwritten"), ("give", "gave", "given"),
    ("go", "went", "gone"), ("greenlight", "greenlit", "greenlit"), ("grind", "ground", "ground"),
    ("grow", "grew", "grown"), ("hamstring", "hamstrung", "hamstrung"), ("handwrite", "handwrote", "handwritten"),
    ("hang", "hung", "hung"), ("have", "had", "had"), ("hear", "heard", "heard"), ("hew", "hewed", "hewn"),
    ("hide", "hid", "hidden"), ("hold", "held", "held"), ("inbreed", "inbred", "inbred"), ("inlay", "inlaid", "inlaid"),
    ("interbreed", "interbred", "interbred"), ("interweave", "interwove", "interwoven"), ("keep", "kept", "kept"),
    ("kneel", "knelt", "knelt"), ("know", "knew", "known"), ("lay", "laid", "laid"), ("lead", "led", "led"),
    ("leap", "leapt", "leapt"), ("leave", "left", "left"), ("lend", "lent", "lent"), ("lie", "lay", "lain"),
    ("light", "lit", "lit"), ("lose", "lost", "lost"), ("make", "made", "made"), ("mean", "meant", "meant"),
    ("meet", "met", "met"), ("misdeal", "misdealt", "misdealt"), ("misgive", "misgave", "misgiven"),
    ("mishear", "misheard", "misheard"), ("mislay", "mislaid", "mislaid"), ("mislead", "misled", "misled"),
    ("misspeak", "misspoke", "misspoken"), ("misspend", "misspent", "misspent"), ("mistake", "mistook", "mistaken"),
    ("misunderstand", "misunderstood", "misunderstood"), ("moonlight", "moonlit", "moonlit"), ("mow", "mowed", "mown"),
    ("outdo", "outdid", "outdone"), ("outfight", "outfought", "outfought"), ("outgrow", "outgrew", "outgrown"),
    ("outrun", "outran", "outrun"), ("outsell", "outsold", "outsold"), ("outshine", "outshone", "outshone"),
    ("outspend", "outspent", "outspent"), ("outthink", "outthought", "outthought"), ("outwear", "outwore", "outworn"),
    ("overcome", "overcame", "overcome"), ("overdo", "overdid", "overdone"), ("overdraw", "overdrew", "overdrawn"),
    ("overeat", "overate", "overeaten"), ("overfeed", "overfed", "overfed"), ("overhang", "overhung", "overhung"),
    ("overhear", "overheard", "overheard"), ("overlay", "overlaid", "overlaid"), ("override", "overrode", "overridden"),
    ("overrun", "overran", "overrun"), ("oversee", "oversaw", "overseen"), ("oversell", "oversold", "oversold"),
    ("oversleep", "overslept", "overslept"), ("overspend", "overspent", "overspent"),
    ("overtake", "overtook", "overtaken"), ("overthrow", "overthrew", "overthrown"),
    ("overwrite", "overwrote", "overwritten"), ("partake", "partook", "partaken"), ("pay", "paid", "paid"),
    ("prove", "proved", "proven"), ("rebind", "rebound", "rebound"), ("rebuild", "rebuilt", "rebuilt"),
    ("redo", "redid", "redone"), ("redraw", "redrew", "redrawn"), ("relight", "relit", "relit"),
    ("remake", "remade", "remade"), ("rend", "rent", "rent"), ("repay", "repaid", "repaid"),
    ("rerun", "reran", "rerun"), ("resend", "resent", "resent"), ("retake", "retook", "retaken"),
    ("retell", "retold", "retold"), ("rethink", "rethought", "rethought"), ("rewind", "rewound", "rewound"),
    ("rewrite", "rewrote", "rewritten"), ("ride", "rode", "ridden"), ("ring", "rang", "rung"),
    ("rise", "rose", "risen"), ("run", "ran", "run"), ("saw", "sawed", "sawn"), ("say", "said", "said"),
    ("see", "saw", "seen"), ("seek", "sought", "sought"), ("sell", "sold", "sold"), ("send", "sent", "sent"),
    ("sew", "sewed", "sewn"), ("shake", "shook", "shaken"), ("shear", "sheared", "shorn"), ("shine", "shone", "shone"),
    ("shoe", "shod", "shod"), ("shoot", "shot", "shot"), ("show", "showed", "shown"), ("shrink", "shrank", "shrunk"),
    ("sing", "sang", "sung"), ("sink", "sank", "sunk"), ("sit", "sat", "sat"), ("slay", "slew", "slain"),
    ("sleep", "slept", "slept"), ("slide", "slid", "slid"), ("sling", "slung", "slung"), ("slink", "slunk", "slunk"),
    ("smite", "smote", "smitten"), ("sow", "sowed", "sown"), ("speak", "spoke", "spoken"), ("speed", "sped", "sped"),
    ("spend", "spent", "spent"), ("spin", "spun", "spun"), ("spit", "spat", "spat"),
    ("spoonfeed", "spoonfed", "spoonfed"), ("spotlight", "spotlit", "spotlit"), ("spring", "sprang", "sprung"),
    ("stand", "stood", "stood"), ("steal", "stole", "stolen"), ("stick", "stuck", "stuck"), ("sting", "stung", "stung"),
    ("stink", "stank", "stunk"), ("strew", "strewed", "strewn"), ("stride", "strode", "stridden"),
    ("strike", "struck", "struck"), ("string", "strung", "strung"), ("strive", "strove", "striven"),
    ("swear", "swore", "sworn"), ("sweep", "swept", "swept"), ("swell", "swelled", "swollen"), ("swim", "swam", "swum"),
    ("swing", "swung", "swung"), ("take", "took", "taken"), ("teach", "taught", "taught"), ("tear", "tore", "torn"),
    ("tell", "told", "told"), ("think", "thought", "thought"), ("throw", "threw", "thrown"),
    ("tread", "trod", "trodden"), ("unbind", "unbound", "unbound"), ("underfeed", "underfed", "underfed"),
    ("undergo", "underwent", "undergone"), ("underlay", "underlaid", "underlaid"),
    ("undersell", "undersold", "undersold"), ("underspend", "underspent", "underspent"),
    ("understand", "understood", "understood"), ("undertake", "undertook", "undertaken"),
    ("underwrite", "underwrote", "underwritten"), ("undo", "undid", "undone"), ("unfreeze", "unfroze", "unfrozen"),
    ("unmake", "unmade", "unmade"), ("unwind", "unwound", "unwound"), ("uphold", "upheld", "upheld"),
    ("wake", "woke", "woken"), ("waylay", "waylaid", "waylaid"), ("wear", "wore", "worn"), ("weave", "wove", "woven"),
    ("weep", "wept", "wept"), ("win", "won", "won"), ("wind", "wound", "wound"), ("withdraw", "withdrew", "withdrawn"),
    ("withhold", "withheld", "withheld"), ("withstand", "withstood", "withstood"), ("wring", "wrung", "wrung"),
    ("write", "wrote", "written"),
];

/// Further past forms of a verb whose usual ones are regular or stand in [`IRREGULAR`]: form, base.
#[rustfmt::skip]
pub(crate) const ALSO_PAST: &[(&str, &str)] = &[
    ("bade", "bid"), ("bidden", "bid"), ("born", "bear"), ("burnt", "burn"), ("clad", "clothe"), ("dreamt", "dream"),
    ("gotten", "get"), ("laden", "lade"), ("leant", "lean"), ("learnt", "learn"), ("misspelt", "misspell"),
    ("outbidden", "outbid"), ("relearnt", "relearn"), ("shaven", "shave"), ("snuck", "sneak"), ("spelt", "spell"),
    ("spilt", "spill"), ("spoilt", "spoil"), ("unladen", "unlade"), ("unlearnt", "unlearn"), ("wrought", "work"),
];

/// Verbs whose past looks like their base. They count as past at the end of an action only.
#[rustfmt::skip]
pub(crate) const ZERO_CHANGE: &[&str] = &[
    "become", "bet", "bid", "broadcast", "burst", "cast", "come", "cost", "cut", "forecast", "hit", "hurt", "input",
    "knit", "let", "miscast", "misread", "offset", "outbid", "output", "outrun", "overbid", "overcome", "overrun",
    "proofread", "put", "quit", "read", "recast", "recut", "reread", "rerun", "reset", "rid", "run", "set", "shed",
    "shut", "simulcast", "slit", "split", "spread", "sublet", "telecast", "thrust", "typecast", "undercut", "unset",
    "upset", "webcast", "wet",
];

/// Past forms that are as often something else: another base, a noun, an adjective. Both tenses accept them.
/// `found` is left out on purpose: in event names it nearly always comes from `find`.
#[rustfmt::skip]
pub(crate) const AMBIGUOUS: &[&str] = &[
    "bent", "bit", "bore", "bound", "clad", "fell", "felt", "ground", "laden", "lay", "left", "lit", "overlay",
    "rebound", "rent", "resent", "rose", "saw", "shot", "spoke", "unbound",
];

/// Verbs of more than one syllable that double their last consonant (`commit`, `committed`).
#[rustfmt::skip]
pub(crate) const DOUBLING: &[&str] = &[
    "abet", "abhor", "abut", "acquit", "admit", "airdrop", "allot", "annul", "appal", "autocommit", "aver", "backlog",
    "backstop", "befit", "besot", "bestir", "bobsled", "bootstrap", "chagrin", "commit", "compel", "concur", "confer",
    "control", "debar", "debug", "dedup", "defer", "deflag", "defrag", "degas", "demur", "deter", "dispel", "dub",
    "eavesdrop", "embed", "emit", "enrol", "enthral", "entrap", "enwrap", "equip", "excel", "expel", "extol", "format",
    "fulfil", "handicap", "hobnob", "hotplug", "hotswap", "impel", "incur", "infer", "instil", "inter", "kidnap",
    "kneecap", "leapfrog", "nonplus", "occur", "omit", "outfit", "outrig", "outstrip", "outwit", "overlap", "overstep",
    "patrol", "permit", "precommit", "preemit", "prefer", "preplan", "presubmit", "program", "propel", "readmit",
    "rebag", "rebel", "rebin", "rebut", "recap", "recommit", "recur", "reemit", "reequip", "refer", "refit", "reformat",
    "regret", "remap", "remit", "repel", "repin", "replan", "replug", "rerig", "rescan", "reship", "reskin", "restub",
    "resub", "resubmit", "retag", "retap", "retransmit", "retrim", "retrofit", "rewrap", "rezip", "sandbag", "sidestep",
    "snapshot", "submit", "subnet", "transfer", "transmit", "unbag", "unban", "unbar", "uncap", "unclip", "unclog",
    "underpin", "unflag", "unmap", "unpeg", "unpin", "unplug", "unship", "unsnap", "unstop", "unstub", "unsub", "untag",
    "unwrap", "unzip", "wiretap", "worship", "zigzag",
];

/// Verbs in -c that take a k (`panic`, `panicked`).
#[rustfmt::skip]
pub(crate) const C_TO_CK: &[&str] = &[
    "bivouac", "frolic", "havoc", "mimic", "panic", "picnic", "traffic",
];

/// Nouns made of a verb and its particle; the past takes them apart (`rollback`, `rolled_back`).
#[rustfmt::skip]
pub(crate) const COMPOUND: &[(&str, &str)] = &[
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
pub(crate) const CLIPPED: &[(&str, &str)] = &[
    ("alloc", "allocated"), ("authn", "authenticated"), ("authz", "authorized"), ("calc", "calculated"),
    ("cfg", "configured"), ("config", "configured"), ("dealloc", "deallocated"), ("decl", "declared"),
    ("decr", "decremented"), ("deinit", "deinitialized"), ("del", "deleted"), ("deref", "dereferenced"),
    ("deser", "deserialized"), ("desync", "desynced"), ("eval", "evaluated"), ("exec", "executed"),
    ("fmt", "formatted"), ("gen", "generated"), ("incr", "incremented"), ("init", "initialized"),
    ("prealloc", "preallocated"), ("realloc", "reallocated"), ("recv", "received"), ("reinit", "reinitialized"),
    ("resync", "resynced"), ("rm", "removed"), ("sync", "synced"), ("uninit", "uninitialized"),
];
