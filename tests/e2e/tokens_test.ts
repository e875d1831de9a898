/**
 * A server that others reach: who needs a token, what each is good for, and agents and containers that come from elsewhere.
 *
 * "Elsewhere" is an address of this machine that is not loopback: the engine's gateway.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { isLoopbackAddress } from "../../src/support/addresses.ts";
import { createClient } from "../../src/client/client.ts";
import { needsEngine, skip, test } from "../testing/test.ts";
import { dockerFlow, type Running, until, World } from "./support.ts";

/** An address under which this machine's containers reach it, as others would. */
function outerAddress(): string {
  const own = Object.entries(networkInterfaces()).flatMap(([name, all]) =>
    (all ?? []).map((one) => ({ name, ...one }))
  );
  const usable = own.filter(({ family, address }) => family === "IPv4" && !isLoopbackAddress(address));
  const best = usable.find(({ name }) => name === "docker0") ?? usable[0];
  return best?.address ?? skip("This machine has no address besides loopback");
}

/** A server on all addresses, and the way to it from elsewhere. */
async function exposed(world: World, env: Record<string, string> = {}) {
  const server = await world.server(["--host", "0.0.0.0", "--no-agent"], env);
  const outer = `http://${outerAddress()}:${new URL(server.url).port}`;
  return { server, outer, near: server.url };
}

async function ask(url: string, headers: Record<string, string> = {}, body?: unknown) {
  const init = body === undefined
    ? { headers }
    : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
  const answer = await fetch(url, init);
  const text = await answer.text();
  return { status: answer.status, text, headers: answer.headers, body: text.startsWith("{") ? JSON.parse(text) : text };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const firstTokenOf = async (server: Running) => (await server.prints(/only this once: (fct_[\w-]{43})\n/))[1];
const makeToken = async (world: World, name: string, scope: string) =>
  (await world.ok(["auth", "create-token", "-n", name, "-s", scope, "-o", "name"])).trim();

test("a server that listens beyond loopback trusts this machine, and says so, and wants a token from everybody else", async () => {
  await using world = new World();
  const { server, outer, near } = await exposed(world);
  await server.prints(/Requests from this machine are trusted; with FLOWCTL_AUTH_LOOPBACK=require they need a token/);
  const admin = await firstTokenOf(server);
  assert.equal((await ask(`${near}/api/flows/filter`, {}, {})).status, 200);
  assert.equal((await ask(`${near}/api/flows/filter`, { "x-forwarded-for": "127.0.0.1" }, {})).status, 401);
  for (const path of ["/api/health", "/api/ready", "/api/hello", "/api/version", "/api/admin/version"]) {
    assert.equal((await ask(outer + path)).status, 200, path);
  }
  for (const path of ["/", "/docs", "/openapi.json", "/api/tokens/me", "/api/nothing", "/flow-runs/x"]) {
    assert.equal((await ask(outer + path)).status, 401, path);
  }
  const refused = await ask(`${outer}/api/flows/`, { "x-forwarded-for": "127.0.0.1" }, { name: "x" });
  assert.equal(refused.status, 401);
  assert.match(refused.body.detail, /^Cannot answer: this server wants a token, and the request bears none$/);
  assert.equal((await ask(`${outer}/api/flows/`, bearer(admin), { name: "x" })).status, 201);
  await server.stop();
  const again = await world.server(["--host", "0.0.0.0", "--no-agent"]);
  assert.doesNotMatch(again.output(), /fct_/, "the first token is shown once");
  const port = new URL(again.url).port;
  assert.equal((await ask(`http://${outerAddress()}:${port}/api/tokens/me`, bearer(admin))).body.name, "first");
});

test("scopes are kept to, a revoked token is refused, and no file of the home holds one", async () => {
  await using world = new World();
  const { outer } = await exposed(world);
  const runner = await makeToken(world, "runner", "RUNNER");
  const user = await makeToken(world, "user", "USER");
  const wrong = await ask(`${outer}/api/flow_runs/filter`, bearer(runner), {});
  assert.deepEqual([wrong.status, wrong.body.detail], [
    403,
    "Cannot do this with a token of scope RUNNER: it needs USER",
  ]);
  assert.equal((await ask(`${outer}/api/flow_runs/filter`, bearer(user), {})).status, 200);
  assert.equal((await ask(`${outer}/api/tokens/`, bearer(user), { name: "mine", scope: "ADMIN" })).status, 403);
  const listed = await world.ok(["auth", "list-tokens"]);
  assert.match(listed, /^user +USER +[0-9a-f-]{36} .* good$/m);
  assert.match(await world.ok(["auth", "revoke-token", "user"]), /Revoked token 'user'/);
  const revoked = await ask(`${outer}/api/flow_runs/filter`, bearer(user), {});
  assert.deepEqual([revoked.status, revoked.body.detail], [401, 'Cannot accept token "user": it was revoked']);
  assert.equal((await world.run(["auth", "revoke-token", "user"])).code, 3);
  assert.equal((await world.run(["auth", "create-token", "-n", "runner"])).code, 5, "a name that is taken");
  for (const file of readdirSync(world.home)) {
    if (!statSync(join(world.home, file)).isFile()) continue;
    const content = readFileSync(join(world.home, file), "latin1");
    for (const token of [runner, user]) assert.ok(!content.includes(token.slice(4)), file);
  }
});

test("who tries wrong tokens has to wait, and a token that is in use does not", async () => {
  await using world = new World();
  const { outer } = await exposed(world);
  const user = await makeToken(world, "user", "USER");
  assert.equal((await ask(`${outer}/api/tokens/me`, bearer(user))).status, 200);
  const statuses: number[] = [];
  let last: Headers | undefined;
  for (let n = 0; n < 30 && statuses.at(-1) !== 429; n++) {
    const { status, headers } = await ask(`${outer}/api/tokens/me`, bearer(`fct_guess-${n}`));
    statuses.push(status);
    last = headers;
  }
  assert.equal(statuses.at(-1), 429);
  assert.ok(statuses.length > 10 && statuses.slice(0, -1).every((status) => status === 401), statuses.join());
  assert.ok(Number(last!.get("retry-after")) > 0);
  assert.equal((await ask(`${outer}/api/tokens/me`, bearer(user))).status, 200);
});

test("login checks a token and keeps it with its server's address, status says as whom, logout forgets", async () => {
  await using world = new World();
  await using other = new World();
  const { outer } = await exposed(world);
  const user = await makeToken(world, "laptop", "USER");
  const refused = await other.run(["auth", "login", "--api", outer, "--key", "fct_wrong"]);
  assert.equal(refused.code, 6);
  assert.match(refused.stderr, /Error: Cannot accept the token: this server does not know it/);
  const login = await other.run(["auth", "login", "--api", outer, "-k", user]);
  assert.equal(login.code, 0, login.stderr);
  assert.match(login.stdout, /Logged in to http:\/\/\S+\/api with token 'laptop' of scope USER/);
  assert.match(login.stderr, /WARNING .* is reached without encryption/);
  assert.ok(!login.stdout.includes(user) && !login.stderr.includes(user));
  const status = JSON.parse(await other.ok(["auth", "status", "-o", "json"]));
  assert.deepEqual([status.api, status.kind, status.name, status.scope], [`${outer}/api`, "token", "laptop", "USER"]);
  await createClient({ url: `${outer}/api`, fetch, apiKey: user }).flows.create({ name: "seen" });
  assert.match(await other.ok(["flow", "ls"]), /seen/);
  const view = await other.run(["auth", "list-tokens"]);
  assert.equal(view.code, 6);
  assert.match(view.stderr, /Cannot do this with a token of scope USER: it needs ADMIN/);
  assert.match(await other.ok(["auth", "logout"]), /Logged out of/);
  assert.match(await other.ok(["auth", "logout"]), /Not logged in/);
  assert.doesNotMatch(await other.ok(["flow", "ls"]), /seen/);
  const without = await other.run(["flow", "ls"], { env: { FLOWCTL_API_URL: outer } });
  assert.equal(without.code, 6);
  assert.match(without.stderr, /wants a token, and the request bears none\nHint: /);
});

test("where loopback must bear tokens too, this home's programs have one, others do not, and the page has a link for once", async () => {
  await using world = new World(undefined, { FLOWCTL_AUTH_LOOPBACK: "require" });
  await using other = new World();
  const server = await world.server(["--no-agent"]);
  await server.prints(/Every request needs a token, from this machine too; programs of this home have one/);
  assert.equal((await ask(`${server.url}/api/flows/filter`, {}, {})).status, 401);
  assert.equal(statSync(join(world.home, "home.token")).mode & 0o777, 0o600);
  const FLOWCTL_API_URL = `${server.url}/api`;
  for (const env of [{}, { FLOWCTL_API_URL }] as Record<string, string>[]) {
    assert.match(await world.ok(["auth", "status"], { env }), /Known as: this home, by its token file/);
  }
  assert.equal((await other.run(["flow", "ls"], { env: { FLOWCTL_API_URL } })).code, 6);
  const agent = world.start(["agent", "start"], { env: { FLOWCTL_API_URL } });
  await agent.prints(/Agent started!/);
  world.file(
    "f.ts",
    `import { DeploymentSpec, flow, SubprocessFlowRunner } from "flowctl";
const f = flow("sub", () => console.log("ran"));
new DeploymentSpec({ name: "d", flow: f, flowRunner: new SubprocessFlowRunner() });`,
  );
  await world.ok(["deployment", "create", "./f.ts"]);
  assert.match(await world.ok(["deployment", "run", "sub/d", "--watch"]), /ran/);

  const link = (await server.prints(/once: (http:\/\/127\.0\.0\.1:\d+\/sign-in\?code=\S+)/))[1];
  assert.equal((await ask(`${server.url}/`)).status, 401);
  const signedIn = await ask(link);
  const cookie = signedIn.headers.get("set-cookie")!;
  assert.match(cookie, /; HttpOnly; SameSite=Strict$/);
  const page = await ask(`${server.url}/`, { cookie: cookie.split(";")[0] });
  assert.equal(page.status, 200);
  assert.match(page.text, /<div id="app">/);
  const foreign = { cookie: cookie.split(";")[0], origin: "http://127.0.0.1:1" };
  assert.equal((await ask(`${server.url}/api/flows/`, foreign, { name: "x" })).status, 403, "a page of another port");
  assert.equal((await ask(link)).status, 401, "the link was used");
});

test("a server on one address beyond loopback is used by this home's programs with the home's token, and by no others", async () => {
  await using world = new World();
  await using other = new World();
  const server = await world.server(["--host", outerAddress(), "--no-agent"]);
  assert.equal(new URL(server.url).hostname, outerAddress());
  assert.match(await world.ok(["auth", "status"]), /Known as: this home, by its token file/);
  const refused = await other.run(["auth", "status"], { env: { FLOWCTL_API_URL: server.url } });
  assert.equal(refused.code, 6);
});

test("an agent warns of an engine that is reached over a network without TLS", async () => {
  await using world = new World();
  // Nobody listens there, which is told afterwards.
  const agent = world.start(["agent", "start", "--base-url", `tcp://${outerAddress()}:1`]);
  await agent.prints(/WARNING .* The engine at "tcp:\/\/\S+:1" is reached without encryption/);
  const near = world.start(["agent", "start", "--base-url", "tcp://127.0.0.1:1"], {
    env: { FLOWCTL_HOME: `${world.root}/near` },
  });
  await near.prints(/Agent started!/);
  assert.doesNotMatch(near.output(), /without encryption/);
});

test("a schema's pattern that would hang the server is answered, and so are others meanwhile", async () => {
  await using world = new World();
  const { url } = await world.server(["--no-agent"]);
  const client = world.client(url);
  const deployment = await client.deployments.create({
    name: "d",
    flow_id: (await client.flows.create({ name: "f" })).id,
    parameter_openapi_schema: { type: "object", properties: { x: { type: "string", pattern: "^(a+)+$" } } },
    enforce_parameter_schema: true,
  });
  const slow = ask(`${url}/api/deployments/${deployment.id}/create_flow_run`, {}, {
    parameters: { x: `${"a".repeat(5000)}!` },
  });
  assert.equal(await client.admin.health(AbortSignal.timeout(20_000)), true);
  const { status, body } = await slow;
  assert.deepEqual([status, body.detail], [
    409,
    `Cannot run deployment "f/d": Parameter "x" must match pattern "^(a+)+$"`,
  ]);
});

test("an agent elsewhere with a RUNNER token runs flows, is killed, comes back and goes on, and shows its token to nobody", async () => {
  needsEngine();
  await using world = new World();
  await using elsewhere = new World();
  const { outer, near } = await exposed(world);
  const token = await makeToken(world, "agent", "RUNNER");
  const env = { FLOWCTL_API_URL: outer, FLOWCTL_API_KEY: token };
  const start = async () => {
    const agent = elsewhere.start(["agent", "start"], { env });
    await agent.prints(/Agent started!/);
    return agent;
  };
  const agent = await start();
  await agent.prints(/WARNING .* is reached without encryption/);
  world.file(
    "long.ts",
    dockerFlow(
      "long",
      `  console.log("begun");
  while (!existsSync("/gate/open")) await new Promise((resolve) => setTimeout(resolve, 50));
  console.log("done");`,
      `volumes: ["${elsewhere.work}/gate:/gate"]`,
      `import { existsSync } from "node:fs";`,
    ),
  );
  elsewhere.file("gate/closed", "");
  await world.ok(["deployment", "create", "./long.ts"]);
  const run = await world.createRun("long/d");
  await until("the run has begun", async () => (await world.messages(near, run.id)).includes("begun"), 60_000);
  const [{ Id }] = await elsewhere.containers(run.id);
  const inspected = JSON.stringify(await (await elsewhere.docker).getContainer(Id).inspect());
  assert.ok(!inspected.includes(token) && !inspected.includes("fct_"));
  await agent.stop("SIGKILL");
  const next = await start();
  await next.prints(new RegExp(`Went on with flow run '${run.name}'`));
  elsewhere.file("gate/open", "");
  assert.equal((await world.finished(near, run.id)).state_type, "COMPLETED");
  assert.ok((await world.messages(near, run.id)).includes("done"));
  for (const one of [agent, next]) assert.ok(!one.output().includes(token));
  await world.ok(["auth", "revoke-token", "agent"]);
  await next.stop();
  const refused = await elsewhere.run(["agent", "start"], { env });
  assert.equal(refused.code, 6);
  assert.match(refused.stderr, /Cannot accept token "agent": it was revoked/);
});

test("a container reaches an exposed server by URL with its run's own token, which is worth nothing afterwards", async () => {
  needsEngine();
  await using world = new World();
  await using elsewhere = new World(undefined, { FLOWCTL_API_WAY: "url" });
  const { outer, near } = await exposed(world);
  const key = await makeToken(world, "agent", "RUNNER");
  const agent = elsewhere.start(["agent", "start"], { env: { FLOWCTL_API_URL: outer, FLOWCTL_API_KEY: key } });
  await agent.prints(/Agent started!/);
  world.file(
    "by-url.ts",
    dockerFlow(
      "by-url",
      `  const token = readFileSync(process.env.FLOWCTL_LEASE_TOKEN_FILE!, "utf8").trim();
  console.log("api " + process.env.FLOWCTL_API_URL);
  console.log("token " + token);
  const ask = async (path: string, headers: Record<string, string>) =>
    (await fetch(process.env.FLOWCTL_API_URL + path, { headers })).status;
  const own = "/flow_runs/" + process.env.FLOWCTL_FLOW_RUN_ID;
  console.log("asked", await ask(own, { "x-flowctl-lease": token }), await ask(own, {}), await ask("/tokens/me", {}));`,
      "",
      `import process from "node:process";\nimport { readFileSync } from "node:fs";`,
    ),
  );
  await world.ok(["deployment", "create", "./by-url.ts"]);
  const run = await world.createRun("by-url/d");
  const { state } = await world.finished(near, run.id);
  assert.equal(state!.type, "COMPLETED", state!.message ?? "");
  const said = await world.messages(near, run.id);
  assert.ok(said.includes(`api ${outer}/api`), said.join("\n"));
  assert.ok(said.includes("asked 200 401 401"), said.join("\n"));
  const lease = said.find((line) => line.startsWith("token "))!.slice("token ".length);
  const [{ Id }] = await elsewhere.containers(run.id);
  const inspected = JSON.stringify(await (await elsewhere.docker).getContainer(Id).inspect());
  assert.ok(!inspected.includes(lease) && !inspected.includes(key));
  const after = await ask(`${outer}/api/task_runs/`, { "x-flowctl-lease": lease }, {
    flow_run_id: run.id,
    task_key: "late",
    dynamic_key: "0",
  });
  assert.equal(after.status, 409);
  await createClient({ url: `${near}/api`, fetch }).flowRuns.settled(run.id, 30);
  assert.equal((await ask(`${outer}/api/flow_runs/${run.id}`, { "x-flowctl-lease": lease })).status, 409);
});
