import assert from "node:assert/strict";
import { startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

test("everything is found by its name or id, each kind beside what it belongs to", async () => {
  await using server = await startTestServer();
  const { client } = server;
  const flow = await server.aFlow({ name: "Invoices" });
  const deployment = await server.aDeployment({ flow_id: flow.id, name: "nightly" });
  const run = await server.aFlowRun({ flow_id: flow.id, name: "quick-fox", state: "RUNNING" });
  const task = await client.taskRuns.create({
    flow_run_id: run.id,
    name: "fetch-0",
    task_key: "fetch",
    dynamic_key: "0",
  });
  const id = crypto.randomUUID();
  await server.send("POST", "/api/agents/", { id, name: "night-shift", labels: [], runners: ["docker"] });
  const found = async (q: string) =>
    (await client.search(q)).map(({ kind, name, of, state_type }) => [kind, name, of, state_type]);
  const ofFlow = ["flow", "Invoices", "default", null];
  const ofDeployment = ["deployment", "nightly", "Invoices", null];
  const ofRun = ["flow_run", "quick-fox", "Invoices", "RUNNING"];
  const ofTask = ["task_run", "fetch-0", "quick-fox", "PENDING"];
  assert.deepEqual(await found("voice"), [ofFlow, ofDeployment]);
  assert.deepEqual(await found("invoices/nig"), [ofDeployment]);
  assert.deepEqual(await found("NIGHT"), [ofDeployment, ["agent", "night-shift", null, null]]);
  assert.deepEqual(await found("Quick"), [ofRun]);
  assert.deepEqual(await found("  fox "), [ofRun], "any part of a late run's name");
  assert.deepEqual(await found("fetch"), [ofTask]);
  assert.deepEqual(await found("default"), [["project", "default", null, null]]);
  for (const [one, hit] of [[flow, ofFlow], [deployment, ofDeployment], [run, ofRun], [task, ofTask]] as const) {
    assert.deepEqual(await found(one.id), [hit]);
    assert.deepEqual(await found(one.id.toUpperCase()), [hit]);
    assert.ok((await client.search(one.id.slice(0, 13))).some((found) => found.id === one.id));
  }
  for (const nothing of ["", "%", "_", "\\", "'", "nothing", "quick-fox2"]) assert.deepEqual(await found(nothing), []);
});

test("what fits best comes first, and no kind crowds out another", async () => {
  await using server = await startTestServer();
  const { client } = server;
  const flow = await server.aFlow({ name: "run" });
  for (const name of ["a-run-b", "run-again", "other"]) await server.aFlow({ name });
  for (const name of ["run-2", "run", "a-run", "run-1", "run"]) await server.aFlowRun({ flow_id: flow.id, name });
  const hits = await client.search("run", { limit: 3 });
  assert.deepEqual(hits.map(({ kind, name }) => `${kind} ${name}`), [
    "flow run",
    "flow run-again",
    "flow a-run-b",
    "flow_run run",
    "flow_run run",
    "flow_run run-1",
  ]);
  assert.ok(hits[3].id > hits[4].id, "of the same name the latest first");
  assert.equal((await client.search("run")).filter(({ kind }) => kind === "flow_run").length, 5);
});

test("a question that is none is refused, and only who may read everything may ask", async () => {
  await using server = await startTestServer({ loopback: "require" });
  for (const query of ["", "?q=a&limit=0", "?q=a&limit=51", `?q=${"a".repeat(301)}`]) {
    assert.equal((await server.send("GET", `/api/search${query}`)).status, 422, query);
  }
  const { token } = await server.client.tokens.create({ name: "r", scope: "RUNNER" });
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await server.send("GET", "/api/search?q=a", undefined, headers, "192.0.2.7")).status, 403);
});
