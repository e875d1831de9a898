/**
 * The client that pages use: the command line's own, without the calls that only agents and builds make.
 *
 * @module
 */

import { admin } from "../client/admin.ts";
import { agents } from "../client/agents.ts";
import { deployments } from "../client/deployments.ts";
import { flowRunLogs } from "../client/flow_run_logs.ts";
import { flowRuns } from "../client/flow_runs.ts";
import { flows } from "../client/flows.ts";
import { flowVersions } from "../client/flow_versions.ts";
import { overview } from "../client/overview.ts";
import { projects } from "../client/projects.ts";
import { search } from "../client/search.ts";
import { registryLogins, secrets } from "../client/secrets.ts";
import { taskRuns } from "../client/task_runs.ts";
import { timelines } from "../client/timelines.ts";
import { tokens } from "../client/tokens.ts";
import { createTransport } from "../client/transport.ts";
import { noteSignedOut } from "./live/stream.ts";

const transport = createTransport({
  url: "/api",
  async fetch(url, init) {
    const answer = await fetch(url, init);
    if (answer.status === 401) noteSignedOut();
    return answer;
  },
  // A page says soon that the server is away, and asks again when it is back. The second try is for browsers, which drop requests when
  // the machine's networks change.
  tries: 2,
});

/** Calls of the API, by noun. */
export const api = {
  admin: admin(transport),
  agents: agents(transport),
  deployments: deployments(transport),
  flowRunLogs: flowRunLogs(transport),
  flowRuns: flowRuns(transport),
  flows: flows(transport),
  flowVersions: flowVersions(transport),
  overview: overview(transport),
  projects: projects(transport),
  registryLogins: registryLogins(transport),
  search: search(transport),
  secrets: secrets(transport),
  taskRuns: taskRuns(transport),
  timelines: timelines(transport),
  tokens: tokens(transport),
};
