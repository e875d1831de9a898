/**
 * Following a flow run to its end: its states by long poll, its lines as they come.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import type { Log } from "../domain/logs.ts";
import { isFinal } from "../domain/states.ts";
import type { Clock } from "../support/clock.ts";
import { isFlowctlError } from "../support/errors.ts";
import { createLogFeed } from "./log_feed.ts";

/** A running flow may print at any time: each wait for its next state is followed by a look at its lines. */
const RUNNING_WAIT_SECONDS = 1;
/** Nothing is printed before it runs. */
const WAITING_SECONDS = 30;
/** An answer without news that came faster than this did not wait: the server is stopping. */
const TOO_FAST_MS = 200;
const PAUSE_MS = 1000;
/** How often a server that does not answer is asked again; with the client's own tries that is about a minute. */
const TRIES = 30;
/** What {@link followRun} needs. */
export interface FollowOptions {
  client: Client;
  clock: Clock;
  signal: AbortSignal;
  /** New lines, by time. */
  onLogs: (logs: Log[]) => void;
  /** The run has another state. */
  onState?: (run: FlowRun) => void;
  /** The server does not answer; it is asked again. */
  onLost?: (error: Error) => void;
}

/**
 * Follows a run until it is in a final state and its last lines are read.
 *
 * @returns The run as it ended.
 * @throws FlowctlError `cancelled` when the signal is aborted; the run goes on
 */
export async function followRun(run: FlowRun, options: FollowOptions): Promise<FlowRun> {
  const { client, clock, signal, onLogs, onState } = options;
  const feed = createLogFeed(client, run.id);
  const stop = () => {
    if (signal.aborted) throw signal.reason;
  };
  const lines = async () => {
    const logs = await feed.unread();
    stop();
    if (logs.length > 0) onLogs(logs);
  };
  let lost = 0;
  let current = run;
  while (true) {
    try {
      await lines();
      const asked = clock.now();
      if (isFinal(current.state_type)) {
        // After its end the agent sends what the container printed last.
        const isSettled = await client.flowRuns.settled(current.id, RUNNING_WAIT_SECONDS, signal);
        stop();
        lost = 0;
        await lines();
        if (isSettled) return current;
        if (asked.until(clock.now()).total("milliseconds") < TOO_FAST_MS) await clock.sleep(PAUSE_MS, signal);
        continue;
      }
      const seconds = current.state_type === "RUNNING" || current.state_type === "CANCELLING"
        ? RUNNING_WAIT_SECONDS
        : WAITING_SECONDS;
      const next = await client.flowRuns.wait(current.id, current.state_id, seconds, signal);
      stop();
      lost = 0;
      const isNew = next.state_id !== current.state_id;
      current = next;
      if (isNew) onState?.(next);
      else if (asked.until(clock.now()).total("milliseconds") < TOO_FAST_MS) await clock.sleep(PAUSE_MS, signal);
    } catch (error) {
      stop();
      if (!isFlowctlError(error, "unavailable") || ++lost > TRIES) throw error;
      if (lost === 1) options.onLost?.(error);
      await clock.sleep(PAUSE_MS, signal);
    }
    stop();
  }
}
