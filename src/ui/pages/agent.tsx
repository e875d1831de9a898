/**
 * Agent.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function AgentPage() {
  return <Page title="Agent">…</Page>;
}
