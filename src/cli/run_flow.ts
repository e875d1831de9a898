/**
 * `flowctl run` of a registered flow: finds it, creates a run, and follows or executes it if asked.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import type { Client } from "../client/client.ts";
import { flowRunPage, pageOf } from "../client/page.ts";
import type { JsonObject } from "../domain/common.ts";
import type { Deployment } from "../domain/deployments.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import { LOG_LEVEL_VARIABLE, type LogLevelName } from "../domain/logs.ts";
import { REGISTERED } from "../domain/registrations.ts";
import { isFinal } from "../domain/states.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { harmlessLine, pythonList } from "../support/text.ts";
import type { Context } from "./context.ts";
import { consoleBranch, logBranch, sayEnd, stateBranch } from "./run_lines.ts";
import { readPairs } from "./run_values.ts";

/** Options of a run of a registered flow. */
export interface RunOptions {
  id?: string;
  project?: string;
  name?: string;
  parameters: JsonObject;
  /** `key=value`; the flow's schema decides what they mean. */
  param: string[];
  context: JsonObject;
  label?: string[];
  runName?: string;
  logLevel?: LogLevelName;
  idempotencyKey?: string;
  execute: boolean;
  watch: boolean;
  logs: boolean;
  /** Prints no lines but the run's id. */
  quiet: boolean;
  /** Where lines go. */
  say: (text: string) => void;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A flow that can be run, and the version that was asked for. */
interface Found {
  deployment: Deployment;
  versionId?: string;
}

/** Does a step whose begin and end are told on one line. */
async function step<T>(options: RunOptions, write: (text: string) => void, what: string, work: () => Promise<T>) {
  if (options.quiet) return await work();
  write(`${what}...`);
  try {
    const value = await work();
    write(" Done\n");
    return value;
  } catch (error) {
    write(" Error\n");
    throw error;
  }
}

/** See the module's comment. Answers the run as it was seen last. */
export async function runRegistered(
  context: Context,
  options: RunOptions,
  write: (text: string) => void,
): Promise<FlowRun> {
  const connection = await context.connect();
  const { client } = connection;
  const { quiet, say } = options;
  const found = await step(options, write, "Looking up flow metadata", () => findFlow(client, options));
  const { deployment } = found;
  const shown = harmlessLine(deployment.flow_name);
  const run = await step(options, write, `Creating run for flow '${shown}'`, () => createRun(client, found, options));
  if (quiet) context.out.line(run.id);
  else {
    say(`└── Name: ${harmlessLine(run.name)}`);
    say(`└── UUID: ${run.id}`);
    say(`└── Labels: ${pythonList(run.labels)}`);
    say(`└── Parameters: ${JSON.stringify(run.parameters)}`);
    say(`└── Context: ${JSON.stringify(run.context)}`);
    say(`└── URL: ${flowRunPage(pageOf(client.url, connection), run.id)}`);
  }
  if (options.execute) return await execute(context, client, run, options);
  if (connection.mode === "ephemeral" && !quiet) {
    context.out.note("No server runs on this home: the flow run starts as soon as an agent does");
  }
  return options.watch ? await watch(context, client, run, options) : run;
}

async function findFlow(client: Client, options: RunOptions): Promise<Found> {
  const { id, project, name } = options;
  if (id !== undefined) return await findById(client, id);
  const refuse = (why: string, hint?: string) =>
    new FlowctlError("not_found", `Cannot run flow "${name}": ${why}`, { hint });
  const flows = await client.flows.list({ flows: { name: { any_: [name!] } } });
  const named = flows.filter((flow) => project === undefined || flow.project === project);
  const found: Deployment[] = [];
  for (const flow of named) {
    const deployment = await registered(client, flow.name, flow.project);
    if (deployment !== undefined) found.push(deployment);
  }
  if (found.length === 1) return { deployment: found[0] };
  if (found.length > 1) {
    const projects = found.map((one) => `"${one.project}"`).join(", ");
    throw new FlowctlError("conflict", `Cannot run flow "${name}": projects ${projects} have one of that name`, {
      hint: "Say which: --project NAME",
    });
  }
  if (named.length === 0) {
    const why = project === undefined ? "no project has such a flow" : `project "${project}" has no such flow`;
    throw refuse(why, "Register it with: flowctl register --project NAME -p PATH");
  }
  throw refuse("it is not registered", `Register it, or run a deployment: flowctl deployment run FLOW/NAME`);
}

async function registered(client: Client, flow: string, project: string): Promise<Deployment | undefined> {
  try {
    return await client.deployments.readByName(flow, REGISTERED, project);
  } catch (error) {
    if (isFlowctlError(error, "not_found")) return undefined;
    throw error;
  }
}

/** The id of a version, or that of a flow, which means its newest version. */
async function findById(client: Client, id: string): Promise<Found> {
  if (!UUID.test(id)) {
    throw new FlowctlError("invalid", `Cannot run flow "${id}": that is no id`, { hint: "Name it with: --name" });
  }
  const orNothing = <T>(asked: Promise<T>) =>
    asked.catch((error) => {
      if (isFlowctlError(error, "not_found")) return undefined;
      throw error;
    });
  const version = await orNothing(client.registrations.version(id));
  if (version !== undefined) {
    return { deployment: await client.deployments.read(version.deployment_id), versionId: version.id };
  }
  const flow = await orNothing(client.flows.read(id));
  const deployment = flow && await registered(client, flow.name, flow.project);
  if (deployment !== undefined) return { deployment };
  throw new FlowctlError(
    "not_found",
    `Cannot run flow "${id}": no registered flow, and no version of one, has that id`,
  );
}

async function createRun(client: Client, { deployment, versionId }: Found, options: RunOptions): Promise<FlowRun> {
  const labels = options.execute
    ? [...options.label ?? deployment.labels, `agentless-run-${randomBytes(4).toString("hex")}`]
    : options.label;
  try {
    return await client.deployments.createRun(deployment.id, {
      name: options.runName,
      parameters: {
        ...options.parameters,
        ...readPairs(options.param, "parameter", deployment.parameter_openapi_schema),
      },
      context: options.context,
      labels,
      deployment_version_id: versionId,
      idempotency_key: options.idempotencyKey,
      job_variables: options.logLevel === undefined ? undefined : { env: { [LOG_LEVEL_VARIABLE]: options.logLevel } },
    });
  } catch (error) {
    // Parameters that do not fit are wrong input here; an archived version is not.
    if (!isFlowctlError(error, "conflict") || versionId !== undefined && /archived$/.test(error.message)) throw error;
    throw new FlowctlError("invalid", error.message, { hint: error.hint, cause: error });
  }
}

async function watch(context: Context, client: Client, run: FlowRun, options: RunOptions): Promise<FlowRun> {
  const { say, quiet, logs } = options;
  const { followRun } = await import("./follow.ts");
  const { warnWhileWaiting } = await import("./run_waiting.ts");
  if (!quiet) {
    say("Watching flow run execution...");
    say(stateBranch(run));
  }
  const over = new AbortController();
  let current = run;
  const warning = warnWhileWaiting({
    client,
    clock: context.clock,
    run,
    signal: AbortSignal.any([over.signal, context.signal]),
    isWaiting: () => current.state_type === "SCHEDULED" && current.run_count === 0,
    say: (text) => quiet || context.out.note(text),
  });
  try {
    const last = await followRun(run, {
      client,
      clock: context.clock,
      signal: context.signal,
      onLogs: (all) => quiet || !logs || all.forEach((log) => say(logBranch(log))),
      onState: (now) => {
        current = now;
        if (!quiet) say(stateBranch(now));
      },
      onLost: () => context.out.note("Lost the API: trying again"),
    });
    context.exitCode = sayEnd(say, context.out.colors, last, quiet);
    return last;
  } catch (error) {
    if (context.signal.aborted) await offerToCancel(context, client, run);
    throw error;
  } finally {
    over.abort();
    await warning;
  }
}

/** Ctrl-C ends the watch; whether it ends the run, too, is asked where somebody can be asked. */
async function offerToCancel(context: Context, client: Client, run: FlowRun): Promise<void> {
  const name = harmlessLine(run.name);
  if (!context.isInteractive) return context.out.note(`Stopped watching: flow run '${name}' goes on`);
  context.stderr.write(`Cancel flow run '${name}'? [Y/n] `);
  // The program's own signal is spent; a second Ctrl-C ends it at once.
  const answer = await context.stdin.line(new AbortController().signal);
  if (answer === undefined || /^no?$/i.test(answer.trim())) return context.out.note(`Flow run '${name}' goes on`);
  const now = await client.flowRuns.read(run.id);
  if (isFinal(now.state_type)) return context.out.note(`Flow run '${name}' is ${now.state_name} already`);
  await client.flowRuns.setState(run.id, { type: "CANCELLING", message: "Cancelled by who watched it" });
  context.out.note(`Cancelled flow run '${name}'`);
}

/** Runs it in a process of this machine; no agent has the label that it was given. */
async function execute(context: Context, client: Client, run: FlowRun, options: RunOptions): Promise<FlowRun> {
  const { say, quiet, logs, logLevel } = options;
  if (!quiet) say("Executing flow run...");
  const env = { ...context.env, ...(logLevel === undefined ? {} : { [LOG_LEVEL_VARIABLE]: logLevel }) };
  const code = await context.parts.runSelf(["flow-run", "execute", run.id], {
    env,
    cwd: context.cwd,
    signal: context.signal,
    onLine: ({ stream, text }) => {
      if (stream === "stderr") context.out.note(text);
      else if (!quiet && logs) say(consoleBranch(text));
    },
  });
  const last = await client.flowRuns.read(run.id);
  if (!isFinal(last.state_type)) {
    const message = context.signal.aborted ? "It was interrupted" : `Its process ended with exit code ${code}`;
    await client.flowRuns.setState(run.id, { type: "FAILED", message }, { force: true });
  }
  if (context.signal.aborted) throw context.signal.reason;
  const ended = await client.flowRuns.read(run.id);
  context.exitCode = sayEnd(say, context.out.colors, ended, quiet);
  return ended;
}
