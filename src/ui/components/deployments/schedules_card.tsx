/**
 * The schedules of a deployment: in words, with the coming dates on the viewer's clock and the schedule's own.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { ScheduleDates } from "../../../domain/deployment_views.ts";
import type { Deployment, DeploymentSchedule } from "../../../domain/deployments.ts";
import { api } from "../../api.ts";
import { Button, Switch } from "../controls.tsx";
import { Card, Empty } from "../layout.tsx";
import { ask, toast } from "../overlays.tsx";
import { useLive } from "../../live/use_live.ts";
import { scheduleWords, zoneOf } from "../../schedule_words.ts";
import { DatesTable } from "./dates_table.tsx";
import { ScheduleEditor } from "./schedule_editor.tsx";

/** See the module's comment. */
export function SchedulesCard({ deployment }: { deployment: Deployment }) {
  const { id, schedules, paused } = deployment;
  const [edited, setEdited] = useState<DeploymentSchedule | "new">();
  const dates = useLive(
    `next dates ${id}`,
    () => api.deployments.nextDates(id),
    // A run that begins is a date that has passed.
    (change) => (change.kind === "deployment" && change.id === id) || change.kind === "flow_run",
  );
  return (
    <Card
      wide
      title="Schedules"
      actions={<Button icon="plus" onClick={() => setEdited("new")}>Add a schedule</Button>}
    >
      {paused && schedules.length > 0
        ? <p class="deployment-notice">The deployment is paused: no run is made until its schedules are on again.</p>
        : null}
      {schedules.length === 0
        ? (
          <Empty title="No schedule: it runs when somebody says so.">
            <p>Add one here, or in the flow's file and hand it in again.</p>
          </Empty>
        )
        : schedules.map((schedule, i) => (
          <OneSchedule
            key={schedule.id}
            schedule={schedule}
            dates={dates.data?.find(({ schedule_id }) => schedule_id === schedule.id)}
            isFirst={i === 0}
            onEdit={() => setEdited(schedule)}
          />
        ))}
      {edited === undefined ? null : (
        <ScheduleEditor
          deploymentId={id}
          schedule={edited === "new" ? undefined : edited}
          current={edited === "new" ? undefined : schedules.find((one) => one.id === edited.id) ?? null}
          onClose={() => setEdited(undefined)}
        />
      )}
    </Card>
  );
}

function OneSchedule({ schedule: { id, deployment_id, schedule, active }, dates, isFirst, onEdit }: {
  schedule: DeploymentSchedule;
  dates: ScheduleDates | undefined;
  isFirst: boolean;
  onEdit: () => void;
}) {
  const words = scheduleWords(schedule);
  const [busy, setBusy] = useState(false);
  const change = async (on: boolean) => {
    setBusy(true);
    try {
      await api.deployments.updateSchedule(deployment_id, id, { active: on });
    } catch (error) {
      toast((error as Error).message, "error");
    } finally {
      setBusy(false);
    }
  };
  const remove = async () => {
    const sure = await ask({
      title: "Delete this schedule?",
      text: `${words} (${zoneOf(schedule)}). Its runs that wait go with it.`,
      action: "Delete",
      danger: true,
    });
    if (sure) await api.deployments.deleteSchedule(deployment_id, id);
  };
  return (
    <section class="schedule" aria-label={words}>
      <div class="schedule-head">
        <div>
          <span class="schedule-words">{words}</span> <span class="quiet">on the clock of {zoneOf(schedule)}</span>
          {"cron" in schedule && !words.startsWith("cron ")
            ? <code class="quiet schedule-cron">{schedule.cron}</code>
            : null}
        </div>
        <div class="actions">
          <Switch label={active ? "On" : "Off"} on={active} disabled={busy} onChange={(on) => void change(on)} />
          <Button kind="quiet" icon="edit" title={`Edit "${words}"`} onClick={onEdit} />
          <Button kind="quiet" icon="trash" title={`Delete "${words}"`} onClick={remove} />
        </div>
      </div>
      {dates === undefined
        ? null
        : dates.problem !== null
        ? <p class="error">{dates.problem}</p>
        : (
          <details open={isFirst}>
            <summary>{active ? "Next dates" : "Next dates if it were on"}</summary>
            <DatesTable dates={dates.dates} zone={zoneOf(schedule)} label={`Next dates: ${words}`} />
          </details>
        )}
    </section>
  );
}
