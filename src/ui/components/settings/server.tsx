/**
 * What the server is, where it answers, how much it holds, and the settings that are in force.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import type { Count, ServerInfo } from "../../../domain/server_info.ts";
import { api } from "../../api.ts";
import { bytes, count } from "../../format.ts";
import { useLive } from "../../live/use_live.ts";
import { Copy } from "../controls.tsx";
import { Card, Table } from "../layout.tsx";
import { NeedsAdmin } from "../needs_admin.tsx";
import { Facts, Time } from "../text.tsx";

/** What holds much is not counted anew with each change of a run. */
const CONCERNS = ["project", "flow", "deployment", "agent", "token", "secret"];

/** See the module's comment. */
export function Server() {
  const live = useLive("server", api.admin.server, ({ kind }) => CONCERNS.includes(kind));
  return (
    <NeedsAdmin live={live} what="The server is described to people">
      {(info) => (
        <>
          <Card title="Server">
            <About info={info} />
            <p class="quiet fine after">
              Something does not work? <code>flowctl doctor</code>{" "}
              looks at this machine, its engine and the way between them.
            </p>
          </Card>
          <Card title="Database">
            <Rows info={info} />
          </Card>
          <Card title="In force">
            <Table
              label="Settings in force"
              rows={info.settings}
              rowKey={({ name }) => name}
              empty={<p class="quiet">This API is in a command's own process, which has settings of its own.</p>}
              columns={[
                {
                  title: "Setting",
                  main: true,
                  cell: ({ name, about }) => (
                    <>
                      <code>{name}</code>
                      <div class="quiet described">{about}</div>
                    </>
                  ),
                },
                { title: "Value", main: true, cell: ({ value }) => value },
              ]}
            />
          </Card>
        </>
      )}
    </NeedsAdmin>
  );
}

const About = ({ info }: { info: ServerInfo }) => (
  <Facts
    items={[
      ["Version", info.version],
      ["Build", <Copy key="build" text={info.build} />],
      ["Runtime", info.runtime],
      ["Prefect's API", info.api_version],
      ["Started", info.started === null ? undefined : <Time key="started" at={info.started} />],
      ["Home", info.home === null ? undefined : <Copy key="home" text={info.home} />],
      ...info.addresses.map((address, i): [string, ComponentChildren] => [
        i === 0 ? "API" : "Page",
        <Copy key={address} text={address} />,
      ]),
      [
        "Reached by",
        info.is_exposed === null ? undefined : info.is_exposed ? "others, with tokens" : "this machine only",
      ],
      [
        "This machine",
        info.loopback === null
          ? undefined
          : info.loopback === "trust"
          ? "is trusted without a token"
          : "needs a token, too",
      ],
    ]}
  />
);

const NOUNS: readonly (readonly [keyof ServerInfo["counts"], string])[] = [
  ["projects", "Projects"],
  ["flows", "Flows"],
  ["deployments", "Deployments"],
  ["flow_runs", "Runs"],
  ["task_runs", "Task runs"],
  ["logs", "Log lines"],
  ["agents", "Agents"],
  ["tokens", "Tokens"],
  ["secrets", "Secrets"],
];

const amount = ({ count: rows, at_least }: Count) => `${count(rows)}${at_least ? "+" : ""}`;

const Rows = ({ info: { database, counts } }: { info: ServerInfo }) => (
  <Facts
    items={[
      ["Size", bytes(database.size)],
      ["File", database.path === null ? undefined : <Copy key="path" text={database.path} />],
      ["Schema", String(database.schema)],
      ...NOUNS.map(([noun, name]): [string, string] => [name, amount(counts[noun])]),
    ]}
  />
);
