/**
 * The overview.
 *
 * @module
 */

import { Card, Page } from "../components/layout.tsx";

/** See the module's comment. */
export default function Overview() {
  return (
    <Page title="Overview">
      <Card title="Runs">…</Card>
    </Page>
  );
}
