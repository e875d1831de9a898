/**
 * Whether a run was deleted while its page is open: what it held is not asked for again then.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { Change } from "../../domain/changes.ts";
import { onChanges } from "./stream.ts";

/** Whether a change is about that flow run, and not its end as a row. */
export const isAboutRun = (change: Change, id: string): boolean =>
  change.kind === "flow_run" && change.id === id && change.state !== null;

/** See the module's comment. */
export function useDeleted(id: string): boolean {
  const [deleted, setDeleted] = useState<string | undefined>(undefined);
  useEffect(() =>
    onChanges((changes) => {
      const isGone = changes.some((change) => change.kind === "flow_run" && change.id === id && change.state === null);
      if (isGone) setDeleted(id);
    }), [id]);
  return deleted === id;
}
