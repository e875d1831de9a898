/**
 * Changes a deployment. What somebody else changed meanwhile is never overwritten unseen.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { Deployment } from "../../../domain/deployments.ts";
import { api } from "../../api.ts";
import { Button, Field, TextInput } from "../controls.tsx";
import { Failure } from "../layout.tsx";
import { ask, Dialog, toast } from "../overlays.tsx";
import { ParameterFields, useParameterForm } from "../../forms/form.tsx";
import { type JsonMap, same } from "../../forms/json.ts";
import { changesOf } from "./edit.ts";

/** See the module's comment. @param current The deployment as it is now. */
export function EditDialog({ current, onClose }: { current: Deployment; onClose: () => void }) {
  const [before, setBefore] = useState(current);
  const [description, setDescription] = useState(before.description ?? "");
  const [tags, setTags] = useState(before.tags.join(", "));
  const [labels, setLabels] = useState(before.labels.join(", "));
  const [queue, setQueue] = useState(before.work_queue_name ?? "");
  const [enforce, setEnforce] = useState(before.enforce_parameter_schema);
  const [failure, setFailure] = useState<Error>();
  const form = useParameterForm({
    schema: before.parameter_openapi_schema,
    initial: before.parameters as JsonMap,
    ask: (parameters, signal) => api.deployments.validateParameters(before.id, { parameters, as: "defaults" }, signal),
  });
  const changes = changesOf(before, { description, tags, labels, queue, enforce, parameters: form.value });
  const isMeanwhile = current.updated !== before.updated;
  const theirs = isMeanwhile ? changedParts(before, current) : [];
  const both = theirs.filter((part) => part in changes).map((part) => PARTS[part]);
  /** What was not changed here becomes what it is there. */
  const takeOver = () => {
    if (!("description" in changes)) setDescription(current.description ?? "");
    if (!("tags" in changes)) setTags(current.tags.join(", "));
    if (!("labels" in changes)) setLabels(current.labels.join(", "));
    if (!("work_queue_name" in changes)) setQueue(current.work_queue_name ?? "");
    if (!("enforce_parameter_schema" in changes)) setEnforce(current.enforce_parameter_schema);
    if (!("parameters" in changes)) form.change(current.parameters as JsonMap);
    setBefore(current);
  };
  const close = async () => {
    const throwAway = Object.keys(changes).length === 0 ||
      await ask({ title: "Close without saving?", text: "What you typed is lost.", action: "Close", danger: true });
    if (throwAway) onClose();
  };
  const save = async () => {
    setFailure(undefined);
    try {
      if (form.value !== before.parameters || enforce !== before.enforce_parameter_schema) {
        const check = await form.validate();
        if (check === undefined || (!check.valid && enforce)) return;
      }
      await api.deployments.update(before.id, { ...changes, expected_updated: before.updated });
      toast("Saved");
      onClose();
    } catch (error) {
      setFailure(error as Error);
    }
  };
  return (
    <Dialog wide title={`Edit ${before.flow_name}/${before.name}`} onClose={() => void close()}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {isMeanwhile
          ? (
            <div class="deployment-notice" role="alert">
              <p>
                Somebody changed this deployment meanwhile
                {theirs.length === 0 ? "" : `: ${theirs.map((part) => PARTS[part]).join(", ")}`}. What you typed is
                still here
                {both.length === 0 ? "" : `, and would replace theirs: ${both.join(", ")}`}.
              </p>
              <div class="actions">
                <Button onClick={takeOver}>Go on with theirs and mine</Button>
                <Button onClick={onClose}>Close and take theirs</Button>
              </div>
            </div>
          )
          : null}
        <Field label="Description">
          {(ids) => (
            <textarea
              class="input form-lines"
              rows={3}
              {...ids}
              value={description}
              onInput={(event) => setDescription(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Tags" hint="Between commas.">
          {(ids) => <TextInput {...ids} value={tags} onInput={setTags} />}
        </Field>
        <Field label="Labels" hint="Between commas. An agent takes its runs when it has all of them.">
          {(ids) => <TextInput {...ids} value={labels} onInput={setLabels} />}
        </Field>
        <Field label="Work queue">{(ids) => <TextInput {...ids} value={queue} onInput={setQueue} />}</Field>
        <h3>Default parameters</h3>
        <p class="hint">What is left out here, runs may bring.</p>
        <ParameterFields form={form} label="Default parameters" />
        {before.parameter_openapi_schema === null ? null : (
          <p class="form-radios">
            <label>
              <input type="checkbox" checked={enforce} onChange={(event) => setEnforce(event.currentTarget.checked)} />
              Refuse runs whose parameters do not fit the schema
            </label>
          </p>
        )}
        {failure === undefined ? null : <Failure error={failure} />}
        <div class="actions">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={Object.keys(changes).length === 0 || isMeanwhile}>Save</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What may be changed, in words. */
const PARTS = {
  description: "description",
  tags: "tags",
  labels: "labels",
  parameters: "default parameters",
  paused: "whether it is paused",
  schedules: "schedules",
  work_queue_name: "work queue",
  enforce_parameter_schema: "whether the schema is enforced",
} as const;

/** What another person changed. */
const changedParts = (before: Deployment, now: Deployment): (keyof typeof PARTS)[] =>
  (Object.keys(PARTS) as (keyof typeof PARTS)[]).filter((key) => !same(before[key] as never, now[key] as never));
