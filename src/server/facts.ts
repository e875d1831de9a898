/**
 * What a server tells of itself: where it lives, where it answers, and the settings that are in force.
 *
 * @module
 */

import { SETTINGS, type Settings, type SettingSpec } from "../config/settings.ts";
import type { ServerFacts } from "../domain/server_info.ts";
import { formatInstant } from "../support/clock.ts";
import { homeFiles } from "./home.ts";

/** Settings that are about a server or the agent beside it. None of them is a secret. */
const SHOWN = [
  "authLoopback",
  "allowedHosts",
  "stopGraceSeconds",
  "serverNetwork",
  "logLevel",
  "apiWay",
  "containerApiUrl",
  "keepContainersHours",
  "keepContainers",
] as const satisfies readonly (keyof Settings & keyof typeof SETTINGS)[];

/** Makes them; addresses are added when it listens. @param settings Those that were read; what is missing has its default. */
export function serverFacts(
  settings: Partial<Settings> & Pick<Settings, "home" | "authLoopback">,
  { isExposed, now }: { isExposed: boolean; now: Temporal.Instant },
): ServerFacts {
  return {
    started: formatInstant(now),
    home: settings.home,
    database: homeFiles(settings.home).database,
    addresses: [],
    is_exposed: isExposed,
    loopback: settings.authLoopback,
    settings: SHOWN.map((key) => {
      const { name, about, default: usual }: SettingSpec = SETTINGS[key];
      const value = settings[key];
      const text = value === undefined || (Array.isArray(value) && value.length === 0) ? usual : String(value);
      return { name, value: text, about };
    }),
  };
}
