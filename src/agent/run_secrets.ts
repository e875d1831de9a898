/**
 * The secrets of a run, as far as its agent has to do with them: before the start it is seen that they are there, and from then on what
 * the run prints goes on without them.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { readRunSecrets } from "../client/run_secrets.ts";
import type { Lease } from "../domain/agents.ts";
import type { Deployment } from "../domain/deployments.ts";
import { namedSecrets } from "../domain/secrets.ts";
import { LONGEST_LINE_BYTES, type PrintedLine } from "../runners/runner.ts";
import { backoff } from "../support/backoff.ts";
import type { Clock } from "../support/clock.ts";
import { markLine, readMark } from "../support/log_marks.ts";
import { SecretMask } from "../support/secret_mask.ts";
import { isAway } from "./report.ts";

/**
 * The mask of a run that is to be started. Waits while the API is away.
 *
 * @param client One that bears the attempt's lease.
 * @throws FlowctlError `not_found` when a secret is missing, with the command that sets it
 */
export async function maskBeforeStart(
  client: Client,
  deployment: Pick<Deployment, "secrets" | "flow_runner">,
  { clock, random, signal }: { clock: Clock; random: () => number; signal: AbortSignal },
): Promise<SecretMask> {
  const delays = backoff({ baseMs: 250, maxMs: 10_000, random });
  while (true) {
    signal.throwIfAborted();
    try {
      return new SecretMask(await readRunSecrets(client, deployment));
    } catch (error) {
      if (!isAway(error)) throw error;
      await clock.sleep(delays.next(), signal);
    }
  }
}

/**
 * The mask of a run that an earlier process of this agent started. What was deleted since can't be hidden any more.
 *
 * @throws FlowctlError `unavailable` and `timeout`; asking again may help
 */
export async function maskOfLease(client: Client, lease: Lease): Promise<SecretMask> {
  const mask = new SecretMask();
  const read = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (isAway(error)) throw error;
      return undefined;
    }
  };
  const run = await read(client.flowRuns.read(lease.flow_run_id));
  if (run?.deployment_id == null) return mask;
  const deployment = await read(client.deployments.read(run.deployment_id));
  for (const name of deployment === undefined ? [] : namedSecrets(deployment.secrets, deployment.flow_runner)) {
    const value = await read(client.secrets.value(name));
    if (value !== undefined) mask.add(value);
  }
  return mask;
}

/** A line without secrets; its mark stays as it is. */
export function hiddenLine<T extends PrintedLine>(line: T, { hide }: SecretMask): T {
  const { text, mark } = readMark(line.text);
  const hidden = hide(text);
  return hidden === text ? line : { ...line, text: mark === undefined ? hidden : markLine(hidden, mark) };
}

/** All lines without secrets, those too that begin in one piece of an overlong line and end in the next. */
export async function* hiddenLines(
  lines: AsyncIterable<PrintedLine>,
  mask: SecretMask,
): AsyncGenerator<PrintedLine, void, undefined> {
  const held = new Map<PrintedLine["stream"], PrintedLine>();
  for await (const line of lines) {
    const before = held.get(line.stream)?.text ?? "";
    held.delete(line.stream);
    const whole = hiddenLine(before === "" ? line : { ...line, text: before + line.text }, mask);
    if (mask.longest === 0 || !isPiece(line.text)) {
      yield whole;
      continue;
    }
    const at = Math.max(0, whole.text.length - mask.longest + 1);
    held.set(line.stream, { ...whole, text: whole.text.slice(at) });
    yield { ...whole, text: whole.text.slice(0, at) };
  }
  yield* held.values();
}

/** Whether a line may go on in the next one: it is as long as a piece can be, but for the rest of a character. */
const isPiece = (text: string): boolean =>
  text.length * 3 >= LONGEST_LINE_BYTES - 4 && new TextEncoder().encode(text).length >= LONGEST_LINE_BYTES - 4;
