//! What the old design would have emitted, a row for each case. A test holds the table against `tense.toml`: every name
//! that is gone stands here once.

/// A decision that was reported twice.
pub(super) struct Pair {
    /// The type of the decision.
    pub(super) decision: &'static str,
    /// What tells it today.
    pub(super) event: &'static str,
    /// Which of several decisions it was: the status that a token has moved to.
    pub(super) to: Option<&'static str>,
    /// What the operation told.
    pub(super) operation: &'static str,
    /// What the dispatcher told.
    pub(super) dispatch: &'static str,
}

const fn pair(
    decision: &'static str,
    event: &'static str,
    to: Option<&'static str>,
    operation: &'static str,
    dispatch: &'static str,
) -> Pair {
    Pair { decision, event, to, operation, dispatch }
}

/// The first row that fits holds.
#[rustfmt::skip]
pub(super) const DOUBLED: [Pair; 10] = [
    pair("create_token", "operation.tokens.created", None, "operation.tokens.create", "dispatch.token.created"),
    pair("mark_waiting", "operation.tokens.status_updated", Some("waiting"), "operation.tokens.update_status", "dispatch.token.marked_waiting"),
    pair("mark_for_dispatch", "operation.tokens.status_updated", Some("dispatched"), "operation.tokens.update_status", "dispatch.token.marked_for_dispatch"),
    pair("update_token_status", "operation.tokens.status_updated", None, "operation.tokens.update_status", "dispatch.token.status_updated"),
    pair("set_context", "operation.context.field_set", None, "operation.context.set_field", "dispatch.context.set"),
    pair("initialize_branch_table", "operation.context.branch_table.created", None, "operation.context.branch_table.create", "dispatch.branch.table_initialized"),
    pair("drop_branch_tables", "operation.context.branch_table.dropped", None, "operation.context.branch_table.drop", "dispatch.branch.tables_dropped"),
    pair("apply_branch_output", "operation.context.branch.written", None, "operation.context.branch.write", "dispatch.branch.output_applied"),
    pair("merge_branches", "operation.context.merged", None, "operation.context.merge.complete", "dispatch.branch.merged"),
    pair("apply_output", "operation.context.output_mapping.applied", None, "operation.context.output_mapping.apply", "dispatch.context.output_applied"),
];

/// What had another name: new, old.
pub(super) const RENAMED: [(&str, &str); 5] = [
    ("operation.context.section_replaced", "operation.context.replace_section"),
    ("operation.context.branches_read", "operation.context.branch.read_all"),
    ("operation.context.merge.started", "operation.context.merge.start"),
    ("operation.context.output_mapping.started", "operation.context.output_mapping.start"),
    ("operation.context.output_mapping.skipped", "operation.context.output_mapping.skip"),
];

/// What the operation told that is called so today.
pub(super) fn operation(event: &str) -> Option<&'static str> {
    let doubled = DOUBLED.iter().map(|pair| (pair.event, pair.operation));
    doubled.chain(RENAMED).find(|(new, _)| *new == event).map(|(_, old)| old)
}

/// An event that was told beside another one, and is gone.
pub(super) struct Removed {
    pub(super) name: &'static str,
    /// What it stood beside.
    pub(super) event: &'static str,
    /// It was told where this count was not 0.
    pub(super) when_any: Option<&'static str>,
}

pub(super) const REMOVED: [Removed; 3] = [
    Removed {
        name: "dispatch.tokens.batch_created",
        event: "dispatch.batch.complete",
        when_any: Some("tokens_created"),
    },
    Removed {
        name: "dispatch.tokens.batch_status_updated",
        event: "dispatch.batch.complete",
        when_any: Some("tokens_dispatched"),
    },
    Removed { name: "dispatch.sync.check_requested", event: "decision.sync.start", when_any: None },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tense_grammar::Registry;

    use super::*;

    /// A name that two old readers wrote in two ways has to be chosen from.
    const OTHER_SPELLINGS: [&str; 1] = ["operation.context.read_all"];

    #[test]
    fn every_name_that_is_gone_stands_in_the_table() {
        let registry = Registry::parse(include_str!("../../tense.toml")).unwrap();
        let told: BTreeSet<(&str, &str)> = DOUBLED
            .iter()
            .flat_map(|pair| [(pair.event, pair.operation), (pair.event, pair.dispatch)])
            .chain(RENAMED)
            .collect();
        let gone: BTreeSet<(&str, &str)> = registry
            .events()
            .flat_map(|event| event.was.iter().map(|was| (event.name.as_str(), was.as_str())))
            .filter(|(_, was)| !OTHER_SPELLINGS.contains(was))
            .collect();
        assert_eq!(told, gone);
        let dispatched: BTreeSet<&str> = DOUBLED.iter().map(|pair| pair.dispatch).collect();
        assert_eq!(dispatched.len(), DOUBLED.len(), "a row for each pair");
        let decisions: BTreeSet<&str> = DOUBLED.iter().map(|pair| pair.decision).collect();
        assert_eq!(decisions.len(), DOUBLED.len(), "a row for each decision");
    }

    #[test]
    fn what_was_removed_is_removed_in_the_registry() {
        let text = include_str!("../../tense.toml");
        let (_, removed) = text.split_once("\n[removed]\n").unwrap();
        let names: Vec<&str> = removed.lines().filter_map(|line| line.split('"').nth(1)).collect();
        assert_eq!(names, REMOVED.map(|removed| removed.name));
    }
}
