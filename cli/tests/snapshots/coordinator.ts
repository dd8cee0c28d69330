// Written by `tense schema --typescript` from tense.toml. Do not change it here.
//
// A field without `?` is always there, unless `absent` or `cut` names it. Fields that are not listed may come; ignore
// them.

export type Status = "pending" | "success" | "failed";
export type Level = "trace" | "debug" | "info" | "warn" | "error";

/** Whole numbers beyond `Number.MAX_SAFE_INTEGER` lose digits when `JSON.parse` reads them. */
export type Integer = number;
/** JSON has no number for the last three. */
export type Float = number | "NaN" | "inf" | "-inf";
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Why it failed. */
export interface Failure {
  kind: "error" | "panic" | "cancelled";
  error_type?: string;
  error_message?: string;
  stack_frames?: string[];
  /** The function that failed. */
  processor?: string;
  input_preview?: string;
}

/** What every event has, in version 1. */
export interface Envelope {
  schema_version: 1;
  trace_id: string;
  span_id: string;
  parent_span_id?: string;
  /** The name without the word of its life, whether it failed or not: group by it. */
  span_name: string;
  /** RFC 3339, in UTC: when it happened. The span began `duration_ms` before. */
  timestamp: string;
  duration_ms?: number;
  service?: string;
  /** Where the annotation stands. */
  source?: string;
  level: Level;
  tags?: string[];
  job_id?: string;
  worker_id?: string;
  machine_id?: string;
  user_id?: string;
  /** The caller's id of the trace, where that was none of 16 bytes. */
  correlation_key?: string;
  /** What was shortened or left out to keep the event within its limits. */
  cut?: string[];
  /** Fields that are declared as always there, and are not. */
  absent?: string[];
  /** Spans and moments below this span that were left out because there were too many. */
  left_out?: number;
  /** How many events it stands for; 1 where it is not said, 0 for others' sake. */
  sample_weight?: number;
}

/** What each type of event has besides, by its `event_type`: the declared ones, and the failures that follow from them. */
export interface Events {
  "debug.fan_in.start": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `debug.fan_in.start` has failed: with what it had recorded by then. */
  "debug.fan_in.start_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "debug.fan_in.try_activate_result": {
    status: "success";
    data: {
      activated: boolean;
    };
  };
  /** `debug.fan_in.try_activate_result` has failed: with what it had recorded by then. */
  "debug.fan_in.try_activate_result_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      activated?: boolean;
    };
  };
  "debug.http.request": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      status?: Integer;
    };
  };
  /** `debug.http.request` has failed: with what it had recorded by then. */
  "debug.http.request_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      status?: Integer;
    };
  };
  "decision.completion.complete": {
    status: "success";
    data?: Record<string, unknown>;
  };
  "decision.completion.extract": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.completion.extract` has failed: with what it had recorded by then. */
  "decision.completion.extract_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  /** `decision.completion.complete` has failed: with what it had recorded by then. */
  "decision.completion.fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.completion.no_mapping": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.completion.no_mapping` has failed: with what it had recorded by then. */
  "decision.completion.no_mapping_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.completion.start": {
    status: "pending" | "success";
    data?: Record<string, unknown>;
  };
  "decision.lifecycle.root_token_planned": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.lifecycle.root_token_planned` has failed: with what it had recorded by then. */
  "decision.lifecycle.root_token_planned_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.lifecycle.start": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.lifecycle.start` has failed: with what it had recorded by then. */
  "decision.lifecycle.start_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.routing.complete": {
    status: "success";
    data?: Record<string, unknown>;
  };
  "decision.routing.evaluate_transition": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.routing.evaluate_transition` has failed: with what it had recorded by then. */
  "decision.routing.evaluate_transition_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  /** `decision.routing.complete` has failed: with what it had recorded by then. */
  "decision.routing.fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.routing.start": {
    status: "pending" | "success";
    data?: Record<string, unknown>;
  };
  "decision.routing.transition_matched": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.routing.transition_matched` has failed: with what it had recorded by then. */
  "decision.routing.transition_matched_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.sync.activate": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.sync.activate` has failed: with what it had recorded by then. */
  "decision.sync.activate_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.sync.check_condition": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.sync.check_condition` has failed: with what it had recorded by then. */
  "decision.sync.check_condition_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.sync.continuation": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.sync.continuation` has failed: with what it had recorded by then. */
  "decision.sync.continuation_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.sync.sibling_group_check": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.sync.sibling_group_check` has failed: with what it had recorded by then. */
  "decision.sync.sibling_group_check_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.sync.skipped_wrong_sibling_group": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.sync.skipped_wrong_sibling_group` has failed: with what it had recorded by then. */
  "decision.sync.skipped_wrong_sibling_group_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.sync.start": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.sync.start` has failed: with what it had recorded by then. */
  "decision.sync.start_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "decision.sync.wait": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `decision.sync.wait` has failed: with what it had recorded by then. */
  "decision.sync.wait_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "dispatch.batch.complete": {
    status: "success";
    data: {
      applied: Integer;
      batched_decisions: Integer;
      errors: Integer;
      tokens_created: Integer;
      tokens_dispatched: Integer;
      total_decisions: Integer;
    };
  };
  /** `dispatch.batch.complete` has failed: with what it had recorded by then. */
  "dispatch.batch.fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      applied?: Integer;
      batched_decisions?: Integer;
      errors?: Integer;
      tokens_created?: Integer;
      tokens_dispatched?: Integer;
      total_decisions?: Integer;
    };
  };
  "dispatch.batch.start": {
    status: "pending" | "success";
    data: {
      decision_count: Integer;
    };
  };
  "dispatch.decision.planned": {
    status: "success";
    data: {
      decision_type: string;
      source: string;
      timestamp: Integer;
      token_id?: string;
    };
  };
  /** `dispatch.decision.planned` has failed: with what it had recorded by then. */
  "dispatch.decision.planned_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      decision_type?: string;
      source?: string;
      timestamp?: Integer;
      token_id?: string;
    };
  };
  "dispatch.error": {
    status: "success";
    data: {
      decision_type: string;
      error: string;
    };
  };
  /** `dispatch.error` has failed: with what it had recorded by then. */
  "dispatch.error_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      decision_type?: string;
      error?: string;
    };
  };
  "dispatch.sync.fan_in_activated": {
    status: "success";
    data: {
      fan_in_path: string;
      merged_count: Integer;
      node_id?: string;
    };
  };
  /** `dispatch.sync.fan_in_activated` has failed: with what it had recorded by then. */
  "dispatch.sync.fan_in_activated_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      fan_in_path?: string;
      merged_count?: Integer;
      node_id?: string;
    };
  };
  "dispatch.workflow.completed": {
    status: "success";
    data: {
      has_output: boolean;
    };
  };
  "dispatch.workflow.failed": {
    status: "success" | "failed";
    error?: Failure;
    data: {
      error: string;
    };
  };
  /** `dispatch.workflow.failed` has failed: with what it had recorded by then. */
  "dispatch.workflow.failed_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      error?: string;
    };
  };
  /** `operation.context.branch.validated` has failed: with what it had recorded by then. */
  "operation.context.branch.validate_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      token_id?: string;
    };
  };
  "operation.context.branch.validated": {
    status: "success";
    data?: {
      token_id?: string;
    };
  };
  /** `operation.context.branch.written` has failed: with what it had recorded by then. */
  "operation.context.branch.write_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      output?: Json;
      token_id?: string;
    };
  };
  "operation.context.branch.written": {
    status: "success";
    data: {
      output: Json;
      token_id?: string;
    };
  };
  /** `operation.context.branch_table.created` has failed: with what it had recorded by then. */
  "operation.context.branch_table.create_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      schema_type?: string;
      table_name?: string;
      token_id?: string;
    };
  };
  "operation.context.branch_table.created": {
    status: "success";
    data: {
      schema_type: string;
      table_name: string;
      token_id?: string;
    };
  };
  /** `operation.context.branch_table.dropped` has failed: with what it had recorded by then. */
  "operation.context.branch_table.drop_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      tables_dropped?: Integer;
      token_ids?: Json;
    };
  };
  "operation.context.branch_table.dropped": {
    status: "success";
    data: {
      tables_dropped: Integer;
      token_ids: Json;
    };
  };
  "operation.context.branches_read": {
    status: "success";
    data: {
      output_count: Integer;
      token_ids: Json;
    };
  };
  /** `operation.context.branches_read` has failed: with what it had recorded by then. */
  "operation.context.branches_read_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      output_count?: Integer;
      token_ids?: Json;
    };
  };
  "operation.context.field_set": {
    status: "success";
    data: {
      path: string;
      value: Json;
    };
  };
  /** `operation.context.field_set` has failed: with what it had recorded by then. */
  "operation.context.field_set_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      path?: string;
      value?: Json;
    };
  };
  /** `operation.context.initialized` has failed: with what it had recorded by then. */
  "operation.context.initialize_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      has_context_schema?: boolean;
      has_input_schema?: boolean;
      table_count?: Integer;
      tables_created?: Json;
    };
  };
  "operation.context.initialized": {
    status: "success";
    data: {
      has_context_schema: boolean;
      has_input_schema: boolean;
      table_count: Integer;
      tables_created: Json;
    };
  };
  /** `operation.context.merge.started` has failed: with what it had recorded by then. */
  "operation.context.merge.start_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      sibling_count?: Integer;
      source_path?: string;
      strategy?: string;
      target_path?: string;
    };
  };
  "operation.context.merge.started": {
    status: "success";
    data: {
      sibling_count: Integer;
      source_path: string;
      strategy: string;
      target_path: string;
    };
  };
  /** `operation.context.merged` has failed: with what it had recorded by then. */
  "operation.context.merge_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      branch_count?: Integer;
      target_path?: string;
    };
  };
  "operation.context.merged": {
    status: "success";
    data: {
      branch_count: Integer;
      target_path: string;
    };
  };
  "operation.context.output_mapping.applied": {
    status: "success";
    data: {
      extracted_value: Json;
      source_path: string;
      target_path: string;
    };
  };
  /** `operation.context.output_mapping.applied` has failed: with what it had recorded by then. */
  "operation.context.output_mapping.apply_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      extracted_value?: Json;
      source_path?: string;
      target_path?: string;
    };
  };
  /** `operation.context.output_mapping.skipped` has failed: with what it had recorded by then. */
  "operation.context.output_mapping.skip_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      reason?: string;
    };
  };
  "operation.context.output_mapping.skipped": {
    status: "success";
    data: {
      reason: string;
    };
  };
  /** `operation.context.output_mapping.started` has failed: with what it had recorded by then. */
  "operation.context.output_mapping.start_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      output_mapping?: Json;
      task_output_keys?: Json;
    };
  };
  "operation.context.output_mapping.started": {
    status: "success";
    data: {
      output_mapping: Json;
      task_output_keys: Json;
    };
  };
  "operation.context.read": {
    status: "success";
    data: {
      path: string;
      value: Json;
    };
  };
  /** `operation.context.read` has failed: with what it had recorded by then. */
  "operation.context.read_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      path?: string;
      value?: Json;
    };
  };
  /** `operation.context.section_replaced` has failed: with what it had recorded by then. */
  "operation.context.section_replace_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      data?: Json;
      section?: string;
    };
  };
  "operation.context.section_replaced": {
    status: "success";
    data: {
      data: Json;
      section: string;
    };
  };
  "operation.context.snapshot": {
    status: "success";
    data?: {
      section_count?: Integer;
    };
  };
  /** `operation.context.snapshot` has failed: with what it had recorded by then. */
  "operation.context.snapshot_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      section_count?: Integer;
    };
  };
  /** `operation.context.validated` has failed: with what it had recorded by then. */
  "operation.context.validate_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      path?: string;
    };
  };
  "operation.context.validated": {
    status: "success";
    data?: {
      path?: string;
    };
  };
  "operation.metadata.cache_hit": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `operation.metadata.cache_hit` has failed: with what it had recorded by then. */
  "operation.metadata.cache_hit_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "operation.metadata.cache_miss": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `operation.metadata.cache_miss` has failed: with what it had recorded by then. */
  "operation.metadata.cache_miss_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "operation.metadata.fetch_error": {
    status: "success";
    data: {
      error: string;
    };
  };
  /** `operation.metadata.fetch_error` has failed: with what it had recorded by then. */
  "operation.metadata.fetch_error_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      error?: string;
    };
  };
  "operation.metadata.fetch_start": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `operation.metadata.fetch_start` has failed: with what it had recorded by then. */
  "operation.metadata.fetch_start_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "operation.metadata.fetch_success": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `operation.metadata.fetch_success` has failed: with what it had recorded by then. */
  "operation.metadata.fetch_success_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "operation.metadata.save": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `operation.metadata.save` has failed: with what it had recorded by then. */
  "operation.metadata.save_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "operation.metadata.table_init": {
    status: "success";
    data?: Record<string, unknown>;
  };
  "operation.metadata.table_init_error": {
    status: "success";
    data: {
      error: string;
    };
  };
  /** `operation.metadata.table_init_error` has failed: with what it had recorded by then. */
  "operation.metadata.table_init_error_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      error?: string;
    };
  };
  /** `operation.metadata.table_init` has failed: with what it had recorded by then. */
  "operation.metadata.table_init_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  /** `operation.tokens.created` has failed: with what it had recorded by then. */
  "operation.tokens.create_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      branch_index?: Integer;
      branch_total?: Integer;
      fan_out_transition_id?: string;
      node_id?: string;
      parent_token_id?: string;
      task_id?: string;
      token_id?: string;
    };
  };
  /** A token row was inserted. */
  "operation.tokens.created": {
    status: "success";
    data: {
      branch_index: Integer;
      branch_total: Integer;
      fan_out_transition_id?: string;
      node_id?: string;
      parent_token_id?: string;
      task_id?: string;
      token_id?: string;
    };
  };
  /** `operation.tokens.status_updated` has failed: with what it had recorded by then. */
  "operation.tokens.status_update_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      from?: string;
      node_id?: string;
      to?: string;
      token_id?: string;
    };
  };
  /** A token moved from one status to another. */
  "operation.tokens.status_updated": {
    status: "success";
    data: {
      from: string;
      node_id?: string;
      to: string;
      token_id?: string;
    };
  };
  "sql.query": {
    status: "success";
    data: {
      rows?: Integer;
      statement: string;
    };
  };
  /** `sql.query` has failed: with what it had recorded by then. */
  "sql.query_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      rows?: Integer;
      statement?: string;
    };
  };
}

export type EventType = keyof Events;

/** An event. `event.event_type` tells which, and with it the compiler knows the rest. */
export type TraceEvent = { [Type in EventType]: Envelope & { event_type: Type } & Events[Type] }[EventType];

/** The event of one type: `EventOf<..>`. */
export type EventOf<Type extends EventType> = Extract<TraceEvent, { event_type: Type }>;

/** A span that has been open for a second, told once under the name of the span. It counts as no event. */
export type OpenSpan = Envelope & {
  event_type:
    | "debug.fan_in.start"
    | "debug.fan_in.try_activate_result"
    | "debug.http.request"
    | "decision.completion"
    | "decision.completion.complete"
    | "decision.completion.extract"
    | "decision.completion.no_mapping"
    | "decision.lifecycle.root_token_planned"
    | "decision.lifecycle.start"
    | "decision.routing"
    | "decision.routing.complete"
    | "decision.routing.evaluate_transition"
    | "decision.routing.transition_matched"
    | "decision.sync.activate"
    | "decision.sync.check_condition"
    | "decision.sync.continuation"
    | "decision.sync.sibling_group_check"
    | "decision.sync.skipped_wrong_sibling_group"
    | "decision.sync.start"
    | "decision.sync.wait"
    | "dispatch.batch"
    | "dispatch.batch.complete"
    | "dispatch.decision.planned"
    | "dispatch.error"
    | "dispatch.sync.fan_in_activated"
    | "dispatch.workflow.completed"
    | "dispatch.workflow.failed"
    | "operation.context.branch.validated"
    | "operation.context.branch.written"
    | "operation.context.branch_table.created"
    | "operation.context.branch_table.dropped"
    | "operation.context.branches_read"
    | "operation.context.field_set"
    | "operation.context.initialized"
    | "operation.context.merge.started"
    | "operation.context.merged"
    | "operation.context.output_mapping.applied"
    | "operation.context.output_mapping.skipped"
    | "operation.context.output_mapping.started"
    | "operation.context.read"
    | "operation.context.section_replaced"
    | "operation.context.snapshot"
    | "operation.context.validated"
    | "operation.metadata.cache_hit"
    | "operation.metadata.cache_miss"
    | "operation.metadata.fetch_error"
    | "operation.metadata.fetch_start"
    | "operation.metadata.fetch_success"
    | "operation.metadata.save"
    | "operation.metadata.table_init"
    | "operation.metadata.table_init_error"
    | "operation.tokens.created"
    | "operation.tokens.status_updated"
    | "sql.query";
  status: "pending";
  data?: Record<string, unknown>;
};

/** A line of a log, or a span of another crate. */
export type Undeclared = Envelope & {
  event_type:
    | "log.debug"
    | "log.error"
    | "log.info"
    | "log.trace"
    | "log.warn"
    | `foreign.${string}`;
  status: Status;
  data?: Record<string, unknown>;
  error?: Failure;
};

/** Whatever this project writes. */
export type Written = TraceEvent | OpenSpan | Undeclared;
