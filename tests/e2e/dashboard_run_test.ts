/**
 * The page of one run, on a real engine: its container and console, why it waits, what can be done with it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { needsEngine, test } from "../testing/test.ts";
import { Browser, isAccessible, NARROW, type Page, screenshot, WIDE } from "./browser.ts";
import { dockerFlow, until, World } from "./support.ts";

const fact = (page: Page, name: string) =>
  page.locator("dl.facts > div").filter({ has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) }).locator(
    "dd",
  );

/** Looks at the page in both schemes and widths, each once, or in all four ways. */
async function look(page: Page, name: string, shows: string, inAll = false): Promise<void> {
  await page.getByText(shows).first().waitFor();
  for (const scheme of ["dark", "light"] as const) {
    for (const [width, size] of [["narrow", NARROW], ["wide", WIDE]] as const) {
      if (!inAll && (scheme === "light") !== (width === "wide")) continue;
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize(size);
      await isAccessible(page);
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      assert.ok(scrollWidth <= clientWidth, `${name} ${width} is ${scrollWidth} wide in ${clientWidth}`);
      await screenshot(page, `${name}-${scheme}-${width}`);
      const end = page.locator(".console");
      if (await end.count() === 0) continue;
      await end.first().evaluate((box) => box.scrollIntoView({ block: "end" }));
      await screenshot(page, `${name}-end-${scheme}-${width}`);
      await page.evaluate(() => scrollTo(0, 0));
    }
  }
}

test("a run's page shows why it waits, what it was started in, what it printed and returned, and runs it again", async () => {
  needsEngine();
  await using world = new World();
  world.file(
    "colours.ts",
    dockerFlow(
      "colours",
      `  console.log("from the flow");
  process.stdout.write("\\u001b[31mred from the program\\u001b[0m and plain\\n");
  await half(2);
  return { answer: 42, who: parameters.who };`,
      "",
      `import process from "node:process";\nconst half = task("half", (n: number) => n / 2);`,
    ).replace(`name: "d",`, `name: "d", labels: ["gpu"],`),
  );
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  await world.ok(["deployment", "create", "./colours.ts"]);
  const run = await world.createRun("colours/d", ["--param", "who=ada"]);
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/flow-runs/${run.id}?tab=container`);

  await page.getByText("Agent Problem: you have no live agents").waitFor();
  await page.getByText("flowctl agent start --label gpu").first().waitFor();
  await page.getByText("No agent has taken it").waitFor();
  await isAccessible(page);
  await screenshot(page, "run-no-agent-light-wide");

  const wrong = world.start(["agent", "start", "--label", "cpu", "--name", "wrong"]);
  await page.getByText("Label Problem: no live agent has the label 'gpu'").waitFor();
  await screenshot(page, "run-labels-light-wide");
  await wrong.stop();
  const agent = world.start(["agent", "start", "--label", "gpu", "--name", "right"], {
    env: { FLOWCTL_HOME: world.home },
  });
  await until("the sentence goes", async () => await page.locator(".waiting-bad").count() === 0);
  await page.locator("h1 .state", { hasText: "Completed" }).waitFor();
  assert.equal(await page.locator(".waiting").count(), 0);

  await page.locator(".ended", { hasText: "exit code 0" }).waitFor();
  const [attempt] = await client.flowRuns.attempts(run.id);
  const [container] = await world.containers(run.id);
  assert.equal(attempt.container_id, container.Id);
  assert.match(attempt.image_id!, /^sha256:[0-9a-f]{64}$/);
  await fact(page, "Image id").getByRole("button", { name: `Copy ${attempt.image_id}` }).waitFor();
  assert.ok((await fact(page, "Image").innerText()).includes(attempt.image!));
  assert.equal(await fact(page, "Exit code").innerText(), "0");
  assert.equal(await fact(page, "Out of memory").innerText(), "No");
  assert.match(await fact(page, "Container id").innerText(), new RegExp(container.Id.slice(0, 12)));
  assert.equal(attempt.digest === null, /never pushed/.test(await fact(page, "Digest").innerText()));
  const lines = page.locator(".console");
  await lines.getByText("red from the program").waitFor();
  const colours = await lines.locator(".ansi-1").allInnerTexts();
  assert.deepEqual(colours, ["red from the program"]);
  const text = await lines.innerText();
  assert.ok(text.indexOf("from the flow") < text.indexOf("red from the program"), text);
  const raw = await (await fetch(`${server.url}/api/flow_runs/${run.id}/console?attempt=1`)).text();
  assert.ok(raw.includes("\x1b[31mred from the program\x1b[0m and plain\n"), raw);

  await page.getByRole("link", { name: "Parameters" }).click();
  await page.getByRole("region", { name: "the result" }).getByText("42").waitFor();
  assert.match(await page.getByRole("region", { name: "the parameters" }).innerText(), /"who": "ada"/);
  for (const tab of ["container", "parameters", "details"]) {
    const shows = { container: "red from the program", parameters: "answer", details: "Times it began" }[tab]!;
    await page.getByRole("link", { name: tab[0].toUpperCase() + tab.slice(1), exact: true }).click();
    await look(page, `run-${tab}`, shows, tab === "container");
  }

  const [task] = await client.taskRuns.list({ flow_runs: { id: { any_: [run.id] } } });
  await page.goto(`${server.url}/task-runs/${task.id}`);
  await page.locator("h1 .state", { hasText: "Completed" }).waitFor();
  await page.getByRole("region", { name: "the result" }).getByText("1").waitFor();
  await look(page, "task-run", "It takes nothing of other tasks");

  await page.goto(`${server.url}/flow-runs/${run.id}`);
  await page.getByRole("button", { name: "Run again", exact: true }).click();
  await until("the page is the new run's", () => !page.url().includes(run.id));
  const again = await world.finished(server.url, new URL(page.url()).pathname.split("/").at(-1)!);
  assert.deepEqual([again.state_type, again.parameters], ["COMPLETED", { who: "ada" }]);
  await page.locator("h1 .state", { hasText: "Completed" }).waitFor();
  await page.getByText(/usually/).waitFor();

  await page.getByRole("button", { name: "Delete this run" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.waitForURL(`${server.url}/runs`);
  await assert.rejects(client.flowRuns.read(again.id), { code: "not_found" });
  await agent.stop();
});

test("a run killed for memory says so, and one that is cancelled on its page ends with its container", async () => {
  needsEngine();
  await using world = new World();
  world.file(
    "hungry.ts",
    dockerFlow(
      "hungry",
      `  const kept: Uint8Array[] = [];\n  for (;;) kept.push(new Uint8Array(8 << 20).fill(1));`,
      `memory: "160m"`,
    ),
  );
  world.file(
    "long.ts",
    dockerFlow(
      "long",
      `  console.log("up");\n  const timer = setInterval(() => {}, 1000);\n  await new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));\n  clearInterval(timer);`,
    ),
  );
  const server = await world.server();
  await world.ok(["deployment", "create", "./hungry.ts"]);
  await world.ok(["deployment", "create", "./long.ts"]);
  const hungry = await world.createRun("hungry/d");
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/flow-runs/${hungry.id}?tab=container`);
  await page.getByText("Yes: its container was killed").waitFor();
  assert.equal(await fact(page, "Exit code").innerText(), "137 (SIGKILL)");
  await page.locator("h1 .state", { hasText: "Crashed" }).waitFor();
  await page.locator(".message").getByText(/ran out of memory/).waitFor();
  await look(page, "run-oom", "Yes: its container was killed");

  const long = await world.createRun("long/d");
  await page.goto(`${server.url}/flow-runs/${long.id}?tab=container`);
  await page.locator(".console").getByText("up").waitFor();
  await page.getByRole("button", { name: "Run with changes" }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await isAccessible(page);
  await page.getByRole("button", { name: "Cancel the run" }).click();
  await page.locator("h1 .state", { hasText: "Cancelled" }).waitFor();
  await page.locator(".ended", { hasText: "exit code" }).waitFor();
  const [{ State }] = await world.containers(long.id);
  assert.equal(State, "exited");
  assert.equal(await page.getByRole("button", { name: "Cancel", exact: true }).count(), 0);
});

test("a run without a deployment says why it can't be run again, and a failure is read in full", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "my flow" });
  const run = await client.flowRuns.create({ flow_id: flow.id, parameters: { n: 1 }, state: { type: "RUNNING" } });
  const stack = Array.from({ length: 30 }, (_, n) => `    at step${n} (file.ts:${n})`).join("\n");
  await client.flowRuns.setState(run.id, { type: "FAILED", message: `Error: the disk is on fire\n${stack}` });
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/flow-runs/${run.id}?tab=details`);
  await page.getByText("Error: the disk is on fire").first().waitFor();
  assert.equal(await page.locator(".message pre").isVisible(), false);
  await page.locator(".message summary").click();
  await page.locator(".message pre", { hasText: "step29" }).waitFor();
  await isAccessible(page);
  await screenshot(page, "run-failed-light-wide");
  await page.getByRole("button", { name: "Run again", exact: true }).click();
  await page.getByText("flowctl run --path FILE --name 'my flow' --param n=1").waitFor();
  await isAccessible(page);
  await page.keyboard.press("Escape");
  await client.flowRuns.delete(run.id);
  await page.getByText("This run was deleted").waitFor();
  const gone = await browser.open(`${server.url}/flow-runs/${run.id}`, { expected: /404/ });
  await gone.getByText("Nothing has this address").waitFor();
  await isAccessible(gone);
});

test("a page tells a second attempt from a first, a digest, and when a run behind a limit can begin", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const { agents, deployments, flows, flowRuns } = world.client(server.url);
  const id = "aaaaaaaa-0000-4000-8000-000000000000";
  const name = "an-agent-with-a-name-that-is-long-enough-to-be-cut-off-where-there-is-little-room";
  await agents.create({ id, name, limit: 1 });
  const flow = await flows.create({ name: "my-flow" });
  const deployment = await deployments.create({ name: "d", flow_id: flow.id, flow_runner: { type: "docker" } });
  const run = await deployments.createRun(deployment.id, { tags: ["nightly", "a tag with words"] });
  const { claims: [first] } = await agents.claim(id, { slots: 1 });
  await agents.release(first.lease.id);
  const { claims: [{ lease }] } = await agents.claim(id, { slots: 1 });
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/flow-runs/${run.id}?tab=container`);
  await page.getByText(`Agent '${name}' gets ready to start it`).waitFor();
  const digest = `registry.example:5000/team/flows@sha256:${"0123456789abcdef".repeat(4)}`;
  await agents.started(lease.id, {
    infrastructure_pid: "docker://c0ffee",
    holder: {
      kind: "container",
      name: "c",
      container_id: "c0ffee",
      image: "registry.example:5000/team/flows:1.4",
      image_id: `sha256:${"f".repeat(64)}`,
      digest,
      networks: ["bridge", "databases"],
    },
  });
  await page.getByText(digest).waitFor();
  await page.getByText("started it, and its flow loads").waitFor();
  await page.getByText("Attempt 1: nothing was started").waitFor();
  await flowRuns.setState(run.id, { type: "RUNNING" });
  await page.locator(".waiting").waitFor({ state: "detached" });
  await look(page, "run-attempts", digest);

  const next = await deployments.createRun(deployment.id);
  await page.goto(`${server.url}/flow-runs/${next.id}`);
  await page.getByText(`Agent '${name}' holds 1 of at most 1 runs`).waitFor();
  await look(page, "run-limit", "holds 1 of at most 1 runs");
  await flowRuns.setState(run.id, { type: "COMPLETED" });
  await agents.ended(lease.id, { exit_code: 0, oom_killed: false });
  await agents.release(lease.id);
  await page.locator('.waiting[data-reason="limit"]').waitFor({ state: "detached" });
  await page.goto(`${server.url}/flow-runs/${run.id}?tab=container`);
  await page.locator(".ended", { hasText: "exit code 0" }).waitFor();
});
