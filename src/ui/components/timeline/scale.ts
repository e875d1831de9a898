/**
 * The arithmetic of a time axis: which part of a run is seen, nearer and farther, and where its marks stand. Pure.
 *
 * @module
 */

/** A part of time in milliseconds since 1970. */
export interface Span {
  from: number;
  to: number;
}

/** Nearer than this, in milliseconds, there is nothing to see: the times have milliseconds. */
export const LEAST_SPAN = 5;

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));

/** A span within bounds, moved before it is cut. */
export function within({ from, to }: Span, bounds: Span): Span {
  const length = clamp(to - from, LEAST_SPAN, Math.max(LEAST_SPAN, bounds.to - bounds.from));
  const begin = clamp(from, bounds.from, Math.max(bounds.from, bounds.to - length));
  return { from: begin, to: begin + length };
}

/** Nearer (factor above 1) or farther, around a place that stays where it is: 0 is the left edge, 1 the right one. */
export function zoomed(span: Span, factor: number, place: number, bounds: Span): Span {
  const length = clamp((span.to - span.from) / factor, LEAST_SPAN, Math.max(LEAST_SPAN, bounds.to - bounds.from));
  const fixed = span.from + place * (span.to - span.from);
  const from = fixed - place * length;
  return within({ from, to: from + length }, bounds);
}

/** Moved by a part of itself; positive is later. */
export function panned(span: Span, part: number, bounds: Span): Span {
  const by = part * (span.to - span.from);
  return within({ from: span.from + by, to: span.to + by }, bounds);
}

/** Whether a span shows (nearly) everything. */
export const isWhole = (span: Span, bounds: Span): boolean => span.to - span.from >= (bounds.to - bounds.from) * 0.999;

/** Where a moment is in a span: 0 is its beginning, 1 its end; beyond outside of it. */
export const placeOf = (at: number, { from, to }: Span): number => (at - from) / (to - from);

const [S, MIN, H, D] = [1000, 60_000, 3_600_000, 86_400_000];
// deno-fmt-ignore
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, S, 2*S, 5*S, 10*S, 15*S, 30*S, MIN, 2*MIN, 5*MIN, 10*MIN, 15*MIN, 30*MIN,
  H, 2*H, 3*H, 6*H, 12*H, D, 2*D, 5*D, 10*D, 20*D, 50*D, 100*D, 365*D, 1000*D, 3650*D];

/** How far marks stand apart, in milliseconds, so that there are at most so many. */
export const stepFor = (length: number, most: number): number =>
  STEPS.find((step) => length / step <= Math.max(1, most)) ?? STEPS.at(-1)! * Math.ceil(length / STEPS.at(-1)! / most);

/** A mark of the axis. */
export interface Tick {
  at: number;
  label: string;
}

/** The marks of a span, at round distances from an origin. */
export function ticks(span: Span, origin: number, most: number): Tick[] {
  const step = stepFor(span.to - span.from, most);
  const found: Tick[] = [];
  for (let n = Math.ceil((span.from - origin) / step); origin + n * step <= span.to; n++) {
    found.push({ at: origin + n * step, label: elapsed(n * step, step) });
  }
  return found;
}

/** Time since an origin, as fine as steps are: `0`, `250 ms`, `2.5 s`, `1:05`, `2:03:00`, `1 d 2:00`. */
export function elapsed(ms: number, step: number): string {
  if (ms === 0) return "0";
  if (ms < 0) return `−${elapsed(-ms, step)}`;
  if (ms < S) return `${Math.round(ms)} ms`;
  const decimals = step >= S ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3;
  if (ms < MIN) return `${(ms / S).toFixed(decimals)} s`;
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const seconds = decimals === 0 ? two((ms % MIN) / S) : ((ms % MIN) / S).toFixed(decimals).padStart(3 + decimals, "0");
  if (ms < H) return `${Math.floor(ms / MIN)}:${seconds}`;
  const days = Math.floor(ms / D);
  if (days === 0) return `${Math.floor(ms / H)}:${two((ms % H) / MIN)}${step % MIN === 0 ? "" : `:${seconds}`}`;
  return step >= D && ms % D === 0 ? `${days} d` : `${days} d ${Math.floor((ms % D) / H)}:${two((ms % H) / MIN)}`;
}

/** From a first row to before another. */
export interface Window {
  first: number;
  past: number;
}

/** Which rows are in sight, and a few beyond both ends. */
export function rowWindow(scrolled: number, height: number, rowHeight: number, rows: number, beyond: number): Window {
  const first = clamp(Math.floor(scrolled / rowHeight) - beyond, 0, rows);
  return { first, past: clamp(Math.ceil((scrolled + height) / rowHeight) + beyond, first, rows) };
}

/**
 * How many tasks ran at once in each of so many equal parts of a span, on average.
 *
 * @param tasks Their beginnings and ends.
 */
export function load(tasks: Iterable<Span>, span: Span, parts: number): number[] {
  const sums = new Float64Array(parts + 1);
  // Of what grows by one part's share in each part only the changes are noted.
  const slopes = new Float64Array(parts + 1);
  const width = (span.to - span.from) / parts;
  for (const { from, to } of tasks) {
    const [a, b] = [clamp((from - span.from) / width, 0, parts), clamp((to - span.from) / width, 0, parts)];
    const [first, last] = [Math.min(Math.floor(a), parts - 1), Math.min(Math.floor(b), parts - 1)];
    if (first === last) {
      sums[first] += b - a;
      continue;
    }
    sums[first] += first + 1 - a;
    sums[last] += b - last;
    slopes[first + 1] += 1;
    slopes[last] -= 1;
  }
  let running = 0;
  return Array.from({ length: parts }, (_, i) => sums[i] + (running += slopes[i]));
}
