/**
 * Makes or changes a schedule, and shows while it is typed when it would run.
 *
 * @module
 */

import { useEffect, useId, useMemo, useState } from "preact/hooks";
import type { SchedulePreview } from "../../../domain/deployment_views.ts";
import type { DeploymentSchedule } from "../../../domain/deployments.ts";
import { formatDuration } from "../../../support/durations.ts";
import { api } from "../../api.ts";
import { Button, Field, Select, TextInput } from "../controls.tsx";
import { Failure } from "../layout.tsx";
import { Dialog } from "../overlays.tsx";
import { localTextOf, momentOf } from "../../forms/dates.ts";
import { scheduleWords, zoneOf } from "../../schedule_words.ts";
import { viewerZone, zones } from "./dates.ts";
import { DatesTable } from "./dates_table.tsx";
import { CronHelp } from "./cron_help.tsx";

/** So long after the last key the server is asked, in milliseconds. */
const REST_MS = 250;

type Kind = "cron" | "interval" | "rrule";

/** What is typed. */
interface Draft {
  kind: Kind;
  cron: string;
  dayOr: boolean;
  interval: string;
  /** On the viewer's clock; empty: from now on. */
  anchor: string;
  rrule: string;
  zone: string;
}

function draftOf(given: DeploymentSchedule | undefined): Draft {
  const empty: Draft = {
    kind: "cron",
    cron: "0 9 * * *",
    dayOr: true,
    interval: "1h",
    anchor: "",
    rrule: "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0",
    zone: viewerZone(),
  };
  if (given === undefined) return empty;
  const { schedule } = given;
  const zone = zoneOf(schedule);
  if ("cron" in schedule) return { ...empty, kind: "cron", cron: schedule.cron, dayOr: schedule.day_or, zone };
  if ("rrule" in schedule) return { ...empty, kind: "rrule", rrule: schedule.rrule, zone };
  const anchor = schedule.anchor_date === undefined ? "" : localTextOf(schedule.anchor_date) ?? "";
  return { ...empty, kind: "interval", interval: intervalText(schedule.interval), anchor, zone };
}

/** `1h30m`; seconds where that would round. */
const intervalText = (seconds: number): string =>
  Number.isInteger(seconds * 1000) ? formatDuration(seconds) : `${seconds}s`;

/** @param kept The anchor as it was: seconds that the control does not show stay when it was not touched. */
function scheduleOf({ kind, cron, dayOr, interval, anchor, rrule, zone }: Draft, kept: string | undefined) {
  switch (kind) {
    case "cron":
      return { cron, timezone: zone, day_or: dayOr };
    case "rrule":
      return { rrule, timezone: zone };
    case "interval": {
      const seconds = /^[\d.]+$/.test(interval.trim()) ? Number(interval) : interval.trim();
      const from = kept !== undefined && localTextOf(kept) === anchor ? kept : momentOf(anchor);
      return { interval: seconds, timezone: zone, ...from === undefined ? {} : { anchor_date: from } };
    }
  }
}

/** See the module's comment. @param current The schedule as it is now; null when it is gone. */
export function ScheduleEditor({ deploymentId, schedule, current, onClose }: {
  deploymentId: string;
  schedule: DeploymentSchedule | undefined;
  current: DeploymentSchedule | null | undefined;
  onClose: () => void;
}) {
  const [draft, setDraft] = useState(() => draftOf(schedule));
  const [preview, setPreview] = useState<SchedulePreview>();
  const [failure, setFailure] = useState<Error>();
  const list = useId();
  const names = useMemo(zones, []);
  const kept = schedule !== undefined && "interval" in schedule.schedule ? schedule.schedule.anchor_date : undefined;
  const given = JSON.stringify(scheduleOf(draft, kept));
  useEffect(() => {
    const over = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setPreview(await api.deployments.previewSchedule(JSON.parse(given), 10, over.signal));
        setFailure(undefined);
      } catch (error) {
        if (!over.signal.aborted) setFailure(error as Error);
      }
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [given]);
  const set = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const save = async () => {
    try {
      const asked = JSON.parse(given);
      if (schedule === undefined) await api.deployments.addSchedules(deploymentId, [{ schedule: asked }]);
      else await api.deployments.updateSchedule(deploymentId, schedule.id, { schedule: asked });
      onClose();
    } catch (error) {
      setFailure(error as Error);
    }
  };
  const problem = preview === undefined || preview.valid ? undefined : preview.problem ?? undefined;
  const isZone = problem?.startsWith("Unknown time zone") ?? false;
  const error = isZone ? undefined : problem;
  const changed = schedule !== undefined && current?.updated !== schedule.updated;
  return (
    <Dialog wide title={schedule === undefined ? "Add a schedule" : "Edit the schedule"} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (preview?.valid) void save();
        }}
      >
        {changed
          ? (
            <p class="deployment-notice" role="alert">
              {current === null
                ? "Somebody deleted this schedule meanwhile: close, and add it anew."
                : "Somebody changed this schedule meanwhile. Saving puts yours in its place."}
            </p>
          )
          : null}
        <Field label="Kind">
          {(ids) => (
            <Select
              {...ids}
              value={draft.kind}
              options={[["cron", "Cron"], ["interval", "Interval"], ["rrule", "Recurrence rule"]]}
              onChange={(kind) => set({ kind: kind as Kind })}
            />
          )}
        </Field>
        {draft.kind === "cron"
          ? (
            <>
              <Field label="Cron" hint="minute hour day month weekday" error={error}>
                {(ids) => <TextInput {...ids} value={draft.cron} onInput={(cron) => set({ cron })} />}
              </Field>
              <CronHelp onChoose={(cron) => set({ cron })} />
              {draft.cron.trim().split(/\s+/).length >= 5 && !/[*?]/.test(draft.cron.trim().split(/\s+/)[2]) &&
                  !/[*?]/.test(draft.cron.trim().split(/\s+/)[4])
                ? (
                  <Field label="Day and weekday">
                    {(ids) => (
                      <Select
                        {...ids}
                        value={String(draft.dayOr)}
                        options={[["true", "One of them is enough"], ["false", "Both must fit"]]}
                        onChange={(value) => set({ dayOr: value === "true" })}
                      />
                    )}
                  </Field>
                )
                : null}
            </>
          )
          : draft.kind === "interval"
          ? (
            <>
              <Field label="Every" hint="Such as 90s, 15m, 1h30m, 2d." error={error}>
                {(ids) => <TextInput {...ids} value={draft.interval} onInput={(interval) => set({ interval })} />}
              </Field>
              <Field label="Counted from" hint={`On your clock, ${viewerZone()}. Left empty, from now on.`}>
                {(ids) => (
                  <TextInput
                    {...ids}
                    type="datetime-local"
                    value={draft.anchor}
                    onInput={(anchor) => set({ anchor })}
                  />
                )}
              </Field>
            </>
          )
          : (
            <Field
              label="Rule"
              hint="As in calendars (RFC 5545), such as FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9."
              error={error}
            >
              {(ids) => <TextInput {...ids} value={draft.rrule} onInput={(rrule) => set({ rrule })} />}
            </Field>
          )}
        <Field
          label="Time zone"
          hint="Its clock decides, also when clocks change."
          error={isZone ? problem : undefined}
        >
          {(ids) => <TextInput {...ids} list={list} value={draft.zone} onInput={(zone) => set({ zone })} />}
        </Field>
        <datalist id={list}>{names.map((name) => <option key={name} value={name} />)}</datalist>
        <div role="status" aria-live="polite">
          {preview?.valid && preview.schedule !== null
            ? (
              <p class="schedule-words">
                {scheduleWords(preview.schedule)} on the clock of {zoneOf(preview.schedule)}
              </p>
            )
            : null}
        </div>
        {preview?.valid && preview.schedule !== null
          ? <DatesTable dates={preview.dates} zone={zoneOf(preview.schedule)} label="When it would run" />
          : null}
        {failure === undefined ? null : <Failure error={failure} />}
        <div class="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={!preview?.valid || current === null}>Save</Button>
        </div>
      </form>
    </Dialog>
  );
}
