/**
 * Who may do what with secrets.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { DeploymentCreate } from "../../src/domain/deployments.ts";
import { queryAll } from "../../src/store/connection.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const AGENT = "aaaaaaaa-0000-4000-8000-000000000000";
const VALUE = "open sesame";

/** A run of a deployment that is claimed. */
async function claimed(server: TestServer, deployment: Partial<DeploymentCreate>) {
  const { agents, deployments } = server.client;
  await agents.create({ id: AGENT, name: "agent" });
  const { id } = await server.aDeployment({ flow_runner: { type: "subprocess" } as never, ...deployment });
  const run = await deployments.createRun(id);
  const [{ lease }] = (await agents.claim(AGENT, { slots: 1 })).claims;
  return { run, lease, deploymentId: id, own: server.clientOf(lease.token) };
}

const isCode = (code: string, says = /./) => (error: Error & { code?: string }) =>
  error.code === code && says.test(error.message);

test("a secret is set, changed, listed by name and deleted, and no answer holds its value", async () => {
  await using server = await startTestServer();
  const first = await server.send("PUT", "/api/secrets/TOKEN", { value: VALUE });
  assert.equal(first.status, 201);
  server.clock.advance(1);
  const second = await server.send("PUT", "/api/secrets/TOKEN", { value: `${VALUE}!` });
  assert.equal(second.status, 200);
  assert.ok(second.body.updated > second.body.created);
  await server.client.secrets.set("ANOTHER", VALUE);
  const listed = await server.send("POST", "/api/secrets/filter", {});
  assert.deepEqual(listed.body.map(({ name }: { name: string }) => name), ["ANOTHER", "TOKEN"]);
  const refused = await server.send("GET", "/api/secrets/TOKEN/value");
  assert.equal(refused.status, 403);
  for (const { text } of [first, second, listed, refused]) assert.ok(!text.includes("sesame"), text);
  const stored = await queryAll(server.store.read, "SELECT * FROM secret", []);
  assert.ok(!JSON.stringify(stored).includes("sesame"));
  await server.client.secrets.delete("TOKEN");
  assert.equal((await server.send("DELETE", "/api/secrets/TOKEN")).status, 404);
  assert.deepEqual((await server.client.secrets.list()).map(({ name }) => name), ["ANOTHER"]);
});

for (
  const [what, name, body] of [
    ["a name with a slash", "registry%2Fghcr.io", { value: VALUE }],
    ["a name that begins with a digit", "1A", { value: VALUE }],
    ["an empty value", "A", { value: "" }],
    ["a value that is no text", "A", { value: [VALUE] }],
    ["a value that is too long", "A", { value: VALUE.repeat(10_000) }],
    ["no JSON", "A", `{"value": "${VALUE}`],
  ] as const
) {
  test(`${what} is refused, and the answer does not repeat the value`, async () => {
    await using server = await startTestServer();
    const { status, text } = await server.send("PUT", `/api/secrets/${name}`, body);
    assert.equal(status, 422);
    assert.ok(!text.includes("sesame"), text);
    assert.deepEqual(await server.client.secrets.list(), []);
    assert.ok(!server.lines.join("\n").includes("sesame"));
  });
}

test("a run reads the secrets that its deployment's version names, in a list or in its runner's env, and no others", async () => {
  await using server = await startTestServer();
  for (const name of ["LISTED", "IN_ENV", "FOREIGN"]) await server.client.secrets.set(name, `${name} ${VALUE}`);
  const { own, deploymentId } = await claimed(server, {
    secrets: ["LISTED", "GONE"],
    flow_runner: { type: "subprocess", config: { env: { X: { secret: "IN_ENV" }, Y: "plain" } } } as never,
  });
  assert.equal(await own.secrets.value("LISTED"), `LISTED ${VALUE}`);
  assert.equal(await own.secrets.value("IN_ENV"), `IN_ENV ${VALUE}`);
  await assert.rejects(own.secrets.value("FOREIGN"), isCode("forbidden", /the run's deployment does not name it/));
  await assert.rejects(own.secrets.value("GONE"), isCode("not_found", /there is no secret of that name/));

  const deployment = await server.client.deployments.read(deploymentId);
  assert.deepEqual(deployment.secrets, ["GONE", "IN_ENV", "LISTED"]);
  assert.deepEqual(deployment.flow_runner!.config.env, { X: { secret: "IN_ENV" }, Y: "plain" });
  // A later version changes nothing for the run.
  const flow_id = deployment.flow_id;
  await server.aDeployment({ flow_id, secrets: ["FOREIGN"], flow_runner: { type: "subprocess" } as never });
  await assert.rejects(own.secrets.value("FOREIGN"), isCode("forbidden"));
  assert.equal(await own.secrets.value("LISTED"), `LISTED ${VALUE}`);
});

test("a run whose attempt is over reads nothing, and a run sets, lists and deletes nothing", async () => {
  await using server = await startTestServer();
  await server.client.secrets.set("A", VALUE);
  const { own, lease } = await claimed(server, { secrets: ["A"] });
  await assert.rejects(own.secrets.set("A", "x"), isCode("forbidden"));
  await assert.rejects(own.secrets.list(), isCode("forbidden"));
  await assert.rejects(own.secrets.delete("A"), isCode("forbidden"));
  await server.client.agents.release(lease.id);
  await assert.rejects(own.secrets.value("A"), isCode("fenced"));
});

test("a run that has ended reads its secrets until its lease is given back, so that its last lines can be hidden", async () => {
  await using server = await startTestServer();
  await server.client.secrets.set("A", VALUE);
  const { own, run, lease } = await claimed(server, { secrets: ["A"] });
  await own.flowRuns.setState(run.id, { type: "RUNNING" });
  await own.flowRuns.setState(run.id, { type: "COMPLETED" });
  assert.equal(await own.secrets.value("A"), VALUE);
  await server.client.agents.release(lease.id);
  await assert.rejects(own.secrets.value("A"), isCode("fenced"));
});

test("a value that was encrypted with another key is told in a sentence", async () => {
  await using server = await startTestServer();
  await server.client.secrets.set("A", VALUE);
  const { own } = await claimed(server, { secrets: ["A"] });
  const other = btoa("x".repeat(40));
  await server.store.write((tx) => queryAll(tx, "UPDATE secret SET value = ? RETURNING name", [other]));
  await assert.rejects(own.secrets.value("A"), isCode("invalid", /^Cannot read secret "A": it was encrypted/));
});

test("a login for a registry is read by agents and builds under any of the registry's names, and by no run", async () => {
  await using server = await startTestServer();
  const { registryLogins, secrets } = server.client;
  const login = { username: "flows", password: VALUE };
  const stored = await server.send("PUT", "/api/registry_logins/Docker.IO", login);
  assert.equal(stored.status, 201);
  assert.equal(stored.body.registry, "docker.io");
  const { own } = await claimed(server, {});
  assert.deepEqual(await registryLogins.forAgent(AGENT, "https://index.docker.io/v1/"), login);
  assert.deepEqual(await registryLogins.read("docker.io"), login);
  await assert.rejects(own.registryLogins.read("docker.io"), isCode("forbidden"));
  await assert.rejects(registryLogins.forAgent(AGENT, "ghcr.io"), isCode("not_found"));
  await assert.rejects(registryLogins.forAgent(crypto.randomUUID(), "docker.io"), isCode("not_found", /Agent/));
  await assert.rejects(own.registryLogins.forAgent(AGENT, "docker.io"), isCode("forbidden"));
  await assert.rejects(own.secrets.value("registry/docker.io"), isCode("forbidden"));

  const listed = await server.send("POST", "/api/registry_logins/filter", {});
  assert.deepEqual(listed.body.map(({ registry }: { registry: string }) => registry), ["docker.io"]);
  for (const { text } of [stored, listed]) assert.ok(!text.includes("sesame"), text);
  assert.deepEqual(await secrets.list(), []);
  await registryLogins.delete("docker.io");
  await assert.rejects(registryLogins.delete("docker.io"), isCode("not_found"));
  await assert.rejects(registryLogins.set("not a host", login), isCode("invalid", /a registry is a host/));
});
