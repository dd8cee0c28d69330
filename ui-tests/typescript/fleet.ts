// A reader of the fleet: the ids that are handed down stand at the top of an event, those that are not among its data.

import type { EventOf, Written } from "../../cli/tests/snapshots/fleet";

export function whom(line: Written): string | undefined {
  if (line.event_type === "connector.disconnected" && line.status !== "pending") {
    return line.data.graceful ? undefined : line.data.connector_id;
  }
  return line.job_id ?? line.worker_id ?? line.machine_id;
}

export function mistakes(lost: EventOf<"machine.lost">, open: Written): void {
  // @ts-expect-error it stands at the top
  lost.data.machine_id;
  if (open.event_type === "connector.disconnected") {
    // @ts-expect-error the report of a span that is still open may lack it
    open.data.graceful;
  }
}
