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
  /** `error.occurred` has failed: with what it had recorded by then. */
  "error.occur_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      error?: string;
      message_id?: string;
    };
  };
  /** The user has no answer. What failed is told by the events below it. */
  "error.occurred": {
    status: "success" | "failed";
    error?: Failure;
    data: {
      error: string;
      message_id?: string;
    };
  };
  /** The words of the message were weighed. */
  "intent.classified": {
    status: "success";
    data: {
      confidence: Float;
      intent: string;
      message_id?: string;
    };
  };
  /** `intent.classified` has failed: with what it had recorded by then. */
  "intent.classify_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      confidence?: Float;
      intent?: string;
      message_id?: string;
    };
  };
  /** The model has answered. */
  "llm.complete": {
    status: "success";
    data: {
      characters: Integer;
      message_id?: string;
      model: string;
    };
  };
  /** `llm.complete` has failed: with what it had recorded by then. */
  "llm.complete_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      characters?: Integer;
      message_id?: string;
      model?: string;
    };
  };
  /** The prompt was handed to the model. */
  "llm.started": {
    status: "success";
    data: {
      message_id?: string;
      prompt_characters: Integer;
    };
  };
  /** `llm.started` has failed: with what it had recorded by then. */
  "llm.started_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      message_id?: string;
      prompt_characters?: Integer;
    };
  };
  /** `message.received` has failed: with what it had recorded by then. */
  "message.receive_failed": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      characters?: Integer;
      language?: string;
      message_id?: string;
    };
  };
  /** A message came in. */
  "message.received": {
    status: "success";
    data: {
      characters: Integer;
      language: string;
      message_id?: string;
    };
  };
  /** The user has the answer: the whole of the work on one message. */
  "response.sent": {
    status: "success";
    data: {
      characters: Integer;
      message_id?: string;
    };
  };
  /** The documents were ranked. */
  "retrieval.complete": {
    status: "success";
    data: {
      best?: string;
      documents: Integer;
      message_id?: string;
    };
  };
  /** `retrieval.complete` has failed: with what it had recorded by then. */
  "retrieval.complete_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      best?: string;
      documents?: Integer;
      message_id?: string;
    };
  };
  /** The search begins. */
  "retrieval.started": {
    status: "success";
    data: {
      message_id?: string;
      terms: Integer;
    };
  };
  /** `retrieval.started` has failed: with what it had recorded by then. */
  "retrieval.started_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      message_id?: string;
      terms?: Integer;
    };
  };
  /** The answer was put into the user's language, or is in it already. */
  "translation.complete": {
    status: "success";
    data: {
      language: string;
      message_id?: string;
      unknown_words: Integer;
    };
  };
  /** `translation.complete` has failed: with what it had recorded by then. */
  "translation.complete_fail": {
    status: "success" | "failed";
    error?: Failure;
    data?: {
      language?: string;
      message_id?: string;
      unknown_words?: Integer;
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
    | "error.occurred"
    | "intent.classified"
    | "llm.complete"
    | "llm.started"
    | "message.received"
    | "response.sent"
    | "retrieval.complete"
    | "retrieval.started"
    | "translation.complete";
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
