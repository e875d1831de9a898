import assert from "node:assert/strict";
import { deploy } from "../../src/sdk/deploy.ts";
import { loadDeployments } from "../../src/sdk/deployments.ts";
import { executeFlowRun } from "../../src/sdk/execute.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { FakeApi } from "../testing/fake_api.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";
import { useFakeApi } from "./helpers.ts";

const FLOW = `import { cron, DeploymentSpec, DockerFlowRunner, flow, task } from "flowctl";
import { greeting } from "./lib.ts";

const say = task("say", (name: string) => console.log(greeting(name)));
const myFlow = flow("my-flow", async ({ name = "world" }: { name?: string }) => {
  await say(name);
  if (name === "nobody") throw new RangeError("there is nobody");
}, {
  parameters: { type: "object", properties: { name: { type: "string" } } },
  labels: ["gpu"],
});

new DeploymentSpec({ name: "example", flow: myFlow, flowRunner: new DockerFlowRunner(), schedule: cron("0 0 * * *") });
`;
const FILES = { "flow.ts": FLOW, "lib.ts": "export const greeting = (name: string): string => `Hello, ${name}`;\n" };
const VERSION = { version: "0.1.0", runtimeTag: "bun1.4" };

const refusal = async (work: Promise<unknown>, says: RegExp) => {
  await assert.rejects(work, (error) => {
    assert(isFlowctlError(error), String(error));
    assert.match(error.message, says);
    return true;
  });
};

test("a flow file becomes bundle, flow and deployment, with the default image pinned", async () => {
  using folder = testFolder(FILES);
  const api = new FakeApi();
  const [spec, ...others] = await loadDeployments(`${folder.path}/flow.ts`);
  assert.equal(others.length, 0);
  await deploy(api.client, spec, VERSION);
  const [deployment] = api.deployments;
  assert.equal(api.bundles.size, 1);
  assert(api.bundles.has(deployment.bundle_hash));
  assert.equal(deployment.name, "example");
  assert.equal(deployment.entrypoint, "my-flow");
  assert.deepEqual(deployment.flow_runner, { type: "docker", config: { image: "flowctl/flowctl:0.1.0-bun1.4" } });
  assert.deepEqual(deployment.labels, ["gpu"]);
  assert.deepEqual(deployment.schedules, [{ schedule: { cron: "0 0 * * *", timezone: null, day_or: true } }]);
  assert.deepEqual(deployment.parameter_openapi_schema.properties, { name: { type: "string" } });
  assert.equal(deployment.flowctl_version, "0.1.0");
});

async function deployed(files: Record<string, string> = FILES) {
  using folder = testFolder(files);
  const api = new FakeApi();
  const [spec] = await loadDeployments(`${folder.path}/flow.ts`);
  await deploy(api.client, spec, VERSION);
  return api;
}

async function execute(api: FakeApi, row: Record<string, unknown>, env = {}) {
  const run = api.aFlowRun({ deployment_id: api.deployments[0]?.id, ...row });
  const printed: string[] = [];
  const code = await executeFlowRun({
    client: api.client,
    flowRunId: run.id,
    env,
    print: (line) => void printed.push(line),
  });
  return { run, code, printed };
}

test("a run of a deployment is executed from its bundle", async () => {
  const api = await deployed();
  const { run, code, printed } = await execute(api, { parameters: { name: "you" } }, {
    FLOWCTL_ATTEMPT: "2",
    FLOWCTL_LOG_MARKS: "1",
  });
  assert.equal(code, 0);
  assert.equal(run.state_name, "Completed");
  assert(printed.some((line) => line.endsWith("flowctl.say | Hello, you\u001b_fc3\u001b\\")));
  assert(api.logs.every((log) => log.key?.startsWith("2:s")));
});

test("the message of a failed run names the flow file and its line", async () => {
  const api = await deployed();
  const { run, code } = await execute(api, { parameters: { name: "nobody" } });
  assert.equal(code, 1);
  assert.match(run.state.message, /RangeError: there is nobody \(flow\.ts:7:\d+\)$/);
});

test("parameters that do not fit make the run Failed with a sentence", async () => {
  const api = await deployed();
  const { run, code } = await execute(api, { parameters: { name: 1 } });
  assert.equal(code, 1);
  assert.equal(run.state.message, 'Cannot run flow "my-flow": Parameter "name" must be string');
});

test("a run whose code cannot be had is closed with a sentence", async () => {
  const cases: [string, (api: FakeApi) => void, RegExp][] = [
    ["Crashed", (api) => api.bundles.clear(), /Bundle not found/],
    ["Crashed", (api) => api.deployments[0].bundle_hash = null, /has no bundle/],
    [
      "Failed",
      (api) => api.deployments[0].entrypoint = "other",
      /flow "other" is not in its bundle, which defines "my-flow"/,
    ],
    ["Crashed", (api) => {
      for (const hash of api.bundles.keys()) api.bundles.set(hash, "export {};");
    }, /another hash/],
  ];
  for (const [state, spoil, says] of cases) {
    const api = await deployed();
    spoil(api);
    const { run, code, printed } = await execute(api, {});
    assert.equal(code, 1);
    assert.equal(run.state_name, state);
    assert.match(run.state.message, says);
    assert.equal(printed.length, 1);
  }
});

test("a run that is over already is not executed again", async () => {
  const api = await deployed();
  const { run } = await execute(api, {});
  const before = api.requests.length;
  assert.equal(await executeFlowRun({ client: api.client, flowRunId: run.id, env: {}, print: () => {} }), 0);
  assert.deepEqual(api.requests.slice(before), [`GET /flow_runs/${run.id}`]);
});

test("two flows or deployments of one name are an error that names both places", async () => {
  using folder = testFolder({
    "flows.ts": 'import { flow } from "flowctl";\nflow("a", () => 1);\nflow("a", () => 2);\n',
    "specs.ts": 'import { DeploymentSpec, flow } from "flowctl";\nconst a = flow("a", () => 1);\n' +
      'new DeploymentSpec({ name: "x", flow: a });\nnew DeploymentSpec({ name: "x", flow: a });\n',
  });
  await refusal(
    loadDeployments(`${folder.path}/flows.ts`),
    /^Cannot define flow "a" twice in one file: .*flows\.ts:2:\d+ and at .*flows\.ts:3:\d+$/,
  );
  await refusal(
    loadDeployments(`${folder.path}/specs.ts`),
    /^Cannot define deployment "a\/x" twice .*specs\.ts:3:\d+ and at .*specs\.ts:4:\d+$/,
  );
});

test("a file without a deployment says what it defines", async () => {
  using folder = testFolder({
    "flow.ts": 'import { flow } from "flowctl"; flow("lonely", () => 1);',
    "none.ts": "export {};",
  });
  await refusal(loadDeployments(`${folder.path}/flow.ts`), /defines flow "lonely" and no DeploymentSpec$/);
  await refusal(loadDeployments(`${folder.path}/none.ts`), /defines no flow and no DeploymentSpec$/);
});

test("a flow that a file calls at its top level is not run while the file is loaded", async () => {
  await using fake = useFakeApi();
  using folder = testFolder({
    "flow.ts": 'import { DeploymentSpec, flow } from "flowctl";\nconst f = flow("f", () => 1);\n' +
      'new DeploymentSpec({ name: "d", flow: f });\nexport const result = await f();\n',
  });
  assert.equal((await loadDeployments(`${folder.path}/flow.ts`)).length, 1);
  assert.deepEqual(fake.api.requests, []);
});

test("a wrong option and a missing export of the SDK name the user's line", async () => {
  using folder = testFolder({
    "flow.ts": 'import { flow } from "flowctl";\n\nflow("a", () => 1, { retires: 1 });\n',
    "gone.ts": 'import { flow, gone } from "flowctl";\nflow("a", gone);\n',
  });
  await refusal(
    loadDeployments(`${folder.path}/flow.ts`),
    /^Cannot make flow "a": it has no option "retires" at .*flow\.ts:3:\d+$/,
  );
  await refusal(loadDeployments(`${folder.path}/gone.ts`), /gone.*gone\.ts:1:\d+$/);
});

test("YAML describes deployments of flow files beside it", async () => {
  using folder = testFolder({
    ...FILES,
    "deploy/all.yaml": `- name: nightly
  flow_location: ../flow.ts
  flow_name: my-flow
  parameters: { name: you }
  tags: [a]
  schedule: { interval: 1h }
  flow_runner: { type: docker, config: { image: "node:22" } }
  version: 7
- name: local
  flow_location: ../flow.ts
  flow_runner: { type: subprocess }
`,
  });
  const [nightly, local] = await loadDeployments(`${folder.path}/deploy/all.yaml`);
  const api = new FakeApi();
  await deploy(api.client, nightly, VERSION);
  await deploy(api.client, local, VERSION);
  const [first, second] = api.deployments;
  assert.deepEqual([first.name, first.version, first.parameters, first.tags], ["nightly", "7", { name: "you" }, ["a"]]);
  assert.equal(first.flow_runner.config.image, "node:22");
  assert.equal(first.schedules[0].schedule.interval, 3600);
  assert.equal(second.flow_runner.type, "subprocess");
  assert.deepEqual(second.labels, ["gpu"]);
  assert.equal(first.bundle_hash, second.bundle_hash);
});

test("a YAML file that is wrong says where", async () => {
  using folder = testFolder({
    ...FILES,
    "key.yaml": "name: a\nflow_location: ./flow.ts\nflow_nam: my-flow\n",
    "flow.yaml": "name: a\nflow_location: ./flow.ts\nflow_name: other\n",
    "runner.yaml": "name: a\nflow_location: ./flow.ts\nflow_runner: { type: docker, config: { imag: x } }\n",
    "double.yaml": "name: a\nname: b\n",
    "twice.yaml": "- { name: a, flow_location: ./flow.ts }\n- { name: a, flow_location: ./flow.ts }\n",
    "gone.yaml": "name: a\nflow_location: ./gone.ts\n",
  });
  await refusal(loadDeployments(`${folder.path}/key.yaml`), /has no option "flow_nam"/);
  await refusal(
    loadDeployments(`${folder.path}/flow.yaml`),
    /flow "other" is not there, and ".\/flow.ts" defines "my-flow"/,
  );
  await refusal(loadDeployments(`${folder.path}/runner.yaml`), /flow_runner\.config.*imag/);
  await refusal(loadDeployments(`${folder.path}/double.yaml`), /double\.yaml:2:1/);
  await refusal(loadDeployments(`${folder.path}/twice.yaml`), /"my-flow\/a" is defined twice/);
  await refusal(loadDeployments(`${folder.path}/gone.yaml`), /no such file/);
});

test("a deployment's parameters must fit the flow's schema, though not all must be given", async () => {
  using folder = testFolder({
    "flow.ts": 'import { DeploymentSpec, flow } from "flowctl";\n' +
      'const f = flow("f", ({ n }: { n: number; m: number }) => n, { parameters: { type: "object", required: ["n", "m"],' +
      ' properties: { n: { type: "integer" } } } });\n' +
      'new DeploymentSpec({ name: "good", flow: f, parameters: { n: 1 } });\n' +
      'new DeploymentSpec({ name: "bad", flow: f, parameters: { n: "x" as never } });\n',
  });
  const api = new FakeApi();
  const [good, bad] = await loadDeployments(`${folder.path}/flow.ts`);
  await deploy(api.client, good, VERSION);
  await refusal(deploy(api.client, bad, VERSION), /Cannot create deployment "f\/bad": Parameter "n" must be integer/);
});
