/**
 * What agents started for a run: the container or process of each attempt, how it ended, and what it printed.
 *
 * @module
 */
// deno-lint-ignore-file jsx-key -- what stands in an array is a pair of a name and a value, which are no children

import type { Attempt } from "../../../domain/attempts.ts";
import { api } from "../../api.ts";
import { isAboutRun } from "../../live/use_deleted.ts";
import { useLive } from "../../live/use_live.ts";
import { exitCode } from "../../run_words.ts";
import { Copy } from "../controls.tsx";
import { Card, Empty, Shown } from "../layout.tsx";
import { Chips, Duration, Facts, Icon, Time } from "../text.tsx";
import { ConsoleCard } from "./console.tsx";

/** See the module's comment. */
export function Container({ flowRunId: id }: { flowRunId: string }) {
  const live = useLive(
    `attempts ${id}`,
    () => api.flowRuns.attempts(id),
    (change) => isAboutRun(change, id),
  );
  return (
    <Shown live={live}>
      {(attempts) =>
        attempts.length === 0
          ? (
            <Empty title="No agent has taken it.">
              <p>What an agent starts for a run is shown here: its container, its image, and how it ended.</p>
            </Empty>
          )
          : (
            <>
              <AttemptCard attempt={attempts.at(-1)!} />
              <ConsoleCard
                key={attempts.at(-1)!.attempt}
                flowRunId={id}
                attempt={attempts.at(-1)!.attempt}
              />
              {attempts.slice(0, -1).reverse().map((attempt) => (
                <details key={attempt.id} class="earlier">
                  <summary>
                    Attempt {attempt.attempt}: {ended(attempt)}
                  </summary>
                  <AttemptCard attempt={attempt} />
                  <ConsoleCard flowRunId={id} attempt={attempt.attempt} />
                </details>
              ))}
            </>
          )}
    </Shown>
  );
}

/** How it ended, in words. */
function ended({ started, ended, exit_code, oom_killed, kind, reason }: Attempt): string {
  if (started === null) return ended === null ? "not started yet" : "nothing was started";
  if (oom_killed) return "killed, for it ran out of memory";
  if (exit_code !== null) return `exit code ${exitCode(exit_code)}`;
  if (ended === null) return "running";
  return reason === null ? `nobody knows how its ${kind ?? "container"} ended` : "ended without an exit code";
}

function AttemptCard({ attempt }: { attempt: Attempt }) {
  const { kind, exit_code, oom_killed, reason, image, digest, image_id } = attempt;
  const isBad = oom_killed === true || (exit_code !== null && exit_code !== 0);
  const optional = (text: string | null, label?: string) =>
    text === null ? undefined : <Copy text={text} label={label} />;
  const word = kind === "process" ? "Process" : "Container";
  const isContainer = kind === "container" || attempt.runner === "docker";
  return (
    <div class="attempt">
      <Card
        title={`Attempt ${attempt.attempt}`}
        actions={
          <span class={isBad ? "ended ended-bad" : "ended"}>
            {isBad ? <Icon name="warning" /> : null}
            {ended(attempt)}
          </span>
        }
      >
        <Facts
          items={[
            [word, optional(attempt.name)],
            ["Image", optional(image)],
            [
              "Digest",
              digest === null && isContainer && image_id !== null
                ? "none: it was never pushed or pulled"
                : optional(digest),
            ],
            ["Image id", optional(image_id, image_id?.slice(0, 19))],
            ["Exit code", exit_code === null ? undefined : <span class="number">{exitCode(exit_code)}</span>],
            [
              "Out of memory",
              oom_killed === null || !isContainer
                ? undefined
                : oom_killed
                ? <strong class="ended-bad">Yes: its container was killed</strong>
                : "No",
            ],
            ["Why", reason ?? undefined],
            ["Container id", optional(attempt.container_id, attempt.container_id?.slice(0, 12))],
            ["Networks", attempt.networks.length === 0 ? undefined : <Chips values={attempt.networks} />],
            ["Agent", <a href={`/agents/${attempt.agent_id}`}>{attempt.agent_name}</a>],
            ["Runs on", [attempt.runner, attempt.host].filter(Boolean).join(" on ") || undefined],
            ["Engine", optional(attempt.engine_id, attempt.engine_id?.slice(0, 14))],
            ["Taken", <Time at={attempt.claimed} />],
            ["Started", attempt.started === null ? undefined : <Time at={attempt.started} />],
            ["Ended", attempt.ended === null ? undefined : <Time at={attempt.ended} />],
            ["Lifetime", lifetime(attempt)],
          ]}
        />
      </Card>
    </div>
  );
}

function lifetime({ started, ended }: Attempt) {
  if (started === null) return undefined;
  if (ended === null) return <Duration since={started} />;
  return <Duration seconds={(Date.parse(ended) - Date.parse(started)) / 1000} />;
}
