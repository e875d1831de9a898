/**
 * A run's log lines in order, each once, however often it is asked for what is new.
 *
 * The API has pages of 200 by position and no cursor. Lines may come in *before* those that were read (an agent sends what a
 * container printed later than the SDK sends its records), which moves all positions: so each reading begins with the last
 * line that is known, and goes back as far as needed when another one stands there.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { Log } from "../domain/logs.ts";

export { logLine } from "../domain/log_text.ts";

const PAGE = 200;

/** Reads what is new. */
export interface LogFeed {
  /** The lines that were not answered before, by time. Lines that came in late are among them. */
  unread(): Promise<Log[]>;
}

/** Makes a feed that has read nothing yet. */
export function createLogFeed(client: Pick<Client, "logs">, flowRunId: string): LogFeed {
  const order: string[] = [];
  const known = new Set<string>();
  const page = (offset: number) =>
    client.logs.list({
      logs: { flow_run_id: { any_: [flowRunId] } },
      sort: "TIMESTAMP_ASC",
      limit: PAGE,
      offset,
    });

  return {
    async unread() {
      const fresh: Log[] = [];
      let back = PAGE;
      while (true) {
        const last = order.length - 1;
        const rows = await page(Math.max(0, last));
        if (last >= 0 && rows[0]?.id !== order[last]) {
          order.length = Math.max(0, order.length - back);
          back *= 2;
          continue;
        }
        for (const row of last >= 0 ? rows.slice(1) : rows) {
          order.push(row.id);
          if (known.has(row.id)) continue;
          known.add(row.id);
          fresh.push(row);
        }
        if (rows.length < PAGE) return fresh;
      }
    },
  };
}

/** The last lines of a run, by time. */
export async function lastLogs(client: Pick<Client, "logs">, flowRunId: string, count: number): Promise<Log[]> {
  const found: Log[] = [];
  while (found.length < count) {
    const limit = Math.min(PAGE, count - found.length);
    const rows = await client.logs.list({
      logs: { flow_run_id: { any_: [flowRunId] } },
      sort: "TIMESTAMP_DESC",
      limit,
      offset: found.length,
    });
    found.push(...rows);
    if (rows.length < limit) break;
  }
  return found.reverse();
}
