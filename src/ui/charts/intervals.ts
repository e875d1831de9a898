/**
 * Time cut into intervals that people would choose: whole minutes, hours and days of the viewer's zone, as many as a chart has room for.
 *
 * Pure; the zone is the one that `Date` knows.
 *
 * @module
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Lengths of intervals; each is a whole number of those before, so that what was chosen in wide bars fits narrow ones. */
const STEPS = [
  SECOND,
  5 * SECOND,
  15 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
];

/** The most intervals of one chart; the API takes 200. */
export const MOST_BARS = 64;

/** The length of intervals for a span: the shortest with which there are at most {@link MOST_BARS}; above a day, whole days. */
export function stepFor(from: number, to: number): number {
  const span = to - from;
  return STEPS.find((step) => span / step <= MOST_BARS - 2) ?? DAY * Math.ceil(span / DAY / (MOST_BARS - 2));
}

const midnight = (at: number, days = 0): number => {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
};

/** What a clock on the wall shows, in milliseconds of a usual day. */
const wallTime = (at: number): number => {
  const date = new Date(at);
  return date.getHours() * HOUR + date.getMinutes() * MINUTE + date.getSeconds() * SECOND;
};

/** Round moments of a day, by its clock from an hour on: a day of 23 or 25 hours has its noon at 12:00 as every other. */
function momentsOf(day: number, step: number): number[] {
  const date = new Date(day);
  const at = (time: number) =>
    step < HOUR ? day + time : new Date(date.getFullYear(), date.getMonth(), date.getDate(), time / HOUR).getTime();
  const next = midnight(day, 1);
  const found: number[] = [];
  for (let time = 0; at(time) < next; time += step) found.push(at(time));
  return found;
}

/**
 * The moments between intervals, in milliseconds: the span's own ends, and all that is round between.
 *
 * @returns Ascending, at least two.
 */
export function edgesOf(from: number, to: number): number[] {
  const end = Math.max(to, from + SECOND);
  const step = stepFor(from, end);
  const edges = [from];
  const days = Math.max(1, Math.round(step / DAY));
  for (let day = midnight(from); day < end; day = midnight(day, days)) {
    for (const at of step < DAY ? momentsOf(day, step) : [day]) if (at > edges.at(-1)! && at < end) edges.push(at);
  }
  return [...edges, end];
}

const format = (options: Intl.DateTimeFormatOptions) => {
  const made = new Intl.DateTimeFormat("en-GB", { hourCycle: "h23", ...options });
  return (at: number) => made.format(at);
};
const clock = format({ hour: "2-digit", minute: "2-digit" });
const clockSeconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = format({ day: "numeric", month: "short" });

const isMidnight = (at: number) => midnight(at) === at;

/** An edge in a few letters: `14:00`, `14:00:05`, or at the beginning of a day `21 Nov`. */
export const edgeLabel = (at: number): string =>
  isMidnight(at) ? day(at) : at % MINUTE === 0 ? clock(at) : clockSeconds(at);

/** An interval in words: `21 Nov, 14:00 to 14:30`, `21 Nov, 22:00 to 22 Nov, 06:00`, `21 Nov`. */
export function spanLabel(from: number, to: number): string {
  const time = to - from < 2 * MINUTE && (from % MINUTE !== 0 || to % MINUTE !== 0) ? clockSeconds : clock;
  if (isMidnight(from) && isMidnight(to)) {
    const last = midnight(to, -1);
    return last <= from ? day(from) : `${day(from)} to ${day(last)}`;
  }
  const sameDay = midnight(from) === midnight(to - 1);
  return `${day(from)}, ${time(from)} to ${sameDay ? "" : `${day(to)}, `}${time(to)}`;
}

/**
 * Which edges to write under a chart: round ones, evenly apart, as many as there is room for.
 *
 * @param room How many labels fit.
 * @returns Their numbers in the list.
 */
export function shownEdges(edges: readonly number[], room: number): number[] {
  const all = edges.map((_, i) => i).filter((i) => i > 0 && i < edges.length - 1);
  if (all.length <= Math.max(1, room)) return all;
  for (const step of [...STEPS, 2 * DAY, 7 * DAY]) {
    const found = all.filter((i) => wallTime(edges[i]) % Math.min(step, DAY) === 0);
    const thin = step > DAY ? found.filter((i) => Math.round(midnight(edges[i]) / DAY) % (step / DAY) === 0) : found;
    if (thin.length > 0 && thin.length <= room) return thin;
  }
  const every = Math.ceil(all.length / Math.max(1, room));
  return all.filter((_, i) => i % every === 0);
}

/** `12`, `1.5k`, `20k`, `3M`. */
export function shortNumber(value: number): string {
  const short = (by: number, unit: string) => `${Number((value / by).toFixed(1))}${unit}`;
  return value >= 1_000_000 ? short(1_000_000, "M") : value >= 10_000 ? short(1_000, "k") : String(value);
}
