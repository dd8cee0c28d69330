//! What has changed: functions that are named for what they did.

use tense::traced;

/// Everything in this file, once.
pub fn all() {
    tokens_created("x", "x", Some("x"), Some("x"), Some("x"), 7, 7);
    tokens_status_updated("x", Some("x"), "x", "x");
    context_initialized(true, true, 7, "[1,2]");
    context_validated(Some("x"));
    context_read("x", "[1,2]");
    context_field_set("x", "[1,2]");
    context_section_replaced("x", "[1,2]");
    context_snapshot(Some(7));
    context_branch_table_created("x", "x", "x");
    context_branch_table_dropped("[1,2]", 7);
    context_branch_validated("x");
    context_branch_written("x", "[1,2]");
    context_branches_read("[1,2]", 7);
    context_merge_started(7, "x", "x", "x");
    context_merged("x", 7);
    context_output_mapping_started("[1,2]", "[1,2]");
    context_output_mapping_skipped("x");
    context_output_mapping_applied("x", "x", "[1,2]");
    metadata_table_init();
    metadata_table_init_error("x");
    metadata_cache_hit();
    metadata_cache_miss();
    metadata_fetch_start();
    metadata_fetch_success();
    metadata_fetch_error("x");
    metadata_save();
}

#[traced(operation.tokens.created, fields(token_id, node_id, task_id, parent_token_id, fan_out_transition_id, branch_index, branch_total))]
fn tokens_created(
    token_id: &str,
    node_id: &str,
    task_id: Option<&str>,
    parent_token_id: Option<&str>,
    fan_out_transition_id: Option<&str>,
    branch_index: u64,
    branch_total: u64,
) {
}

#[traced(operation.tokens.status_updated, fields(token_id, node_id, from, to))]
fn tokens_status_updated(token_id: &str, node_id: Option<&str>, from: &str, to: &str) {}

#[traced(operation.context.initialized, fields(has_input_schema, has_context_schema, table_count, tables_created))]
fn context_initialized(has_input_schema: bool, has_context_schema: bool, table_count: u64, tables_created: &str) {}

#[traced(operation.context.validated, fields(path))]
fn context_validated(path: Option<&str>) {}

#[traced(operation.context.read, fields(path, value))]
fn context_read(path: &str, value: &str) {}

#[traced(operation.context.field_set, fields(path, value))]
fn context_field_set(path: &str, value: &str) {}

#[traced(operation.context.section_replaced, fields(section, data))]
fn context_section_replaced(section: &str, data: &str) {}

#[traced(operation.context.snapshot, fields(section_count))]
fn context_snapshot(section_count: Option<u64>) {}

#[traced(operation.context.branch_table.created, fields(token_id, table_name, schema_type))]
fn context_branch_table_created(token_id: &str, table_name: &str, schema_type: &str) {}

#[traced(operation.context.branch_table.dropped, fields(token_ids, tables_dropped))]
fn context_branch_table_dropped(token_ids: &str, tables_dropped: u64) {}

#[traced(operation.context.branch.validated, fields(token_id))]
fn context_branch_validated(token_id: &str) {}

#[traced(operation.context.branch.written, fields(token_id, output))]
fn context_branch_written(token_id: &str, output: &str) {}

#[traced(operation.context.branches_read, fields(token_ids, output_count))]
fn context_branches_read(token_ids: &str, output_count: u64) {}

#[traced(operation.context.merge.started, fields(sibling_count, strategy, source_path, target_path))]
fn context_merge_started(sibling_count: u64, strategy: &str, source_path: &str, target_path: &str) {}

#[traced(operation.context.merged, fields(target_path, branch_count))]
fn context_merged(target_path: &str, branch_count: u64) {}

#[traced(operation.context.output_mapping.started, fields(output_mapping, task_output_keys))]
fn context_output_mapping_started(output_mapping: &str, task_output_keys: &str) {}

#[traced(operation.context.output_mapping.skipped, fields(reason))]
fn context_output_mapping_skipped(reason: &str) {}

#[traced(operation.context.output_mapping.applied, fields(target_path, source_path, extracted_value))]
fn context_output_mapping_applied(target_path: &str, source_path: &str, extracted_value: &str) {}

#[traced(operation.metadata.table_init)]
fn metadata_table_init() {}

#[traced(operation.metadata.table_init_error, fields(error))]
fn metadata_table_init_error(error: &str) {}

#[traced(operation.metadata.cache_hit)]
fn metadata_cache_hit() {}

#[traced(operation.metadata.cache_miss)]
fn metadata_cache_miss() {}

#[traced(operation.metadata.fetch_start)]
fn metadata_fetch_start() {}

#[traced(operation.metadata.fetch_success)]
fn metadata_fetch_success() {}

#[traced(operation.metadata.fetch_error, fields(error))]
fn metadata_fetch_error(error: &str) {}

#[traced(operation.metadata.save)]
fn metadata_save() {}
