/**
 * Executes a flow run that exists: what `flowctl flow-run execute` does in a container or a subprocess.
 *
 * @module
 */

import { loadBundle } from "../bundles/loader.ts";
import type { Installed } from "../bundles/npm_install.ts";
import type { Client } from "../client/client.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import type { Deployment } from "../domain/deployments.ts";
import { LOG_LEVEL_VARIABLE, readLogLevel } from "../domain/logs.ts";
import { isFinal } from "../domain/states.ts";
import { reach } from "../engine/reach.ts";
import { runFlow } from "../engine/run_flow.ts";
import { type Clock, formatInstant, systemClock } from "../support/clock.ts";
import { type ErrorCode, FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import { formatLogLine } from "../support/log.ts";
import type { Environment } from "../support/paths.ts";
import { harmless } from "../support/text.ts";
import { VERSION } from "../support/version.ts";
import { installExtraPackages } from "./extra_packages.ts";
import { type AnyFlow, collect } from "./registry.ts";
import { openRunSecrets, secretMask } from "./secrets.ts";
import { loadStoredFlow } from "./stored_flow.ts";

/** What {@link executeFlowRun} needs. */
export interface ExecuteOptions {
  client: Client;
  flowRunId: string;
  /** `FLOWCTL_ATTEMPT`, `FLOWCTL_LOG_MARKS` and `FLOWCTL_RUN_LOG_LEVEL` are read. */
  env: Environment;
  clock?: Clock;
  /** Takes one console line without its newline. */
  print: (line: string) => void;
  /** Aborted when the process is asked to stop. */
  signal?: AbortSignal;
}

/**
 * Reads run, deployment and bundle, loads the flow and runs it.
 *
 * What fails before the flow begins is told to the API as well: FAILED when it is the flow file's, its packages' or the parameters' fault, CRASHED
 * when the code could not be had.
 *
 * @returns The process's exit code: 0 when the run is COMPLETED, else 1.
 * @throws {FlowctlError} when the API cannot be told: `not_found`, `fenced`, `unavailable` after the grace.
 */
export async function executeFlowRun(options: ExecuteOptions): Promise<number> {
  const { client, flowRunId, env, clock = systemClock, print, signal } = options;
  const run = await reach(() => client.flowRuns.read(flowRunId), clock);
  if (isFinal(run.state_type)) {
    print(
      formatLogLine(
        clock.now(),
        "INFO",
        "flowctl.FlowRunner",
        `Flow run '${harmless(run.name)}' is ${run.state_name} already`,
      ),
    );
    return run.state_type === "COMPLETED" ? 0 : 1;
  }
  let flow: AnyFlow;
  using extra = {
    installed: undefined as Installed | undefined,
    secrets: undefined as Disposable | undefined,
    [Symbol.dispose]() {
      extra.installed?.remove();
      extra.secrets?.[Symbol.dispose]();
    },
  };
  try {
    const deployment = await deploymentOf(client, run, clock);
    extra.secrets = await openRunSecrets({ client, deployment, env, clock });
    extra.installed = await installExtraPackages({ env, clock, print, signal });
    flow = await loadFlow(client, run, deployment, clock, extra.installed?.folder);
  } catch (error) {
    if (isFlowctlError(error, "fenced") || isFlowctlError(error, "unavailable")) throw error;
    const isTheirs = ["user_code", "invalid", "unsupported"].some((code) => isFlowctlError(error, code as ErrorCode));
    const message = harmless(secretMask.hide(messageOf(error)));
    print(formatLogLine(clock.now(), "ERROR", "flowctl.FlowRunner", message));
    // Whoever stopped it knows what the run is to be.
    if (isFlowctlError(error, "cancelled")) return 1;
    await reach(() => client.flowRuns.setState(run.id, { type: isTheirs ? "FAILED" : "CRASHED", message }), clock);
    return 1;
  }
  const outcome = await runFlow(flow.definition, {
    client,
    run: await withOwnPolicy(client, run, flow, clock),
    clock,
    print,
    signal,
    attempt: Number(env.FLOWCTL_ATTEMPT ?? run.attempt) || 0,
    marks: env.FLOWCTL_LOG_MARKS === "1",
    hide: secretMask.hide,
    logLevel: readLogLevel(env[LOG_LEVEL_VARIABLE]),
  });
  return outcome.ok ? 0 : 1;
}

/**
 * The server decides on retries, and only the code knows how many: a run that was made from a deployment learns it here, as from
 * Prefect's engine.
 */
async function withOwnPolicy(client: Client, run: FlowRun, flow: AnyFlow, clock: Clock): Promise<FlowRun> {
  const { retries, retryDelaySeconds, version } = flow.definition;
  const knowsRetries = retries === 0 || run.empirical_policy.retries !== null;
  if (knowsRetries && version === undefined) return run;
  const update = {
    ...version === undefined ? {} : { flow_version: version },
    ...knowsRetries ? {} : { empirical_policy: { ...run.empirical_policy, retries, retry_delay: retryDelaySeconds } },
  };
  await reach(() => client.flowRuns.update(run.id, update), clock);
  return { ...run, ...update };
}

/** Says in the run's logs that its deployment was made by another version: what is different then has a reason to be found. */
async function tellVersion(client: Client, run: FlowRun, madeBy: string, clock: Clock): Promise<void> {
  const message = `Running with flowctl ${VERSION}: the deployment was made by ${
    harmless(madeBy)
  }, which could not be had`;
  const timestamp = formatInstant(clock.now());
  const record = { name: "flowctl.FlowRunner", level: 30, message, timestamp, flow_run_id: run.id };
  // A line is no reason to fail a run.
  await client.logs.create([record]).catch(() => {});
}

async function deploymentOf(client: Client, run: FlowRun, clock: Clock): Promise<Deployment> {
  if (run.deployment_id === null) {
    throw new FlowctlError(
      "conflict",
      `Cannot execute flow run "${run.name}": it has no deployment, so there is no code to load`,
    );
  }
  return await reach(() => client.deployments.read(run.deployment_id!), clock);
}

async function loadFlow(
  client: Client,
  run: FlowRun,
  deployment: Deployment,
  clock: Clock,
  packages?: string,
): Promise<AnyFlow> {
  const madeBy = deployment.flowctl_version ?? VERSION;
  if (madeBy !== VERSION) await tellVersion(client, run, madeBy, clock);
  if (deployment.storage?.type === "docker") return await loadStoredFlow(deployment.storage.path, nameIn(deployment));
  const hash = deployment.bundle_hash;
  if (hash === null || hash === undefined) {
    throw new FlowctlError(
      "conflict",
      `Cannot execute flow run "${run.name}": deployment "${deployment.name}" has no bundle`,
    );
  }
  const text = await reach(() => client.bundles.read(hash), clock);
  const { flows } = await collect(() => loadBundle(text, hash, packages));
  return chosen(flows, deployment);
}

/** The flow's name in its file. */
const nameIn = ({ entrypoint, flow_name }: Deployment): string => entrypoint ?? flow_name;

function chosen(flows: AnyFlow[], deployment: Deployment): AnyFlow {
  const name = nameIn(deployment);
  const found = flows.find((flow) => flow.name === name);
  if (found !== undefined) return found;
  const names = flows.map((flow) => `"${flow.name}"`).join(", ") || "no flow";
  throw new FlowctlError(
    "invalid",
    `Cannot execute deployment "${deployment.name}": flow "${name}" is not in its bundle, which defines ${names}`,
  );
}
