/**
 * Dates as a clock on the wall shows them. Pure.
 *
 * @module
 */

import { exact } from "../../format.ts";

/** The zone of the viewer's clock. */
export const viewerZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * Instants on a zone's clock: `Sun 2026-03-29 03:30:00 GMT+2`.
 *
 * @returns `changed`: since the date before, the zone's clocks were changed.
 */
export function datesIn(instants: readonly string[], zone: string): { text: string; changed: boolean }[] {
  const weekday = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: zone });
  let before: string | undefined;
  return instants.map((instant) => {
    const at = Date.parse(instant);
    const text = `${weekday.format(at)} ${exact(at, zone)}`;
    const offset = text.split(" ").slice(3).join(" ");
    const changed = before !== undefined && before !== offset;
    before = offset;
    return { text, changed };
  });
}

/** All zones, with UTC, which browsers leave out of theirs. */
export const zones = (): string[] => ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
