import assert from "node:assert/strict";
import { ROUTES } from "../../src/api/app.ts";
import { FORGIVEN_MS, MOST_FAILURES } from "../../src/api/failure_limit.ts";
import type { TokenScope } from "../../src/domain/tokens.ts";
import { newTokenText } from "../../src/store/tokens.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const FAR = "192.0.2.7";
const NEAR = "127.0.0.1";
const AGENT = "aaaaaaaa-0000-4000-8000-000000000000";
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const ask = (server: TestServer, headers: Record<string, string>, address: string, path = "/api/flows/filter") =>
  server.send(
    path === "/api/flows/filter" ? "POST" : "GET",
    path,
    path === "/api/flows/filter" ? {} : undefined,
    headers,
    address,
  );
const makeToken = async (server: TestServer, scope: TokenScope, name = scope.toLowerCase()) =>
  await server.client.tokens.create({ name, scope });

for (
  const [who, address, headers, status] of [
    ["loopback", NEAR, {}, 200],
    ["loopback of IPv6", "::1", {}, 200],
    ["loopback as a dual-stack listener tells it", "::ffff:127.0.0.1", {}, 200],
    ["elsewhere", FAR, {}, 401],
    ["an address of this machine that is not loopback", "172.17.0.1", {}, 401],
    ["an address that only looks like loopback", "127.0.0.1.example", {}, 401],
    ["elsewhere, which says that it is loopback", FAR, { "x-forwarded-for": "127.0.0.1", "x-real-ip": "::1" }, 401],
    ["elsewhere with another scheme", FAR, { authorization: "Basic eDp5" }, 401],
    ["elsewhere with an empty token", FAR, { authorization: "Bearer " }, 401],
    ...["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"].map((name) =>
      [`a proxy on loopback that says ${name}`, NEAR, { [name]: "127.0.0.1" }, 401] as const
    ),
  ] as [string, string, Record<string, string>, number][]
) {
  test(`without a token a request of ${who} is answered with ${status}`, async () => {
    await using server = await startTestServer();
    const answer = await ask(server, headers, address);
    assert.equal(answer.status, status);
    if (status === 401) {
      assert.match(answer.body.detail, /this server wants a token, and the request bears none/);
      assert.match(answer.headers.get("www-authenticate")!, /^Bearer/);
    }
  });
}

test("a connection whose other end is not known is trusted by nobody", async () => {
  await using server = await startTestServer();
  const answer = await server.api.fetch(new Request("http://localhost/api/tokens/me"), { address: undefined });
  assert.equal(answer.status, 401);
});

test("where tokens are required, loopback needs one too, and the token file of the home is one on this machine only", async () => {
  const homeToken = newTokenText();
  await using server = await startTestServer({ loopback: "require", homeToken });
  assert.equal((await ask(server, {}, NEAR)).status, 401);
  assert.equal((await ask(server, bearer(homeToken), NEAR)).status, 200);
  assert.equal((await ask(server, bearer(homeToken), NEAR, "/api/tokens/me")).body.kind, "home");
  assert.equal((await ask(server, bearer(homeToken), FAR)).status, 401);
  assert.equal((await ask(server, { ...bearer(homeToken), via: "1.1 proxy" }, NEAR)).status, 401);
  assert.equal((await server.send("POST", "/api/flows/filter", {})).status, 200, "from within this process");
});

test("health, readiness, greeting and versions are answered to everybody, and nothing else is", async () => {
  await using server = await startTestServer();
  const open: string[] = [];
  const hidden = [
    "/",
    "/docs",
    "/openapi.json",
    "/api/docs",
    "/api/openapi.json",
    "/ui-settings",
    "/api/nothing",
    "/x",
  ];
  for (const { method, path } of ROUTES) {
    const answer = await server.send(method, `/api${path.replace(/\{\w+\}/g, AGENT)}`, undefined, {}, FAR);
    if (answer.status !== 401) open.push(path);
  }
  assert.deepEqual(open, ["/health", "/ready", "/hello", "/version", "/admin/version"]);
  for (const path of hidden) assert.equal((await server.send("GET", path, undefined, {}, FAR)).status, 401, path);
});

test("a request that must not is not read: a wrong body of nobody is 401 and not 422", async () => {
  await using server = await startTestServer();
  assert.equal((await server.send("POST", "/api/flows/", "{", {}, FAR)).status, 401);
});

/** What each scope opens, by the routes themselves. */
test("USER opens everything but tokens, RUNNER only what an agent needs, ADMIN everything", async () => {
  await using server = await startTestServer();
  const allowed: Record<string, string[]> = {};
  for (const scope of ["ADMIN", "USER", "RUNNER"] as const) {
    const { token } = await makeToken(server, scope);
    allowed[scope] = [];
    for (const { method, path } of ROUTES) {
      const given = `/api${path.replace("{hash}", "0".repeat(64)).replace(/\{\w+\}/g, AGENT)}`;
      // The one answer that goes on for ever.
      if (path === "/events") server.drain.abort();
      const answer = await server.send(method, given, undefined, bearer(token), FAR);
      if (answer.status !== 403) allowed[scope].push(`${method} ${path}`);
    }
  }
  const all = ROUTES.map(({ method, path }) => `${method} ${path}`);
  // Values of secrets are for runs, whoever else asks.
  const value = "GET /secrets/{name}/value";
  assert.ok(all.includes(value));
  assert.deepEqual(allowed.ADMIN, all.filter((one) => one !== value));
  const admins = ["POST /tokens/", "POST /tokens/filter", "DELETE /tokens/{id}"];
  assert.deepEqual(all.filter((one) => !allowed.USER.includes(one) && one.includes("/tokens")), admins);
  for (const one of allowed.RUNNER) {
    assert.match(
      one,
      /^GET \/(health|ready|hello|version|admin\/version|csrf-token|tokens\/me|binaries|bundles)|^(GET|POST) \/(agents|leases)\//,
    );
  }
  const ofAgents = all.filter((one) => /^POST \/(agents\/\{id\}|leases)\//.test(one));
  assert.ok(ofAgents.length >= 5);
  assert.deepEqual(
    ofAgents.filter((one) => !allowed.RUNNER.includes(one)),
    [],
    "what agents say of themselves and runs",
  );
  for (
    const one of [
      "POST /agents/",
      "POST /agents/{id}/claim",
      "POST /agents/{id}/registry_login",
      "POST /agents/{id}/heartbeat",
      "POST /leases/{id}/release",
    ]
  ) {
    assert.ok(allowed.RUNNER.includes(one), one);
  }
});

test("a scope that is not enough is 403 and named", async () => {
  await using server = await startTestServer();
  const { token } = await makeToken(server, "RUNNER");
  const answer = await ask(server, bearer(token), FAR);
  assert.equal(answer.status, 403);
  assert.equal(answer.body.detail, "Cannot do this with a token of scope RUNNER: it needs USER");
  assert.equal((await ask(server, bearer(token), NEAR)).status, 403, "also on loopback, where it was not needed");
});

test("a token that is revoked or has expired is refused by name, a wrong one without, on loopback too", async () => {
  await using server = await startTestServer();
  const { token, id } = await makeToken(server, "USER", "mine");
  assert.equal((await ask(server, bearer(token), FAR)).status, 200);
  await server.client.tokens.revoke(id);
  const until = server.clock.now().add({ seconds: 60 }).toString();
  const short = await server.client.tokens.create({ name: "short", expires: until });
  assert.equal((await ask(server, bearer(short.token), FAR)).status, 200);
  server.clock.advance(60);
  for (const address of [FAR, NEAR]) {
    for (
      const [text, why] of [
        [token, 'Cannot accept token "mine": it was revoked'],
        [short.token, 'Cannot accept token "short": it has expired'],
        [newTokenText(), "Cannot accept the token: this server does not know it"],
        [`${token}x`, "Cannot accept the token: this server does not know it"],
      ]
    ) {
      const answer = await ask(server, bearer(text), address);
      assert.deepEqual([answer.status, answer.body.detail], [401, why]);
    }
  }
});

test("a claim that waits takes nothing once its token is revoked", async () => {
  await using server = await startTestServer();
  const { token, id } = await makeToken(server, "RUNNER");
  await server.client.agents.create({ id: AGENT, name: "agent" });
  const deployment = await server.aDeployment({ flow_runner: { type: "subprocess" } as never });
  const path = `/api/agents/${AGENT}/claim`;
  const claim = server.send("POST", path, { slots: 1, wait_seconds: 60 }, bearer(token), FAR);
  // Its wait is under way when another request, sent later on, is answered.
  await server.client.admin.health();
  await server.client.tokens.revoke(id);
  const run = await server.client.deployments.createRun(deployment.id);
  const answer = await claim;
  assert.deepEqual([answer.status, answer.body.detail], [401, 'Cannot accept token "runner": it was revoked']);
  assert.equal((await server.client.flowRuns.read(run.id)).state_type, "SCHEDULED");
});

test("after ten wrong tokens an address waits, others and tokens that were right before do not", async () => {
  await using server = await startTestServer();
  const { token } = await makeToken(server, "USER", "in-use");
  const fresh = await makeToken(server, "USER", "fresh");
  assert.equal((await ask(server, bearer(token), FAR)).status, 200);
  for (let n = 0; n < MOST_FAILURES; n++) assert.equal((await ask(server, bearer(newTokenText()), FAR)).status, 401);
  const refused = await ask(server, bearer(newTokenText()), FAR);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), String(FORGIVEN_MS / 1000));
  assert.equal((await ask(server, bearer(fresh.token), FAR)).status, 429, "what is guessed is not even looked at");
  assert.equal((await ask(server, bearer(token), FAR)).status, 200);
  assert.equal((await ask(server, {}, FAR)).status, 401);
  assert.equal((await ask(server, bearer(newTokenText()), "192.0.2.8")).status, 401);
  server.clock.advance(FORGIVEN_MS / 1000);
  assert.equal((await ask(server, bearer(fresh.token), FAR)).status, 200);
});

test("wrong tokens of runs are counted too", async () => {
  await using server = await startTestServer();
  const headers = { "x-flowctl-lease": "guessed" };
  for (let n = 0; n < MOST_FAILURES; n++) assert.equal((await ask(server, headers, FAR)).status, 409);
  assert.equal((await ask(server, headers, FAR)).status, 429);
});

test("when a token was used last is noted, to the minute", async () => {
  await using server = await startTestServer();
  const { token } = await makeToken(server, "USER");
  const noted = async () => {
    await server.store.write(() => Promise.resolve());
    return (await server.client.tokens.list())[0].last_used;
  };
  assert.equal(await noted(), null);
  await ask(server, bearer(token), FAR);
  const first = await noted();
  assert.ok(first);
  server.clock.advance(59);
  await ask(server, bearer(token), FAR);
  assert.equal(await noted(), first);
  server.clock.advance(1);
  await ask(server, bearer(token), FAR);
  assert.notEqual(await noted(), first);
});

test("the text of a token is answered once, and nowhere in the database or the log", async () => {
  await using server = await startTestServer();
  const { token } = await makeToken(server, "USER");
  assert.match(token, /^fct_[A-Za-z0-9_-]{43}$/);
  await ask(server, bearer(token), FAR);
  await ask(server, bearer(`${token}x`), FAR);
  const listed = await server.send("POST", "/api/tokens/filter", { revoked: true });
  assert.ok(!listed.text.includes(token.slice(4)));
  const rows = await server.store.read.selectFrom("token" as never).selectAll().execute();
  assert.ok(!JSON.stringify(rows).includes(token.slice(4)));
  assert.ok(!server.lines.join("\n").includes(token.slice(4)));
});

test("names of tokens that are good are unique", async () => {
  await using server = await startTestServer();
  const { id } = await makeToken(server, "USER", "one");
  assert.equal((await server.send("POST", "/api/tokens/", { name: " one " })).status, 409);
  await server.client.tokens.revoke(id);
  assert.equal((await server.send("POST", "/api/tokens/", { name: "one" })).body.scope, "USER");
  assert.equal((await server.client.tokens.list()).length, 1);
  assert.equal((await server.client.tokens.list({ revoked: true })).length, 2);
});

test("a run's own token speaks from anywhere for its run, until the run's final state; then only its last lines pass", async () => {
  await using server = await startTestServer();
  const { agents, deployments, taskRuns } = server.client;
  await agents.create({ id: AGENT, name: "agent" });
  const deployment = await server.aDeployment({ flow_runner: { type: "subprocess" } as never });
  const run = await deployments.createRun(deployment.id);
  const [{ lease }] = (await agents.claim(AGENT, { slots: 1 })).claims;
  const send = async (method: string, path: string, body?: unknown) =>
    (await server.send(method, `/api${path}`, body, { "x-flowctl-lease": lease.token }, FAR)).status;
  const task = () =>
    send("POST", "/task_runs/", { flow_run_id: run.id, task_key: "t", dynamic_key: crypto.randomUUID() });
  const line = { flow_run_id: run.id, name: "x", level: 20, message: "last", timestamp: "2026-11-21T22:33:58Z" };
  const setState = (type: string, force = false) =>
    send("POST", `/flow_runs/${run.id}/set_state`, { state: { type }, force });
  assert.equal(await setState("RUNNING"), 201);
  assert.equal(await task(), 201);
  const flowId = { id: run.flow_id };
  assert.equal(await send("DELETE", `/flows/${flowId.id}`), 403);
  assert.equal(await setState("COMPLETED"), 201);
  assert.equal(await task(), 409);
  assert.equal(await send("PATCH", `/flow_runs/${run.id}`, { name: "other" }), 409);
  assert.equal(await send("POST", "/flows/", { name: "child" }), 409);
  assert.equal(await setState("RUNNING", true), 200);
  assert.equal(await setState("FAILED"), 200);
  assert.equal((await server.client.flowRuns.read(run.id)).state_type, "COMPLETED", "it only hears how the run ended");
  assert.equal(await send("POST", "/logs/", [line]), 201);
  assert.equal(await send("GET", `/flow_runs/${run.id}`), 200);
  assert.equal((await taskRuns.list()).length, 1);
  await agents.release(lease.id);
  assert.equal(await send("GET", `/flow_runs/${run.id}`), 409);
});

test("a run's own token counts for less than a token beside it", async () => {
  await using server = await startTestServer();
  await server.client.agents.create({ id: AGENT, name: "agent" });
  const deployment = await server.aDeployment({ flow_runner: { type: "subprocess" } as never });
  await server.client.deployments.createRun(deployment.id);
  const [{ lease }] = (await server.client.agents.claim(AGENT, { slots: 1 })).claims;
  const { token } = await makeToken(server, "ADMIN");
  const both = { ...bearer(token), "x-flowctl-lease": lease.token };
  assert.equal((await server.send("POST", "/api/deployments/filter", {}, both, FAR)).status, 403);
});
