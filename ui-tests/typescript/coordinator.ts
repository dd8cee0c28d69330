// Whoever reads the events of the reference registry: what should be an error says so, and what is none has to compile.

import type { EventOf, EventType, Json, TraceEvent, Undeclared, Written } from "../../cli/tests/snapshots/coordinator";

// The type of an event gives its fields.
export function tell(event: TraceEvent): string {
  switch (event.event_type) {
    case "operation.tokens.created":
      // `token_id` is handed down, so it may be absent; `task_id` says so itself
      return [event.data.branch_index.toFixed(), event.data.token_id?.trim(), event.data.task_id?.trim()].join();
    case "operation.tokens.create_failed":
      return `${event.error?.error_message} ${event.data?.branch_index?.toFixed()}`;
    case "dispatch.workflow.failed":
      return event.data.error;
    case "dispatch.batch.start":
      return event.status === "pending" ? "begun" : "told";
    case "debug.http.request":
      return `${event.data?.status?.toFixed()}`;
    case "operation.context.read": {
      const value: Json = event.data.value;
      return JSON.stringify(value);
    }
    default:
      return `${event.span_name} ${event.duration_ms?.toFixed(1)} ${event.job_id}`;
  }
}

// A line that was read is an event, the report of an open span, or none of this project's.
export function isOver(line: Written): boolean {
  return line.event_type !== "dispatch.batch" && line.status !== "pending";
}

// A name of one's own stays apart from logs and spans of other crates.
export const log: Undeclared["event_type"] = "log.info";
export const foreign: Undeclared["event_type"] = "foreign.hyper.client";

export function mistakes(event: TraceEvent, created: EventOf<"operation.tokens.created">): void {
  // @ts-expect-error a name that nobody declares
  const unknown: EventType = "operation.tokens.create";
  // @ts-expect-error an old name
  const old: EventType = "dispatch.token.created";
  // @ts-expect-error a name that is neither a log nor foreign
  const undeclared: Undeclared["event_type"] = "operation.tokens.created";
  // @ts-expect-error a field that the event does not have
  created.data.brunch_index;
  // @ts-expect-error an integer is no text
  const text: string = created.data.branch_index;
  // @ts-expect-error a field that may be absent
  const task: string = created.data.task_id;
  // @ts-expect-error what succeeds has no error
  created.error;
  // @ts-expect-error fields belong to one event, and this may be any
  event.data?.branch_index;
  // @ts-expect-error an event that has happened is not pending
  const status: "pending" = created.status;
  console.log(unknown, old, undeclared, text, task, status);
}

declare const console: { log(...values: unknown[]): void };
