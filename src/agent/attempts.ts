/**
 * The life of one attempt: start it, follow it, close its run, give the lease back, clean up.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { isEngineUnreachable } from "../docker/errors.ts";
import type { Claim, Lease } from "../domain/agents.ts";
import type { LeaseEnded } from "../domain/attempts.ts";
import type { StateCreate, StateType } from "../domain/states.ts";
import { soon } from "../runners/patience.ts";
import type { Exit, Runner, RunningAttempt } from "../runners/runner.ts";
import { orAborted } from "../support/abort.ts";
import { backoff } from "../support/backoff.ts";
import { FlowctlError, messageOf } from "../support/errors.ts";
import { readMark } from "../support/log_marks.ts";
import { SecretMask } from "../support/secret_mask.ts";
import { harmlessLine } from "../support/text.ts";
import { closing, notStarted, QUOTED_LINES, refuseEphemeral } from "./closing.ts";
import { type AgentContext, attemptClient, untilReady } from "./context.ts";
import { type Cursor, openCursor } from "./cursors.ts";
import { untilSilent } from "./last_lines.ts";
import { shipLines, shipMarked, type ShipOptions, type Shipped } from "./lines.ts";
import { insist, proposeState } from "./report.ts";
import { openRunSocket, type RunSocket } from "./run_socket.ts";
import { hiddenLine, hiddenLines, maskBeforeStart, maskOfLease } from "./run_secrets.ts";
import { StartLines } from "./start_lines.ts";

/** How long a run that is to end may take before it is killed. */
export const STOP_GRACE_MS = 30_000;
/** After the end, a silence of that length is the end of the lines. A stopping agent waits as long for their delivery. */
const LAST_LINES_MS = 10_000;
/** How many lines are read again after an abrupt end. */
const REREAD_LINES = 5_000;

/** One attempt of one run, from its claim (or from finding it again) until everything is cleaned up. Its calls never reject. */
export class Attempt {
  readonly lease: Lease;
  readonly #context: AgentContext;
  readonly #client: Client;
  readonly #cursor: Cursor;
  readonly #starting = new AbortController();
  readonly #startLines: StartLines;
  #name: string;
  #mask = new SecretMask();
  #socket?: RunSocket;
  #running?: RunningAttempt;
  #isCancelled = false;
  #isLost = false;
  #hasEnded = false;

  constructor(context: AgentContext, lease: Lease, name = lease.flow_run_id) {
    this.#context = context;
    this.lease = lease;
    this.#name = harmlessLine(name);
    this.#client = attemptClient(context, lease.token);
    this.#cursor = openCursor(context.home, lease.id, context.clock);
    const { clock, random, log, stopping: signal } = context;
    this.#startLines = new StartLines({ client: this.#client, lease, clock, random, log, signal });
  }

  /** Whether its run is being cancelled, so that the API need not say it again. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Starts a claimed run and follows it to its end, or until the agent is stopped. */
  async begin(claim: Claim): Promise<void> {
    const { log, stopping, runners, isEphemeral } = this.#context;
    log.info(`Submitting flow run '${this.#name}'`);
    const stop = () => this.#starting.abort();
    stopping.addEventListener("abort", stop, { once: true });
    try {
      const type = claim.deployment.flow_runner?.type ?? "subprocess";
      const runner = runners.find((runner) => runner.type === type);
      if (runner === undefined) throw new FlowctlError("unsupported", `Cannot start runs of runner "${type}" here`);
      if (isEphemeral && type === "docker") throw refuseEphemeral();
      runner.check(claim);
      const { signal } = this.#starting;
      if (stopping.aborted) stop();
      this.#mask = await maskBeforeStart(this.#client, claim.deployment, { ...this.#context, signal });
      this.#socket = await this.#openSocket();
      signal.throwIfAborted();
      this.#running = await runner.start(claim, {
        socketFolder: this.#socket.folder,
        door: this.#socket.door,
        signal,
        tell: (line) => this.#startLines.tell(line),
      });
    } catch (error) {
      return await this.#notStarted(error);
    } finally {
      stopping.removeEventListener("abort", stop);
    }
    log.info(`Completed submission of flow run '${this.#name}'`);
    await this.#follow(this.#running);
  }

  /** Goes on with what an earlier process of this agent began: follows it when it runs, closes it when it has ended. */
  async resume(runner: Runner | undefined): Promise<void> {
    const { log, clock, random, stopping } = this.#context;
    const delays = backoff({ baseMs: 250, maxMs: 10_000, random });
    while (true) {
      try {
        // First of all: the container has been without its API for as long as there was no agent.
        this.#socket ??= await this.#openSocket();
        const mask = await orAborted(maskOfLease(this.#client, this.lease), stopping);
        if (mask === undefined) return await this.#socket?.close();
        this.#mask = mask;
        const found = runner?.adopt(this.lease, { since: this.#cursor.read() }) ?? Promise.resolve(undefined);
        const adopted = await orAborted(found.then((running) => ({ running })), stopping);
        if (adopted === undefined) return await this.#socket?.close();
        this.#running = adopted.running;
        break;
      } catch (error) {
        // An engine that went away again, or does not feel well. The lease is kept meanwhile.
        if (delays.tries === 0) log.error(`Cannot take over flow run '${this.#name}' yet: ${messageOf(error)}`);
        await clock.sleep(delays.next(), stopping);
        if (runner !== undefined) await untilReady(runner, stopping);
        if (stopping.aborted) return await this.#socket?.close();
      }
    }
    if (this.#running !== undefined) {
      log.info(`Went on with flow run '${this.#name}' in ${this.#running.kind} '${this.#running.name}'`);
      return await this.#follow(this.#running);
    }
    if (this.lease.started) {
      const exit = { code: null, oomKilled: false, gone: true, reason: "it was gone when its agent came back" };
      await this.#close(exit);
    } else {
      // Nothing was created for it: giving the lease back puts the run where it was.
      await this.#release();
    }
    await this.#end();
  }

  /** Somebody cancelled the run: what has not begun never begins, what runs gets SIGTERM, a grace, and SIGKILL. */
  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#context.log.info(`Cancelling flow run '${this.#name}'`);
    this.#halt();
  }

  /** The lease is somebody else's now: nothing of this attempt may go on, and its run is none of our business. */
  lose(): void {
    if (this.#isLost || this.#hasEnded) return;
    this.#isLost = true;
    this.#context.log.warning(`Lost the lease on flow run '${this.#name}': stopping it`);
    this.#halt();
  }

  #halt(): void {
    this.#starting.abort();
    this.#running?.stop(STOP_GRACE_MS).catch((error) => this.#context.log.warning(messageOf(error)));
  }

  #openSocket(): Promise<RunSocket> {
    const { home, client, upstream } = this.#context;
    const { id, token } = this.lease;
    return openRunSocket({ home, leaseId: id, token, apiUrl: client.url, upstream });
  }

  async #notStarted(error: unknown): Promise<void> {
    const { log, stopping, clock } = this.#context;
    if (!this.#isLost) await this.#startLines.delivered();
    if (this.#isCancelled) await this.#propose(() => ({ type: "CANCELLED", message: "Flow run was cancelled." }));
    else if (this.#isLost || stopping.aborted) log.debug(`Did not start flow run '${this.#name}'`);
    else if (isEngineUnreachable(error)) {
      log.warning(`${messageOf(error)}. Flow run '${this.#name}' waits until it answers`);
      // The runner may not have noticed yet; without a pause the run would come back at once.
      await clock.sleep(1000, stopping);
    } else {
      log.error(`Cannot start flow run '${this.#name}': ${messageOf(error)}`);
      await this.#propose(() => notStarted(error));
    }
    await this.#release();
    await this.#end();
  }

  async #follow(running: RunningAttempt): Promise<void> {
    const { clock, log } = this.#context;
    // Cancelled or lost between the last look at the signal and here.
    if (this.#isCancelled || this.#isLost) this.#halt();
    const given = new AbortController();
    const ended = new AbortController();
    const read = untilSilent(running.lines, { ended: ended.signal, silenceMs: LAST_LINES_MS, clock });
    const { shown, showFlowLogs } = this.#context;
    const isShown = running.streamOutput || showFlowLogs;
    const terminal = isShown ? shown.open(this.#name, running.kind) : undefined;
    const options = { ...this.#shipOptions(running, given.signal), print: terminal?.print };
    const lines = shipLines(hiddenLines(read, this.#mask), options).catch((error): Shipped => {
      log.warning(`Cannot read lines of flow run '${this.#name}': ${messageOf(error)}`);
      return "refused";
    }).finally(() => terminal?.close());
    const started = this.#started(running);

    const exit = await orAborted(running.exited, this.#context.stopping);
    if (exit === undefined && running.kind === "container") {
      running.detach();
      given.abort();
      await Promise.all([lines, started, this.#socket?.close()]);
      return;
    }
    // A process ends with its agent. It keeps its way to the API until then.
    if (exit === undefined) await running.stop(STOP_GRACE_MS);
    const end = await running.exited;
    this.#hasEnded = true;
    ended.abort();
    await started;
    // As long as the API is away; the lease is kept meanwhile.
    const shipped = await orAborted(lines, this.#context.stopping);
    // What a container printed can be read again by the next agent; what a process printed can't.
    if (shipped === undefined && running.kind === "process") await soon(lines, clock, LAST_LINES_MS);
    given.abort();
    const isTold = await lines !== "abandoned" && await this.#close(end, running);
    if (!isTold && running.kind === "container") {
      // The agent stops before everything was said: container, lease and cursor are left to the next one.
      running.detach();
      return await this.#socket?.close();
    }
    await this.#orLate(running.cleanUp().catch((error) => log.warning(messageOf(error))));
    await this.#end();
  }

  /** Tells the API that it exists, until that has heard it. */
  async #started(running: RunningAttempt): Promise<void> {
    const { agents } = this.#context.client;
    const { holder, infrastructurePid: infrastructure_pid } = running;
    const started = { infrastructure_pid, holder };
    await this.#insist(async () => {
      await agents.started(this.lease.id, started);
      if (running.hasCommand) await this.#client.flowRuns.setState(this.lease.flow_run_id, { type: "RUNNING" });
    }, () => this.lose());
    // Beyond that it exists, which the API must hear at once, nothing is worth waiting for an engine that is busy.
    const described = this.#isLost ? undefined : await this.#orLate(running.describe?.() ?? Promise.resolve(undefined));
    if (described !== undefined) {
      await this.#insist(() => agents.started(this.lease.id, { ...started, holder: described }));
    }
  }

  /**
   * Proposes what the end means, when the run does not say it itself, and gives the lease back.
   *
   * @returns False when the agent was stopped before the API had heard it.
   */
  async #close(exit: Exit, running?: RunningAttempt): Promise<boolean> {
    const isTold = await this.#insist(() => this.#context.client.agents.ended(this.lease.id, endedOf(exit)));
    // Another attempt is the current one: the run's state is no business of this one.
    if (this.#isLost) return true;
    return isTold && await this.#closeRun(exit, running);
  }

  async #closeRun(exit: Exit, running?: RunningAttempt): Promise<boolean> {
    await this.#startLines.delivered();
    const last = exit.gone || running === undefined ? [] : await this.#orLate(running.lastLines(QUOTED_LINES)) ?? [];
    const lastLines = last.map((line) => readMark(hiddenLine(line, this.#mask).text).text);
    const kind = running?.kind ?? "container";
    const hasCommand = running?.hasCommand ?? false;
    const isCancelled = this.#isCancelled;
    let isAbrupt = false;
    const isTold = await this.#propose((state) => {
      const proposed = closing({ exit, state, isCancelled, hasCommand, kind, lastLines });
      isAbrupt = proposed?.type === "CRASHED";
      return proposed;
    });
    if (isAbrupt && running !== undefined) {
      const lines = (await running.lastLines(REREAD_LINES)).map((line) => hiddenLine(line, this.#mask));
      await shipMarked(lines, this.#shipOptions(running, this.#context.stopping));
    }
    return isTold && await this.#release();
  }

  #propose(choose: (state: StateType | null) => StateCreate | undefined): Promise<boolean> {
    return proposeState(this.#client, this.lease.flow_run_id, choose, { ...this.#context, name: this.#name });
  }

  async #release(): Promise<boolean> {
    if (this.#isLost) return true;
    // A heartbeat that is under way may call the lease lost as soon as it is given back.
    this.#hasEnded = true;
    return await this.#insist(() => this.#context.client.agents.release(this.lease.id));
  }

  #insist(act: () => Promise<unknown>, refused?: () => void): Promise<boolean> {
    return insist(act, { ...this.#context, name: this.#name, refused });
  }

  async #end(): Promise<void> {
    this.#hasEnded = true;
    await this.#socket?.remove().catch((error) => this.#context.log.warning(messageOf(error)));
    this.#cursor.remove();
    this.#context.attempts.delete(this.lease.id);
    this.#context.onFreed();
  }

  #shipOptions({ kind }: RunningAttempt, signal: AbortSignal): ShipOptions {
    const { clock, random, log } = this.#context;
    return {
      client: this.#client,
      flowRunId: this.lease.flow_run_id,
      attempt: this.lease.attempt,
      name: `flowctl.${kind}`,
      onDelivered: (timestamp) => this.#cursor.advance(timestamp),
      clock,
      random,
      log,
      signal,
    };
  }

  /** What comes of the work; undefined when the agent is stopped and the engine does not answer soon. */
  async #orLate<T>(work: Promise<T>): Promise<T | undefined> {
    const { stopping, clock } = this.#context;
    return await orAborted(work, stopping) ?? await soon(work, clock);
  }
}

const endedOf = ({ code, oomKilled, reason, endedAt }: Exit): LeaseEnded => ({
  exit_code: code,
  oom_killed: oomKilled,
  reason: reason?.slice(0, 2000),
  ended: endedAt,
});
