// A reader that names every event of the chat service: the compiler says when there is one more.

import type { EventType, Float, TraceEvent } from "../../cli/tests/snapshots/chat";

type Failure = Extract<EventType, `${string}_fail` | `${string}_failed`>;
type Declared = Exclude<EventType, Failure>;

// Nine, as the service has always had.
const step: Record<Declared, number> = {
  "message.received": 1,
  "intent.classified": 2,
  "retrieval.started": 3,
  "retrieval.complete": 4,
  "llm.started": 5,
  "llm.complete": 6,
  "translation.complete": 7,
  "response.sent": 8,
  "error.occurred": 9,
};

export function order(name: Declared): number {
  return step[name];
}

export function confidence(event: TraceEvent): number {
  if (event.event_type !== "intent.classified") return 0;
  const confidence: Float = event.data.confidence;
  // @ts-expect-error there are floats that JSON has no number for
  const number: number = event.data.confidence;
  return typeof confidence === "number" ? confidence : number;
}
