/**
 * How numbers, times and lengths of time are written on pages. Pure: the present is an argument.
 *
 * @module
 */

/** Seconds as people say them: `84 ms`, `3.2 s`, `1 min 5 s`, `2 h 3 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  const value = Math.max(0, seconds);
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 10) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  if (whole < 60) return `${whole} s`;
  const [units, sizes] = [["d", "h", "min", "s"], [86_400, 3_600, 60, 1]];
  const first = sizes.findIndex((size) => whole >= size);
  const rest = Math.floor((whole % sizes[first]) / sizes[first + 1]);
  return `${Math.floor(whole / sizes[first])} ${units[first]}${rest === 0 ? "" : ` ${rest} ${units[first + 1]}`}`;
}

/** A moment seen from another: `now`, `5 s ago`, `in 3 min`, `2 h ago`. @param at Milliseconds. */
export function relative(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  const size = Math.abs(seconds);
  if (size < 2) return "now";
  const [amount, unit] = size < 60
    ? [size, "s"]
    : size < 3_600
    ? [Math.floor(size / 60), "min"]
    : size < 86_400
    ? [Math.floor(size / 3_600), "h"]
    : [Math.floor(size / 86_400), "d"];
  return seconds > 0 ? `${amount} ${unit} ago` : `in ${amount} ${unit}`;
}

/** Making one costs a millisecond, and a page writes hundreds of times. */
const exactFormats = new Map<string | undefined, Intl.DateTimeFormat>();

function exactFormat(timeZone: string | undefined): Intl.DateTimeFormat {
  const known = exactFormats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
    timeZone,
  });
  exactFormats.set(timeZone, format);
  return format;
}

/** A moment in full, in the viewer's zone or another: `2026-11-21 22:33:58 GMT+1`. */
export function exact(at: number, timeZone?: string): string {
  const parts = Object.fromEntries(
    exactFormat(timeZone).formatToParts(at).map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, minute, second, timeZoneName } = parts;
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timeZoneName}`;
}

/** A whole number with thin spaces between thousands: `1 000 000`. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

/** `1 run`, `2 runs`. */
export const plural = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** Bytes as people say them: `512 B`, `1.5 MiB`. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
