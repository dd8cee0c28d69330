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
  /** `connector.connected` has failed: with what it had recorded by then. */
  "connector.connect_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      connector_id?: string;
      server_id?: string;
    };
  };
  "connector.connected": {
    status: "success";
    data: {
      connector_id: string;
      server_id: string;
    };
  };
  /** `connector.disconnected` has failed: with what it had recorded by then. */
  "connector.disconnect_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      connector_id?: string;
      graceful?: boolean;
      server_id?: string;
    };
  };
  "connector.disconnected": {
    status: "success";
    data: {
      connector_id: string;
      graceful: boolean;
      server_id: string;
    };
  };
  /** `job.failed` has failed: with what it had recorded by then. */
  "job.fail_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      attempt?: Integer;
      error?: string;
    };
  };
  /** A run came to nothing. The server queues the job once more. */
  "job.failed": {
    status: "success" | "failed";
    error?: Failure;
    data: {
      attempt: Integer;
      error: string;
    };
  };
  /** A job has run on a worker; its span is the run. */
  "job.finished": {
    status: "success";
    data: {
      attempt: Integer;
      steps?: Integer;
    };
  };
  /** `job.queued` has failed: with what it had recorded by then. */
  "job.queue_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      kind?: string;
    };
  };
  "job.queued": {
    status: "success";
    data: {
      kind: string;
    };
  };
  /** `job.started` has failed: with what it had recorded by then. */
  "job.start_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      attempt?: Integer;
    };
  };
  "job.started": {
    status: "success";
    data: {
      attempt: Integer;
    };
  };
  /** `machine.added` has failed: with what it had recorded by then. */
  "machine.add_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      cores?: Integer;
    };
  };
  "machine.added": {
    status: "success";
    data: {
      cores: Integer;
    };
  };
  /** `machine.lost` has failed: with what it had recorded by then. */
  "machine.lose_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      load?: Float;
    };
  };
  "machine.lost": {
    status: "success";
    data: {
      load: Float;
    };
  };
  /** `server.restarted` has failed: with what it had recorded by then. */
  "server.restart_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      recovered?: Json;
      server_id?: string;
    };
  };
  /** It went down with jobs in its queue, and has them again. */
  "server.restarted": {
    status: "success";
    data: {
      recovered: Json;
      server_id: string;
    };
  };
  /** `server.started` has failed: with what it had recorded by then. */
  "server.start_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      server_id?: string;
      workers?: Integer;
    };
  };
  "server.started": {
    status: "success";
    data: {
      server_id: string;
      workers: Integer;
    };
  };
  /** `worker.idled` has failed: with what it had recorded by then. */
  "worker.idle_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "worker.idled": {
    status: "success";
    data?: Record<string, unknown>;
  };
  /** `worker.lost` has failed: with what it had recorded by then. */
  "worker.lose_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      reason?: string;
    };
  };
  "worker.lost": {
    status: "success";
    data: {
      reason: string;
    };
  };
  /** `worker.registered` has failed: with what it had recorded by then. */
  "worker.register_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: Record<string, unknown>;
  };
  "worker.registered": {
    status: "success";
    data?: Record<string, unknown>;
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
    | "connector.connected"
    | "connector.disconnected"
    | "job.failed"
    | "job.finished"
    | "job.queued"
    | "job.started"
    | "machine.added"
    | "machine.lost"
    | "server.restarted"
    | "server.started"
    | "worker.idled"
    | "worker.lost"
    | "worker.registered";
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
