/**
 * Labels, or that there are none.
 *
 * @module
 */

import { Chips } from "./text.tsx";

/** See the module's comment. */
export const Labels = ({ labels }: { labels: readonly string[] }) =>
  labels.length === 0 ? <span class="quiet">none</span> : <Chips values={labels} kind="label" />;
