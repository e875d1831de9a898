/**
 * The time beside a line.
 *
 * @module
 */

/** How it is written. */
export type TimeStyle = "local" | "utc" | "since" | "none";

/** The choices, as they are shown. */
export const TIME_STYLES: readonly (readonly [TimeStyle, string])[] = [
  ["local", "Local time"],
  ["utc", "UTC"],
  ["since", "Since start"],
  ["none", "No times"],
];

const local = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** `22:33:58.123`, or `+1:02:03.456` since a moment. @param timestamp The wire's: UTC with six digits of a second */
export function lineTime(timestamp: string, style: TimeStyle, start: number): string {
  const ms = Date.parse(timestamp);
  switch (style) {
    case "none":
      return "";
    case "utc":
      return timestamp.slice(11, 23);
    case "local":
      return `${local.format(ms)}.${timestamp.slice(20, 23)}`;
    case "since":
      return since(ms - start);
  }
}

function since(ms: number): string {
  const size = Math.abs(ms);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const hours = Math.floor(size / 3_600_000);
  const minutes = Math.floor(size / 60_000) % 60;
  const seconds = `${two((size / 1000) % 60)}.${String(Math.floor(size % 1000)).padStart(3, "0")}`;
  return `${ms < 0 ? "−" : "+"}${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${seconds}`;
}
