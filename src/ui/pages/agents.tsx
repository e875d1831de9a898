/**
 * Agents.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function AgentsPage() {
  return <Page title="Agents">…</Page>;
}
