import assert from "node:assert/strict";
import { escapeHtml, html } from "../../src/ui/html.ts";
import { answerPage } from "../../src/ui/pages.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const EVIL = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;\u202e\u001b[31m`;

async function page(server: TestServer, path: string) {
  const parts = { read: server.store.read, clock: server.clock };
  const answer = await answerPage(parts, new Request(`http://localhost${path}`));
  return answer && { status: answer.status, text: await answer.text(), headers: answer.headers };
}

test("texts in a template are escaped, pieces of pages are not", () => {
  assert.equal(
    html`<b title="${'"'}">${"<i>"}${html`<hr>`}${[1, html`<br>`]}${null}</b>`.text,
    '<b title="&quot;">&lt;i&gt;<hr>1<br></b>',
  );
  assert.equal(escapeHtml("a\u202eb\u0000c\nd\te"), "a�b�c\nd\te");
});

test("runs are listed with flow, deployment, state and time, and lead to their pages", async () => {
  await using server = await startTestServer();
  assert.match((await page(server, "/"))!.text, /No runs yet/);
  const deployment = await server.aDeployment();
  const run = await server.client.deployments.createRun(deployment.id);
  const { text } = (await page(server, "/"))!;
  for (const part of [run.name, `/flow-runs/${run.id}`, "my-flow", "example", "Scheduled", "2026-11-21 22:33:58"]) {
    assert.ok(text.includes(part), part);
  }
});

test("projects are listed with their flows, their words made harmless", async () => {
  await using server = await startTestServer();
  await server.client.projects.create({ name: "docker_1_project", description: EVIL });
  await server.aFlow({ project: "docker_1_project" });
  const { text } = (await page(server, "/"))!;
  assert.match(text, /docker_1_project<\/td>\s*<td>1 flow<\/td>/);
  assert.match(text, /default<\/td>\s*<td>0 flows<\/td>/);
  assert.doesNotMatch(text, /<script>alert/);
});

test("a run's page shows its states, tasks and logs, and asks for itself again until the run is over", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun({ state: "RUNNING", parameters: { n: 1 } });
  await server.client.taskRuns.create({ flow_run_id: run.id, task_key: "add", dynamic_key: "0", name: "add-0" });
  const timestamp = "2026-11-21T22:33:58Z";
  await server.client.logs.create([{ name: "x", level: 40, message: "oh no", timestamp, flow_run_id: run.id }]);
  const running = (await page(server, `/flow-runs/${run.id}`))!;
  for (const part of ["Running", "add-0", "ERROR", "oh no", 'http-equiv="refresh"']) {
    assert.ok(running.text.includes(part), part);
  }
  await server.client.flowRuns.setState(run.id, { type: "COMPLETED" });
  assert.doesNotMatch((await page(server, `/flow-runs/${run.id}`))!.text, /http-equiv/);
});

test("the address that Prefect's client prints leads to the run's page", async () => {
  await using server = await startTestServer();
  const run = await server.aFlowRun();
  const answer = (await page(server, `/flow-runs/flow-run/${run.id}`))!;
  assert.deepEqual([answer.status, answer.headers.get("location")], [302, `/flow-runs/${run.id}`]);
});

test("a flow's page shows its deployments and runs", async () => {
  await using server = await startTestServer();
  const deployment = await server.aDeployment({ description: "nightly numbers" });
  const { text } = (await page(server, `/default/flow/${deployment.flow_id}`))!;
  assert.match(text, /my-flow/);
  assert.match(text, /nightly numbers/);
});

test("what nobody has is 404, and what is no page is nobody's", async () => {
  await using server = await startTestServer();
  const unknown = "00000000-0000-4000-8000-000000000000";
  assert.equal((await page(server, `/flow-runs/${unknown}`))!.status, 404);
  assert.equal((await page(server, `/default/flow/${unknown}`))!.status, 404);
  for (const path of ["/flow-runs/x", "/flow-runs/", "/nothing", "/%", "/flow-runs/<script>"]) {
    assert.equal(await page(server, path), undefined, path);
  }
});

test("nothing that a flow says becomes a part of a page, and pages may load and run nothing", async () => {
  await using server = await startTestServer();
  const flow = await server.aFlow({ name: "f\"'`" });
  const run = await server.aFlowRun({ flow_id: flow.id, name: EVIL, parameters: { [EVIL]: EVIL } });
  await server.client.flowRuns.update(run.id, { infrastructure_pid: EVIL });
  await server.client.flowRuns.setState(run.id, { type: "RUNNING", name: EVIL, message: EVIL });
  await server.client.taskRuns.create({ flow_run_id: run.id, task_key: EVIL, dynamic_key: EVIL, name: EVIL });
  const timestamp = "2026-11-21T22:33:58Z";
  await server.client.logs.create([{ name: EVIL, level: 20, message: EVIL, timestamp, flow_run_id: run.id }]);
  for (const path of ["/", `/flow-runs/${run.id}`, `/default/flow/${flow.id}`]) {
    const { text, headers } = (await page(server, path))!;
    assert.ok(text.includes("&lt;script&gt;"), path);
    // deno-lint-ignore no-control-regex -- that is what must not be there
    assert.doesNotMatch(text, /<script|<img|\u202e|\u001b/, path);
    assert.match(headers.get("content-security-policy")!, /default-src 'none'/);
    assert.doesNotMatch(headers.get("content-security-policy")!, /unsafe|script-src/);
  }
});
