/**
 * How flow runs are named on the command line: by id, by the beginning of an id, or by name.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { FlowRun } from "../domain/flow_runs.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PREFIX = /^[0-9a-f][0-9a-f-]{3,35}$/i;
const PAGE = 200;
/** How many of the newest runs are looked at for the beginning of an id: the API has no filter for it. */
const PAGES = 10;

/**
 * The flow run that is meant. A whole id wins, then a name, then the beginning of the id of one of the newest 2000 runs.
 *
 * @param verb What is being done, for the error: `cancel`.
 * @throws FlowctlError `not_found`; `conflict` when several are meant, naming them
 */
export async function readFlowRun(client: Client, text: string, verb: string): Promise<FlowRun> {
  const fail = (code: "not_found" | "conflict", why: string, hint: string, cause?: unknown) =>
    new FlowctlError(code, `Cannot ${verb} flow run "${text}": ${why}`, { hint, cause });
  const list = "List them with: flowctl flow-run ls";
  if (UUID.test(text)) {
    try {
      return await client.flowRuns.read(text.toLowerCase());
    } catch (error) {
      if (!isFlowctlError(error, "not_found")) throw error;
      throw fail("not_found", "no flow run has that id", list, error);
    }
  }
  const named = await client.flowRuns.list({ flow_runs: { name: { any_: [text] } }, sort: "ID_DESC", limit: 5 });
  const found = named.length > 0 || !PREFIX.test(text) ? named : await withPrefix(client, text.toLowerCase());
  if (found.length === 1) return found[0];
  if (found.length === 0) throw fail("not_found", "no flow run has that name or id", list);
  const how = named.length > 0 ? "have that name" : "have an id that begins so";
  throw fail("conflict", `several ${how}`, `Say which by its id: ${found.map((run) => run.id).join(", ")}`);
}

async function withPrefix(client: Client, prefix: string): Promise<FlowRun[]> {
  const found: FlowRun[] = [];
  for (let page = 0; page < PAGES && found.length < 5; page++) {
    const runs = await client.flowRuns.list({ sort: "ID_DESC", limit: PAGE, offset: page * PAGE });
    found.push(...runs.filter((run) => run.id.startsWith(prefix)));
    if (runs.length < PAGE) break;
  }
  // A run that came in between moved the pages by one.
  return [...new Map(found.map((run) => [run.id, run])).values()].slice(0, 5);
}
