/**
 * Flows.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function FlowsPage() {
  return <Page title="Flows">…</Page>;
}
