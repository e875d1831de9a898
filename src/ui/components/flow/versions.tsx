/**
 * A flow's versions, and where two of them differ.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import type { VersionRow } from "../../../domain/flow_views.ts";
import { withQuery } from "../../address.ts";
import { api } from "../../api.ts";
import { chosenVersion, differences, versionChoices, versionName } from "../../flow_versions.ts";
import type { FlowPartProps } from "../../pages/flow.tsx";
import { Badge } from "../bits.tsx";
import { Button, Copy, Select } from "../controls.tsx";
import { Card, Empty, Table } from "../layout.tsx";
import { ask, toast } from "../overlays.tsx";
import { Time } from "../text.tsx";

/** See the module's comment. */
export function FlowVersions({ view: { versions, flow } }: FlowPartProps) {
  const { url } = useLocation();
  return (
    <>
      <Table
        label="Versions"
        rows={versions}
        rowKey={({ id }) => id}
        empty={
          <Empty title="It has no version." command={`flowctl register -p ./my-flow.ts --project '${flow.project}'`} />
        }
        columns={[
          {
            title: "Version",
            main: true,
            cell: (version) => (
              <span class="split">
                <a href={withQuery(url, { tab: undefined, version: version.id })}>{version.number}</a>
                {version.is_latest ? <Badge tone="good">latest</Badge> : null}
                {version.archived === null ? null : <Badge>archived</Badge>}
              </span>
            ),
          },
          {
            title: "Deployment",
            cell: ({ deployment_id, deployment_name }) => (
              <a href={`/deployments/${deployment_id}`}>{deployment_name}</a>
            ),
          },
          { title: "Created", main: true, cell: ({ created }) => <Time at={created} /> },
          { title: "Runner", cell: ({ runner }) => runner ?? <span class="quiet">none</span> },
          { title: "Image", cell: (version) => <Image version={version} /> },
          { title: "Tasks", right: true, cell: ({ tasks }) => tasks.length === 0 ? "–" : tasks.length },
          { title: "flowctl", cell: ({ flowctl_version }) => flowctl_version ?? "–" },
          {
            title: "Actions",
            main: true,
            right: true,
            cell: (version) => version.is_latest || version.archived !== null
              ? null
              : <Button small onClick={() => archive(version)}>Archive</Button>,
          },
        ]}
      />
      {versions.length < 2 ? null : <Compare versions={versions} />}
    </>
  );
}

function Image({ version: { storage, image } }: { version: VersionRow }) {
  if (storage !== null) return <Copy text={`${storage.image_name}:${storage.image_tag}`} />;
  return image === null ? <span class="quiet">–</span> : <Copy text={image} />;
}

async function archive(version: VersionRow) {
  const yes = await ask({
    title: `Archive version ${versionName(version)}?`,
    text: "No more runs are made of it. Its runs stay, and those that wait go on.",
    action: "Archive",
  });
  if (!yes) return;
  await api.flowVersions.archive(version.id);
  toast(`Archived version ${version.number}`);
}

/** Two versions side by side; both are in the address. */
function Compare({ versions }: { versions: readonly VersionRow[] }) {
  const { url, query, route } = useLocation();
  const newer = chosenVersion(versions, query.newer) ?? versions[0];
  const older = chosenVersion(versions, query.older) ?? versions[1];
  const found = differences(older, newer);
  const choices = versionChoices(versions).slice(1);
  const choose = (changes: Record<string, string>) => route(withQuery(url, changes), true);
  return (
    <Card title="Compare">
      <div class="filters">
        <Select aria-label="Older version" value={older.id} options={choices} onChange={(older) => choose({ older })} />
        <span class="quiet">with</span>
        <Select aria-label="Newer version" value={newer.id} options={choices} onChange={(newer) => choose({ newer })} />
      </div>
      <Table
        label="Where they differ"
        rows={found}
        rowKey={({ name }) => name}
        empty={
          <p class="quiet">
            {older.bundle_hash === null && newer.bundle_hash === null
              ? "Nothing that is known of them differs."
              : "They are the same but for when they were made."}
          </p>
        }
        columns={[
          { title: "What", main: true, cell: ({ name }) => name },
          { title: versionName(older), main: true, cell: ({ one }) => one ?? <span class="quiet">–</span> },
          {
            title: older.id === newer.id ? `${versionName(newer)} again` : versionName(newer),
            main: true,
            cell: ({ other }) => other ?? <span class="quiet">–</span>,
          },
        ]}
      />
    </Card>
  );
}
