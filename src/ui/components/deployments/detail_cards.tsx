/**
 * Cards of a deployment's page: what its runs are started with, its versions, its commands.
 *
 * @module
 */
// deno-lint-ignore-file jsx-key -- the entries of Facts are names with values, and no list of elements

import type { ComponentChildren } from "preact";
import type { Deployment } from "../../../domain/deployments.ts";
import { STATE_TYPES } from "../../../domain/state_types.ts";
import { api } from "../../api.ts";
import { Copy } from "../controls.tsx";
import { Card, Shown, Table } from "../layout.tsx";
import { Chips, Facts, StateBadge, Time } from "../text.tsx";
import { useLive } from "../../live/use_live.ts";

const yes = (value: boolean | undefined): string | undefined => value === true ? "yes" : undefined;
const lines = (values: readonly string[] | undefined): ComponentChildren =>
  values === undefined || values.length === 0 ? undefined : (
    <ul class="bare-list">
      {values.map((value) => (
        <li key={value}>
          <code>{value}</code>
        </li>
      ))}
    </ul>
  );

/** Variables; of those that are secrets the secret's name, never a value. */
const envText = (env: Record<string, unknown> | undefined): ComponentChildren =>
  lines(
    Object.entries(env ?? {}).map(([name, value]) =>
      typeof value === "string"
        ? `${name}=${value}`
        : `${name} from secret ${(value as { secret?: string }).secret ?? ""}`
    ),
  );

/** See the module's comment. */
export function RunnerCard({ deployment }: { deployment: Deployment }) {
  const { flow_runner: runner, storage, entrypoint, bundle_hash, secrets } = deployment;
  const docker = runner?.type === "docker" ? runner.config : undefined;
  const stored = storage === null
    ? undefined
    : `${storage.registry_url === null ? "" : `${storage.registry_url}/`}${storage.image_name}:${storage.image_tag}`;
  const image = stored ?? docker?.image;
  return (
    <Card title="Runner">
      <Facts
        items={[
          [
            "Runs in",
            runner === null
              ? "whatever its agent starts"
              : runner.type === "docker"
              ? "a Docker container"
              : "a process",
          ],
          [
            "Image",
            docker === undefined
              ? undefined
              : image === undefined
              ? "flowctl's own of its version"
              : <Copy text={image} />,
          ],
          [
            "Digest",
            storage?.digest == null
              ? undefined
              : <Copy text={storage.digest} label={`${storage.digest.slice(0, 19)}…`} />,
          ],
          ["Pulled", docker?.image_pull_policy],
          ["Command", docker?.command === undefined ? undefined : <code>{docker.command.join(" ")}</code>],
          ["Networks", lines(docker?.networks)],
          ["Network mode", docker?.network_mode],
          ["Volumes", lines(docker?.volumes)],
          ["Variables", envText(runner?.config.env)],
          ["Secrets", secrets.length === 0 ? undefined : <Chips values={secrets} />],
          ["Container labels", lines(Object.entries(docker?.labels ?? {}).map(([name, value]) => `${name}=${value}`))],
          ["Memory", docker?.memory === undefined ? undefined : String(docker.memory)],
          ["CPUs", docker?.cpus === undefined ? undefined : String(docker.cpus)],
          ["Privileged", yes(docker?.privileged)],
          ["Removed when over", yes(docker?.auto_remove)],
          ["Folder", runner?.type === "subprocess" ? runner.config.cwd : undefined],
          ["Entrypoint", entrypoint === null ? undefined : <code>{entrypoint}</code>],
          ["Bundle", bundle_hash === null ? undefined : <Copy text={bundle_hash} label={bundle_hash.slice(0, 12)} />],
        ]}
      />
      {docker?.create_options === undefined ? null : (
        <details>
          <summary>Options for the engine</summary>
          <pre class="deployment-json" tabIndex={0}>{JSON.stringify(docker.create_options, undefined, 2)}</pre>
        </details>
      )}
    </Card>
  );
}

/** Parameters that runs begin with. */
export const ParametersCard = (
  { deployment: { parameters, enforce_parameter_schema, parameter_openapi_schema: schema } }: {
    deployment: Deployment;
  },
) => (
  <Card title="Default parameters">
    {Object.keys(parameters).length === 0
      ? <p class="quiet">None.</p>
      : <pre class="deployment-json" tabIndex={0}>{JSON.stringify(parameters, undefined, 2)}</pre>}
    <p class="hint">
      {schema === null
        ? "There is no schema: runs take any parameters."
        : enforce_parameter_schema
        ? "Runs whose parameters do not fit the schema are refused."
        : "The schema is not enforced: runs take any parameters."}
    </p>
    {schema === null ? null : (
      <details>
        <summary>Schema</summary>
        <pre class="deployment-json" tabIndex={0}>{JSON.stringify(schema, undefined, 2)}</pre>
      </details>
    )}
  </Card>
);

/** What to type instead of pressing. */
export const CommandsCard = ({ deployment: { flow_name, name } }: { deployment: Deployment }) => {
  const whole = /^[\w./-]+$/.test(`${flow_name}/${name}`) ? `${flow_name}/${name}` : `'${flow_name}/${name}'`;
  return (
    <Card title="Commands">
      <ul class="bare-list">
        {[
          `flowctl deployment run ${whole}`,
          `flowctl deployment run ${whole} --watch`,
          `flowctl deployment inspect ${whole}`,
        ].map((
          text,
        ) => (
          <li key={text}>
            <Copy text={text} />
          </li>
        ))}
      </ul>
    </Card>
  );
};

/** Runs that wait are dates of schedules; here are those that came to something. */
const BEGUN = STATE_TYPES.filter((type) => type !== "SCHEDULED");

/** The latest runs, with the way to all. */
export function RunsCard({ id }: { id: string }) {
  const live = useLive(
    `runs of deployment ${id}`,
    () =>
      api.flowRuns.list({
        deployments: { id: { any_: [id] } },
        flow_runs: { state: { type: { any_: BEGUN } } },
        sort: "START_TIME_DESC",
        limit: 10,
      }),
    ({ kind }) => kind === "flow_run",
  );
  return (
    <Card title="Recent runs" actions={<a href={`/runs?deployment=${id}`}>All runs</a>}>
      <Shown live={live}>
        {(runs) => (
          <Table
            label="Recent runs"
            rows={runs}
            rowKey={(run) => run.id}
            empty={<p class="quiet">None yet.</p>}
            columns={[
              { title: "Run", main: true, cell: (run) => <a href={`/flow-runs/${run.id}`}>{run.name}</a> },
              { title: "State", main: true, cell: (run) => <StateBadge type={run.state_type} name={run.state_name} /> },
              {
                title: "When",
                main: true,
                cell: (run) => (
                  <span class="number">
                    <Time at={run.start_time ?? run.expected_start_time} />
                  </span>
                ),
              },
            ]}
          />
        )}
      </Shown>
    </Card>
  );
}

/** What was run before, and what it is now. */
export function VersionsCard({ id }: { id: string }) {
  const live = useLive(
    `versions of deployment ${id}`,
    () => api.deployments.versions(id),
    (change) => change.kind === "deployment" && change.id === id,
  );
  return (
    <Card wide title="Versions">
      <Shown live={live}>
        {(versions) => (
          <Table
            label="Versions"
            rows={versions}
            rowKey={(version) => version.id}
            columns={[
              {
                title: "Version",
                main: true,
                cell: ({ number, current, archived }) => (
                  <>
                    <span class="number">{number}</span>{" "}
                    <Chips values={[...current ? ["current"] : [], ...archived === null ? [] : ["archived"]]} />
                  </>
                ),
              },
              {
                title: "Made",
                main: true,
                cell: ({ created }) => (
                  <span class="number">
                    <Time at={created} />
                  </span>
                ),
              },
              {
                title: "Changed",
                main: true,
                cell: ({ changed, number }) =>
                  changed.length > 0 ? changed.join(", ") : number === 1 ? "first version" : "nothing",
              },
              {
                title: "Image",
                cell: ({ image }) => image === null ? "–" : <span class="deployment-image">{image}</span>,
              },
              {
                title: "Code",
                cell: ({ bundle_hash, content_hash }) => {
                  const hash = content_hash ?? bundle_hash;
                  return hash === null ? "–" : <Copy text={hash} label={hash.slice(0, 12)} />;
                },
              },
              { title: "flowctl", cell: ({ flowctl_version }) => flowctl_version ?? "–" },
            ]}
          />
        )}
      </Shown>
    </Card>
  );
}
