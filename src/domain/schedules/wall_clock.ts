/**
 * From the times on a zone's wall clock to instants, in order, across the days when clocks are changed.
 *
 * Cron and RRULE schedules are rows of wall-clock times. Where clocks go forward some of those times do not exist and fall
 * on instants that other ones have too, not even in order; where clocks go back a time happens twice. Which instant counts
 * is the peer's choice and an argument here: `"later"` for cron (pendulum), `"earlier"` for RRULE (dateutil).
 *
 * @module
 */

/** A wall-clock time as milliseconds, counted as if the zone were UTC. */
export type WallTime = number;

interface Gap {
  /** The wall-clock times of [start, end) do not exist. */
  start: WallTime;
  end: WallTime;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
// Nobody changed clocks by more than a day (Samoa left a whole one out).
const MOST_SHIFT = 26 * HOUR;
const NO_GAP: Gap = { start: Infinity, end: Infinity };

/** One zone's clock on the wall. */
export class WallClock {
  /** The next gap whose neighbourhood is not over; found on demand. */
  #gap: Gap | undefined;
  /** Instants between which the offset is known to stay. */
  #calm = { from: 0, to: 0, offset: 0 };

  /** @param disambiguation Which instant a time has that happens never or twice: the earlier or the later one. */
  constructor(readonly timezone: string, readonly disambiguation: "earlier" | "later") {}

  #at(instantMs: number): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(this.timezone);
  }

  #offset(instantMs: number): number {
    return this.#at(instantMs).offsetNanoseconds / 1e6;
  }

  /** What the clock on the wall shows at an instant. */
  wallOf(instantMs: number): WallTime {
    return instantMs + this.#offset(instantMs);
  }

  /** The instant when the clock on the wall shows a time, as milliseconds. */
  instantOf(wall: WallTime): number {
    const { from, to, offset } = this.#calm;
    if (wall - offset >= from + MOST_SHIFT && wall - offset < to - MOST_SHIFT) return wall - offset;
    const time = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO("UTC").toPlainDateTime();
    const found = time.toZonedDateTime(this.timezone, { disambiguation: this.disambiguation });
    const next = found.getTimeZoneTransition("next");
    // One nanosecond on, as a transition that falls exactly here is not "previous" to itself.
    const previous = found.add({ nanoseconds: 1 }).getTimeZoneTransition("previous");
    this.#calm = {
      from: previous ? previous.epochMilliseconds : -Infinity,
      to: next ? next.epochMilliseconds : Infinity,
      offset: found.offsetNanoseconds / 1e6,
    };
    return found.epochMilliseconds;
  }

  /**
   * The earliest wall-clock time that may fall on this instant or later ones: on most days what the wall shows, on days
   * around a change up to the change's length less.
   */
  earliestWallFrom(instantMs: number): WallTime {
    const offsets = [instantMs - MOST_SHIFT, instantMs, instantMs + MOST_SHIFT].map((ms) => this.#offset(ms));
    return instantMs + offsets[1] - (Math.max(...offsets) - Math.min(...offsets));
  }

  /** Whether a wall-clock time is so near a gap that later ones may fall on earlier instants. */
  isNearGap(wall: WallTime): boolean {
    let gap = this.#gap;
    if (!gap || wall >= 2 * gap.end - gap.start) gap = this.#gap = this.#nextGap(wall);
    return wall >= gap.start - (gap.end - gap.start);
  }

  #nextGap(wall: WallTime): Gap {
    // Zones change their clocks some dozen times in a row without a gap at most; 400 is "never".
    let at: Temporal.ZonedDateTime | null = this.#at(wall - 4 * DAY);
    for (let looked = 0; looked < 400; looked++) {
      const before: number = at.offsetNanoseconds / 1e6;
      at = at.getTimeZoneTransition("next");
      if (!at) break;
      const after: number = at.offsetNanoseconds / 1e6;
      const gap = { start: at.epochMilliseconds + before, end: at.epochMilliseconds + after };
      if (after > before && wall < 2 * gap.end - gap.start) return gap;
    }
    return NO_GAP;
  }
}

/**
 * The instants of ascending wall-clock times: ascending, one per instant, none before `fromMs`.
 *
 * Near a gap the times are collected and sorted; elsewhere each is handed on at once.
 */
export function* instantsOf(walls: Iterable<WallTime>, clock: WallClock, fromMs: number): Generator<number> {
  let last = fromMs - 1;
  let held: number[] = [];
  for (const wall of walls) {
    const instant = clock.instantOf(wall);
    if (clock.isNearGap(wall)) {
      held.push(instant);
      continue;
    }
    if (held.length > 0) {
      for (const each of held.sort((a, b) => a - b)) if (each > last) yield last = each;
      held = [];
    }
    if (instant > last) yield last = instant;
  }
  for (const each of held.sort((a, b) => a - b)) if (each > last) yield last = each;
}
