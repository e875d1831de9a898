/**
 * Durations as people write them ("30s", "1h30m", "PT5M", 90) and as the program counts them: a number of seconds.
 *
 * @module
 */

import { FlowctlError } from "./errors.ts";

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const PARTS = /^(\d+(\.\d+)?\s*(ms|s|m|h|d|w)\s*)+$/;
const PART = /(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)/g;
const ISO = /^P(?=\d|T\d)(?:([\d.,]+)W)?(?:([\d.,]+)D)?(?:T(?=\d)(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?)?$/;
const NUMBER = /^\d+(\.\d+)?$/;
// 10,000 years: a longer one is a slip of the pen and would overflow instants.
const LONGEST = 315_360_000_000;

/**
 * Seconds of a duration.
 *
 * @param value A number of seconds, or a text: `"90"`, `"1.5h"`, `"1h30m"`, `"500ms"`, `"2d"`, `"1w"`, ISO 8601 `"PT5M"`,
 * `"P1DT2H"`. Days are 24 hours. Months and years have no fixed length and are refused.
 * @throws {FlowctlError} `invalid`, naming the value.
 *
 * @example
 * ```ts
 * import { parseDuration } from "./durations.ts";
 *
 * console.assert(parseDuration("1h30m") === 5400);
 * console.assert(parseDuration("PT5M") === 300);
 * ```
 */
export function parseDuration(value: string | number): number {
  const seconds = typeof value === "number" ? value : secondsOf(value.trim());
  if (seconds !== undefined && Number.isFinite(seconds) && seconds >= 0 && seconds <= LONGEST) return seconds;
  throw new FlowctlError(
    "invalid",
    `Cannot read duration ${JSON.stringify(String(value))}: it is not a length of time`,
    {
      hint: 'Write seconds or a text like "30s", "5m", "1h30m" or "PT5M".',
    },
  );
}

function secondsOf(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const lower = text.toLowerCase();
  // Milliseconds are added as a whole, so that "1m500ms" is 60.5 and not 60.500000000000004.
  if (PARTS.test(lower)) {
    let ms = 0;
    for (const [, number, unit] of lower.matchAll(PART)) ms += Number(number) * SECONDS[unit] * 1000;
    return Math.round(ms * 1000) / 1_000_000;
  }
  const iso = ISO.exec(text.toUpperCase());
  if (!iso) return undefined;
  const [weeks, days, hours, minutes, seconds] = iso.slice(1).map((part) => Number((part ?? "0").replace(",", ".")));
  return weeks * SECONDS.w + days * SECONDS.d + hours * SECONDS.h + minutes * SECONDS.m + seconds;
}

/**
 * A duration in the shortest form that {@link parseDuration} reads back: `5400` → `"1h30m"`, `0.25` → `"250ms"`.
 * Rounded to whole milliseconds.
 */
export function formatDuration(seconds: number): string {
  let ms = Math.round(Math.abs(seconds) * 1000);
  if (ms === 0) return "0s";
  let text = seconds < 0 ? "-" : "";
  for (const [unit, size] of [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1000], ["ms", 1]] as const) {
    const count = Math.floor(ms / size);
    if (count > 0) text += `${count}${unit}`;
    ms -= count * size;
  }
  return text;
}
