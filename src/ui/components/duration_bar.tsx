/**
 * How long a run took, as a bar against how long such runs usually take, and as text.
 *
 * @module
 */

import { duration } from "../format.ts";
import { barOf, type Row, secondsOf } from "../run_list.ts";
import { now } from "./text.tsx";

/** See the module's comment. That of a running run grows. */
export function DurationBar({ run }: { run: Row }) {
  if (run.start_time === null && run.estimated_run_time === 0) return <span class="quiet">–</span>;
  // Only running ones follow the clock.
  const seconds = secondsOf(run, run.state_type === "RUNNING" ? now.value : run.received);
  const { fill, mark, beyond, slow, words } = barOf(seconds, run.usual_run_time);
  return (
    <span class={`run-duration state-${run.state_type?.toLowerCase()}`} title={words}>
      <span class="run-bar" aria-hidden="true">
        <span class={beyond ? "run-fill run-beyond" : "run-fill"} style={{ width: `${fill * 100}%` }} />
        {mark === undefined ? null : <span class="run-mark" style={{ left: `${mark * 100}%` }} />}
      </span>
      <span class={slow ? "number run-slow" : "number"}>
        {duration(seconds)}
        {words === "" ? null : <span class="only-read">, {slow ? "slow, " : ""}{words}</span>}
      </span>
    </span>
  );
}
