/**
 * One run of a flow.
 *
 * @module
 */

import { api } from "../api.ts";
import { Page } from "../components/layout.tsx";
import { PageShown } from "../components/page_shown.tsx";
import { StateBadge } from "../components/text.tsx";
import { useLive } from "../live/use_live.ts";
import type { PageProps } from "../routes.ts";

/** See the module's comment. */
export default function FlowRunPage({ params: { id } }: PageProps) {
  const live = useLive(
    `run ${id}`,
    () => api.flowRuns.read(id),
    (change) => change.kind === "flow_run" && change.id === id,
  );
  return (
    <PageShown noun="Run" live={live}>
      {({ name, state_type, state_name }) => (
        <Page title={name}>
          <StateBadge type={state_type} name={state_name} />
        </Page>
      )}
    </PageShown>
  );
}
