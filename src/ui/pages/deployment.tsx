/**
 * Deployment.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function DeploymentPage() {
  return <Page title="Deployment">…</Page>;
}
