//! What was left aside, and that a layer is switched off, goes in; sentences for [`Health`](crate::Health) come out.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use tense_event::Sanitizer;
use tense_grammar::SettingSpec;

use super::Settings;
use super::environment::Outside;

/// So many sentences are kept; whoever has more to mend finds the next ones when these are mended.
const MOST: usize = 32;
/// Bytes of one.
const LONGEST: usize = 600;

static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
static SWITCHED_OFF: AtomicBool = AtomicBool::new(false);

/// Something that was said and makes no sense.
#[derive(Debug)]
pub(super) struct Aside {
    /// Where it stands, and what is wrong with it.
    what: String,
    instead: Instead,
}

/// What holds in its place.
#[derive(Debug)]
enum Instead {
    /// The value that this setting has otherwise.
    Setting(&'static SettingSpec),
    Nothing,
    /// The sentence says so itself.
    Said,
}

impl Aside {
    pub(super) fn new(what: String) -> Self {
        Self { what, instead: Instead::Nothing }
    }

    /// About one setting, if there is one.
    pub(super) fn of(spec: impl Into<Option<&'static SettingSpec>>, what: String) -> Self {
        Self { what, instead: spec.into().map_or(Instead::Nothing, Instead::Setting) }
    }

    /// A sentence that lacks nothing.
    pub(super) fn whole(what: String) -> Self {
        Self { what, instead: Instead::Said }
    }

    /// The same with what holds instead.
    pub(super) fn sentence(&self, settled: &mut Settings) -> String {
        let Self { what, instead } = self;
        // A proposal is a sentence of its own.
        let then = if what.ends_with('?') { " It" } else { "; it" };
        match instead {
            Instead::Setting(spec) => format!("{what}{then} is left aside, and `{spec}` is {}", settled.shown(spec)),
            Instead::Nothing => format!("{what}{then} is left aside"),
            Instead::Said => what.clone(),
        }
    }
}

/// What is to be told of the settings of a layer.
pub(super) struct Told {
    /// That it is switched off, and by whom.
    pub(super) switch: Option<String>,
    pub(super) aside: Vec<String>,
}

pub(super) fn switch(outside: &Outside, code: &Settings, file: &Settings) -> Option<String> {
    let who = match (outside.settings.enabled, code.enabled, file.enabled) {
        (Some(false), ..) => outside.switch.as_ref().map(|(name, text)| format!("`{name}={text}` in the environment")),
        (None, Some(false), _) => Some("`enabled(false)` in the code".to_owned()),
        (None, None, Some(false)) => Some("`enabled = false` under `[recording]` in the file".to_owned()),
        _ => None,
    };
    who.map(|who| format!("{who} switches recording off: nothing is recorded, and nothing is opened"))
}

/// Keeps the sentences, each once, without what may be secret in them.
pub(super) fn tell(Told { switch, aside }: Told) {
    SWITCHED_OFF.fetch_or(switch.is_some(), Relaxed);
    if aside.is_empty() && switch.is_none() {
        return;
    }
    let sanitizer = Sanitizer::default();
    for sentence in switch.iter().chain(&aside) {
        let sentence = shown(sentence, &sanitizer);
        let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MOST && !told.contains(&sentence) {
            told.push(sentence);
        }
    }
}

/// A value that was cut may end within a secret, which no rule would know any more: of that nothing is shown.
fn shown(sentence: &str, sanitizer: &Sanitizer) -> String {
    let mut whole = sentence.to_owned();
    while let Some(end) = whole.find("…`")
        && let Some(begin) = whole.get(..end).and_then(|before| before.rfind('`'))
    {
        whole.replace_range(begin..end + "…`".len(), "[a long text]");
    }
    let mut clean = sanitizer.redact(&whole).into_owned();
    // Whoever prints it has a terminal that would do what they say.
    if clean.contains(char::is_control) {
        let escaped = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
        clean = clean.chars().map(escaped).collect();
    }
    let end = clean.floor_char_boundary(LONGEST);
    if end < clean.len() {
        clean.truncate(end);
        clean.push('…');
    }
    clean
}

/// What has been told until now.
pub(crate) fn told() -> Vec<String> {
    // Held for a moment by whoever makes a layer; in a process that was forked off just then, for ever.
    const TRIES: usize = 1000;
    let kept = |told: MutexGuard<'_, Vec<String>>| told.clone();
    let tried = (0..TRIES).find_map(|_| match TOLD.try_lock() {
        Ok(told) => Some(kept(told)),
        Err(TryLockError::Poisoned(poisoned)) => Some(kept(poisoned.into_inner())),
        Err(TryLockError::WouldBlock) => {
            std::thread::yield_now();
            None
        }
    });
    tried.unwrap_or_default()
}

/// Whether a layer of this program is switched off.
pub(crate) fn is_switched_off() -> bool {
    SWITCHED_OFF.load(Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_shows_no_secret_and_none_that_was_cut() {
        let sanitizer = Sanitizer::default();
        let check = |sentence: &str, expected: &str| assert_eq!(shown(sentence, &sanitizer), expected);
        check("`TENSE_SAMPLE`: `2` is not a number", "`TENSE_SAMPLE`: `2` is not a number");
        check("`TENSE_SAMPLE`: `password=hunter2` is no", "`TENSE_SAMPLE`: `password=[REDACTED]` is no");
        check("`TENSE_SAMPLE`: `eyJhbGciOiJIUzI1NiIsInR5cCI…` is no", "`TENSE_SAMPLE`: [a long text] is no");
        check(
            "`TENSE_SAMPLING_EVENTS`: `db.password=hunter2` does not end in a number",
            "`TENSE_SAMPLING_EVENTS`: `db.password=[REDACTED]` does not end in a number",
        );
        check(
            "`OTEL_SDK_DISABLED`: `\u{1b}[31mred\nline` is not",
            "`OTEL_SDK_DISABLED`: `\\u{1b}[31mred\\nline` is not",
        );
        let long = shown(&"é".repeat(LONGEST), &sanitizer);
        assert!(long.len() <= LONGEST + "…".len() && long.ends_with("é…"), "{long}");
    }
}
