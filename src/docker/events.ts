/**
 * What happens on the engine, as it happens.
 *
 * @module
 */

import { isFlowctlError } from "../support/errors.ts";
import { jsonLines } from "../support/streams.ts";
import { type CallOptions, filtersOf, type Transport } from "./transport.ts";

/** Something that happened. The engine's older `status`, `id` and `from` are gone since API 1.52 and not listed. */
export interface EngineEvent {
  /** `container`, `image`, `network`, `volume`, … */
  Type: string;
  /** `create`, `start`, `die`, `oom`, `kill`, `destroy`, …; Podman's `died` and `remove` arrive as `die` and `destroy`. */
  Action: string;
  Actor: {
    /** The container's id. */
    ID: string;
    /** A container's labels with `name`, `image`, and after its end `exitCode`. */
    Attributes: Record<string, string>;
  };
  /** Unix seconds. */
  time: number;
  /** Unix nanoseconds, beyond what a number holds exactly: good for ordering within microseconds, not for equality. */
  timeNano: number;
}

/** Which events are wanted. */
export interface EventsOptions extends CallOptions {
  /** For example `{ type: ["container"], event: ["die"], label: ["dev.flowctl.installation=…"] }`. */
  filters?: Record<string, readonly string[]>;
  /** Also what happened since then (the engine remembers its last 256 or so events): Unix seconds or RFC 3339. */
  since?: number | string | Temporal.Instant;
  /** Ends there; without it the stream goes on for ever. */
  until?: number | string | Temporal.Instant;
  /** Called when the engine listens: what happens from now on is not missed. */
  onOpen?: () => void;
}

/** `docker.getEvents()`, see there. */
export async function* getEvents(
  transport: Transport,
  { filters, since, until, onOpen, signal }: EventsOptions,
): AsyncGenerator<EngineEvent, void, undefined> {
  const request = {
    action: "follow the events",
    path: "/events",
    query: { filters: filtersOf(filters), since: unixTime(since), until: unixTime(until) },
    signal,
    isLong: true,
  };
  try {
    const response = await transport.request(request);
    onOpen?.();
    for await (const event of jsonLines<EngineEvent | null>(transport.chunks(request, response))) {
      if (typeof event?.Type !== "string" || typeof event.Action !== "string") {
        throw transport.misunderstood(request.action);
      }
      yield normalized(event);
    }
  } catch (error) {
    if (signal?.aborted) return;
    throw isFlowctlError(error, "invalid") || isFlowctlError(error, "too_large")
      ? transport.misunderstood(request.action, error)
      : error;
  }
}

/** The exit code that a `die` event tells, when it does. */
export function exitCodeOf(event: EngineEvent): number | undefined {
  const text = event.Actor.Attributes.exitCode;
  return text === undefined || text === "" ? undefined : Number(text);
}

/** A time as the engine wants it: Unix seconds, with nanoseconds when there are some. */
export function unixTime(time: number | string | Temporal.Instant | undefined): string | undefined {
  if (time === undefined) return undefined;
  if (typeof time === "number") return String(time);
  if (typeof time === "string" && /^\d+(\.\d+)?$/.test(time)) return time;
  const nanoseconds = Temporal.Instant.from(time).epochNanoseconds;
  return `${nanoseconds / 1_000_000_000n}.${String(nanoseconds % 1_000_000_000n).padStart(9, "0")}`;
}

/** Podman's words for the same. Its compatible API translates some of them, depending on the version. */
function normalized(event: EngineEvent): EngineEvent {
  const attributes = event.Actor?.Attributes ?? {};
  const exitCode = attributes.exitCode ?? attributes.containerExitCode;
  let action = event.Action;
  if (event.Type === "container" && action === "died") action = "die";
  if (event.Type === "container" && action === "remove") action = "destroy";
  return {
    ...event,
    Action: action,
    Actor: { ID: event.Actor?.ID ?? "", Attributes: exitCode === undefined ? attributes : { ...attributes, exitCode } },
  };
}
