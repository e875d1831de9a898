/**
 * Schedules and runners in a few words.
 *
 * @module
 */

import type { Deployment } from "../domain/deployments.ts";
import { formatDuration } from "../support/durations.ts";

type Schedule = Deployment["schedules"][number]["schedule"];

/** "cron 0 9 * * * (Europe/London)", "every 1h", "rrule FREQ=DAILY". */
export function scheduleText(schedule: Schedule): string {
  const zone = schedule.timezone && schedule.timezone !== "UTC" ? ` (${schedule.timezone})` : "";
  if ("cron" in schedule) return `cron ${schedule.cron}${zone}`;
  if ("interval" in schedule) return `every ${formatDuration(schedule.interval)}${zone}`;
  return `rrule ${schedule.rrule.replaceAll("\n", " ")}${zone}`;
}

/** All schedules of a deployment; "paused" when none is in force. */
export function schedulesText(deployment: Pick<Deployment, "schedules" | "paused">): string {
  const all = deployment.schedules.map(({ schedule, active }) => scheduleText(schedule) + (active ? "" : ", inactive"));
  if (all.length > 0 && deployment.paused) all.push("paused");
  return all.join("; ");
}

/** "docker", "docker my-image:1", "subprocess"; empty for deployments of other clients. */
export function runnerText({ flow_runner }: Pick<Deployment, "flow_runner">): string {
  if (flow_runner === null) return "";
  const image = flow_runner.type === "docker" ? flow_runner.config.image : undefined;
  return image === undefined ? flow_runner.type : `${flow_runner.type} ${image}`;
}
