/**
 * The walk of the seed document, in its order: create the deployment, start the server, run it, look at the container.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { EXAMPLE, World } from "./support.ts";

test("the seed's walk works first try: create, start, run, container", async () => {
  await using world = new World();
  world.file("example-deployment.ts", EXAMPLE);

  const created = await world.ok(["deployment", "create", "./example-deployment.ts"]);
  assert.match(created, /Loading deployments from .*'example-deployment\.ts'\.\.\./);
  assert.match(created, /Created deployment 'example' for flow 'my-flow'/);

  const server = await world.server();
  const run = await world.createRun("my-flow/example");
  const done = await world.finished(server.url, run.id);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");

  const [container] = await world.containers(run.id);
  assert.deepEqual(container.Names, [`/${run.name}`]);
  assert.deepEqual(
    (await world.messages(server.url, run.id)).filter((line) => line === "Hello from Docker!").length,
    1,
  );

  await server.prints(new RegExp(`Submitting flow run '${run.name}'`));
  await server.prints(new RegExp(`Created container '${run.name}'`));
  await server.prints(/Hello from Docker!/);
  const stopped = await server.stop("SIGINT");
  assert.equal(stopped.code, 0, server.output());
});

test("a deployment created before the server started is there when it starts", async () => {
  await using world = new World();
  world.file("example-deployment.ts", EXAMPLE);
  await world.ok(["deployment", "create", "./example-deployment.ts"]);
  const server = await world.server(["--no-agent"]);
  const [deployment] = await world.client(server.url).deployments.list();
  assert.equal(deployment.name, "example");
  assert.equal(deployment.flow_runner?.type, "docker");
  assert.match(String(deployment.flow_runner?.config.image), /^flowctl\/flowctl:\d+\.\d+\.\d+-bun\d+\.\d+$/);
});

test("a file gives the same bundle hash from two directories", async () => {
  await using world = new World();
  for (const folder of ["a", "b/c"]) {
    world.file(`${folder}/lib.ts`, `export const greeting: string = "hi";\n`);
    world.file(
      `${folder}/flow.ts`,
      EXAMPLE.replace("\n", `\nimport { greeting } from "./lib.ts";\nconsole.log(greeting.length);\n`),
    );
  }
  const hash = async () =>
    JSON.parse(await world.ok(["deployment", "inspect", "my-flow/example", "-o", "json"])).bundle_hash;
  await world.ok(["deployment", "create", "a/flow.ts"]);
  const first = await hash();
  await world.ok(["deployment", "create", "flow.ts"], { cwd: `${world.work}/b/c` });
  assert.match(first, /^[0-9a-f]{64}$/);
  assert.equal(await hash(), first);
});

test("both names of the API's address work, with and without trailing slash", async () => {
  await using world = new World();
  world.file("example-deployment.ts", EXAMPLE);
  const server = await world.server(["--no-agent"]);
  const elsewhere = `${world.root}/elsewhere`;
  const addresses: Record<string, string>[] = [
    { FLOWCTL_API_URL: `${server.url}/api` },
    { FLOWCTL_API_URL: `${server.url}/api/` },
    { FLOWCTL_ORION_HOST: `${server.url}/api` },
    { FLOWCTL_ORION_HOST: `${server.url}/api/` },
  ];
  for (const address of addresses) {
    const env = { ...address, FLOWCTL_HOME: elsewhere };
    await world.ok(["deployment", "create", "./example-deployment.ts"], { env });
    assert.match(await world.ok(["deployment", "ls"], { env }), /my-flow\/example/);
  }
  assert.equal((await world.client(server.url).deployments.list()).length, 1);
});
