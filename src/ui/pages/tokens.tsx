/**
 * Tokens: who may ask the API for what. A token's text is shown once, when it is made.
 *
 * @module
 */

import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import type { Token, TokenCreate, TokenMade } from "../../domain/tokens.ts";
import { withQuery } from "../address.ts";
import { api } from "../api.ts";
import { Badge } from "../components/bits.tsx";
import { Button, Copy, Switch } from "../components/controls.tsx";
import { FormDialog } from "../components/form_dialog.tsx";
import { Empty, Page, Table } from "../components/layout.tsx";
import { NeedsAdmin } from "../components/needs_admin.tsx";
import { ask, Dialog, toast } from "../components/overlays.tsx";
import { now, Time } from "../components/text.tsx";
import { useLive } from "../live/use_live.ts";

/** What each scope is good for; the names are the API's. */
const SCOPES = [
  ["USER", "USER: everything but tokens and settings"],
  ["RUNNER", "RUNNER: what an agent needs"],
  ["ADMIN", "ADMIN: everything"],
] as const;

/** See the module's comment. */
export default function TokensPage() {
  const { url, query, route } = useLocation();
  const revoked = query.revoked === "1";
  const [isNew, setNew] = useState(false);
  const [made, setMade] = useState<TokenMade>();
  const live = useLive(`tokens ${revoked}`, () => api.tokens.list({ revoked }), ({ kind }) => kind === "token");
  return (
    <Page
      title="Tokens"
      actions={
        <>
          <Switch
            label="Revoked ones, too"
            on={revoked}
            onChange={(on) => route(withQuery(url, { revoked: on ? "1" : "" }), true)}
          />
          <Button kind="primary" icon="plus" onClick={() => setNew(true)}>New token</Button>
        </>
      }
    >
      <NeedsAdmin live={live} what="Tokens are seen and made">
        {(tokens) => <Rows tokens={tokens} />}
      </NeedsAdmin>
      {isNew ? <NewToken onMade={setMade} onClose={() => setNew(false)} /> : null}
      {made === undefined ? null : <Once made={made} onClose={() => setMade(undefined)} />}
    </Page>
  );
}

const Rows = ({ tokens }: { tokens: readonly Token[] }) => (
  <Table
    label="Tokens"
    rows={tokens}
    rowKey={({ id }) => id}
    empty={
      <Empty title="No tokens." command="flowctl auth create-token -n my-laptop">
        <p>Who asks from this machine needs none, unless the server was told to require one.</p>
      </Empty>
    }
    columns={[
      {
        title: "Name",
        main: true,
        cell: (token) => (
          <>
            {token.name} <Standing token={token} />
          </>
        ),
      },
      { title: "Scope", main: true, cell: ({ scope }) => <code>{scope}</code> },
      { title: "Created", cell: ({ created }) => <Time at={created} /> },
      { title: "Last used", cell: ({ last_used }) => last_used === null ? "never" : <Time at={last_used} /> },
      { title: "Expires", cell: ({ expires }) => expires === null ? "never" : <Time at={expires} /> },
      {
        title: "Actions",
        main: true,
        right: true,
        cell: (token) =>
          token.revoked === null ? <Button small kind="danger" onClick={() => revoke(token)}>Revoke</Button> : null,
      },
    ]}
  />
);

function Standing({ token: { revoked, expires } }: { token: Token }) {
  if (revoked !== null) return <Badge tone="danger">revoked</Badge>;
  if (expires !== null && Date.parse(expires) <= now.value) return <Badge tone="warning">expired</Badge>;
  return null;
}

const NewToken = ({ onMade, onClose }: { onMade: (made: TokenMade) => void; onClose: () => void }) => (
  <FormDialog
    title="New token"
    action="Create"
    fields={[
      { name: "name", label: "Name", required: true, hint: "Who has it, or what it is for." },
      { name: "scope", label: "Scope", options: SCOPES, value: "USER" },
      { name: "expires", label: "Expires", kind: "datetime-local", hint: "Empty: never." },
    ]}
    submit={async ({ name, scope, expires }) =>
      onMade(
        await api.tokens.create({
          name,
          scope: scope as TokenCreate["scope"],
          // The control says the viewer's own time.
          expires: expires === "" ? undefined : new Date(expires).toISOString(),
        }),
      )}
    onClose={onClose}
  />
);

const Once = ({ made, onClose }: { made: TokenMade; onClose: () => void }) => (
  <Dialog
    title={`Token ${made.name}`}
    onClose={onClose}
    actions={<Button kind="primary" onClick={onClose}>Done</Button>}
  >
    <div class="once">
      <Copy text={made.token} />
    </div>
    <p>
      <strong>Copy it now.</strong> It is shown this once and kept nowhere. Hand it over as{" "}
      <code>FLOWCTL_API_KEY</code>, or with <code>flowctl auth login</code>.
    </p>
  </Dialog>
);

async function revoke({ id, name }: Token) {
  const yes = await ask({
    title: `Revoke token ${name}?`,
    text: "From then on it is refused, wherever it is in use. It can't be undone.",
    action: "Revoke",
    danger: true,
  });
  if (!yes) return;
  await api.tokens.revoke(id);
  toast(`Revoked token ${name}`);
}
