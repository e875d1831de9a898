/**
 * What is shown where lines would be.
 *
 * @module
 */

import type { FlowRun } from "../../../domain/flow_runs.ts";
import { Button } from "../controls.tsx";
import { Empty } from "../layout.tsx";

/** See the module's comment. */
export function NoLines({ run, isOver, loading, isFiltered, onClear }: {
  run: FlowRun | undefined;
  isOver: boolean;
  /** There may be lines: they are read. */
  loading: boolean;
  isFiltered: boolean;
  onClear: () => void;
}) {
  return (
    <div class="log-none">
      {loading
        ? <p class="loading" role="status">{isFiltered ? "Searching…" : "Loading…"}</p>
        : isFiltered
        ? (
          <Empty title={isOver ? "No line matches." : "No line matches yet."}>
            <Button onClick={onClear}>Show all lines</Button>
          </Empty>
        )
        : <Empty title={sentence(run, isOver)} />}
    </div>
  );
}

function sentence(run: FlowRun | undefined, isOver: boolean): string {
  if (isOver) return "This run is over and printed no lines.";
  switch (run?.state_type) {
    case "SCHEDULED":
    case null:
      return "No lines yet: the run waits to be started.";
    case "PENDING":
      return "No lines yet: the run is being started.";
    case "PAUSED":
      return "No lines yet: the run is paused.";
    default:
      return "No lines yet. They appear here as they are printed.";
  }
}
