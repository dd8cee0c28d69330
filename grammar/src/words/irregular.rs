//! Verbs that no spelling rule can inflect: a base form enters, its past forms leave.
//!
//! Every table is sorted by its first column (a test holds it to that), so that a look-up is a binary search.

/// base, simple past, participle. A base that is missing here is regular.
#[rustfmt::skip]
pub(super) const IRREGULAR: &[(&str, &str, &str)] = &[
    ("backlight", "backlit", "backlit"), ("be", "was", "been"), ("bear", "bore", "borne"), ("beat", "beat", "beaten"),
    ("beget", "begot", "begotten"), ("begin", "began", "begun"), ("bend", "bent", "bent"),
    ("bereave", "bereft", "bereft"), ("beseech", "besought", "besought"), ("bind", "bound", "bound"),
    ("bite", "bit", "bitten"), ("bleed", "bled", "bled"), ("blow", "blew", "blown"), ("break", "broke", "broken"),
    ("breed", "bred", "bred"), ("bring", "brought", "brought"), ("browbeat", "browbeat", "browbeaten"),
    ("build", "built", "built"), ("buy", "bought", "bought"), ("catch", "caught", "caught"),
    ("choose", "chose", "chosen"), ("cling", "clung", "clung"), ("come", "came", "come"), ("creep", "crept", "crept"),
    ("deal", "dealt", "dealt"), ("dig", "dug", "dug"), ("do", "did", "done"), ("draw", "drew", "drawn"),
    ("drink", "drank", "drunk"), ("drive", "drove", "driven"), ("dwell", "dwelt", "dwelt"), ("eat", "ate", "eaten"),
    ("fall", "fell", "fallen"), ("feed", "fed", "fed"), ("feel", "felt", "felt"), ("fight", "fought", "fought"),
    ("find", "found", "found"), ("flee", "fled", "fled"), ("fling", "flung", "flung"), ("fly", "flew", "flown"),
    ("forbid", "forbade", "forbidden"), ("forget", "forgot", "forgotten"), ("forsake", "forsook", "forsaken"),
    ("freeze", "froze", "frozen"), ("get", "got", "got"), ("give", "gave", "given"), ("go", "went", "gone"),
    ("greenlight", "greenlit", "greenlit"), ("grind", "ground", "ground"), ("grow", "grew", "grown"),
    ("handwrite", "handwrote", "handwritten"), ("hang", "hung", "hung"), ("have", "had", "had"),
    ("hear", "heard", "heard"), ("hew", "hewed", "hewn"), ("hide", "hid", "hidden"), ("hold", "held", "held"),
    ("keep", "kept", "kept"), ("kneel", "knelt", "knelt"), ("know", "knew", "known"), ("lay", "laid", "laid"),
    ("lead", "led", "led"), ("leap", "leapt", "leapt"), ("leave", "left", "left"), ("lend", "lent", "lent"),
    ("lie", "lay", "lain"), ("light", "lit", "lit"), ("lose", "lost", "lost"), ("make", "made", "made"),
    ("mean", "meant", "meant"), ("meet", "met", "met"), ("misdeal", "misdealt", "misdealt"),
    ("misgive", "misgave", "misgiven"), ("mishear", "misheard", "misheard"), ("mislead", "misled", "misled"),
    ("misspend", "misspent", "misspent"), ("mistake", "mistook", "mistaken"),
    ("misunderstand", "misunderstood", "misunderstood"), ("mow", "mowed", "mown"),
    ("outfight", "outfought", "outfought"), ("outgrow", "outgrew", "outgrown"), ("outsell", "outsold", "outsold"),
    ("outshine", "outshone", "outshone"), ("outspend", "outspent", "outspent"),
    ("outthink", "outthought", "outthought"), ("outwear", "outwore", "outworn"), ("overdraw", "overdrew", "overdrawn"),
    ("overfeed", "overfed", "overfed"), ("overhang", "overhung", "overhung"), ("overhear", "overheard", "overheard"),
    ("override", "overrode", "overridden"), ("overrun", "overran", "overrun"), ("oversell", "oversold", "oversold"),
    ("oversleep", "overslept", "overslept"), ("overspend", "overspent", "overspent"),
    ("overtake", "overtook", "overtaken"), ("overthrow", "overthrew", "overthrown"),
    ("overwrite", "overwrote", "overwritten"), ("pay", "paid", "paid"), ("prove", "proved", "proven"),
    ("rebuild", "rebuilt", "rebuilt"), ("redraw", "redrew", "redrawn"), ("relight", "relit", "relit"),
    ("remake", "remade", "remade"), ("rend", "rent", "rent"), ("rerun", "reran", "rerun"),
    ("resend", "resent", "resent"), ("retake", "retook", "retaken"), ("retell", "retold", "retold"),
    ("rethink", "rethought", "rethought"), ("rewind", "rewound", "rewound"), ("rewrite", "rewrote", "rewritten"),
    ("ride", "rode", "ridden"), ("ring", "rang", "rung"), ("rise", "rose", "risen"), ("run", "ran", "run"),
    ("saw", "sawed", "sawn"), ("say", "said", "said"), ("see", "saw", "seen"), ("seek", "sought", "sought"),
    ("sell", "sold", "sold"), ("send", "sent", "sent"), ("sew", "sewed", "sewn"), ("shake", "shook", "shaken"),
    ("shear", "sheared", "shorn"), ("shine", "shone", "shone"), ("shoe", "shod", "shod"), ("shoot", "shot", "shot"),
    ("show", "showed", "shown"), ("shrink", "shrank", "shrunk"), ("sing", "sang", "sung"), ("sink", "sank", "sunk"),
    ("sit", "sat", "sat"), ("slay", "slew", "slain"), ("sleep", "slept", "slept"), ("slide", "slid", "slid"),
    ("sling", "slung", "slung"), ("slink", "slunk", "slunk"), ("smite", "smote", "smitten"), ("sow", "sowed", "sown"),
    ("speak", "spoke", "spoken"), ("speed", "sped", "sped"), ("spend", "spent", "spent"), ("spin", "spun", "spun"),
    ("spit", "spat", "spat"), ("spoonfeed", "spoonfed", "spoonfed"), ("spring", "sprang", "sprung"),
    ("stand", "stood", "stood"), ("steal", "stole", "stolen"), ("stick", "stuck", "stuck"), ("sting", "stung", "stung"),
    ("stink", "stank", "stunk"), ("strew", "strewed", "strewn"), ("stride", "strode", "stridden"),
    ("strike", "struck", "struck"), ("string", "strung", "strung"), ("strive", "strove", "striven"),
    ("swear", "swore", "sworn"), ("sweep", "swept", "swept"), ("swell", "swelled", "swollen"), ("swim", "swam", "swum"),
    ("swing", "swung", "swung"), ("take", "took", "taken"), ("teach", "taught", "taught"), ("tear", "tore", "torn"),
    ("tell", "told", "told"), ("think", "thought", "thought"), ("throw", "threw", "thrown"),
    ("tread", "trod", "trodden"), ("underfeed", "underfed", "underfed"), ("undersell", "undersold", "undersold"),
    ("underspend", "underspent", "underspent"), ("understand", "understood", "understood"),
    ("undertake", "undertook", "undertaken"), ("underwrite", "underwrote", "underwritten"),
    ("unfreeze", "unfroze", "unfrozen"), ("unmake", "unmade", "unmade"), ("unwind", "unwound", "unwound"),
    ("wake", "woke", "woken"), ("wear", "wore", "worn"), ("weave", "wove", "woven"), ("weep", "wept", "wept"),
    ("win", "won", "won"), ("wind", "wound", "wound"), ("wring", "wrung", "wrung"), ("write", "wrote", "written"),
];

/// Further past forms of a verb whose usual ones are regular or stand in [`IRREGULAR`]: form, base.
#[rustfmt::skip]
pub(super) const ALSO_PAST: &[(&str, &str)] = &[
    ("bade", "bid"), ("born", "bear"), ("laden", "lade"), ("moonlit", "moonlight"), ("outbidden", "outbid"),
    ("pled", "plead"), ("relearnt", "relearn"), ("spelt", "spell"), ("unladen", "unlade"),
];

/// Verbs whose past looks like their base. They count as past at the end of an action only.
#[rustfmt::skip]
pub(super) const ZERO_CHANGE: &[&str] = &[
    "become", "bet", "bid", "broadcast", "burst", "cast", "come", "cost", "forecast", "hurt", "input", "knit",
    "miscast", "misread", "multicast", "outbid", "output", "outrun", "overbid", "overcome", "overrun", "preset",
    "proofread", "put", "quit", "read", "recast", "recut", "reread", "rerun", "rid", "run", "shed", "simulcast",
    "spread", "telecast", "thrust", "typecast", "unicast", "unset", "webcast", "wet",
];

/// Past forms that are as often something else: another base, a noun, an adjective. Both tenses accept them.
/// `found` is left out on purpose: in event names it nearly always comes from `find`.
#[rustfmt::skip]
pub(super) const AMBIGUOUS: &[&str] = &[
    "bent", "bit", "bore", "bound", "clad", "fell", "felt", "ground", "laden", "lay", "left", "lit", "overlay",
    "rebound", "rent", "resent", "rose", "saw", "shot", "spoke", "unbound", "underlay",
];

/// Verbs in -c that take a k (`panic`, `panicked`).
#[rustfmt::skip]
pub(super) const C_TO_CK: &[&str] = &[
    "havoc",
];
