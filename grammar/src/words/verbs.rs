//! Regular verbs that are *mostly* verbs in the names of events, and the words that only look like verbs or pasts.
//!
//! A word that is a noun as often (field, table, branch, batch, status, group, index, time, state) stays out of [`VERBS`]:
//! with `field` in it, the answer to `set_field` would be `set_fielded`.

/// Regular verbs. The irregular ones need no second entry: [`super::is_verb`] asks all tables.
#[rustfmt::skip]
pub(crate) const VERBS: &[&str] = &[
    "abandon", "abort", "absorb", "accelerate", "accept", "access", "accompany", "accrue", "accumulate", "achieve",
    "ack", "acknowledge", "acquire", "act", "activate", "adapt", "add", "adjust", "adopt", "advance", "advertise",
    "advise", "affect", "aggregate", "agree", "aim", "alert", "align", "allege", "allocate", "allow", "allowlist",
    "alter", "amend", "amortize", "amplify", "analyse", "analyze", "annotate", "announce", "anonymize", "answer",
    "appear", "append", "apply", "appoint", "approve", "archive", "argue", "arm", "arrive", "ask", "assemble", "assert",
    "assess", "assign", "assist", "associate", "assume", "attach", "attempt", "attend", "attest", "attract",
    "attribute", "audit", "augment", "authenticate", "authorise", "authorize", "autofill", "automate", "autoscale",
    "avoid", "await", "backfill", "backtrack", "bake", "balance", "ban", "base", "behave", "bill", "blacklist", "blame",
    "blend", "bless", "blink", "block", "blocklist", "boot", "borrow", "bounce", "bracket", "brand", "breathe",
    "bridge", "broaden", "browse", "brush", "buffer", "bump", "bundle", "burn", "bypass", "cache", "calculate",
    "calibrate", "call", "calm", "cancel", "canonicalise", "canonicalize", "capture", "care", "carry", "cause", "cease",
    "censor", "certify", "chain", "change", "charge", "chat", "cheat", "check", "cheer", "chew", "choke", "chop",
    "claim", "clarify", "classify", "clean", "cleanse", "clear", "click", "climb", "clip", "clone", "close", "coalesce",
    "coerce", "collapse", "collate", "collect", "collide", "combine", "comfort", "commence", "communicate", "compact",
    "compare", "compensate", "compete", "compile", "complain", "complete", "complicate", "comply", "compose",
    "compress", "compute", "concatenate", "concentrate", "concern", "conclude", "condense", "confess", "configure",
    "confirm", "conform", "confuse", "congratulate", "connect", "consider", "consist", "consolidate", "construct",
    "consult", "consume", "contain", "contend", "continue", "contribute", "convene", "convert", "convey", "convince",
    "cool", "cooperate", "coordinate", "copy", "correct", "correlate", "corrupt", "cosign", "count", "countersign",
    "couple", "cover", "crash", "crawl", "create", "credit", "crop", "cross", "crosscheck", "cry", "cure", "customize",
    "damage", "dare", "deactivate", "deadlock", "deallocate", "debit", "debounce", "decay", "deceive", "decide",
    "declare", "decline", "decode", "decommission", "decompress", "decorate", "decouple", "decrease", "decrement",
    "decrypt", "deduct", "dedupe", "deduplicate", "deem", "deescalate", "defend", "define", "deflate", "degrade",
    "delay", "delegate", "delete", "delight", "deliver", "demand", "demonstrate", "demote", "demultiplex",
    "denormalize", "deny", "depart", "depend", "deploy", "deposit", "deprecate", "deprovision", "dequeue",
    "dereference", "deregister", "derive", "descend", "describe", "deselect", "deserialise", "deserialize", "deserve",
    "despise", "destroy", "destruct", "detach", "detect", "determine", "develop", "deviate", "devise", "diagnose",
    "dial", "die", "differ", "digest", "dilute", "diminish", "direct", "disable", "disagree", "disappear", "disapprove",
    "disarm", "disassemble", "disburse", "discard", "discharge", "disconnect", "discontinue", "discount", "discover",
    "dismiss", "dismount", "dispatch", "display", "dispose", "disregard", "disrupt", "dissolve", "distinguish",
    "distribute", "diverge", "divert", "divide", "dock", "document", "doubt", "downcase", "downgrade", "download",
    "downsample", "downscale", "drain", "dress", "drift", "drop", "drown", "dry", "dump", "duplicate", "dye", "earn",
    "edit", "effect", "eject", "elapse", "elect", "elevate", "elide", "eliminate", "email", "emancipate", "embrace",
    "emerge", "emphasize", "employ", "empty", "emulate", "enable", "encapsulate", "encash", "encode", "encounter",
    "encourage", "encroach", "encrypt", "end", "endorse", "enforce", "engage", "enhance", "enjoy", "enlarge", "enlist",
    "enqueue", "enrich", "enroll", "ensure", "enter", "entertain", "entitle", "enumerate", "envy", "equal", "erase",
    "err", "escalate", "escape", "establish", "estimate", "evacuate", "evade", "evaluate", "evaporate", "evict",
    "evolve", "exaggerate", "exceed", "exchange", "excite", "exclude", "excuse", "execute", "exempt", "exercise",
    "exhaust", "exist", "exit", "expand", "expect", "expedite", "expire", "explain", "exploit", "explore", "export",
    "expose", "express", "extend", "extract", "facilitate", "fade", "fail", "fake", "fasten", "fastforward", "favor",
    "fear", "fence", "fetch", "filter", "finalise", "finalize", "finish", "fire", "fit", "flatten", "flip", "float",
    "flood", "flush", "focus", "foil", "fold", "follow", "force", "forge", "fork", "formulate", "forward", "fragment",
    "free", "frighten", "fry", "fuel", "fulfill", "fund", "furnish", "fuse", "gain", "gather", "gauge", "gaze",
    "generate", "glow", "glue", "govern", "grab", "graduate", "grant", "grate", "grease", "greet", "grin", "grip",
    "groan", "guarantee", "guard", "guess", "guide", "hack", "halt", "hammer", "hamper", "handle", "happen", "harass",
    "harm", "harvest", "hash", "hate", "haul", "haunt", "heal", "help", "hibernate", "highlight", "hijack", "hire",
    "hoist", "honor", "hop", "hope", "host", "hover", "hug", "hum", "hunt", "hurry", "hydrate", "identify", "ignite",
    "ignore", "illustrate", "imagine", "imitate", "immunize", "impersonate", "implement", "imply", "import", "impose",
    "impress", "improve", "impute", "include", "incorporate", "increase", "increment", "indicate", "infect", "inflate",
    "influence", "inform", "ingest", "inherit", "inhibit", "initialise", "initialize", "initiate", "inject", "injure",
    "inline", "inquire", "insert", "inspect", "inspire", "install", "instantiate", "instruct", "instrument", "insult",
    "insure", "integrate", "intend", "intensify", "interact", "intercept", "interleave", "internalize", "interpolate",
    "interpret", "interrupt", "intersect", "intimidate", "introduce", "intrude", "invade", "invalidate", "invent",
    "invert", "invest", "investigate", "invite", "invoke", "involve", "irritate", "isolate", "issue", "itch", "iterate",
    "jail", "jettison", "join", "judge", "juggle", "jump", "justify", "kick", "kill", "knead", "knock", "label", "lack",
    "latch", "laugh", "launch", "leak", "lean", "learn", "lease", "legalize", "liberate", "lick", "lift", "limit",
    "linger", "link", "list", "listen", "live", "livelock", "load", "locate", "lock", "lodge", "log", "look", "loosen",
    "lower", "lowercase", "maintain", "malfunction", "manage", "mandate", "manipulate", "manufacture", "map", "march",
    "mark", "marry", "mask", "match", "materialize", "measure", "meddle", "mediate", "melt", "memoize", "mend",
    "mention", "merge", "message", "migrate", "minimize", "mismatch", "miss", "mitigate", "mix", "moan", "mock",
    "modernize", "modify", "modulate", "monitor", "mount", "mourn", "move", "muddle", "multiplex", "multiply", "mutate",
    "mute", "nack", "narrow", "navigate", "need", "neglect", "negotiate", "nest", "neutralize", "nod", "nominate",
    "normalise", "normalize", "notarize", "notify", "nullify", "obey", "obfuscate", "oblige", "obscure", "observe",
    "obstruct", "obtain", "occupy", "offboard", "offend", "offer", "offload", "onboard", "open", "operate", "oppose",
    "opt", "optimise", "optimize", "orchestrate", "order", "organise", "organize", "originate", "oscillate", "oust",
    "outline", "overcharge", "overflow", "overheat", "overload", "overlook", "overpay", "owe", "own", "pack", "paddle",
    "paginate", "paint", "pant", "parallelize", "pardon", "park", "parse", "participate", "partition", "pass", "paste",
    "patch", "pause", "peck", "peek", "peel", "perceive", "perform", "perish", "persist", "persuade", "pester", "pick",
    "pin", "pinch", "ping", "pinpoint", "pivot", "place", "plan", "plead", "please", "pledge", "pluck", "plug", "poke",
    "poll", "pollute", "pop", "populate", "possess", "postpone", "pour", "pray", "preach", "precede", "precheck",
    "precompute", "predict", "preempt", "prefetch", "prefill", "preload", "prepare", "prepend", "preprocess",
    "preregister", "prescribe", "present", "preserve", "press", "presume", "pretend", "prevalidate", "prevent",
    "preview", "print", "prioritise", "prioritize", "probe", "proceed", "process", "produce", "progress", "prohibit",
    "prolong", "promise", "promote", "prompt", "propagate", "propose", "prorate", "protect", "provide", "provision",
    "prune", "publish", "pull", "pump", "punch", "puncture", "punish", "purchase", "purge", "pursue", "push", "qualify",
    "quantify", "quarantine", "quaver", "quell", "query", "queue", "quiesce", "quiver", "quote", "radiate", "raise",
    "randomize", "rank", "rate", "ratify", "reach", "reacquire", "react", "reactivate", "realign", "realize",
    "reallocate", "reap", "reapply", "reassemble", "reassess", "reassign", "reattach", "reauthenticate", "rebalance",
    "rebase", "reboot", "rebrand", "recalculate", "recalibrate", "recall", "receive", "recheck", "reclaim",
    "reclassify", "reclone", "recognize", "recommend", "recompile", "recompute", "reconcile", "reconfigure",
    "reconnect", "reconsider", "reconstruct", "recopy", "record", "recover", "recreate", "recruit", "recycle", "redact",
    "redeclare", "redeem", "redefine", "redeliver", "redeploy", "redirect", "redispatch", "redistribute", "reduce",
    "reenqueue", "reenter", "reevaluate", "reexecute", "refactor", "refetch", "refinance", "refine", "reflect",
    "refocus", "refresh", "refund", "refuse", "regain", "regard", "regenerate", "register", "regroup", "regulate",
    "rehash", "rehydrate", "reimburse", "reimport", "reindex", "reinforce", "reinitialize", "reinsert", "reinstall",
    "reinstate", "reissue", "reject", "rejoin", "rekey", "relabel", "relate", "relaunch", "relax", "relay", "release",
    "relent", "relinquish", "relist", "reload", "relocate", "rely", "remain", "remark", "remedy", "remember", "remind",
    "remount", "remove", "remunerate", "rename", "render", "renegotiate", "renew", "renounce", "renumber", "reopen",
    "reorder", "reorganize", "repack", "repair", "reparse", "repartition", "repeat", "replace", "replay", "replenish",
    "replicate", "replumb", "reply", "repopulate", "report", "repost", "represent", "reprice", "reprioritize",
    "reprocess", "reproduce", "reprove", "republish", "requery", "request", "requeue", "require", "rerender",
    "rerequest", "reroute", "resample", "resave", "rescale", "reschedule", "rescue", "reseed", "reserve", "reshape",
    "reshard", "reshuffle", "resign", "resist", "resize", "resolve", "respawn", "respect", "respond", "restage",
    "restart", "restate", "restock", "restore", "restrict", "restructure", "resubscribe", "resume", "resurface",
    "resurrect", "retain", "retarget", "retest", "retire", "retract", "retrain", "retransform", "retranslate",
    "retrieve", "retrigger", "retry", "return", "reuse", "revalidate", "reveal", "reverify", "reverse", "revert",
    "review", "revise", "revisit", "revive", "revoke", "reward", "reweigh", "rewire", "rhyme", "rinse", "rip", "roll",
    "rot", "rotate", "round", "route", "rub", "ruin", "rush", "sabotage", "sail", "sample", "sanction", "sanitise",
    "sanitize", "satisfy", "saturate", "save", "scale", "scan", "scare", "scatter", "schedule", "scold", "scorch",
    "score", "scrape", "scream", "scribble", "scroll", "scrub", "scrutinize", "seal", "search", "seed", "segregate",
    "seize", "select", "separate", "serialise", "serialize", "serve", "settle", "share", "sharpen", "shave", "shelter",
    "shift", "ship", "shiver", "shock", "shorten", "shout", "shrug", "shuffle", "sideload", "sigh", "sign", "signal",
    "simplify", "simulate", "sip", "skip", "slam", "slap", "slow", "smooth", "sneeze", "sniff", "snooze", "snore",
    "soak", "solicit", "solve", "soothe", "sort", "spare", "sparkle", "spawn", "spill", "splice", "spoil", "sponsor",
    "sprint", "squash", "squeak", "squeal", "squeeze", "stabilize", "stain", "stall", "stamp", "stare", "start",
    "starve", "stay", "steer", "stir", "stitch", "stoop", "stop", "store", "strap", "strengthen", "stretch", "strip",
    "subdivide", "submerge", "subscribe", "substitute", "subtract", "succeed", "suffer", "suggest", "sum", "summarize",
    "supersede", "supervise", "supply", "support", "suppose", "suppress", "surmise", "surpass", "surrender", "surround",
    "survive", "suspect", "suspend", "sustain", "swallow", "swap", "switch", "synchronise", "synchronize", "synthesize",
    "tackle", "tag", "taint", "talk", "tamper", "tap", "tease", "tempt", "tend", "terminate", "terrify", "test",
    "thank", "thaw", "thicken", "threaten", "throttle", "tick", "tickle", "tie", "tighten", "toggle", "tokenize",
    "tolerate", "touch", "tow", "trace", "track", "train", "transact", "transcode", "transcribe", "transform",
    "translate", "transpose", "trap", "travel", "traverse", "treat", "trick", "trigger", "trim", "trot", "truncate",
    "trust", "try", "tug", "tumble", "tune", "turn", "tweak", "twist", "unarchive", "unassign", "unblock", "unbundle",
    "uncompress", "undelete", "undeploy", "undercharge", "undergird", "underpay", "undock", "unencrypt", "unescape",
    "unfasten", "unfold", "unhook", "unify", "uninstall", "unite", "unlatch", "unlink", "unlist", "unload", "unlock",
    "unmark", "unmask", "unmerge", "unmount", "unmute", "unnest", "unpack", "unpark", "unpublish", "unquarantine",
    "unquote", "unregister", "unroll", "unschedule", "unseal", "unserialize", "unshare", "unstack", "unstage",
    "unsubscribe", "unsuspend", "untangle", "untie", "untrack", "unveil", "upcase", "update", "upgrade", "upload",
    "uppercase", "upscale", "upsert", "urge", "use", "utilise", "utilize", "vacate", "vacuum", "validate", "vanish",
    "vary", "vend", "verify", "vet", "veto", "vex", "view", "violate", "visit", "visualize", "vote", "vouch", "wail",
    "wait", "walk", "wander", "want", "warm", "warn", "wash", "waste", "watch", "weaken", "weigh", "welcome", "whine",
    "whip", "whirl", "whisper", "whistle", "whitelist", "widen", "wink", "wipe", "wish", "wobble", "wonder", "worry",
    "wrap", "wreck", "wriggle", "yawn", "yell", "yield", "zap", "zip", "zoom",
];

/// Words of the inflection tables that are nouns first in an event's name, hence no evidence of a verb.
#[rustfmt::skip]
pub(crate) const NOUNS_FIRST: &[&str] = &[
    "backlight", "backlog", "backoff", "bear", "beat", "bet", "bid", "bite", "blackout", "bootstrap", "broadcast",
    "burndown", "burst", "callback", "cast", "cfg", "config", "cost", "countdown", "crossover", "decl", "drink",
    "feedback", "forecast", "hamstring", "hew", "hit", "input", "kidnap", "light", "lineup", "markup", "mockup",
    "moonlight", "mow", "offset", "output", "overhang", "overlay", "passthrough", "popup", "program", "readout", "ring",
    "rundown", "runthrough", "saw", "sew", "shear", "simulcast", "sling", "snapshot", "sow", "spin", "spotlight",
    "spring", "standby", "steal", "stick", "sting", "stride", "string", "swing", "telecast", "tradeoff", "tread",
    "turnover", "underlay", "walkthrough", "weave", "webcast", "wet", "wind", "workaround", "wring",
];

/// Verbs that at the end of an action are what it is done to: `send_request`, `acquire_lock`.
#[rustfmt::skip]
pub(crate) const OBJECTS: &[&str] = &[
    "allowlist", "answer", "archive", "attempt", "attribute", "audit", "balance", "ban", "base", "bill", "blacklist",
    "block", "blocklist", "bounce", "bracket", "brand", "bridge", "buffer", "build", "bump", "bundle", "bypass",
    "cache", "call", "cause", "chain", "charge", "chat", "claim", "commit", "copy", "count", "couple", "credit", "crop",
    "damage", "deal", "debit", "decay", "delay", "demand", "deposit", "dial", "direct", "discharge", "discount",
    "display", "dock", "document", "dump", "edit", "effect", "email", "estimate", "exchange", "exercise", "export",
    "feed", "filter", "fire", "focus", "fold", "force", "fork", "format", "fragment", "fuel", "fund", "gauge", "grant",
    "guarantee", "guess", "guide", "hash", "help", "highlight", "honor", "host", "import", "influence", "instrument",
    "invite", "issue", "label", "lead", "lease", "lift", "limit", "link", "list", "lock", "log", "look", "map", "mark",
    "mask", "measure", "mention", "message", "mix", "monitor", "offer", "order", "outline", "overflow", "pack", "paint",
    "park", "patch", "permit", "ping", "pivot", "place", "plan", "pledge", "plug", "poll", "preview", "print", "probe",
    "process", "produce", "progress", "promise", "prompt", "pump", "purchase", "query", "queue", "quote", "rank",
    "rate", "record", "refund", "regard", "report", "request", "reserve", "respect", "review", "reward", "route",
    "sample", "scale", "schedule", "score", "search", "share", "shift", "sign", "signal", "sort", "stamp", "store",
    "subnet", "suffer", "supply", "support", "swap", "tag", "taint", "test", "trace", "track", "transfer", "trap",
    "travel", "trigger", "view", "visit", "vote", "worry", "worship",
];

/// Words that end in -ed, or in what looks like an irregular past, without being past.
#[rustfmt::skip]
pub(crate) const NOT_PAST: &[&str] = &[
    "abed", "accursed", "ahmed", "airbed", "airspeed", "alfred", "aniseed", "autofeed", "bed", "beloved", "bindweed",
    "biomed", "biped", "birdseed", "bleed", "bloodshed", "bobsled", "bottlefeed", "breed", "chickweed", "coed",
    "cottonseed", "cowshed", "cred", "creed", "crooked", "crossbreed", "datafeed", "daybed", "deathbed", "deed",
    "dogged", "dogsled", "duckweed", "embed", "exceed", "featherbed", "feed", "flatbed", "flaxseed", "fred", "godspeed",
    "greed", "groundspeed", "hatred", "hayseed", "heed", "hotbed", "hundred", "imbed", "inbreed", "indeed", "infrared",
    "interbreed", "jagged", "jared", "kindred", "knapweed", "lightspeed", "linseed", "locoweed", "manfred", "med",
    "mildred", "milkweed", "misdeed", "mohammed", "moped", "naked", "need", "newsfeed", "nosebleed", "oilseed",
    "overfeed", "overseed", "overspeed", "parallelepiped", "pondweed", "poppyseed", "premed", "preseed", "proceed",
    "purebred", "quadruped", "ragged", "ragweed", "rapeseed", "red", "reed", "reembed", "refeed", "relent", "reseed",
    "riverbed", "roadbed", "rugged", "sacred", "seabed", "seaweed", "seed", "seedbed", "shred", "sled", "snowshed",
    "speed", "spoonfeed", "steed", "streambed", "succeed", "sunbed", "ted", "testbed", "toolshed", "tumbleweed",
    "tweed", "underfeed", "waterbed", "watershed", "webfeed", "wed", "weed", "wicked", "wilfred", "woodshed",
    "wretched", "zed",
];

/// Words that turn the word before them into the head: `rolled` in `rolled_back`.
#[rustfmt::skip]
pub(crate) const PARTICLES: &[&str] = &[
    "after", "again", "against", "ahead", "apart", "as", "at", "away", "back", "before", "between", "by", "down",
    "during", "early", "for", "from", "in", "into", "late", "off", "on", "onto", "out", "over", "per", "through", "to",
    "under", "until", "up", "via", "with", "without",
];

/// Words in -ly that are no adverbs, so they are not dropped from the end of an action.
#[rustfmt::skip]
pub(crate) const NOT_ADVERBS: &[&str] = &[
    "anomaly", "assembly", "belly", "bully", "butterfly", "family", "fly", "italy", "jelly", "july", "lily", "monopoly",
    "poly", "rally", "reassembly", "tally", "underbelly",
];

/// First words that make the rest a statement or a condition; a present layer lets them pass.
#[rustfmt::skip]
pub(crate) const EXCUSES: &[&str] = &[
    "are", "based", "can", "given", "has", "have", "is", "should", "was",
];

/// Ends of a stem whose base has an e that the past swallowed: `updat` is `update`, while `edit` is whole.
/// Asked only for verbs that no table knows.
#[rustfmt::skip]
pub(crate) const E_ENDINGS: &[&str] = &[
    "ab", "ac", "ad", "ag", "ak", "am", "ap", "ar", "as", "at", "av", "az", "bl", "cl", "dg", "dl", "ec", "ed", "es",
    "ev", "fl", "gl", "ib", "ic", "id", "if", "ig", "ik", "im", "in", "ir", "is", "iv", "iz", "kl", "lg", "ls", "lv",
    "nc", "ns", "ob", "oc", "od", "og", "ok", "ol", "os", "ov", "oz", "pl", "ps", "rc", "rg", "rs", "rv", "tl", "ub",
    "uc", "ud", "ug", "uk", "ul", "um", "un", "up", "ur", "us", "ut", "uv", "uz", "ys", "yz", "zl",
];
