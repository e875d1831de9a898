/**
 * What a flow is: details, labels and whether an agent has them, storage, how long its last runs took.
 *
 * @module
 */

import type { FlowPartProps } from "../../pages/flow.tsx";
import { shownVersion, versionName } from "../../flow_versions.ts";
import { runCommand } from "../../run_command.ts";
import { Badge } from "../bits.tsx";
import { Copy } from "../controls.tsx";
import { DurationBars } from "../duration_bars.tsx";
import { Card, Empty, Grid } from "../layout.tsx";
import { Chips, Facts, StateBadge, Time } from "../text.tsx";
import { Warning } from "../warning.tsx";
import { Storage } from "./storage.tsx";

/** See the module's comment. */
export function FlowOverview({ view, version }: FlowPartProps) {
  const { flow, versions, runs } = view;
  const shown = shownVersion(versions, version);
  const ofVersion = version === undefined
    ? runs
    : runs.filter((run) => run.version === version.number && run.deployment_id === version.deployment_id);
  // What has run says most by its runs, what has not by what it is.
  const last = (
    <Card title="Last runs" actions={<a href={`/runs?flow=${flow.id}`}>All runs</a>}>
      {ofVersion.length === 0 ? <Empty title="It has not run yet." command={runCommand(view)} /> : (
        <>
          <DurationBars runs={ofVersion} places={Math.min(40, Math.max(12, ofVersion.length))} scale />
          <p class="split fine last-run">
            <a href={`/flow-runs/${ofVersion[0].id}`}>{ofVersion[0].name}</a>
            <StateBadge type={ofVersion[0].state_type} name={ofVersion[0].state_name} />
            <Time at={ofVersion[0].start_time} />
          </p>
        </>
      )}
    </Card>
  );
  return (
    <>
      {ofVersion.length === 0 ? null : last}
      <Grid>
        <Card title="Details">
          <div class="id-first">
            <Facts
              items={[
                ["Id", <Copy key="id" text={flow.id} />],
                ["Project", flow.project],
                ["Created", <Time key="created" at={flow.created} />],
                [
                  "Version",
                  shown === undefined ? undefined : (
                    <span class="split">
                      {versionName(shown)} {shown.archived === null ? null : <Badge>archived</Badge>}
                    </span>
                  ),
                ],
                ["Registered", shown === undefined ? undefined : <Time key="registered" at={shown.created} />],
                ["Runner", shown?.runner ?? undefined],
                ["flowctl", shown?.flowctl_version ?? undefined],
                [
                  "Parameters",
                  shown === undefined || shown.parameters.length === 0 ? undefined : shown.parameters.join(", "),
                ],
              ]}
            />
          </div>
        </Card>
        <div>
          <Labels view={view} version={version} />
          <Storage version={shown} />
        </div>
      </Grid>
      {ofVersion.length === 0 ? last : null}
    </>
  );
}

/** Labels by deployment. The warning is gone as soon as an agent that lives has them all. */
function Labels({ view: { deployments, label_warning } }: FlowPartProps) {
  return (
    <Card
      title={
        <span class="split">
          Labels {label_warning === null ? null : <Warning text={label_warning} />}
        </span>
      }
      actions={<a href="/agents">Agents</a>}
    >
      {deployments.length === 0
        ? <p class="quiet">Labels are a deployment's, and it has none.</p>
        : (
          <ul class="lines-list">
            {deployments.map(({ id, name, labels, label_warning: why, runner }) => (
              <li key={id}>
                <div>
                  <a href={`/deployments/${id}`}>{name}</a>{" "}
                  {why === null || deployments.length === 1 ? null : <Warning text={why} />}
                </div>
                <div>
                  {runner === null
                    ? <span class="quiet">not for agents</span>
                    : labels.length === 0
                    ? <span class="quiet">none</span>
                    : <Chips values={labels} kind="label" />}
                </div>
              </li>
            ))}
          </ul>
        )}
    </Card>
  );
}
