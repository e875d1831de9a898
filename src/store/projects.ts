/**
 * Projects: namespaces of flows. `default` is there from the beginning; others come into being with their first flow.
 *
 * @module
 */

import { run } from "./connection.ts";
import type { Tx } from "./database.ts";
import { timeText } from "./rows.ts";

/** Makes a project unless it is there. */
export const ensureProject = (tx: Tx, name: string, now: Temporal.Instant): Promise<number> =>
  run(tx, "INSERT INTO project (name, created) VALUES (?, ?) ON CONFLICT DO NOTHING", [name, timeText(now)]);
