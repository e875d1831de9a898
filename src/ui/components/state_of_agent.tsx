/**
 * How an agent is: alive, or since when not, and what it can't start; and how one that is gone is forgotten.
 *
 * @module
 */

import type { AgentStatus } from "../../domain/agents.ts";
import { api } from "../api.ts";
import { Badge } from "./bits.tsx";
import { ask, toast } from "./overlays.tsx";
import { Time } from "./text.tsx";

/** See the module's comment. */
export function StateOfAgent({ agent }: { agent: Pick<AgentStatus, "alive" | "stopped" | "last_seen" | "away"> }) {
  const { alive, stopped, last_seen, away } = agent;
  return (
    <span class="split">
      {alive ? <Badge tone="good">alive</Badge> : <Badge tone="danger">{stopped === null ? "dead" : "stopped"}</Badge>}
      {alive ? null : (
        <span class="quiet fine">
          {stopped === null ? "last seen " : ""}
          <Time at={stopped ?? last_seen} />
        </span>
      )}
      {alive && away.length > 0 ? <Badge tone="warning">{awayInWords(away)}</Badge> : null}
    </span>
  );
}

/** E.g. `engine does not answer`. */
const awayInWords = (away: readonly string[]): string =>
  away.includes("docker") ? "engine does not answer" : `can't start ${away.join(", ")}`;

/** Asks, then forgets the agent; the API says why when it can't be. @param leave Called before, on a page that is about the agent. */
export async function forget({ id, name }: Pick<AgentStatus, "id" | "name">, leave?: () => void): Promise<void> {
  const yes = await ask({
    title: `Forget agent ${name}?`,
    text: "Its runs and their logs stay. When it is started again it is back, under the same name.",
    action: "Forget",
    danger: true,
  });
  if (!yes) return;
  leave?.();
  await api.agents.delete(id);
  toast(`Forgot agent ${name}`);
}
