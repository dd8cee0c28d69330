//! Regular verbs that are *mostly* verbs in the names of events, and the words that only look like verbs or pasts.
//!
//! A word that is a noun as often (field, table, branch, batch, status, group, index, time, state) stays out of
//! [`VERBS`]: with `field` in it, the answer to `set_field` would be `set_fielded`.

/// Verbs that are nouns or adjectives as well, but commands first in the names of events.
#[rustfmt::skip]
pub(super) const VERBS: &[&str] = &[
    "abandon", "abort", "abut", "access", "act", "add", "advance", "advertise", "affect", "aggregate", "aim", "alert",
    "amortize", "answer", "archive", "arm", "assist", "associate", "attempt", "attribute", "audit", "aver", "backstop",
    "balance", "ban", "base", "besot", "bestir", "bill", "blacklist", "blame", "blend", "bless", "blink", "block",
    "bobsled", "boot", "bother", "bounce", "bracket", "brand", "bridge", "browse", "brush", "buffer", "bump", "bundle",
    "burn", "bypass", "cache", "call", "calm", "cancel", "capture", "care", "carry", "cause", "cease", "censor",
    "chagrin", "chain", "change", "charge", "chat", "cheat", "check", "cheer", "chew", "choke", "chop", "cite", "claim",
    "clean", "clear", "click", "climb", "clip", "clone", "close", "collapse", "collect", "combine", "comfort",
    "compact", "compare", "complete", "compress", "concentrate", "concern", "conduct", "construct", "control",
    "convert", "cool", "coordinate", "copy", "correct", "correlate", "corrupt", "cosign", "count", "countersign",
    "couple", "cover", "crash", "crawl", "credit", "crop", "cross", "cry", "cure", "damage", "dare", "deactivate",
    "debar", "debit", "decay", "decline", "decommission", "decompress", "decouple", "decrease", "decrypt", "degas",
    "delay", "delegate", "delight", "demand", "demur", "deploy", "deposit", "destruct", "deviate", "devise", "dial",
    "die", "digest", "dilute", "direct", "disassemble", "discard", "discharge", "disconnect", "discount", "dismount",
    "dispatch", "display", "disregard", "dissolve", "divide", "dock", "document", "doubt", "downgrade", "download",
    "drag", "drain", "dress", "drift", "drill", "drop", "dry", "dub", "dump", "duplicate", "dye", "effect", "elect",
    "elide", "email", "embrace", "employ", "empty", "encounter", "encrypt", "end", "envy", "enwrap", "equal", "escape",
    "estimate", "exchange", "excuse", "exempt", "exercise", "exhaust", "exhibit", "exit", "exploit", "export", "expose",
    "express", "extract", "fade", "fake", "favor", "fear", "fence", "fetch", "fill", "filter", "finish", "fire", "fit",
    "fix", "flip", "float", "flood", "flush", "focus", "foil", "fold", "force", "forge", "fork", "format", "forward",
    "foster", "fragment", "free", "fry", "fuel", "fund", "fuse", "gain", "gather", "gauge", "gaze", "glow", "glue",
    "grab", "graduate", "grant", "grate", "grease", "grin", "grip", "groan", "guarantee", "guard", "guess", "guide",
    "hack", "halt", "hammer", "hamper", "handicap", "handle", "harm", "harvest", "hash", "hate", "haul", "haunt",
    "help", "highlight", "hijack", "hire", "hoist", "honor", "hop", "hope", "host", "hug", "hum", "hunt", "hurry",
    "hydrate", "implement", "import", "impress", "impute", "incorporate", "increase", "influence", "initiate", "insert",
    "instantiate", "instrument", "insult", "intercept", "interleave", "internalize", "interpolate", "interrupt",
    "invite", "issue", "itch", "jail", "join", "judge", "juggle", "jump", "kick", "kill", "kneecap", "knock", "label",
    "lack", "latch", "laugh", "launch", "leak", "lean", "leapfrog", "learn", "lease", "lick", "lift", "limit", "link",
    "list", "live", "load", "lock", "lodge", "log", "look", "lower", "malfunction", "mandate", "manufacture", "map",
    "march", "mark", "mask", "match", "measure", "mediate", "melt", "mend", "mention", "message", "mismatch", "miss",
    "mix", "moan", "mock", "monitor", "mount", "move", "muddle", "mute", "narrow", "need", "neglect", "nest", "nod",
    "nonplus", "normalize", "notarize", "obfuscate", "obscure", "offer", "open", "order", "outfit", "outline",
    "overcharge", "overflow", "overlap", "overload", "overlook", "own", "pack", "paddle", "paginate", "paint", "pant",
    "parallelize", "pardon", "park", "partition", "pass", "paste", "patch", "patrol", "pause", "peck", "peek", "peel",
    "permit", "pick", "pin", "pinch", "ping", "pinpoint", "pivot", "place", "plan", "plead", "pledge", "pluck", "plug",
    "plunge", "poke", "poll", "pop", "preempt", "present", "preserve", "press", "pretend", "preview", "print",
    "prioritize", "probe", "process", "produce", "progress", "promise", "prompt", "prorate", "provision", "prune",
    "pull", "pump", "punch", "puncture", "purchase", "purge", "push", "quarantine", "quaver", "query", "queue",
    "quiesce", "quiver", "quote", "radiate", "raise", "randomize", "rank", "rate", "reach", "reactivate", "readmit",
    "realign", "reassemble", "reassess", "reassign", "rebel", "reboot", "recalculate", "recall", "recap", "reclassify",
    "recommit", "recopy", "record", "recruit", "redact", "redeploy", "reevaluate", "refinance", "refit", "refocus",
    "refund", "refuse", "regard", "regenerate", "register", "regret", "regroup", "rehash", "reinstall", "reissue",
    "reject", "relay", "release", "remark", "remedy", "remit", "remount", "remove", "render", "renegotiate", "reorder",
    "repair", "repeat", "replay", "reply", "report", "reprocess", "republish", "request", "rescale", "rescue", "reseed",
    "reserve", "reshape", "reship", "reshuffle", "resize", "resolve", "respect", "restate", "restock", "resume",
    "retrain", "retranslate", "retransmit", "retrofit", "return", "reverse", "review", "revise", "revoke", "reward",
    "rewire", "rhyme", "rinse", "rip", "roll", "rot", "round", "route", "rub", "ruin", "rush", "sabotage", "sail",
    "sample", "sanction", "sandbag", "sanitize", "save", "scale", "scan", "scare", "scatter", "schedule", "scold",
    "scorch", "score", "scrape", "scream", "screw", "scribble", "scroll", "scrub", "seal", "search", "seed",
    "segregate", "select", "separate", "serialize", "serve", "settle", "share", "shave", "shelter", "shift", "ship",
    "shiver", "shock", "shout", "shrug", "shuffle", "sidestep", "sigh", "sign", "signal", "sip", "skip", "slam", "slap",
    "slow", "smooth", "snap", "sneeze", "sniff", "snooze", "snore", "soak", "sort", "spare", "sparkle", "spawn",
    "spill", "splice", "spoil", "sponsor", "sprint", "squash", "squeak", "squeal", "squeeze", "stain", "stall", "stamp",
    "stare", "start", "stay", "steer", "stir", "stitch", "stoop", "stop", "store", "strap", "stretch", "strip",
    "substitute", "sum", "supply", "support", "surmise", "surrender", "surround", "suspect", "swallow", "swap",
    "switch", "tackle", "tag", "taint", "talk", "tamper", "tap", "tease", "test", "thaw", "throttle", "tick", "tickle",
    "tie", "toggle", "touch", "tow", "trace", "track", "train", "transfer", "transpose", "trap", "travel", "traverse",
    "treat", "trick", "trigger", "trim", "trot", "truncate", "trust", "try", "tug", "tumble", "tune", "turn", "tweak",
    "twist", "unbar", "unclip", "unclog", "uncompress", "undercharge", "undergird", "underpin", "undock", "unpin",
    "unplug", "unroll", "unseal", "unzip", "update", "upgrade", "urge", "use", "vacuum", "vet", "veto", "view", "visit",
    "vote", "wail", "wait", "walk", "want", "warm", "wash", "waste", "watch", "welcome", "whine", "whip", "whirl",
    "whisper", "whistle", "wink", "wipe", "wiretap", "wish", "wobble", "wonder", "worry", "wrap", "wreck", "wriggle",
    "yawn", "yell", "yield", "zap", "zigzag", "zip", "zoom",
];

/// Words of the inflection tables that are nouns first in an event's name, hence no evidence of a verb.
#[rustfmt::skip]
pub(super) const NOUNS_FIRST: &[&str] = &[
    "backlight", "backoff", "bear", "beat", "bet", "bid", "bite", "blackout", "broadcast", "burndown", "burst",
    "callback", "cast", "cfg", "config", "cost", "countdown", "crossover", "decl", "drink", "feedback", "forecast",
    "hamstring", "hew", "hit", "input", "inset", "light", "lineup", "markup", "mockup", "mow", "multicast", "offset",
    "output", "overhang", "overlay", "passthrough", "popup", "preset", "readout", "ring", "rundown", "runthrough",
    "saw", "sew", "shear", "simulcast", "sling", "snapshot", "sow", "spin", "spring", "standby", "steal", "stick",
    "sting", "stride", "string", "swing", "telecast", "tradeoff", "tread", "turnover", "underlay", "unicast",
    "uppercut", "walkthrough", "weave", "webcast", "wet", "wind", "workaround", "wring",
];

/// Verbs that at the end of an action are what it is done to: `send_request`, `acquire_lock`.
#[rustfmt::skip]
pub(super) const OBJECTS: &[&str] = &[
    "allowlist", "answer", "archive", "attempt", "attribute", "audit", "balance", "ban", "base", "bill", "blacklist",
    "block", "blocklist", "bounce", "bracket", "brand", "bridge", "buffer", "build", "bump", "bundle", "bypass",
    "cache", "call", "cause", "chain", "charge", "chat", "claim", "commit", "conduct", "copy", "count", "couple",
    "crash", "credit", "crop", "damage", "deal", "debit", "decay", "delay", "demand", "deposit", "dial", "direct",
    "discharge", "discount", "display", "dock", "document", "drag", "drill", "dump", "edit", "effect", "email",
    "estimate", "exchange", "exercise", "exhibit", "export", "feed", "fill", "filter", "fire", "fix", "focus", "fold",
    "force", "fork", "format", "fragment", "fuel", "fund", "gauge", "grant", "guarantee", "guess", "guide", "hash",
    "help", "highlight", "honor", "host", "import", "influence", "instrument", "invite", "issue", "label", "lead",
    "lease", "lift", "limit", "link", "list", "lock", "log", "look", "map", "mark", "mask", "measure", "mention",
    "message", "mix", "monitor", "offer", "order", "outline", "overflow", "pack", "paint", "park", "patch", "permit",
    "ping", "pivot", "place", "plan", "pledge", "plug", "poll", "preview", "print", "probe", "process", "produce",
    "progress", "promise", "prompt", "pump", "purchase", "query", "queue", "quote", "rank", "rate", "record", "refund",
    "regard", "report", "request", "reserve", "respect", "review", "reward", "route", "sample", "scale", "schedule",
    "score", "screw", "search", "share", "shift", "sign", "signal", "snap", "sort", "stamp", "store", "subnet",
    "suffer", "supply", "support", "swap", "tag", "taint", "test", "trace", "track", "transfer", "trap", "travel",
    "trigger", "view", "visit", "vote", "worry", "worship",
];

/// Words that end in -ed, or in what looks like an irregular past, without being past.
#[rustfmt::skip]
pub(super) const NOT_PAST: &[&str] = &[
    "abed", "accursed", "ahmed", "airbed", "alfred", "bed", "beloved", "biomed", "coed", "crooked", "dogged", "fred",
    "imbed", "jagged", "jared", "manfred", "med", "mildred", "mohammed", "moped", "premed", "purebred", "ragged", "red",
    "reembed", "relent", "rugged", "snowshed", "ted", "toolshed", "waterbed", "wed", "wilfred", "zed",
];

/// Words that turn the word before them into the head: `rolled` in `rolled_back`.
#[rustfmt::skip]
pub(super) const PARTICLES: &[&str] = &[
    "after", "again", "against", "ahead", "apart", "as", "at", "away", "back", "before", "between", "by", "down",
    "during", "early", "for", "from", "in", "into", "late", "off", "on", "onto", "out", "over", "per", "through", "to",
    "under", "until", "up", "via", "with", "without",
];

/// Words in -ly that are no adverbs, so they are not dropped from the end of an action.
#[rustfmt::skip]
pub(super) const NOT_ADVERBS: &[&str] = &[
    "anomaly", "assembly", "belly", "bully", "butterfly", "family", "fly", "italy", "jelly", "july", "lily", "monopoly",
    "poly", "rally", "reassembly", "tally", "underbelly",
];

/// First words that make the rest a statement or a condition; a present layer lets them pass.
#[rustfmt::skip]
pub(super) const EXCUSES: &[&str] = &[
    "are", "based", "can", "given", "has", "have", "is", "should", "was",
];

/// Ends of a stem whose base has an e that the past swallowed: `updat` is `update`, while `edit` is whole.
/// Asked only for verbs that no table knows.
#[rustfmt::skip]
pub(super) const E_ENDINGS: &[&str] = &[
    "ab", "ac", "ad", "ag", "ak", "am", "ap", "ar", "as", "at", "av", "az", "bl", "cl", "dg", "dl", "ec", "ed", "es",
    "ev", "fl", "gl", "ib", "ic", "id", "if", "ig", "ik", "im", "in", "ir", "is", "iv", "iz", "kl", "lg", "ls", "lv",
    "nc", "ns", "ob", "oc", "od", "og", "ok", "ol", "os", "ov", "oz", "pl", "ps", "rc", "rg", "rs", "rv", "tl", "ub",
    "uc", "ud", "ug", "uk", "ul", "um", "un", "up", "ur", "us", "ut", "uv", "uz", "ys", "yz", "zl",
];
