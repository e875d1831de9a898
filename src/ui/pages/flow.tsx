/**
 * One flow: what it is, its versions, runs, deployments and tasks.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import type { FlowView, VersionRow } from "../../domain/flow_views.ts";
import { withQuery } from "../address.ts";
import { api } from "../api.ts";
import { Select } from "../components/controls.tsx";
import { FlowDeployments } from "../components/flow/deployments.tsx";
import { FlowOverview } from "../components/flow/overview.tsx";
import { FlowRuns } from "../components/flow/runs.tsx";
import { FlowSettings } from "../components/flow/settings.tsx";
import { FlowTasks } from "../components/flow/tasks.tsx";
import { FlowVersions } from "../components/flow/versions.tsx";
import { Page, Tabs } from "../components/layout.tsx";
import { PageShown } from "../components/page_shown.tsx";
import { Chips } from "../components/text.tsx";
import { chosenVersion, versionChoices } from "../flow_versions.ts";
import { useLive } from "../live/use_live.ts";
import type { PageProps } from "../routes.ts";

/** What a part of the page is given. */
export interface FlowPartProps {
  view: FlowView;
  /** The version that is looked at; undefined: all. */
  version: VersionRow | undefined;
}

const PARTS = [
  { id: "overview", label: "Overview", part: FlowOverview },
  { id: "versions", label: "Versions", part: FlowVersions },
  { id: "runs", label: "Runs", part: FlowRuns },
  { id: "deployments", label: "Deployments", part: FlowDeployments },
  { id: "tasks", label: "Tasks", part: FlowTasks },
  { id: "settings", label: "Settings", part: FlowSettings },
] as const;

/** See the module's comment. */
export default function FlowPage({ params: { id } }: PageProps) {
  const { url, path, query, route } = useLocation();
  const live = useLive(
    `flow ${id}`,
    (signal) => api.flows.view(id, signal),
    (change) => change.kind === "flow" ? change.id === id : ["flow_run", "deployment", "agent"].includes(change.kind),
  );
  const { part: Part, id: tab } = PARTS.find(({ id }) => id === query.tab) ?? PARTS[0];
  return (
    <PageShown noun="Flow" live={live}>
      {(view) => {
        const { flow, versions, deployments } = view;
        const version = chosenVersion(versions, query.version);
        const counts: Record<string, number> = { versions: versions.length, deployments: deployments.length };
        return (
          <Page
            title={flow.name}
            heading={
              <span class="split">
                {flow.name} {flow.tags.length === 0 ? null : <Chips values={flow.tags} />}
              </span>
            }
            above={
              <>
                <a href="/flows">Flows</a> in project{" "}
                <a href={withQuery("/flows", { project: flow.project })}>{flow.project}</a>
              </>
            }
            actions={versions.length < 2 ? undefined : (
              <Select
                aria-label="Version"
                value={version?.id ?? ""}
                options={versionChoices(versions)}
                onChange={(id) => route(withQuery(url, { version: id }), true)}
              />
            )}
          >
            <Tabs
              href={path}
              chosen={tab}
              tabs={PARTS.map(({ id, label }) => ({ id, label, count: counts[id] }))}
            />
            <Part view={view} version={version} />
          </Page>
        );
      }}
    </PageShown>
  );
}
