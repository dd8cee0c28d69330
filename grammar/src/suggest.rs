//! Proposes what to write instead: an action that was refused enters, one that will be accepted leaves, or nothing.
//!
//! Nothing is invented. Where no word of the action is a verb that the tables know, there is no proposal, and the
//! message states the rule instead.

use crate::inflect::{Lexicon, Past};
use crate::tense::{self, Action};
use crate::words;

/// An action for a past layer; the first way that fits is taken.
pub(crate) fn past(action: &Action<'_>, lexicon: &Lexicon) -> Option<String> {
    let words = &action.words;
    let (first, last) = (action.first(), action.last());
    let head = action.head.and_then(|head| words.get(head).map(|word| (head, *word)));
    if words.len() > 1 && words.iter().any(|word| CONNECTING.contains(word)) {
        return None;
    }

    // a word that is a command wherever it stands makes an object of the compound: `set_timeout` is `timeout_set`
    let commanded = words.len() > 1 && lexicon.acts_at_end(first) && lexicon.is_past(first) != Past::Yes;
    let opens_with_verb = lexicon.is_verb(first) && lexicon.is_past(first) != Past::Yes;

    let proposal = if words::compound(last).is_some() && !commanded {
        // `rollback` is `rolled_back`, `request_timeout` is `request_timed_out`
        with(words, action.last_index(), &lexicon.participle(last))
    } else if let Some((verb, whole)) = compound_apart(words) {
        // `top_up` is `topped_up`, as `topup` is
        [words.get(..verb)?, &[whole], words.get(verb + 2..)?].concat().join("_")
    } else if let Some((head, verb)) = head.filter(|(_, verb)| lexicon.is_verb(verb)) {
        // a verb keeps its particle behind it: `write_to_disk` is `written_to_disk`
        with(words, head, &lexicon.participle(verb))
    } else if words.len() == 1 {
        if lexicon.acts_alone(last) {
            lexicon.participle(last).into_owned()
        } else {
            lexicon.participle(&lexicon.act_in(last)?).into_owned()
        }
    } else if is_ambiguous(first, last, lexicon) {
        return None;
    } else if BECOMING.contains(&first) && lexicon.acts_at_end(last) {
        // `keep_open` is `kept_open`, which a past layer takes for an adjective and its verb
        return None;
    } else if opens_with_verb && STATES.contains(&last) {
        // the state comes after the verb: `keep_alive` is `kept_alive`
        let object = words.get(1..action.last_index())?;
        [object, &[&*lexicon.participle(first), last]].concat().join("_")
    } else if opens_with_verb && (!lexicon.acts_at_end(last) || words::compound(last).is_some()) {
        // the object goes before the verb, what comes after a particle stays behind it:
        // `update_status` is `status_updated`, `update_user_by_id` is `user_updated_by_id`
        let object_ends = action.head.map_or(words.len(), |head| head + 1);
        let object = words.get(1..object_ends)?;
        let rest = words.get(object_ends..)?;
        let verb = lexicon.participle(first);
        [object, &[&*verb], rest].concat().join("_")
    } else if lexicon.is_verb(last) && !words.ends_with(&["to", last]) && !words::is_particle(first) {
        // `fetch_start` is `fetch_started`; `time_to_live` and `before_send` are nothing that was done
        with(words, action.last_index(), &lexicon.participle(last))
    } else {
        return None;
    };

    let accepted = tense::past(&Action::split(&proposal), lexicon, &[]).is_ok();
    accepted.then(|| with_tail(proposal, &action.tail))
}

/// An action for a present layer, given the word that is past there: `status_updated` is `update_status`.
pub(crate) fn present(action: &Action<'_>, culprit: usize, lexicon: &Lexicon) -> Option<String> {
    let past = *action.words.get(culprit)?;
    let base = lexicon.base(past)?;
    // nobody unpays an invoice, though `pay` is a verb
    let is_unlisted_un = base.starts_with("un") && !lexicon.is_listed(&base);
    let object = action.words.get(..culprit)?;
    let rest = action.words.get(culprit + 1..)?;
    // `time` is no verb that proves anything, but `time_out` is
    let is_known = (lexicon.acts_alone(&base) && !is_unlisted_un)
        || words::is_inflected_by_table(&base)
        || words::is_hidden_base(&base)
        || rest.first().is_some_and(|particle| joined(&base, particle).is_some());
    let describes =
        object.is_empty() && ADJECTIVES.contains(&past) && rest.first().is_some_and(|next| !words::is_particle(next));
    if !is_known || describes || !is_thing(object, lexicon) {
        return None;
    }
    let proposal = [&[base.as_str()], object, rest].concat().join("_");
    let accepted = tense::present(&Action::split(&proposal), lexicon).is_ok();
    accepted.then(|| with_tail(proposal, &action.tail))
}

/// Whether the first word may tell of which kind the last one is: a `rate_limit` limits no rate, and rates no limit.
fn is_ambiguous(first: &str, last: &str, lexicon: &Lexicon) -> bool {
    let is_noun_as_well = words::is_object(first) && !COMMANDS.contains(&first)
        // nor is a `void_order` one of either
        || lexicon.acts_alone(first) && !lexicon.is_verb(first);
    (is_noun_as_well && words::is_object(last))
        || (MODIFIERS.contains(&first) && (!words::is_verb(last) || words::is_object(last)))
}

/// The first compound written as two words: where it begins, and its past.
fn compound_apart(words: &[&str]) -> Option<(usize, &'static str)> {
    let mut pairs = words.iter().zip(words.iter().skip(1)).enumerate();
    pairs.find_map(|(at, (verb, particle))| Some((at, joined(verb, particle)?)))
}

/// The past of a compound, given its two words: `roll` and `back`.
fn joined(verb: &str, particle: &str) -> Option<&'static str> {
    words::compound(&format!("{verb}{particle}"))
}

/// Whether the words before a past one can be what it was done to, or nothing is before it: the `failed_job` of
/// `failed_job_retried`, but nothing in `set_enabled`, `not_found` and `before_deleted`.
fn is_thing(object: &[&str], lexicon: &Lexicon) -> bool {
    // what describes needs something to describe: `found` of `found_deleted`
    let ends_in_noun = object.last().is_none_or(|last| lexicon.is_past(last) != Past::Yes);
    let mut words = object.iter().copied().peekable();
    while let Some(word) = words.next() {
        // the compound `fan_in` is a thing, whatever it is made of
        if words.next_if(|particle| joined(word, particle).is_some()).is_some() || words::compound(word).is_some() {
            continue;
        }
        let is_no_noun = lexicon.acts_at_end(word)
            || words::is_particle(word)
            || words::is_adverb(word)
            || [CONNECTING, QUALIFYING].iter().any(|table| table.contains(&word));
        if is_no_noun {
            return false;
        }
    }
    ends_in_noun
}

/// Conjunctions, negations and auxiliaries: what they connect is no verb and its object.
#[rustfmt::skip]
const CONNECTING: &[&str] = &[
    "and", "are", "be", "been", "being", "but", "can", "cannot", "could", "did", "do", "does", "else", "had", "has",
    "have", "if", "is", "may", "might", "must", "never", "no", "nor", "not", "or", "shall", "should", "than", "then",
    "try", "unless", "was", "were", "when", "whether", "while", "will", "would",
];

/// What before a past word says when, how or who, or makes a state of it: `last_updated`, `soft_deleted`,
/// `mark_deleted`.
#[rustfmt::skip]
const QUALIFYING: &[&str] = &[
    "already", "also", "always", "auto", "bulk", "count", "ever", "filter", "first", "half", "hard", "how", "just",
    "last", "least", "list", "mark", "most", "next", "none", "nothing", "now", "once", "pre", "re", "self", "soft",
    "soon", "still", "twice", "what", "where", "which", "who", "why", "yet",
];

/// What something becomes or is kept by the verb before it: `mark_dirty`.
#[rustfmt::skip]
const STATES: &[&str] = &[
    "active", "alive", "available", "busy", "dead", "dirty", "healthy", "idle", "inactive", "invalid", "obsolete",
    "offline", "online", "private", "public", "ready", "stale", "unhealthy", "valid", "visible",
];

/// Verbs with a state behind them, even where it is a verb as well: `mark_complete`.
#[rustfmt::skip]
const BECOMING: &[&str] = &[
    "keep", "leave", "make", "mark",
];

/// Nouns as often at the end of an action, but commands before what may be a verb as well: `log_request`.
#[rustfmt::skip]
const COMMANDS: &[&str] = &[
    "archive", "block", "build", "copy", "count", "display", "dump", "edit", "export", "filter", "fix", "format",
    "grant", "hash", "import", "issue", "link", "list", "lock", "log", "map", "mark", "mask", "place", "print",
    "process", "produce", "purchase", "record", "report", "reserve", "review", "schedule", "search", "share", "sort",
    "store", "suffer", "track", "transfer", "trigger", "view",
];

/// Verbs that before any noun tell of which kind it is: a `crash_loop`, an `exit_code`.
#[rustfmt::skip]
const MODIFIERS: &[&str] = &[
    "crash", "cross", "dry", "exit", "rate", "sleep", "wait",
];

/// Participles that before a noun are adjectives: the `united_nations` are not what somebody unites.
#[rustfmt::skip]
const ADJECTIVES: &[&str] = &[
    "advanced", "broken", "combined", "dedicated", "detailed", "distributed", "estimated", "expected", "fixed", "hidden",
    "integrated", "limited", "lost", "mixed", "nested", "related", "shared", "united", "used", "weighted",
];

fn with(words: &[&str], index: usize, word: &str) -> String {
    let replaced = words.iter().enumerate().map(|(at, old)| if at == index { word } else { old });
    replaced.collect::<Vec<_>>().join("_")
}

fn with_tail(mut action: String, tail: &[&str]) -> String {
    for word in tail {
        action.push('_');
        action.push_str(word);
    }
    action
}
