/**
 * Logins for registries, which agents pull images with and builds push with. Passwords go in and never come out.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { RegistryLoginInfo } from "../../../domain/registry_logins.ts";
import { api } from "../../api.ts";
import { useLive } from "../../live/use_live.ts";
import { Button } from "../controls.tsx";
import { FormDialog } from "../form_dialog.tsx";
import { Card, Empty, Shown, Table } from "../layout.tsx";
import { ask, toast } from "../overlays.tsx";
import { Time } from "../text.tsx";

/** See the module's comment. */
export function Registries() {
  const live = useLive("registries", api.registryLogins.list, ({ kind }) => kind === "secret");
  const [form, setForm] = useState<"new" | RegistryLoginInfo>();
  return (
    <Card title="Registries" actions={<Button icon="plus" onClick={() => setForm("new")}>New login</Button>}>
      <Shown live={live}>
        {(logins) => (
          <Table
            label="Logins for registries"
            rows={logins}
            rowKey={({ registry }) => registry}
            empty={
              <Empty title="No logins." command="flowctl registry login registry.example.com">
                <p>An agent uses one when its docker configuration has none for that registry.</p>
              </Empty>
            }
            columns={[
              { title: "Registry", main: true, cell: ({ registry }) => <code>{registry}</code> },
              {
                title: "User",
                main: true,
                cell: ({ username }) => username ?? <span class="quiet">another key encrypted it</span>,
              },
              { title: "Set", cell: ({ updated }) => <Time at={updated} /> },
              {
                title: "Actions",
                main: true,
                right: true,
                cell: (login) => (
                  <span class="row-actions">
                    <Button
                      kind="quiet"
                      icon="edit"
                      title={`Replace ${login.registry}`}
                      onClick={() => setForm(login)}
                    />
                    <Button
                      kind="quiet"
                      icon="trash"
                      title={`Delete ${login.registry}`}
                      onClick={() => remove(login)}
                    />
                  </span>
                ),
              },
            ]}
          />
        )}
      </Shown>
      {form === undefined
        ? null
        : <LoginForm login={form === "new" ? undefined : form} onClose={() => setForm(undefined)} />}
    </Card>
  );
}

const LoginForm = ({ login, onClose }: { login?: RegistryLoginInfo; onClose: () => void }) => (
  <FormDialog
    title={login === undefined ? "New login" : `Login for ${login.registry}`}
    action="Save"
    fields={[
      ...login === undefined
        ? [{ name: "registry" as const, label: "Registry", required: true, placeholder: "registry.example.com:5000" }]
        : [],
      { name: "username" as const, label: "User", required: true, value: login?.username ?? "" },
      {
        name: "password" as const,
        label: "Password or token",
        kind: "password" as const,
        required: true,
        hint: "Stored encrypted. It is never shown again.",
      },
    ]}
    submit={({ registry, username, password }) =>
      api.registryLogins.set(login?.registry ?? registry.trim(), { username: username.trim(), password })}
    onClose={onClose}
  />
);

async function remove({ registry }: RegistryLoginInfo) {
  const yes = await ask({
    title: `Delete the login for ${registry}?`,
    text: "Agents without a login of their own can't pull private images from there any more.",
    action: "Delete",
    danger: true,
  });
  if (!yes) return;
  await api.registryLogins.delete(registry);
  toast(`Deleted the login for ${registry}`);
}
