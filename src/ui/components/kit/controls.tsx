/**
 * The controls, shown.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { Checkbox, Menu, Pager, Segmented } from "../choices.tsx";
import { Button, Copy, Field, Select, Switch, TextArea, TextInput } from "../controls.tsx";
import { Card } from "../layout.tsx";
import { ask, Dialog, toast } from "../overlays.tsx";
import { Sample } from "./sample.tsx";

/** See the module's comment. */
export function KitControls() {
  const [name, setName] = useState("nightly");
  const [json, setJson] = useState('{"n": 1}');
  const [kind, setKind] = useState("cron");
  const [on, setOn] = useState(true);
  const [level, setLevel] = useState("info");
  const [open, setOpen] = useState(false);
  return (
    <Card title="Controls">
      <Sample
        title="Buttons"
        code={`<Button kind="primary" icon="play" onClick={run}>Run now</Button>\n<Button kind="quiet" icon="edit" title="Edit" small />`}
      >
        <Button kind="primary" icon="play" onClick={() => toast("Ran")}>Run now</Button>
        <Button>Plain</Button>
        <Button kind="danger" icon="trash">Delete</Button>
        <Button kind="quiet">Quiet</Button>
        <Button disabled>Disabled</Button>
        <Button pressed>Pressed</Button>
        <Button href="/runs" icon="runs">A link</Button>
        <Button small icon="again">Small</Button>
        <Button icon="edit" title="Edit" />
        <Button kind="quiet" icon="more" title="More" />
        <Button onClick={() => Promise.reject(new Error("Cannot reach the registry: it refused the connection"))}>
          Fails
        </Button>
      </Sample>
      <Sample title="Copy" code={`<Copy text={digest} label={digest.slice(0, 19)} />`}>
        <Copy text="flowctl deployment run my-flow/example" />
      </Sample>
      <Sample
        title="Menu"
        code={`<Menu label="More" items={[{ label: "Run again", icon: "again", onClick }, { label: "Delete", danger: true, onClick }]} />`}
      >
        <Menu
          label="More"
          align="left"
          items={[
            { label: "Run again", icon: "again", onClick: () => toast("Again") },
            { label: "Runs of this flow", icon: "runs", href: "/runs" },
            { label: "Not now", icon: "pause", disabled: true },
            { label: "Delete", icon: "trash", danger: true, onClick: () => toast("Deleted") },
          ]}
        />
      </Sample>
      <Sample
        title="Fields"
        code={`<Field label="Name" hint="Unique in its flow" error={error} required>\n  {(ids) => <TextInput {...ids} value={name} onInput={setName} />}\n</Field>`}
      >
        <div class="kit-wide kit-fields">
          <Field label="Name" hint="Unique in its flow" required>
            {(ids) => <TextInput {...ids} value={name} onInput={setName} />}
          </Field>
          <Field label="Wrong" error="Must be a whole number from 1 to 10">
            {(ids) => <TextInput {...ids} value="eleven" onInput={() => {}} />}
          </Field>
          <Field label="Schedule">
            {(ids) => (
              <Select
                {...ids}
                value={kind}
                onChange={setKind}
                options={[["cron", "Cron"], ["interval", "Interval"], ["rrule", "RRule"]]}
              />
            )}
          </Field>
          <Field label="Disabled">
            {(ids) => <TextInput {...ids} value="" placeholder="Nothing here" disabled onInput={() => {}} />}
          </Field>
          <Field label="Parameters">
            {(ids) => <TextArea {...ids} value={json} onInput={setJson} />}
          </Field>
        </div>
      </Sample>
      <Sample
        title="Choices"
        code={`<Switch label="On" on={on} onChange={setOn} />\n<Checkbox label="Tasks, too" on={on} onChange={setOn} />\n<Segmented label="Level" value={level} options={[{ value: "info", label: "Info" }, …]} onChange={setLevel} />`}
      >
        <Switch label="On or off, at once" on={on} onChange={setOn} />
        <Switch label="Disabled" on={false} disabled onChange={() => {}} />
        <Checkbox label="Ticked" on={on} onChange={setOn} />
        <Checkbox label="In part" on={false} some onChange={() => {}} />
        <Segmented
          label="Level"
          value={level}
          onChange={setLevel}
          options={[{ value: "debug", label: "Debug" }, { value: "info", label: "Info" }, {
            value: "error",
            label: "Error",
          }]}
        />
      </Sample>
      <Sample
        title="Dialogs and messages"
        code={`if (await ask({ title: "Delete the run?", text: "…", action: "Delete", danger: true })) { … }\ntoast("Saved");  toast(error.message, "error");`}
      >
        <Button onClick={() => setOpen(true)}>Dialog</Button>
        <Button
          onClick={async () => {
            const yes = await ask({
              title: "Delete 12 runs?",
              text: "Their logs and results go, too. This cannot be undone.",
              action: "Delete",
              danger: true,
            });
            toast(yes ? "Deleted 12 runs" : "Kept");
          }}
        >
          Question
        </Button>
        <Button onClick={() => toast("Saved")}>Message</Button>
        {open
          ? (
            <Dialog
              title="Run now"
              onClose={() => setOpen(false)}
              actions={
                <>
                  <Button onClick={() => setOpen(false)}>Cancel</Button>
                  <Button kind="primary" onClick={() => setOpen(false)}>Run</Button>
                </>
              }
            >
              <Field label="Name">{(ids) => <TextInput {...ids} value={name} onInput={setName} />}</Field>
            </Dialog>
          )
          : null}
      </Sample>
      <Sample title="More of a list" code={`<Pager shown={50} of={1204} noun="run" onMore={more} />`}>
        <div class="kit-wide">
          <Pager shown={50} of={1204} noun="run" onMore={() => toast("More")} />
        </div>
      </Sample>
    </Card>
  );
}
