//! What a registry says of secrets enters; the sanitizer that goes by it leaves, what is wrong with its patterns, or
//! what will stand in the place of whatever a field holds.

use serde_json::json;
use tense_event::{Event, Family, Rule, RuleError, Sanitizer, SanitizerBuilder, SpanId, Status, Timestamp, TraceId};
use tense_grammar::{FieldKind, RedactRule, Registry, RegistryError};

/// The sanitizer of a project.
pub(crate) fn sanitizer(registry: &Registry) -> Result<Sanitizer, RuleError> {
    let redact = registry.redact();
    let mut builder = Sanitizer::builder();
    for key in &redact.keys {
        builder = builder.key(key);
    }
    for (key, _) in &redact.keep_keys {
        builder = builder.keep_key(key);
    }
    for family in redact.off.iter().filter_map(|name| Family::named(name)) {
        builder = builder.without(family);
    }
    redact.rules.iter().map(rule).fold(builder, SanitizerBuilder::rule).build()
}

/// The patterns that cannot be compiled, or do not do what their examples say.
pub(crate) fn mistakes(registry: &Registry) -> Vec<RegistryError> {
    let rules = &registry.redact().rules;
    let wrong = rules.iter().filter_map(|told| {
        let error = rule(told).check().err()?;
        let message = format!("{error} [file/redact]");
        Some(RegistryError { line: told.line, column: told.column, rule: "file/redact", message })
    });
    let mut all: Vec<_> = wrong.collect();
    if let Some(first) = rules.get(Sanitizer::MOST_RULES) {
        let message = format!("{} [file/redact]", RuleError::TooMany(rules.len()));
        all.push(RegistryError { line: first.line, column: first.column, rule: "file/redact", message });
    }
    all
}

fn rule(told: &RedactRule) -> Rule {
    Rule::new(&told.name, &told.pattern).hits(&told.hit).misses(&told.miss)
}

/// What stands where a value of that kind would, when nobody ever sees it, since its name is that of a secret:
/// `password`.
///
/// The sanitizer itself is asked, with a value that nothing is wrong with.
pub(crate) fn hidden_as(field: &str, kind: FieldKind, registry: &Registry) -> Option<String> {
    let harmless = match kind {
        FieldKind::String => json!("a word"),
        FieldKind::Integer => json!(1),
        FieldKind::Float => json!(0.5),
        FieldKind::Bool => json!(true),
        FieldKind::Json => json!([1]),
    };
    let trace = TraceId::from_bytes([1; 16]);
    let mut event = Event::new(trace, SpanId::new(1)?, "", Status::Success, Timestamp::from_unix_nanos(0));
    event.data.insert(field.to_owned(), harmless.clone());
    // Patterns that cannot be compiled say nothing about a field.
    let clean = sanitizer(registry).unwrap_or_default().clean(event);
    let (_, left) = clean.data.iter().next()?;
    left.as_str().filter(|_| *left != harmless).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_knows_every_family() {
        assert_eq!(Family::ALL.map(Family::name), tense_grammar::REDACT_FAMILIES);
    }

    #[test]
    fn a_name_and_a_kind_decide() {
        let check = |field: &str, kind, expected: Option<&str>| {
            assert_eq!(hidden_as(field, kind, &Registry::builtin()).as_deref(), expected);
        };
        check("password", FieldKind::Integer, Some("[REDACTED]"));
        check("client_secret", FieldKind::String, Some("[REDACTED]"));
        check("token_id", FieldKind::String, None);
        check("count", FieldKind::Integer, None);
        check("values", FieldKind::Json, None);
    }
}
