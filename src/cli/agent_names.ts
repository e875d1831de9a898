/**
 * How agents are named on the command line: by name, id, or the beginning of an id.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { AgentStatus } from "../domain/agents.ts";
import { FlowctlError } from "../support/errors.ts";

/**
 * The agent of a name or id.
 *
 * @param verb What is being done, for the error: `show`.
 * @throws FlowctlError `not_found`, or `conflict` when several fit
 */
export async function findAgent(client: Client, text: string, verb: string): Promise<AgentStatus> {
  const all = await client.agents.list();
  const exact = all.filter(({ id, name }) => id === text || name === text);
  const found = exact.length > 0 ? exact : all.filter(({ id }) => text.length >= 4 && id.startsWith(text));
  if (found.length === 1) return found[0];
  if (found.length === 0) {
    throw new FlowctlError("not_found", `Cannot ${verb} agent "${text}": no agent has that name or id`, {
      hint: "List them with: flowctl agent ls",
    });
  }
  throw new FlowctlError("conflict", `Cannot ${verb} agent "${text}": ${found.length} agents are called so`, {
    hint: `Say its id: ${found.map(({ id }) => id).join(", ")}`,
  });
}

/** `alive`, `stopped`, or that nothing is heard of it. */
export const lifeOf = ({ alive, stopped }: AgentStatus): string =>
  alive ? "alive" : stopped === null ? "not heard of" : "stopped";
