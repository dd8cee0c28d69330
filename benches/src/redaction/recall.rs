//! Counts how many made-up secrets are gone behind the sanitizer, by family and by carrier.

use tense_event::Sanitizer;

use crate::carriers::{BARE, BEYOND, CarryBeyond, KEYED, KEYS, STATEMENTS};
use crate::ordinary;
use crate::secrets::{self, KINDS, Made};
use tense_benches::random::Random;

/// Makes a secret that no template can.
type MakeSpecial = fn(&mut Random) -> Made;

#[derive(Default, Clone, Copy)]
pub(crate) struct Score {
    pub(crate) tries: usize,
    gone: usize,
}

impl Score {
    pub(crate) fn recall(self) -> f64 {
        self.gone as f64 / self.tries.max(1) as f64
    }
}

#[derive(Default)]
pub(crate) struct Recall {
    pub(crate) families: Vec<(String, Score)>,
    pub(crate) carriers: Vec<(String, Score)>,
    pub(crate) kinds: usize,
    shown: Vec<String>,
    show: bool,
}

pub(crate) fn measure(sanitizer: &Sanitizer, each: usize, show: bool, random: &mut Random) -> Recall {
    let mut recall = Recall { show, ..Recall::default() };
    let special: [(&str, &str, MakeSpecial); 2] =
        [("authorization", "basic", secrets::basic), ("people", "card", secrets::card)];
    recall.kinds = KINDS.len() + special.len();
    for (carrier, carry) in BARE {
        for _ in 0..each {
            for (family, kind, template) in KINDS {
                let made = secrets::make(template, random);
                let text = carry(&made.text, random);
                recall.count(sanitizer, family, carrier, kind, &text, &made.body);
            }
            for (family, kind, make) in special {
                let made = make(random);
                let text = carry(&made.text, random);
                recall.count(sanitizer, family, carrier, kind, &text, &made.body);
            }
        }
    }
    for (carrier, carry) in KEYED {
        for _ in 0..each {
            for key in KEYS {
                let body = password(random);
                let text = carry(key, &body, random);
                recall.count(sanitizer, "keys and values", &format!("key: {carrier}"), key, &text, &body);
            }
        }
    }
    for (carrier, statement) in STATEMENTS {
        for _ in 0..each * 5 {
            let body = random.fill("{A16}").0;
            let text = statement.replace('§', &body);
            recall.count(sanitizer, "statements", &format!("statement: {carrier}"), statement, &text, &body);
        }
    }
    recall
}

/// As people choose them and as machines do.
fn password(random: &mut Random) -> String {
    let length = 8 + random.below(30);
    match random.below(4) {
        0 => random.fill(&format!("{{A{length}}}")).0,
        1 => random.fill(&format!("{{U{length}}}")).0,
        2 => random.run("abcdefghijklmnopqrstuvwxyz0123456789!#$*-.?^_~", length),
        _ => random.run("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", length),
    }
}

impl Recall {
    fn count(&mut self, sanitizer: &Sanitizer, family: &str, carrier: &str, kind: &str, text: &str, body: &str) {
        let clean = sanitizer.redact(text);
        // As it is seen, and with escapes undone: otherwise an escaped slash would hide a survivor.
        let seen: String = clean.chars().filter(|c| !matches!(c, '\u{200b}' | '\\')).collect();
        let seen = seen.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=").replace("%20", " ");
        // Half of a secret is one.
        let half = (body.len() / 2).max(8).min(body.len());
        let parts = [body, body.get(..half).unwrap_or(body), body.get(body.len() - half..).unwrap_or(body)];
        let gone = !parts.iter().any(|part| seen.contains(&part.replace('\\', "")));
        for (scores, name) in [(&mut self.families, family), (&mut self.carriers, carrier)] {
            let at = scores.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                scores.push((name.to_owned(), Score::default()));
                scores.len() - 1
            });
            scores[at].1.tries += 1;
            scores[at].1.gone += usize::from(gone);
        }
        let named = format!("{kind} in {carrier}");
        if self.show && !gone && !self.shown.contains(&named) {
            #[expect(clippy::print_stdout, reason = "asked for by a flag")]
            {
                println!("through: {named}: {}", clean.escape_debug());
            }
            self.shown.push(named);
        }
    }
}

/// What is beyond the rules, and whether it gets through.
pub(crate) fn beyond(sanitizer: &Sanitizer, random: &mut Random) -> Vec<(&'static str, bool)> {
    let through = |carry: CarryBeyond, random: &mut Random| {
        let text = carry(&random.fill("{L14}").0);
        sanitizer.redact(&text) == text
    };
    BEYOND.iter().map(|(name, carry)| (*name, through(*carry, random))).collect()
}

/// How many ordinary lines were changed.
pub(crate) fn false_alarms(sanitizer: &Sanitizer, lines: usize, show: bool, random: &mut Random) -> usize {
    let mut alarms = 0;
    for _ in 0..lines {
        let line = ordinary::line(random);
        let clean = sanitizer.redact(&line);
        if clean != line {
            alarms += 1;
            if show && alarms <= 40 {
                #[expect(clippy::print_stdout, reason = "asked for by a flag")]
                {
                    println!("for nothing: {line}\n          -> {clean}");
                }
            }
        }
    }
    alarms
}
