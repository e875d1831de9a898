/**
 * What can be changed of a flow: its tags, whether its deployments make runs, and that it is there at all.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import type { FlowView } from "../../../domain/flow_views.ts";
import { api } from "../../api.ts";
import { plural } from "../../format.ts";
import type { FlowPartProps } from "../../pages/flow.tsx";
import { Button, Field, TextInput } from "../controls.tsx";
import { Card } from "../layout.tsx";
import { ask, toast } from "../overlays.tsx";

/** See the module's comment. */
export function FlowSettings({ view }: FlowPartProps) {
  const { route } = useLocation();
  const { flow, deployments } = view;
  const running = deployments.filter(({ paused }) => !paused);
  const paused = deployments.filter(({ paused }) => paused);
  return (
    <>
      <Tags key={flow.id} flow={flow} />
      {deployments.length === 0 ? null : (
        <Card title="Schedules">
          <p>
            {running.length === 0
              ? "All its deployments are paused: no runs are made by schedule."
              : `${plural(running.length, "deployment")} of ${deployments.length} may make runs by schedule.`}
          </p>
          <div class="actions">
            <Button icon="pause" disabled={running.length === 0} onClick={() => pauseAll(view)}>Pause all</Button>
            <Button
              icon="play"
              disabled={paused.length === 0}
              onClick={async () => {
                for (const { id } of paused) await api.deployments.resume(id);
                toast(`Resumed ${plural(paused.length, "deployment")}`);
              }}
            >
              Resume all
            </Button>
          </div>
        </Card>
      )}
      <Card title="Delete">
        <p>With the flow go its deployments, versions and runs.</p>
        <Button kind="danger" icon="trash" onClick={() => remove(view, () => route("/flows"))}>
          Delete flow
        </Button>
      </Card>
    </>
  );
}

function Tags({ flow: { id, tags } }: Pick<FlowView, "flow">) {
  const [text, setText] = useState<string>();
  const value = text ?? tags.join(", ");
  return (
    <Card title="Tags">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = value.split(",").map((tag) => tag.trim()).filter(Boolean);
          api.flows.update(id, { tags: wanted }).then(
            () => {
              setText(undefined);
              toast("Saved");
            },
            (error) => toast(error.message, "error"),
          );
        }}
      >
        <Field label="Tags" hint="Words to find it by, with commas between them.">
          {(ids) => <TextInput {...ids} value={value} onInput={setText} />}
        </Field>
        <Button kind="primary" type="submit" disabled={value === tags.join(", ")}>Save</Button>
      </form>
    </Card>
  );
}

async function pauseAll({ flow, deployments }: FlowView) {
  const running = deployments.filter(({ paused }) => !paused);
  const yes = await ask({
    title: `Pause the deployments of ${flow.name}?`,
    text: `${
      running.map(({ name }) => name).join(", ")
    }: their runs that wait by schedule go, and none are made until they are resumed.`,
    action: "Pause",
  });
  if (!yes) return;
  for (const { id } of running) await api.deployments.pause(id);
  toast(`Paused ${plural(running.length, "deployment")}`);
}

/** @param leave Called before: this page is about what goes. */
async function remove({ flow, deployments, versions }: FlowView, leave: () => void) {
  const runs = await api.flowRuns.count({ flows: { id: { any_: [flow.id] } } });
  const gone = [
    plural(deployments.length, "deployment"),
    plural(versions.length, "version"),
    plural(runs, "run"),
  ].join(", ");
  const yes = await ask({
    title: `Delete flow ${flow.name}?`,
    text:
      `With it go ${gone}. They can't be brought back. Images that were built of it stay in their engines and registries.`,
    action: "Delete",
    danger: true,
  });
  if (!yes) return;
  leave();
  await api.flows.delete(flow.id);
  toast(`Deleted flow ${flow.name}`);
}
