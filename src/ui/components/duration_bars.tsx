/**
 * The last runs as bars: how high, how long; which colour, which state. A press on one leads to its run.
 *
 * @module
 */

import { durationBars, durationsInWords, type TimedRun } from "../duration_layout.ts";
import { duration } from "../format.ts";
import { now } from "./text.tsx";

/**
 * A drawing, which is told in words to who does not see it: a dozen links in each row of a table would be in the way of the keyboard.
 *
 * @param runs Newest first.
 * @param places How many there is room for.
 * @param scale Whether the longest and the median are written beside it.
 */
export function DurationBars({ runs, places = 12, scale }: {
  runs: readonly TimedRun[];
  places?: number;
  scale?: boolean;
}) {
  const layout = durationBars(runs, places, runs.some(({ end_time }) => end_time === null) ? now.value : Date.now());
  const { bars, median, longest } = layout;
  return (
    <span class={scale ? "durations durations-large" : "durations"}>
      <span class="only-read">{durationsInWords(layout)}</span>
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {bars.map(({ run, x, width, height, seconds }) => (
          <a key={run.id} href={`/flow-runs/${run.id}`} tabindex={-1} class={`state-${run.state_type?.toLowerCase()}`}>
            <title>{`${run.name}: ${run.state_name ?? "no state"}, ${duration(seconds)}`}</title>
            <rect class="durations-hit" x={100 * x} y={0} width={100 / places} height={100} />
            <rect x={100 * x} y={100 - 100 * height} width={100 * width} height={100 * height} />
          </a>
        ))}
        {scale && median !== undefined
          ? (
            <line
              class="durations-median"
              x1={0}
              x2={100}
              y1={100 - 100 * median / longest}
              y2={100 - 100 * median / longest}
            />
          )
          : null}
      </svg>
      {scale && bars.length > 0
        ? (
          <span class="durations-scale quiet" aria-hidden="true">
            <span>longest {duration(longest)}</span>
            {median === undefined ? null : <span>as a rule {duration(median)}</span>}
          </span>
        )
        : null}
    </span>
  );
}
