/**
 * Tells of agents that died without a word, and of those that are back: time alone makes the difference, so nobody else would.
 *
 * @module
 */

import { agentStatus } from "../domain/agents.ts";
import { listAgents } from "../store/agents.ts";
import { loop, type Service, type ServiceDeps } from "./service.ts";

/** How often, in milliseconds. */
export const AGENTS_EVERY_MS = 3_000;

/** See the module's comment. */
export function agents({ store, clock, random, log }: ServiceDeps): Service {
  let known: Map<string, boolean> | undefined;
  return loop("agents", AGENTS_EVERY_MS, async () => {
    const now = clock.now();
    const seen = new Map((await listAgents(store.read)).map((agent) => [agent.id, agentStatus(agent, now).alive]));
    const turned = [...seen].filter(([id, alive]) => known?.get(id) !== alive);
    const first = known === undefined;
    known = seen;
    if (first || turned.length === 0) return;
    // Nothing is written: a commit is what changes are told after.
    await store.write((tx) => {
      for (const [id] of turned) tx.announce({ kind: "agent", id });
      return Promise.resolve();
    });
  }, { clock, random, log });
}
