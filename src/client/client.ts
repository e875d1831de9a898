/**
 * The typed client of our API: one group of calls for each noun.
 *
 * The same client serves the CLI, the SDK and the agent; in ephemeral mode its fetch is the app of this very process.
 *
 * @module
 */

import { admin } from "./admin.ts";
import { agents } from "./agents.ts";
import { binaries } from "./binaries.ts";
import { bundles } from "./bundles.ts";
import { deployments } from "./deployments.ts";
import { flowRunLogs } from "./flow_run_logs.ts";
import { flowRuns } from "./flow_runs.ts";
import { flows } from "./flows.ts";
import { flowVersions } from "./flow_versions.ts";
import { logs } from "./logs.ts";
import { overview } from "./overview.ts";
import { projects } from "./projects.ts";
import { registrations } from "./registrations.ts";
import { registryLogins, secrets } from "./secrets.ts";
import { search } from "./search.ts";
import { taskRuns } from "./task_runs.ts";
import { timelines } from "./timelines.ts";
import { tokens } from "./tokens.ts";
import { createTransport, type TransportOptions } from "./transport.ts";

/**
 * Makes a client.
 *
 * @example
 * ```ts
 * import { createClient } from "./client.ts";
 *
 * const client = createClient({ url: "http://127.0.0.1:4200/api", fetch });
 * console.assert(client.url === "http://127.0.0.1:4200/api");
 * ```
 */
export function createClient(options: TransportOptions) {
  const transport = createTransport(options);
  return {
    /** The address of the API, without trailing slash. */
    url: transport.url,
    admin: admin(transport),
    agents: agents(transport),
    binaries: binaries(transport),
    bundles: bundles(transport),
    deployments: deployments(transport),
    flowRunLogs: flowRunLogs(transport),
    flowRuns: flowRuns(transport),
    flows: flows(transport),
    flowVersions: flowVersions(transport),
    logs: logs(transport),
    overview: overview(transport),
    projects: projects(transport),
    registrations: registrations(transport),
    registryLogins: registryLogins(transport),
    search: search(transport),
    secrets: secrets(transport),
    taskRuns: taskRuns(transport),
    timelines: timelines(transport),
    tokens: tokens(transport),
  };
}

/** See {@link createClient}. */
export type Client = ReturnType<typeof createClient>;
