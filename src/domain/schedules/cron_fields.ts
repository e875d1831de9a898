/**
 * Reads cron expressions exactly as `croniter` does, which is what Prefect runs: five fields, six with the seconds at the
 * *end*, seven with the year after them; names, `L`, `#`, `W`, `?`, ranges that wrap (`fri-mon`), `@daily` and its like.
 *
 * @module
 */

import { FlowctlError } from "../../support/errors.ts";

/** What a field allows; `"*"` is everything. */
export type Allowed = "*" | ReadonlySet<number>;

/** A cron expression, taken apart. */
export interface CronFields {
  minutes: Allowed;
  hours: Allowed;
  /** Days of the month. */
  days: Allowed;
  /** Whether the last day of the month is among the days (`L`). */
  lastDay: boolean;
  /** The working day nearest to this day of the month (`15W`); it stands alone. */
  nearestWeekday?: number;
  months: Allowed;
  /** 0 is Sunday. */
  weekdays: Allowed;
  /** By weekday: the first, second, … or last one (`"l"`) of the month (`5#2`, `L5`). Wins over `weekdays`. */
  nthWeekdays: ReadonlyMap<number, ReadonlySet<number | "l">>;
  /** Second 0 only, unless there are six fields. */
  seconds: Allowed;
  years: Allowed;
}

const MINUTE = 0, HOUR = 1, DAY = 2, MONTH = 3, WEEKDAY = 4, SECOND = 5, YEAR = 6;
const TITLES = ["minute", "hour", "day of month", "month", "day of week", "second", "year"];
const RANGES = [[0, 59], [0, 23], [1, 31], [1, 12], [0, 6], [0, 59], [1970, 2099]] as const;
const SIZES = [60, 24, 31, 12, 7, 60, 130];
const MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAY_NAMES = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const NICKNAMES: Record<string, string> = {
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};
const NAMED = `(?:(?:${WEEKDAY_NAMES.join("|")})(?:-(?:${WEEKDAY_NAMES.join("|")}))?|\\w+)`;
const NTH = new RegExp(`^(?:(${NAMED})#|l)(\\d+)$`);
const RANGE = /^([^-]+)-([^\/-]+)(?:\/(\d+))?$/;
const RANDOM = /^[hr](\(\d+-\d+\))?(\/\d+)?$/;

type Value = number | "*" | "l";

/**
 * Takes a cron expression apart.
 *
 * @throws {FlowctlError} `invalid`, naming the field. Random (`R`) and hashed (`H`) fields are refused: their dates would
 * differ from one look to the next.
 */
export function parseCron(text: string): CronFields {
  const lower = text.trim().toLowerCase();
  const expressions = (NICKNAMES[lower] ?? lower).split(/\s+/);
  const count = expressions.length;
  const refuse = (why: string): never => {
    throw new FlowctlError("invalid", `Cannot read cron "${text}": ${why}`, {
      hint: 'Write five fields, "minute hour day month weekday"; a sixth one is the second.',
    });
  };
  if (count < 5 || count > 7) refuse(`it has ${lower ? count : 0} fields, and 5, 6 or 7 are wanted`);

  const expanded: Value[][] = [];
  const nth = new Map<number, Set<number | "l">>();
  let nearestWeekday: number | undefined;

  expressions.forEach((given, index) => {
    const bad = (part: string, why: string) => refuse(`${TITLES[index]} "${part}" ${why}`);
    if (RANDOM.test(given)) bad(given, "is random, which is not supported");
    if (given.includes("?") && (given !== "?" || (index !== DAY && index !== WEEKDAY))) {
      bad(given, 'is wrong: "?" stands alone, as day of month or day of week');
    }
    const parts = (given === "?" ? "*" : given).split(",");
    const values = new Set<Value>();
    for (const part of parts) {
      let rest = part;
      let which: number | "l" | undefined;
      const special = index === WEEKDAY ? NTH.exec(part) : null;
      if (special?.[1] !== undefined) {
        [rest, which] = [special[1], Number(special[2])];
        if (which < 1 || which > 5) bad(part, "is wrong: a month has at most 5 of a weekday");
      } else if (special) {
        [rest, which] = [special[2], "l"];
      }
      const working = index === DAY ? /^(?:(\d+)w|w(\d+))$/.exec(part) : null;
      if (working) {
        nearestWeekday = Number(working[1] ?? working[2]);
        if (nearestWeekday < 1 || nearestWeekday > 31) bad(part, "is out of range: 1 to 31");
        if (parts.length > 1) bad(given, 'is wrong: "W" stands with a single day');
        values.add(nearestWeekday);
        continue;
      }
      for (const value of expand(rest, index, count, (why) => bad(part, why))) {
        values.add(value);
        if (which === undefined) continue;
        nth.set(value as number, (nth.get(value as number) ?? new Set()).add(which));
      }
    }
    // A full list is a star, except where that would turn "either day field" into "the other one only".
    const whole = values.size === SIZES[index] &&
      !(index === DAY && !(expressions[WEEKDAY].includes("*"))) &&
      !(index === WEEKDAY && !(expressions[DAY].includes("*")));
    expanded.push(whole ? ["*"] : [...values]);
  });

  const plain = expanded[WEEKDAY].filter((day) => day !== "*" && !nth.has(day as number));
  if (nth.size > 0 && plain.length > 0 && expanded[WEEKDAY].length !== 7) {
    refuse(`day of week "${expressions[WEEKDAY]}" mixes plain days with "#" or "L"`);
  }
  const field = (index: number, absent: Allowed = "*"): Allowed => {
    const values = expanded[index];
    if (!values) return absent;
    return values.includes("*") ? "*" : new Set(values.filter((value) => typeof value === "number"));
  };
  return {
    minutes: field(MINUTE),
    hours: field(HOUR),
    days: field(DAY),
    lastDay: expanded[DAY].includes("l"),
    ...(nearestWeekday === undefined ? {} : { nearestWeekday }),
    months: field(MONTH),
    weekdays: field(WEEKDAY),
    nthWeekdays: nth,
    seconds: field(SECOND, new Set([0])),
    years: field(YEAR),
  };
}

/** The values of one part of a list: a number, a name, a star, a range, any of them with a step. */
function expand(part: string, index: number, count: number, bad: (why: string) => never): Value[] {
  const [first, last] = RANGES[index];
  const outOfRange = () => bad(`is out of range: ${first} to ${last}`);
  const text = part.replace(/^\*(\/.+)$/, `${first}-${last}$1`);
  const range = RANGE.exec(text) ?? RANGE.exec(text.replace(/^(.+)\/(.+)$/, `$1-${last}/$2`));
  if (!range) {
    if (text === "*") return ["*"];
    if (index === DAY && text === "l") return ["l"];
    const value = alias(numberOf(text, index, bad), index, count);
    return value < first || value > last ? outOfRange() : [value];
  }
  const high = index === DAY && range[2] === "l" ? "31" : range[2];
  const from = alias(numberOf(range[1], index, bad), index, count);
  const to = alias(numberOf(high, index, bad), index, count);
  const step = Number(range[3] ?? 1);
  if (step === 0) bad("has a step of 0");
  if (Math.max(from, to) > last) outOfRange();
  let values: number[];
  if (from < to) values = numbers(from, to, step);
  else if (from === to) values = numbers(first, last, step); // "sun-sun" is the whole week
  else values = wrapped(from, to, step, first, last);
  // The peer reads each value once more, so that with six fields a day 0 becomes 1.
  values = values.map((value) => alias(value, index, count));
  return values.some((value) => value < first || value > last) ? outOfRange() : values;
}

/** `fri-mon`, `apr-jan/3`: up to the end, then from the start, the step counted across the border as `croniter` does. */
function wrapped(from: number, to: number, step: number, first: number, last: number): number[] {
  const head = numbers(from, last, step);
  let skip = 0;
  const end = head.at(-1);
  if (end !== undefined && end - first + step > last - first + 1 && last - end < step) skip = step - (last - end);
  return [...head, ...numbers(first + skip, to, step)];
}

function numbers(from: number, to: number, step: number): number[] {
  const all: number[] = [];
  for (let value = from; value <= to; value += step) all.push(value);
  return all;
}

function numberOf(text: string, index: number, bad: (why: string) => never): number {
  if (/^\d+$/.test(text)) return Number(text);
  const names = index === MONTH ? MONTH_NAMES : index === WEEKDAY ? WEEKDAY_NAMES : [];
  const place = names.indexOf(text);
  if (place < 0) bad("is not understood");
  return index === MONTH ? place + 1 : place;
}

/** Sunday may be 7, but only with five fields; day 0 is day 1, but only with six. So it is in `croniter`. */
function alias(value: number, index: number, count: number): number {
  if (index === WEEKDAY && count === 5 && value === 7) return 0;
  if (index === DAY && count === 6 && value === 0) return 1;
  return value;
}
