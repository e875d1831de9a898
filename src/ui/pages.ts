/**
 * The page: runs, one run with its logs, one flow. It reads the store and changes nothing.
 *
 * A page of what still runs asks for itself again every few seconds; it needs no script.
 *
 * @module
 */

import type { FlowRun } from "../domain/flow_runs.ts";
import { logLevelName } from "../domain/logs.ts";
import { isFinal, type State } from "../domain/states.ts";
import { isUuid } from "../support/ids.ts";
import type { Clock } from "../support/clock.ts";
import type { Db } from "../store/database.ts";
import { findDeployment, listDeployments } from "../store/deployments.ts";
import { findFlowRun } from "../store/flow_runs.ts";
import { findFlow, listFlows } from "../store/flows.ts";
import { listLogs } from "../store/logs.ts";
import { listFlowRuns, listTaskRuns } from "../store/run_lists.ts";
import { flowRunStates } from "../store/states.ts";
import { type Html, html, pageAnswer } from "./html.ts";
import { projectsSection } from "./projects.ts";

/** How many rows a list shows. */
const ROWS = 50;
/** How many log records a run shows: the newest. */
const LOG_ROWS = 200;
/** How often a page of what still runs asks for itself again, in seconds. */
const REFRESH_SECONDS = 2;

/** What pages are made of. */
export interface PageParts {
  read: Db;
  clock: Clock;
}

/** Answers a page's request; undefined when no page has that address. */
export async function answerPage(parts: PageParts, request: Request): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  if (pathname === "/") return await runsPage(parts);
  // What Prefect's client prints as "View at", and what `flowctl run` prints.
  const prefects = /^\/(?:flow-runs|default)\/flow-run\/([0-9a-fA-F-]+)$/.exec(pathname)?.[1];
  if (prefects !== undefined && isUuid(prefects)) {
    return new Response(null, { status: 302, headers: { location: `/flow-runs/${prefects}` } });
  }
  const [, noun, id] = /^\/(flow-runs|default\/flow)\/([0-9a-fA-F-]+)$/.exec(pathname) ?? [];
  if (noun === undefined || !isUuid(id)) return undefined;
  const found = noun === "flow-runs" ? runPage(parts, id.toLowerCase()) : flowPage(parts, id.toLowerCase());
  return await found ?? pageAnswer({
    title: "Not found",
    status: 404,
    body: html`
      <h1>Not found</h1>
      <p>Nothing has the id <code>${id}</code>. It may have been deleted.</p>
    `,
  });
}

const stateHtml = (type: string | null, name: string | null): Html =>
  html`<span class="state ${type ?? ""}">${name ?? "no state"}</span>`;

/** A stored time for people, in UTC to the second. */
const timeHtml = (time: string | null): Html =>
  time === null ? html`` : html`<time datetime="${time}">${time.slice(0, 19).replace("T", " ")}</time>`;

const seconds = (value: number): string =>
  value === 0 ? "" : value < 10 ? `${value.toFixed(2)} s` : `${Math.round(value)} s`;

const whenOf = (run: FlowRun): string | null => run.start_time ?? run.expected_start_time ?? run.created;

/** Runs as a table, with the names of their flows and deployments. */
async function runsTable(read: Db, runs: FlowRun[]): Promise<Html> {
  if (runs.length === 0) return html`<p class="quiet">No runs yet.</p>`;
  const any_ = (ids: (string | null)[]) => ({ id: { any_: [...new Set(ids.filter((id) => id !== null))] } });
  const flows = await listFlows(read, { flows: any_(runs.map((run) => run.flow_id)) as never });
  const deployments = await listDeployments(read, {
    deployments: any_(runs.map((run) => run.deployment_id)) as never,
  });
  const flowName = new Map(flows.map((flow) => [flow.id, flow.name]));
  const deploymentName = new Map(deployments.map(({ id, name }) => [id, name]));
  const rows = runs.map((run) =>
    html`
      <tr>
        <td><a href="/flow-runs/${run.id}">${run.name}</a></td>
        <td><a href="/default/flow/${run.flow_id}">${flowName.get(run.flow_id) ?? run.flow_id}</a></td>
        <td>${run.deployment_id === null ? "" : deploymentName.get(run.deployment_id) ?? "deleted"}</td>
        <td>${stateHtml(run.state_type, run.state_name)}</td>
        <td>${timeHtml(whenOf(run))}</td>
        <td>${seconds(run.estimated_run_time)}</td>
      </tr>
    `
  );
  return html`
    <table>
      <thead>
        <tr>
          <th>Run</th>
          <th>Flow</th>
          <th>Deployment</th>
          <th>State</th>
          <th>When (UTC)</th>
          <th>Took</th>
        </tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
}

async function runsPage({ read, clock }: PageParts): Promise<Response> {
  const runs = await listFlowRuns(read, { sort: "START_TIME_DESC", limit: ROWS }, clock.now());
  return pageAnswer({
    title: "Runs",
    body: html`<h1>Runs</h1>${await runsTable(read, runs)}${await projectsSection(read)}`,
    ...runs.some((run) => !isFinal(run.state_type)) ? { refreshSeconds: REFRESH_SECONDS } : {},
  });
}

const statesHtml = (states: State[]): Html =>
  html`
    <table>
      <tbody>${states.map((state) =>
        html`
          <tr>
            <td>${timeHtml(state.timestamp)}</td>
            <td>${stateHtml(state.type, state.name)}</td>
            <td>
              <pre>${state.message}</pre>
            </td>
          </tr>
        `
      )}</tbody>
    </table>
  `;

async function runPage({ read, clock }: PageParts, id: string): Promise<Response | undefined> {
  const now = clock.now();
  const run = await findFlowRun(read, id, now);
  if (run === undefined) return undefined;
  const filter = { any_: [id] };
  const flow = await findFlow(read, run.flow_id);
  const deployment = run.deployment_id === null ? undefined : await findDeployment(read, run.deployment_id);
  const states = await flowRunStates.list(read, id);
  const tasks = await listTaskRuns(
    read,
    { task_runs: { flow_run_id: filter } as never, sort: "EXPECTED_START_TIME_ASC", limit: 200 },
    now,
  );
  const newest = await listLogs(read, {
    logs: { flow_run_id: filter } as never,
    sort: "TIMESTAMP_DESC",
    limit: LOG_ROWS,
  });
  const logs = newest.reverse();
  const taskRows = tasks.map((task) =>
    html`
      <tr>
        <td>${task.name}</td>
        <td>${stateHtml(task.state_type, task.state_name)}</td>
        <td>${timeHtml(task.start_time)}</td>
        <td>${seconds(task.estimated_run_time)}</td>
      </tr>
    `
  );
  const logLines = logs.map(({ timestamp, level, message }) => {
    const word = logLevelName(level);
    return html`
      <li>
        <span class="quiet">${timestamp.slice(11, 23)}</span><span class="${word}">${word}</span><span>${message}</span>
      </li>
    `;
  });
  return pageAnswer({
    title: run.name,
    ...isFinal(run.state_type) ? {} : { refreshSeconds: REFRESH_SECONDS },
    body: html`<h1>${run.name} ${stateHtml(run.state_type, run.state_name)}</h1>
<p>Flow <a href="/default/flow/${run.flow_id}">${flow?.name ?? run.flow_id}</a>${
      deployment === undefined ? "" : html`, deployment ${deployment.name}`
    }, ${timeHtml(whenOf(run))} ${seconds(run.estimated_run_time)}</p>
<p class="quiet"><code>${run.id}</code>${
      run.infrastructure_pid === null ? "" : html`
        in <code>${run.infrastructure_pid}</code>
      `
    }</p>
<h2>States</h2>${statesHtml(states)}
<h2>Task runs</h2>${
      tasks.length === 0 ? html`<p class="quiet">None.</p>` : html`
        <table>
          <tbody>${taskRows}</tbody>
        </table>
      `
    }
<h2>Parameters</h2><pre>${JSON.stringify(run.parameters, null, 2)}</pre>
<h2>Logs${
      logs.length === LOG_ROWS
        ? html`
          <span class="quiet">(the last ${LOG_ROWS})</span>
        `
        : ""
    }</h2>${logs.length === 0 ? html`<p class="quiet">None.</p>` : html`<ol class="lines">${logLines}</ol>`}`,
  });
}

async function flowPage({ read, clock }: PageParts, id: string): Promise<Response | undefined> {
  const flow = await findFlow(read, id);
  if (flow === undefined) return undefined;
  const flows = { id: { any_: [id] } } as never;
  const deployments = await listDeployments(read, { flows });
  const runs = await listFlowRuns(read, { flows, sort: "START_TIME_DESC", limit: ROWS }, clock.now());
  const rows = deployments.map(({ name, paused, flow_runner, description }) =>
    html`
      <tr>
        <td>${name}</td>
        <td>${flow_runner?.type ?? ""}</td>
        <td>${paused ? "paused" : ""}</td>
        <td>${description}</td>
      </tr>
    `
  );
  return pageAnswer({
    title: flow.name,
    ...runs.some((run) => !isFinal(run.state_type)) ? { refreshSeconds: REFRESH_SECONDS } : {},
    body: html`<h1>${flow.name}</h1><p class="quiet">Project ${flow.project}, <code>${flow.id}</code></p>
<h2>Deployments</h2>${
      rows.length === 0 ? html`<p class="quiet">None.</p>` : html`
        <table>
          <tbody>${rows}</tbody>
        </table>
      `
    }
<h2>Runs</h2>${await runsTable(read, runs)}`,
  });
}
