/**
 * Asks for the parameters of a run of a deployment, and makes the run.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { Deployment } from "../../domain/deployments.ts";
import type { FlowRun } from "../../domain/flow_runs.ts";
import { api } from "../api.ts";
import { wordsOf } from "./deployments/edit.ts";
import { momentOf } from "../forms/dates.ts";
import { fieldsOf } from "../forms/fields.ts";
import { ParameterFields, useParameterForm } from "../forms/form.tsx";
import { type JsonMap, same } from "../forms/json.ts";
import { withDefaults } from "../forms/values.ts";
import { useLive } from "../live/use_live.ts";
import { Button, Field, TextInput } from "./controls.tsx";
import { Failure, Shown } from "./layout.tsx";
import { ask, Dialog } from "./overlays.tsx";

/** What the dialog is opened with. */
export interface RunDialogProps {
  deploymentId: string;
  /** What the form begins with, e.g. the parameters of an earlier run; else the defaults of deployment and schema. */
  parameters?: Record<string, unknown>;
  onClose(): void;
  onCreated(run: FlowRun): void;
}

/** See the module's comment. */
export function RunDialog(props: RunDialogProps) {
  const { deploymentId } = props;
  const live = useLive(
    `deployment ${deploymentId}`,
    () => api.deployments.read(deploymentId),
    (change) => change.kind === "deployment" && change.id === deploymentId,
  );
  const [isDirty, setDirty] = useState(false);
  const close = async () => {
    const throwAway = !isDirty ||
      await ask({ title: "Close without running?", text: "What you typed is lost.", action: "Close", danger: true });
    if (throwAway) props.onClose();
  };
  const { data } = live;
  return (
    <Dialog
      wide
      title={data === undefined ? "Run" : `Run ${data.flow_name}/${data.name}`}
      onClose={() => void close()}
    >
      <Shown live={live}>
        {(deployment) => <RunForm {...props} deployment={deployment} close={close} setDirty={setDirty} />}
      </Shown>
    </Dialog>
  );
}

function RunForm({ deployment, parameters, onCreated, close, setDirty }: RunDialogProps & {
  deployment: Deployment;
  close: () => Promise<void>;
  setDirty: (dirty: boolean) => void;
}) {
  const { id, parameter_openapi_schema: schema } = deployment;
  const [initial] = useState((): JsonMap =>
    parameters === undefined ? withDefaults(fieldsOf(schema), deployment.parameters) : parameters as JsonMap
  );
  const form = useParameterForm({
    schema,
    initial,
    ask: (value, signal) => api.deployments.validateParameters(id, { parameters: value }, signal),
  });
  const [name, setName] = useState("");
  const [at, setAt] = useState("");
  const [tags, setTags] = useState("");
  const [labels, setLabels] = useState(deployment.labels.join(", "));
  const [failure, setFailure] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const isDirty = !same(form.value, initial) || form.textProblem !== undefined || name !== "" || at !== "" ||
    tags !== "";
  useEffect(() => setDirty(isDirty), [isDirty]);
  // A name that is left out is the deployment's, when that has one.
  const back = Object.keys(deployment.parameters).filter((name) => !Object.hasOwn(form.value, name));
  const wrong = form.submitted && form.check !== undefined && !form.check.valid;
  const anyway = wrong && !form.check!.enforced;
  const run = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const wasAnyway = anyway;
      const check = await form.validate();
      if (check === undefined || (!check.valid && (check.enforced || !wasAnyway))) return;
      const time = at === "" ? undefined : momentOf(at);
      onCreated(
        await api.deployments.createRun(id, {
          parameters: form.value,
          ...name.trim() === "" ? {} : { name: name.trim() },
          ...time === undefined
            ? {}
            : { state: { type: "SCHEDULED", name: "Scheduled", state_details: { scheduled_time: time } } },
          ...wordsOf(tags).length === 0 ? {} : { tags: wordsOf(tags) },
          ...same(wordsOf(labels).sort(), [...deployment.labels].sort()) ? {} : { labels: wordsOf(labels) },
        }),
      );
    } catch (error) {
      setFailure(error as Error);
    } finally {
      setBusy(false);
    }
  };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      {deployment.description === null ? null : <p class="quiet">{deployment.description}</p>}
      <ParameterFields form={form} />
      {back.length === 0
        ? null
        : <p class="hint">Left out here, so the deployment's own is used: {back.join(", ")}.</p>}
      <details class="form-more">
        <summary>More</summary>
        <Field label="Name of the run" hint="Left empty, it gets a name of two words.">
          {(ids) => <TextInput {...ids} value={name} onInput={setName} />}
        </Field>
        <Field label="Run later" hint={`In ${zone}. Left empty, it runs now.`}>
          {(ids) => <TextInput {...ids} type="datetime-local" value={at} onInput={setAt} />}
        </Field>
        <Field label="Tags" hint="Between commas, beside the deployment's own.">
          {(ids) => <TextInput {...ids} value={tags} onInput={setTags} />}
        </Field>
        <Field label="Labels" hint="Between commas. An agent takes the run when it has all of them.">
          {(ids) => <TextInput {...ids} value={labels} onInput={setLabels} />}
        </Field>
      </details>
      {failure === undefined ? null : <Failure error={failure} />}
      {anyway
        ? <p class="hint" role="status">This deployment does not enforce its schema: it can be run all the same.</p>
        : null}
      <div class="actions">
        <Button onClick={close}>Cancel</Button>
        <Button kind="primary" type="submit" icon="play" disabled={busy}>
          {anyway ? "Run anyway" : at === "" ? "Run" : "Schedule"}
        </Button>
      </div>
    </form>
  );
}
