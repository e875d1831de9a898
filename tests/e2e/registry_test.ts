/**
 * Pulls from a registry that wants a password: who pulls, how far it is, what goes wrong, and who has to wait.
 *
 * @module
 */

import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { FlowRun } from "../../src/domain/flow_runs.ts";
import { test } from "../testing/test.ts";
import { dockerConfig, LOGIN, Registry, RegistryProxy } from "./registry.ts";
import { until, World } from "./support.ts";

/** A deployment `NAME/d` that runs a command of an image; no binary has to get into it. */
const commandFlow = (name: string, image: string, more = "") =>
  `import { DeploymentSpec, DockerFlowRunner, flow } from "flowctl";
const f = flow("${name}", () => {});
new DeploymentSpec({ name: "d", flow: f, flowRunner: new DockerFlowRunner({
  image: "${image}", command: ["/bin/busybox", "echo", "hello from ${name}"], ${more}
}) });
`;

async function create(world: World, name: string, image: string, more = ""): Promise<void> {
  world.file(`${name}.ts`, commandFlow(name, image, more));
  await world.ok(["deployment", "create", `./${name}.ts`]);
}

/** The world's home is its user's home too, so this is where `docker login` would write. */
const login = (world: World, config: string) => world.file("../.docker/config.json", config);

async function runOnce(world: World, url: string, name: string): Promise<FlowRun & { tookMs: number }> {
  const begun = Date.now();
  const { id } = await world.createRun(`${name}/d`);
  return { ...await world.finished(url, id), tookMs: Date.now() - begun };
}

test("a login takes effect without a restart; a wrong one and none are Failed within seconds, with the way to log in", async () => {
  await using registry = await Registry.start();
  const image = `${registry.host}/${await registry.push()}`;
  await using world = new World();
  await create(world, "private", image, `imagePullPolicy: "Always"`);
  const server = await world.server();

  const none = await runOnce(world, server.url, "private");
  assert.equal(none.state_type, "FAILED");
  assert.match(none.state!.message!, /^Submission failed: Cannot pull image ".*": the engine says ".*auth/);
  assert.ok(none.state!.message!.includes(`with: docker login ${registry.host}`), none.state!.message!);
  assert.ok(none.tookMs < 10_000, `${none.tookMs} ms`);

  login(world, dockerConfig(registry.host, { ...LOGIN, password: "open-barley" }));
  const wrong = await runOnce(world, server.url, "private");
  assert.equal(wrong.state_type, "FAILED");
  assert.match(wrong.state!.message!, /the engine says ".*unauthorized/);
  assert.match(wrong.state!.message!, /did not take the login .* docker login 127/);

  login(world, dockerConfig(registry.host));
  const right = await runOnce(world, server.url, "private");
  assert.equal(right.state_type, "COMPLETED", right.state?.message ?? "");
  const messages = await world.messages(server.url, right.id);
  assert.ok(messages.includes("hello from private"), messages.join("\n"));

  const everything = [server.output(), none.state!.message, wrong.state!.message, ...messages].join("\n");
  for (const secret of [LOGIN.password, "open-barley", btoa(`${LOGIN.username}:${LOGIN.password}`)]) {
    assert.ok(!everything.includes(secret), "a secret was logged");
  }
});

test("a login that the API keeps is used when the docker configuration has none; right, wrong and none", async () => {
  await using registry = await Registry.start();
  const image = `${registry.host}/${await registry.push()}`;
  await using world = new World();
  await create(world, "stored", image, `imagePullPolicy: "Always"`);
  const server = await world.server();
  const store = (password: string) =>
    world.ok(["registry", "login", registry.host, "--username", LOGIN.username], { input: `${password}\n` });

  const none = await runOnce(world, server.url, "stored");
  assert.equal(none.state_type, "FAILED");
  assert.ok(none.state!.message!.includes(`with: flowctl registry login ${registry.host}`), none.state!.message!);

  await store("open-barley");
  const wrong = await runOnce(world, server.url, "stored");
  assert.equal(wrong.state_type, "FAILED");
  assert.match(wrong.state!.message!, /did not take the login that the API keeps; .* flowctl registry login 127/);

  await store(LOGIN.password);
  const right = await runOnce(world, server.url, "stored");
  assert.equal(right.state_type, "COMPLETED", right.state?.message ?? "");
  assert.equal(await world.ok(["registry", "ls", "-o", "name"]), `${registry.host}\n`);
  assert.equal(await world.ok(["secret", "ls", "-o", "name"]), "");

  // What docker has goes first.
  login(world, dockerConfig(registry.host, { ...LOGIN, password: "open-barley" }));
  const own = await runOnce(world, server.url, "stored");
  assert.match(own.state!.message!, /did not take the login that the docker configuration has/);
  login(world, JSON.stringify({ credHelpers: { [registry.host]: "nobody" } }));
  const helped = await runOnce(world, server.url, "stored");
  assert.equal(helped.state_type, "COMPLETED", helped.state?.message ?? "");

  await world.ok(["registry", "logout", registry.host]);
  assert.equal((await world.run(["registry", "logout", registry.host])).code, 3);
  const messages = await Promise.all([none, wrong, right, own, helped].map(({ id }) => world.messages(server.url, id)));
  const everything = [server.output(), wrong.state!.message, own.state!.message, ...messages.flat()].join("\n");
  for (const secret of [LOGIN.password, "open-barley", btoa(`${LOGIN.username}:${LOGIN.password}`)]) {
    assert.ok(!everything.includes(secret), "a secret was logged");
  }
});

test("a credential helper is asked, and one that is not there stands in the hint", async () => {
  await using registry = await Registry.start();
  const image = `${registry.host}/${await registry.push()}`;
  await using world = new World();
  const helper = world.file(
    "bin/docker-credential-sesame",
    `#!/bin/sh
host=$(cat)
[ "$1" = get ] && [ "$host" = "${registry.host}" ] || { echo "credentials not found in native keychain"; exit 1; }
echo '{"ServerURL":"'$host'","Username":"${LOGIN.username}","Secret":"${LOGIN.password}"}'
`,
  );
  chmodSync(helper, 0o755);
  await create(world, "helped", image, `imagePullPolicy: "Always"`);
  const server = await world.server([], { PATH: `${join(world.work, "bin")}:${process.env.PATH}` });

  login(world, JSON.stringify({ credHelpers: { [registry.host]: "nobody" } }));
  const failed = await runOnce(world, server.url, "helped");
  assert.equal(failed.state_type, "FAILED");
  assert.match(failed.state!.message!, /"docker-credential-nobody": there is no such program on the PATH/);

  login(world, JSON.stringify({ credHelpers: { [registry.host]: "sesame" } }));
  const done = await runOnce(world, server.url, "helped");
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.ok(!server.output().includes(LOGIN.password));
});

test("how far a pull is stands in the run's logs once each, and on the agent's terminal", async () => {
  await using registry = await Registry.start();
  const image = `${registry.host}/${await registry.push(8_000_000)}`;
  await using world = new World();
  login(world, dockerConfig(registry.host));
  await create(world, "shown", image);
  const server = await world.server();
  const run = await runOnce(world, server.url, "shown");
  assert.equal(run.state_type, "COMPLETED", run.state?.message ?? "");
  const lines = (await world.ok(["flow-run", "logs", run.id])).split("\n");
  const expected = [
    /INFO - flowctl\.Agent \| Pulling image '.*'\.\.\.$/,
    /INFO - flowctl\.Agent \| Pulling image '.*': 0 of 1 layer, \d+\.\d of \d+\.\d MB$/,
    /INFO - flowctl\.Agent \| Pulled image '.*': sha256:[0-9a-f]{64}$/,
    /hello from shown$/,
  ];
  const places = expected.map((pattern) => lines.findIndex((line) => pattern.test(line)));
  assert.ok(places.every((place, n) => place > (places[n - 1] ?? -1)), `${places}\n${lines.join("\n")}`);
  assert.equal(lines.filter((line) => /Pulled image/.test(line)).length, 1);
  for (const pattern of expected.slice(0, 3)) assert.match(server.output(), new RegExp(pattern, "m"));

  // The tag is neither `latest` nor absent, so the engine's image will do.
  const again = await runOnce(world, server.url, "shown");
  assert.equal(again.state_type, "COMPLETED");
  assert.ok(!(await world.messages(server.url, again.id)).some((line) => /Pull/.test(line)));
});

test("a run whose image is being pulled holds up no other, and cancelling it ends the pull", async () => {
  await using registry = await Registry.start();
  const name = await registry.push();
  await using proxy = await RegistryProxy.start(registry, "slow");
  await using world = new World();
  login(
    world,
    JSON.stringify({
      auths: { ...JSON.parse(dockerConfig(registry.host)).auths, ...JSON.parse(dockerConfig(proxy.host)).auths },
    }),
  );
  await create(world, "slow", `${proxy.host}/${name}`);
  await create(world, "quick", `${registry.host}/${await registry.push()}`);
  const server = await world.server();
  const slow = await world.createRun("slow/d");
  await until("the layer is on its way", () => proxy.slow > 0);

  const quick = await runOnce(world, server.url, "quick");
  assert.equal(quick.state_type, "COMPLETED", quick.state?.message ?? "");
  assert.equal((await world.client(server.url).flowRuns.read(slow.id)).state_type, "PENDING");
  const messages = await world.messages(server.url, slow.id);
  assert.ok(messages.some((line) => /^Pulling image '.*'\.\.\.$/.test(line)), messages.join("\n"));

  const begun = Date.now();
  await world.ok(["flow-run", "cancel", slow.id]);
  const cancelled = await world.finished(server.url, slow.id);
  assert.equal(cancelled.state_type, "CANCELLED");
  assert.ok(Date.now() - begun < 10_000);
  await until("the engine gave up the layer", () => proxy.slow === 0);
  assert.deepEqual(await world.containers(slow.id), []);
});

test("an error inside the stream of a pull makes the run Failed with the engine's words", async () => {
  await using registry = await Registry.start();
  const name = await registry.push();
  await using proxy = await RegistryProxy.start(registry, "damage");
  await using world = new World();
  login(world, dockerConfig(proxy.host));
  await create(world, "damaged", `${proxy.host}/${name}`);
  const server = await world.server();
  const run = await runOnce(world, server.url, "damaged");
  assert.equal(run.state_type, "FAILED");
  assert.match(run.state!.message!, /Cannot pull image ".*": the engine says ".*(verification failed|digest|checksum)/);
  assert.ok(run.tookMs < 10_000, `${run.tookMs} ms`);
});

test("with --no-pull nothing is pulled, and the default image still serves", async () => {
  await using registry = await Registry.start();
  const image = `${registry.host}/${await registry.push()}`;
  await using world = new World();
  login(world, dockerConfig(registry.host));
  await create(world, "absent", image, `imagePullPolicy: "Always"`);
  world.file(
    "own.ts",
    `import { DeploymentSpec, DockerFlowRunner, flow } from "flowctl";
new DeploymentSpec({ name: "d", flow: flow("own", () => {}), flowRunner: new DockerFlowRunner() });
`,
  );
  await world.ok(["deployment", "create", "./own.ts"]);
  const server = await world.server(["--no-agent"]);
  const agent = world.start(["agent", "start", "--no-pull"], { env: { FLOWCTL_API_URL: `${server.url}/api` } });
  await agent.prints(/Agent started!/);
  const absent = await runOnce(world, server.url, "absent");
  assert.equal(absent.state_type, "FAILED");
  assert.match(absent.state!.message!, /Cannot use image ".*": the engine does not have it.*--no-pull/);
  const own = await runOnce(world, server.url, "own");
  assert.equal(own.state_type, "COMPLETED", own.state?.message ?? "");
});
