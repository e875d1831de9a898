/**
 * Flow.
 *
 * @module
 */

import { Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function FlowPage() {
  return <Page title="Flow">…</Page>;
}
