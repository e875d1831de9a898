/**
 * Deployments.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function DeploymentsPage() {
  return <Page title="Deployments">…</Page>;
}
