/**
 * Secrets by name. Their values go in and never come out.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { SecretInfo } from "../../../domain/secrets.ts";
import { api } from "../../api.ts";
import { useLive } from "../../live/use_live.ts";
import { Button } from "../controls.tsx";
import { FormDialog } from "../form_dialog.tsx";
import { Card, Empty, Shown, Table } from "../layout.tsx";
import { ask, toast } from "../overlays.tsx";
import { Time } from "../text.tsx";

/** See the module's comment. */
export function Secrets() {
  const live = useLive("secrets", api.secrets.list, ({ kind }) => kind === "secret");
  const [form, setForm] = useState<"new" | SecretInfo>();
  return (
    <Card title="Secrets" actions={<Button icon="plus" onClick={() => setForm("new")}>New secret</Button>}>
      <Shown live={live}>
        {(secrets) => (
          <Table
            label="Secrets"
            rows={secrets}
            rowKey={({ name }) => name}
            empty={
              <Empty title="No secrets." command="flowctl secret set MY_SECRET">
                <p>Only runs read a value, and only those whose deployment names the secret.</p>
              </Empty>
            }
            columns={[
              { title: "Name", main: true, cell: ({ name }) => <code>{name}</code> },
              { title: "Created", cell: ({ created }) => <Time at={created} /> },
              { title: "Set", cell: ({ updated }) => <Time at={updated} /> },
              {
                title: "Actions",
                main: true,
                right: true,
                cell: (secret) => (
                  <span class="row-actions">
                    <Button kind="quiet" icon="edit" title={`Replace ${secret.name}`} onClick={() => setForm(secret)} />
                    <Button kind="quiet" icon="trash" title={`Delete ${secret.name}`} onClick={() => remove(secret)} />
                  </span>
                ),
              },
            ]}
          />
        )}
      </Shown>
      {form === undefined
        ? null
        : <SecretForm secret={form === "new" ? undefined : form} onClose={() => setForm(undefined)} />}
    </Card>
  );
}

const SecretForm = ({ secret, onClose }: { secret?: SecretInfo; onClose: () => void }) => (
  <FormDialog
    title={secret === undefined ? "New secret" : `Replace ${secret.name}`}
    action={secret === undefined ? "Create" : "Replace"}
    fields={[
      ...secret === undefined
        ? [{ name: "name" as const, label: "Name", required: true, hint: "Letters, digits, _, . and -" }]
        : [],
      {
        name: "value" as const,
        label: "Value",
        kind: "password" as const,
        required: true,
        hint: "Stored encrypted. It is never shown again.",
      },
    ]}
    submit={async ({ name, value }) => {
      const named = secret?.name ?? name.trim();
      const taken = secret === undefined && (await api.secrets.list()).some((one) => one.name === named);
      if (taken) throw new Error(`Cannot create secret "${named}": there is one of that name`);
      await api.secrets.set(named, value);
    }}
    onClose={onClose}
  />
);

async function remove({ name }: SecretInfo) {
  const yes = await ask({
    title: `Delete secret ${name}?`,
    text: "Runs whose deployment names it fail from then on.",
    action: "Delete",
    danger: true,
  });
  if (!yes) return;
  await api.secrets.delete(name);
  toast(`Deleted secret ${name}`);
}
