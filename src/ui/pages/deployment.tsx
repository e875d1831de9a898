/**
 * A deployment: when it runs, with what, what it was before; run it, pause it, change it.
 *
 * @module
 */
// deno-lint-ignore-file jsx-key -- the entries of Facts are names with values, and no list of elements

import { useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import type { Deployment } from "../../domain/deployments.ts";
import { api } from "../api.ts";
import { Button } from "../components/controls.tsx";
import { Card, Empty, Grid, Page, Shown } from "../components/layout.tsx";
import { ask, toast } from "../components/overlays.tsx";
import { RunDialog } from "../components/run_dialog.tsx";
import { Chips, Facts, Time } from "../components/text.tsx";
import {
  CommandsCard,
  ParametersCard,
  RunnerCard,
  RunsCard,
  VersionsCard,
} from "../components/deployments/detail_cards.tsx";
import { EditDialog } from "../components/deployments/edit_dialog.tsx";
import { PauseSwitch } from "../components/deployments/parts.tsx";
import { SchedulesCard } from "../components/deployments/schedules_card.tsx";
import { useLive } from "../live/use_live.ts";
import type { PageProps } from "../routes.ts";

/** See the module's comment. */
export default function DeploymentPage({ params: { id } }: PageProps) {
  // While it is being deleted nothing of it is asked for.
  const [leaving, setLeaving] = useState(false);
  const live = useLive(
    leaving ? undefined : `deployment ${id}`,
    () => api.deployments.read(id),
    (change) => change.kind === "deployment" && change.id === id,
  );
  const { route } = useLocation();
  const [dialog, setDialog] = useState<"run" | "edit">();
  const { data } = live;
  const remove = async ({ flow_name, name }: Deployment) => {
    const sure = await ask({
      title: `Delete ${flow_name}/${name}?`,
      text: "Its schedules and the runs that wait go with it. Runs that began stay.",
      action: "Delete",
      danger: true,
    });
    if (!sure) return;
    setLeaving(true);
    try {
      await api.deployments.delete(id);
      toast("Deleted");
      route("/deployments");
    } catch (error) {
      setLeaving(false);
      throw error;
    }
  };
  if (live.error !== undefined && "code" in live.error && live.error.code === "not_found") {
    return (
      <Page title="Deployment">
        <Empty title="There is no such deployment, or not any more.">
          <p>
            <a href="/deployments">Show all deployments</a>
          </p>
        </Empty>
      </Page>
    );
  }
  const close = () => setDialog(undefined);
  return (
    <Page
      title={data === undefined ? "Deployment" : `${data.flow_name}/${data.name}`}
      heading={data?.name}
      above={data === undefined ? undefined : (
        <>
          <a href="/deployments">Deployments</a> / <a href={`/flows/${data.flow_id}`}>{data.flow_name}</a>
          {data.project === "default" ? null : ` in ${data.project}`}
        </>
      )}
      actions={data === undefined ? undefined : (
        <>
          <PauseSwitch id={id} name={data.name} paused={data.paused} />
          <Button kind="primary" icon="play" onClick={() => setDialog("run")}>Run</Button>
          <Button icon="edit" onClick={() => setDialog("edit")}>Edit</Button>
          <Button kind="danger" icon="trash" onClick={() => remove(data)}>Delete</Button>
        </>
      )}
    >
      <Shown live={live}>
        {(deployment) => (
          <>
            {deployment.description === null ? null : <p>{deployment.description}</p>}
            <Grid>
              <SchedulesCard deployment={deployment} />
              <Card title="Facts">
                <Facts
                  items={[
                    ["Project", deployment.project],
                    ["Tags", deployment.tags.length === 0 ? undefined : <Chips values={deployment.tags} />],
                    [
                      "Labels",
                      deployment.labels.length === 0 ? undefined : <Chips values={deployment.labels} kind="label" />,
                    ],
                    ["Work queue", deployment.work_queue_name ?? undefined],
                    [
                      "Version",
                      `${deployment.version_number}${deployment.version === null ? "" : ` (${deployment.version})`}`,
                    ],
                    ["Made", <Time at={deployment.created} />],
                    ["Changed", <Time at={deployment.updated} />],
                    ["Made with flowctl", deployment.flowctl_version ?? undefined],
                  ]}
                />
              </Card>
              <RunsCard id={id} />
              <RunnerCard deployment={deployment} />
              <ParametersCard deployment={deployment} />
              <CommandsCard deployment={deployment} />
              <VersionsCard id={id} />
            </Grid>
            {dialog === "edit" ? <EditDialog current={deployment} onClose={close} /> : null}
          </>
        )}
      </Shown>
      {dialog === "run"
        ? <RunDialog deploymentId={id} onClose={close} onCreated={(run) => route(`/flow-runs/${run.id}`)} />
        : null}
    </Page>
  );
}
