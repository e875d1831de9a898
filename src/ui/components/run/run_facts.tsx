/**
 * What a run belongs to, when it ran, and how long against the usual.
 *
 * @module
 */
// deno-lint-ignore-file jsx-key -- what stands in an array is a pair of a name and a value, which are no children

import type { FlowRunView } from "../../../domain/run_views.ts";
import { isFinal } from "../../../domain/state_types.ts";
import { duration, plural } from "../../format.ts";
import { againstUsual } from "../../run_words.ts";
import { Chips, Duration, Facts, now, Time } from "../text.tsx";

/** See the module's comment. */
export function RunFacts({ view: { run, deployment, version, agent, parent }, view }: { view: FlowRunView }) {
  return (
    <div class="run-facts">
      <Facts
        items={[
          [
            "Deployment",
            deployment === null ? undefined : (
              <>
                <a href={`/deployments/${deployment.id}`}>{deployment.name}</a>
                {version === null ? null : (
                  <span class="quiet">
                    {` version ${version.number}`}
                    {version.is_archived ? ", archived" : deployment.is_current_version ? "" : ", not the newest"}
                  </span>
                )}
              </>
            ),
          ],
          ["Project", run.project],
          [
            "Parent",
            parent === null ? undefined : (
              <>
                <a href={`/flow-runs/${parent.flow_run.id}`}>{parent.flow_run.name}</a>
                <span class="quiet beside">by task</span>
                <a class="beside" href={`/task-runs/${parent.task_run.id}`}>{parent.task_run.name}</a>
              </>
            ),
          ],
          ["Agent", agent === null ? undefined : <a href={`/agents/${agent.id}`}>{agent.name}</a>],
          ["Labels", run.labels.length === 0 ? undefined : <Chips values={run.labels} kind="label" />],
          ["Tags", run.tags.length === 0 ? undefined : <Chips values={run.tags} />],
          run.start_time === null
            ? ["Expected", <Time at={run.next_scheduled_start_time ?? run.expected_start_time} />]
            : ["Started", <Time at={run.start_time} />],
          ["Ended", run.end_time === null ? undefined : <Time at={run.end_time} />],
          ["Duration", <RunDuration view={view} />],
          [
            "Late by",
            run.start_time === null || run.estimated_start_time_delta < 1
              ? undefined
              : <Duration seconds={run.estimated_start_time_delta} />,
          ],
          ["Attempts", run.attempt > 1 ? String(run.attempt) : undefined],
          ["Task runs", view.task_runs === 0 ? undefined : <span class="number">{view.task_runs}</span>],
        ]}
      />
    </div>
  );
}

/** How long, as a number and as a bar in which the usual length is a mark. */
function RunDuration({ view: { run, usual } }: { view: FlowRunView }) {
  if (run.start_time === null) return <span class="quiet">–</span>;
  const isOver = isFinal(run.state_type);
  const seconds = isOver || run.state_type !== "RUNNING"
    ? run.total_run_time
    : Math.max(0, (now.value - Date.parse(run.start_time)) / 1000);
  if (usual === null) return <Duration seconds={seconds} />;
  const how = againstUsual(seconds, usual.seconds);
  const longest = Math.max(seconds, usual.seconds, 0.001) * 1.1;
  const said = `usually ${duration(usual.seconds)}`;
  return (
    <span class="against" title={`The middle of the last ${plural(usual.runs, "Completed run")}`}>
      <Duration seconds={seconds} />
      <span class={how === "slower" ? "against-slow" : "quiet"}>
        {how === "usual" || !isOver ? said : `${how}: ${said}`}
      </span>
      <svg class="against-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect
          class={how === "slower" ? "against-slow" : undefined}
          width={(100 * seconds) / longest}
          height="6"
          rx="1"
        />
        <line x1={(100 * usual.seconds) / longest} x2={(100 * usual.seconds) / longest} y1="0" y2="6" />
      </svg>
    </span>
  );
}
