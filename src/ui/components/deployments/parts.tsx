/**
 * Small parts that the list of deployments and a deployment's own page share.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { RunMark } from "../../../domain/deployment_views.ts";
import type { Schedule } from "../../../domain/schedules/schema.ts";
import { api } from "../../api.ts";
import { Switch } from "../controls.tsx";
import { toast } from "../overlays.tsx";
import { now } from "../text.tsx";
import { relative } from "../../format.ts";
import { scheduleWords, zoneOf } from "../../schedule_words.ts";

/** Said beside the colour, for who does not see it. */
const GLYPHS: Record<string, string> = {
  PENDING: "…",
  RUNNING: "▸",
  PAUSED: "‖",
  CANCELLING: "–",
  COMPLETED: "✓",
  FAILED: "×",
  CANCELLED: "–",
  CRASHED: "!",
};

/** The last runs as squares, the newest at the right. */
export const StateStrip = ({ runs, label }: { runs: readonly RunMark[]; label: string }) =>
  runs.length === 0 ? <span class="quiet">none yet</span> : (
    <ul class="run-strip" aria-label={label}>
      {runs.toReversed().map(({ id, name, state_type, state_name, at }) => {
        const words = `${name}: ${state_name ?? "no state"}${
          at === null ? "" : `, ${relative(Date.parse(at), now.value)}`
        }`;
        return (
          <li key={id}>
            <a
              href={`/flow-runs/${id}`}
              title={words}
              aria-label={words}
              class={`state-${(state_type ?? "none").toLowerCase()}`}
            >
              <span aria-hidden="true">{GLYPHS[state_type ?? ""] ?? ""}</span>
            </a>
          </li>
        );
      })}
    </ul>
  );

/** Whether a deployment's schedules make runs. What was chosen shows at once; what became of it, when the server says so. */
export function PauseSwitch({ id, name, paused, hideLabel }: {
  id: string;
  name: string;
  paused: boolean;
  hideLabel?: boolean;
}) {
  const [busy, setBusy] = useState(false);
  const change = async (on: boolean) => {
    setBusy(true);
    try {
      await (on ? api.deployments.resume(id) : api.deployments.pause(id));
    } catch (error) {
      toast((error as Error).message, "error");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Switch
      label={hideLabel ? `Schedules of ${name}` : paused ? "Paused" : "Schedules on"}
      hideLabel={hideLabel}
      on={!paused}
      disabled={busy}
      onChange={(on) => void change(on)}
    />
  );
}

/** A schedule in words with its zone. */
export const ScheduleText = ({ schedule, active = true }: { schedule: Schedule; active?: boolean }) => (
  <span class={active ? undefined : "quiet"}>
    {scheduleWords(schedule)} <span class="quiet schedule-zone">{zoneOf(schedule)}</span>
    {active ? null : " (off)"}
  </span>
);

/** What a deployment's runs are started with, in a few words. */
export const runnerText = (runner: string | null, image: string | null): string =>
  runner === null ? "–" : runner === "docker" ? image ?? "docker, default image" : runner;
