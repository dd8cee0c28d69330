//! Actions that must pass, and actions that must not, each with the one right proposal.

use tense_grammar::{Form, Registry, Written};

/// The proposal for a name that is refused; `None` for one that passes.
fn refusal(registry: &Registry, name: &str) -> Option<Option<String>> {
    let segments: Vec<&str> = name.split('.').collect();
    let mut violations = registry.resolve(&Written::new(&segments, Form::Action)).err()?;
    assert_eq!(violations.len(), 1, "one mistake, one violation: {violations:#?}");
    Some(violations.remove(0).suggestion)
}

fn with_outcomes() -> Registry {
    let text =
        "version = 1\n[layers.operation]\ntense = \"past\"\noutcomes = [\"error\", \"success\", \"hit\", \"miss\"]\n";
    Registry::parse(text).unwrap()
}

fn passes(registry: &Registry, before: &str, actions: &str) {
    for action in actions.split_whitespace() {
        let name = format!("{before}.{action}");
        assert_eq!(refusal(registry, &name), None, "{name} should pass");
    }
}

fn refused(registry: &Registry, before: &str, table: &[(&str, &str)]) {
    for (action, right) in table {
        let name = format!("{before}.{action}");
        let expected = Some(Some(*right).filter(|right| !right.is_empty()).map(str::to_owned));
        assert_eq!(refusal(registry, &name), expected, "{name}");
    }
}

#[test]
fn what_operations_call_by_a_command_is_proposed_in_the_past() {
    refused(
        &Registry::builtin(),
        "operation",
        &[
            ("tokens.create", "created"),
            ("tokens.update_status", "status_updated"),
            ("context.set_field", "field_set"),
            ("context.replace_section", "section_replaced"),
            ("context.branch_table.create", "created"),
            ("context.branch_table.drop", "dropped"),
            ("context.branch.write", "written"),
            ("context.read_all", "all_read"),
            ("context.output_mapping.start", "started"),
            ("context.output_mapping.skip", "skipped"),
            ("context.output_mapping.apply", "applied"),
        ],
    );
}

#[test]
fn what_dispatch_calls_by_its_result_is_proposed_as_a_command() {
    refused(
        &Registry::builtin(),
        "dispatch",
        &[
            ("token.created", "create"),
            ("branch.merged", "merge"),
            ("token.status_updated", "update_status"),
            ("branch.tables_dropped", "drop_tables"),
            ("decision.planned", "plan"),
            ("sync.fan_in_activated", "activate_fan_in"),
            ("workflow.completed", "complete"),
            ("workflow.failed", "fail"),
        ],
    );
    refused(
        &Registry::builtin(),
        "decision",
        &[
            ("routing.transition_matched", "match_transition"),
            ("lifecycle.root_token_planned", "plan_root_token"),
            ("sync.skipped_wrong_sibling_group", "skip_wrong_sibling_group"),
        ],
    );
}

#[test]
fn names_in_use_pass() {
    let builtin = Registry::builtin();
    passes(&builtin, "operation.tokens", "created status_updated");
    passes(
        &builtin,
        "operation.context",
        "initialized validated read field_set section_replaced branch_table.created branch_table.dropped
         branch.validated branch.written branches_read merged merge.started output_mapping.started
         output_mapping.skipped output_mapping.applied",
    );
    passes(&builtin, "operation.metadata", "cache_hit");
    passes(&builtin, "dispatch", "batch.start batch.complete error");
    passes(&builtin, "decision.routing", "start evaluate_transition complete");
    passes(&builtin, "decision.sync", "start check_condition wait activate sibling_group_check continuation");
    passes(
        &builtin,
        "decision",
        "lifecycle.start completion.start completion.no_mapping completion.extract completion.complete",
    );
    passes(&builtin, "sql", "query");
    passes(&builtin, "debug.fan_in", "start try_activate_result");
}

#[test]
fn outcomes_pass_where_the_layer_declares_them() {
    let outcomes = "table_init_error fetch_error fetch_success cache_miss";
    passes(&with_outcomes(), "operation.metadata", outcomes);
    for action in outcomes.split_whitespace() {
        assert!(refusal(&Registry::builtin(), &format!("operation.metadata.{action}")).is_some(), "{action}");
    }
}

#[test]
fn base_forms_in_use_are_refused() {
    refused(
        &Registry::builtin(),
        "operation.metadata",
        &[("snapshot", ""), ("table_init", "table_initialized"), ("fetch_start", "fetch_started"), ("save", "saved")],
    );
}

#[test]
fn past_probes_pass() {
    passes(
        &Registry::builtin(),
        "operation.probe",
        "rolled_back timed_out checked_in set_up written_to_disk token_written_to_disk created_successfully not_found
         upserted acked synced cancelled canceled embedded fan_in_activated set_by_user skipped_wrong_group wrote began
         retried_twice torn_down memoized deduped status_quickly_updated",
    );
}

#[test]
fn past_probes_are_refused_with_their_fix() {
    refused(
        &Registry::builtin(),
        "operation.probe",
        &[
            ("upsert", "upserted"),
            ("dedupe", "deduped"),
            ("login", "logged_in"),
            ("rollback", "rolled_back"),
            ("teardown", "torn_down"),
            ("proceed", "proceeded"),
            ("feed", "fed"),
            ("embed", "embedded"),
            ("seed", "seeded"),
            ("creating", "created"),
            ("creates", "created"),
            ("write_to_disk", "written_to_disk"),
            ("ack", "acked"),
            ("creation", ""),
            ("status", ""),
            ("already_exists", ""),
            ("failed_retry", "failed_retried"),
            ("handle_failed_job", "failed_job_handled"),
            ("mkdir", ""),
            ("put_record", "record_put"),
            ("token_rollback", "token_rolled_back"),
            ("rollback_token", "token_rolled_back"),
            ("set_timeout", "timeout_set"),
            ("request_timeout", "request_timed_out"),
            ("start_rollback", "rollback_started"),
            ("commit", "committed"),
            ("update_status_twice", "status_updated_twice"),
            ("update_user_by_id", "user_updated_by_id"),
        ],
    );
}

#[test]
fn present_probes_pass() {
    passes(
        &Registry::builtin(),
        "dispatch.probe",
        "seed embed proceed need_more shed_load upper_bound speed_check red unmatched skip_unchanged
         check_linked_branches nested_call_start failed_job_retry expired_lease_sweep is_blocked based_on_policy unknown
         present background outcome underground comet debit dissent subset upbeat foreground outbound offbeat hotshot
         hundred sacred naked infrared need feed exceed undefined nested_retry",
    );
}

#[test]
fn present_probes_are_refused_with_their_fix() {
    refused(
        &Registry::builtin(),
        "dispatch.probe",
        &[
            ("found", "find"),
            ("deferred", "defer"),
            ("unlocked", "unlock"),
            ("rolled_back", "roll_back"),
            ("skipped_wrong_group", "skip_wrong_group"),
            ("understood", "understand"),
            ("undertaken", "undertake"),
            ("united", "unite"),
            ("token_written_to_disk", "write_token_to_disk"),
            ("cancelled", "cancel"),
            ("synced", "sync"),
            ("queued", "queue"),
            ("panicked", "panic"),
            ("rewrote", "rewrite"),
        ],
    );
}

/// A proposal that is no sensible name is worse than none, because it is pasted.
#[test]
fn nothing_is_invented_for_a_present_layer() {
    let nothing = "not_found user_not_found never_used mark_deleted set_enabled get_used get_last_used check_if_changed
        before_deleted to_be_done will_be_deleted item_is_deleted already_deleted last_updated newly_created
        soft_deleted nothing_changed who_called list_deleted lost_connection found_deleted unpaid_invoice unwritten_rule united_nations frobnicated table_frobnicated";
    for action in nothing.split_whitespace() {
        refused(&Registry::builtin(), "dispatch.probe", &[(action, "")]);
    }
    refused(
        &Registry::builtin(),
        "dispatch.probe",
        &[
            ("record_deleted", "delete_record"),
            ("cache_updated", "update_cache"),
            ("rollback_started", "start_rollback"),
            ("config_loaded", "load_config"),
            ("failed_job_retried", "retry_failed_job"),
            ("expired_leases_removed", "remove_expired_leases"),
            ("unlocked_rows", "unlock_rows"),
            ("tables_sharded", "shard_tables"),
            ("tombstoned", "tombstone"),
            ("resold", "resell"),
            ("timed_out", "time_out"),
            ("broadcasted", "broadcast"),
            ("hinged", "hinge"),
            ("health_check_failed", ""),
            ("backup_restored", "restore_backup"),
        ],
    );
}

#[test]
fn nothing_is_invented_for_a_past_layer() {
    let nothing =
        "rate_limit compare_and_swap update_or_insert retry_if_failed_later crash_loop cross_dock will_connect
        can_connect to_be_sent do_not_retry do_retry no_route never_retry
        set_ready request_limit message_queue exit_code rate_table time_to_live before_send
        try_connect keep_open mark_complete dry_run_order roll_forward void_order spin_lock";
    for action in nothing.split_whitespace() {
        let name = format!("operation.probe.{action}");
        // a name that is past already needs no proposal
        assert!(!matches!(refusal(&Registry::builtin(), &name), Some(Some(_))), "{name}");
    }
    refused(
        &Registry::builtin(),
        "operation.probe",
        &[
            ("keep_alive", "kept_alive"),
            ("mark_dirty", "marked_dirty"),
            ("report_crash", "crash_reported"),
            ("process_order", "order_processed"),
        ],
    );
}

#[test]
fn a_verb_and_its_particle_are_proposed_as_the_compound_is() {
    refused(
        &Registry::builtin(),
        "operation.probe",
        &[
            ("topup", "topped_up"),
            ("top_up", "topped_up"),
            ("back_off", "backed_off"),
            ("hand_off", "handed_off"),
            ("hand_off_to_peer", "handed_off_to_peer"),
            ("spin_up", "spun_up"),
            ("worker_spin_up", "worker_spun_up"),
            ("time_to_live", ""),
        ],
    );
}

/// Alone a word says what was done even where it is a noun as often; among others it proves nothing.
#[test]
fn a_noun_that_is_a_verb_as_well_is_proposed_alone() {
    refused(
        &Registry::builtin(),
        "operation.tables",
        &[
            ("shard", "sharded"),
            ("sharding", "sharded"),
            ("shards", "sharded"),
            ("checkpoint", "checkpointed"),
            ("lint", "linted"),
            ("gzip", "gzipped"),
            ("chmod", "chmodded"),
            ("dodge", "dodged"),
            ("spin", "spun"),
            ("bite", "bitten"),
            ("void", "voided"),
            ("mine", "mined"),
            ("hotfix", "hotfixed"),
            ("diff", "diffed"),
            ("batch", "batched"),
            ("process_batch", "batch_processed"),
            ("set_checkpoint", "checkpoint_set"),
            ("big_diff", ""),
        ],
    );
    passes(&Registry::builtin(), "operation.tables", "preset multicast unicast");
}
