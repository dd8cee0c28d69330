//! What a registry says of secrets enters; the sanitizer that goes by it leaves.

use tense::registry::Registry;
use tense_event::{Family, Rule, Sanitizer};

/// A rule that cannot be compiled is left out: `tense check` refuses it, and a program that runs has to go on with all
/// the others.
pub(crate) fn of(registry: Option<&Registry>) -> Sanitizer {
    let Some(redact) = registry.map(|registry| registry.redact) else { return Sanitizer::default() };
    let mut builder = Sanitizer::builder();
    for key in redact.keys {
        builder = builder.key(*key);
    }
    for key in redact.keep_keys {
        builder = builder.keep_key(*key);
    }
    for family in redact.off.iter().filter_map(|name| Family::named(name)) {
        builder = builder.without(family);
    }
    let rules = redact.rules.iter().map(|rule| Rule::new(rule.name, rule.pattern));
    let sound = rules.filter(|rule| rule.check().is_ok()).take(Sanitizer::MOST_RULES);
    sound.fold(builder, tense_event::SanitizerBuilder::rule).build().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tense::registry::{Redact, RedactRule};

    #[test]
    fn a_registry_says_what_is_secret() {
        const RULES: &[RedactRule] = &[RedactRule::new("badge", "BADGE-[0-9]{6}"), RedactRule::new("broken", "(")];
        let redact = Redact::new().keys(&["pin"]).keep_keys(&["session_id"]).off(&["email"]).rules(RULES);
        let sanitizer = of(Some(&Registry::new().redact(redact)));
        let clean = sanitizer.redact("pin=1 session_id=abc a@example.com BADGE-123456 password=x");
        assert_eq!(clean, "pin=[REDACTED] session_id=abc a@example.com [REDACTED] password=[REDACTED]");
    }
}
