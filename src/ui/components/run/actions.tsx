/**
 * What can be done with a run: cancel it, run it again, delete it.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import type { FlowRun } from "../../../domain/flow_runs.ts";
import type { FlowRunView } from "../../../domain/run_views.ts";
import { isFinal } from "../../../domain/state_types.ts";
import { api } from "../../api.ts";
import { runCommand } from "../../run_words.ts";
import { Button, Copy } from "../controls.tsx";
import { ask, Dialog, toast } from "../overlays.tsx";
import { RunDialog } from "../run_dialog.tsx";

/** See the module's comment. */
export function RunActions({ view }: { view: FlowRunView }) {
  const { run, deployment, version } = view;
  const { route } = useLocation();
  const [open, setOpen] = useState<"changes" | "why" | undefined>(undefined);
  const show = (made: FlowRun) => {
    setOpen(undefined);
    toast(`Created run ${made.name}`);
    route(`/flow-runs/${made.id}`);
  };
  const cancel = async () => {
    const yes = await ask({
      title: "Cancel this run?",
      text: run.state_type === "SCHEDULED"
        ? `${run.name} has not begun; it never will.`
        : `${run.name} is told to end, and killed when it has not after 30 seconds.`,
      action: "Cancel the run",
      danger: true,
    });
    if (!yes) return;
    const { details } = await api.flowRuns.setState(run.id, { type: "CANCELLING" });
    if (details.type === "abort_details") throw new Error(details.reason);
  };
  const remove = async () => {
    const yes = await ask({
      title: "Delete this run?",
      text: `${run.name} is deleted with its task runs. Its logs stay.`,
      action: "Delete",
      danger: true,
    });
    if (!yes) return;
    await api.flowRuns.delete(run.id);
    toast(`Deleted run ${run.name}`);
    route("/runs");
  };
  const again = async () => {
    if (deployment === null) return setOpen("why");
    const isKept = version !== null && !version.is_archived;
    if (version?.is_archived && !deployment.is_current_version) {
      const yes = await ask({
        title: "Run the newest version?",
        text:
          `${run.name} is of version ${version.number}, which is archived. The newest one is run with the same parameters.`,
        action: "Run",
      });
      if (!yes) return;
    }
    show(
      await api.deployments.createRun(deployment.id, {
        parameters: run.parameters,
        labels: run.labels,
        tags: run.tags,
        context: run.context,
        ...Object.keys(run.job_variables ?? {}).length === 0 ? {} : { job_variables: run.job_variables! },
        ...isKept ? { deployment_version_id: run.deployment_version_id! } : {},
      }),
    );
  };
  return (
    <>
      {isFinal(run.state_type) || run.state_type === "CANCELLING"
        ? null
        : <Button kind="danger" icon="stop" onClick={cancel}>Cancel</Button>}
      <Button icon="again" kind={isFinal(run.state_type) ? "primary" : "plain"} onClick={again}>Run again</Button>
      {deployment === null ? null : <Button icon="edit" onClick={() => setOpen("changes")}>Run with changes</Button>}
      <Button icon="trash" title="Delete this run" onClick={remove} />
      {open === "changes" && deployment !== null
        ? (
          <RunDialog
            deploymentId={deployment.id}
            parameters={run.parameters}
            onClose={() => setOpen(undefined)}
            onCreated={show}
          />
        )
        : null}
      {open === "why" ? <WhyNot view={view} onClose={() => setOpen(undefined)} /> : null}
    </>
  );
}

/** Why a run can't be run again from here, and what to type instead. */
function WhyNot({ view: { run, flow, parent }, onClose }: { view: FlowRunView; onClose: () => void }) {
  return (
    <Dialog
      title="It can't be run again from here"
      onClose={onClose}
      actions={<Button onClick={onClose}>Close</Button>}
    >
      {parent !== null
        ? (
          <p>
            It is a sub-flow of <a href={`/flow-runs/${parent.flow_run.id}`}>{parent.flow_run.name}</a>: run that again.
          </p>
        )
        : (
          <>
            <p>
              {run.deployment_id === null
                ? "It was run without a deployment, so no agent knows its code."
                : "Its deployment was deleted."} Run it where its file is:
            </p>
            <Copy text={runCommand(flow.name, run.parameters)} />
          </>
        )}
    </Dialog>
  );
}
