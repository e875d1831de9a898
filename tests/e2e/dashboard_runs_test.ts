import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "../testing/test.ts";
import { writeRuns } from "../long/many_runs.ts";
import { Browser, isAccessible, NARROW, screenshot, WIDE } from "./browser.ts";
import { until, World } from "./support.ts";

test("runs are filtered by a bar whose choices are the address", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "my-flow" });
  const other = await client.flows.create({ name: "an-other-flow" });
  const deployment = await client.deployments.create({
    name: "example",
    flow_id: flow.id,
    tags: ["nightly"],
    labels: ["gpu"],
  });
  await client.flowRuns.create({ flow_id: flow.id, name: "angry-ant", state: { type: "FAILED" } });
  await client.flowRuns.create({ flow_id: other.id, name: "busy-bee", state: { type: "COMPLETED" }, tags: ["blue"] });
  const labelled = await client.deployments.createRun(deployment.id, { name: "calm-cat" });

  const page = await browser.open(`${server.url}/runs?sort=NAME_ASC`);
  const shows = async (...expected: string[]) => {
    await page.waitForFunction((expected) => {
      const found = [...document.querySelectorAll("a[href^='/flow-runs/']")].map((link) => link.textContent);
      return JSON.stringify(found) === JSON.stringify(expected);
    }, expected);
  };
  await shows("angry-ant", "busy-bee", "calm-cat");
  await page.getByRole("button", { name: "Filter by state" }).click();
  await isAccessible(page);
  await screenshot(page, "filters-states-light-wide");
  await page.getByLabel("Failed").check();
  await shows("angry-ant");
  assert.match(page.url(), /\?state=failed&sort=NAME_ASC$/);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "State: Failed" }).waitFor();
  await page.goBack();
  await shows("angry-ant", "busy-bee", "calm-cat");
  await page.goForward();
  await shows("angry-ant");
  await page.getByRole("button", { name: "Do not filter by state" }).click();

  await page.getByRole("button", { name: "Filter by flow" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.type("other");
  await page.getByLabel("my-flow").waitFor({ state: "detached" });
  await page.keyboard.press("Enter");
  await shows("busy-bee");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Flow: an-other-flow" }).waitFor();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("button", { name: "Filter by label" }).click();
  await page.getByLabel("gpu").check();
  await shows("calm-cat");
  assert.ok(page.url().includes("label=gpu"));
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("button", { name: "Filter by tag" }).click();
  await page.keyboard.type("blue");
  await page.keyboard.press("Enter");
  await shows("busy-bee");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByLabel("Name contains").fill("ca");
  await shows("calm-cat");

  const address =
    `${server.url}/runs?deployment=${deployment.id}&tag=nightly&last=24h&text=c&state=late&state=scheduled`;
  const narrow = await browser.open(address, { scheme: "dark", size: NARROW });
  await narrow.getByRole("button", { name: "Deployment: my-flow/example" }).waitFor();
  await narrow.getByRole("link", { name: labelled.name }).waitFor();
  await narrow.getByRole("button", { name: "Time: last 24 hours" }).click();
  await isAccessible(narrow);
  await screenshot(narrow, "filters-time-dark-narrow");
  assert.equal(await narrow.evaluate(() => document.documentElement.scrollWidth), NARROW.width);
});

test("a long list of runs keeps the place of who reads it, shows what changes, and what is done to many is told", async () => {
  await using world = new World();
  await writeRuns(join(world.home, "flowctl.db"), { runs: 3000, everySeconds: 60 });
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  const client = world.client(server.url);
  const page = await browser.open(`${server.url}/runs`);
  const row = (name: string) => page.locator("[data-run]", { hasText: name });
  const newest = page.locator("[data-run]").first();
  await row("heavy-parakeet-0").getByText("Running").waitFor();
  await page.getByText("usually 3").first().waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Failed 120" }).waitFor();
  for (const [scheme, size] of [["light", WIDE], ["dark", WIDE], ["light", NARROW], ["dark", NARROW]] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize(size);
    await page.waitForFunction((wide) => document.querySelector(".run-agent")!.clientWidth > 0 === wide, size === WIDE);
    await isAccessible(page);
    await screenshot(page, `runs-${scheme}-${size === WIDE ? "wide" : "narrow"}`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), size.width);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);

  // At the top new runs come by themselves, and a row becomes what its run became.
  const flow = await client.flows.create({ name: "flow-0" });
  const first = await client.flowRuns.create({ flow_id: flow.id, name: "brand-new", state: { type: "RUNNING" } });
  await newest.getByRole("link", { name: "brand-new" }).waitFor();
  const text = () => newest.locator(".run-took").textContent();
  const before = await text();
  await until("the duration grows", async () => await text() !== before);
  await client.flowRuns.setState(first.id, { type: "COMPLETED" });
  await newest.getByText("Completed").waitFor();

  // Further down nothing jumps: a button says how many there are, and the rows on screen change in place.
  await until("enough pages are loaded", async () => {
    await page.evaluate(() => scrollTo(0, 20_000));
    return await row("otter-499").count() > 0;
  });
  const drawn = await page.locator("[data-run]").count();
  assert.ok(drawn < 80, `${drawn} rows are drawn`);
  const failed = row("otter-499");
  const id = (await failed.getAttribute("data-run"))!;
  const top = async () => (await failed.boundingBox())!.y;
  const was = await top();
  await client.flowRuns.create({ flow_id: flow.id, name: "newer", state: { type: "RUNNING" } });
  await client.flowRuns.setState(id, { type: "CRASHED" }, { force: true });
  await failed.getByText("Crashed").waitFor();
  await page.getByRole("button", { name: "1 new run" }).waitFor();
  assert.equal(await top(), was);
  await screenshot(page, "runs-new-light-wide");
  await failed.getByRole("link", { name: "otter-499" }).click();
  await page.waitForURL(/flow-runs/);
  await page.goBack();
  await failed.waitFor();
  assert.equal(await top(), was);
  await page.getByRole("button", { name: "1 new run" }).click();
  await newest.getByRole("link", { name: "newer" }).waitFor();
  assert.equal(await page.evaluate(() => scrollY), 0);

  // A range is cancelled: what is over already is told apart.
  const box = (n: number) => page.locator("[data-run] input").nth(n);
  await box(0).click();
  await box(2).click({ modifiers: ["Shift"] });
  await page.getByText("3 runs selected").waitFor();
  await page.getByRole("region", { name: "Selected runs" }).getByRole("button", { name: "Cancel" }).click();
  await isAccessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "Cancel 3 runs" }).click();
  await page.getByText(/^2 (cancelled|are told to stop), 1 was over already\.$|^1 cancelled, 1 is told to stop, 1 was/)
    .waitFor();

  // All that match are deleted, also those that are not loaded.
  await page.goto(`${server.url}/runs?state=failed`);
  await page.locator("[data-run]").first().waitFor();
  await page.getByLabel("Select all runs that are loaded").check();
  await page.getByRole("button", { name: "Select all 120 that match" }).click();
  await page.getByText("All 120 runs that match selected").waitFor();
  await screenshot(page, "runs-selected-light-wide");
  await page.getByRole("region", { name: "Selected runs" }).getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete all" }).click();
  await page.getByText("120 deleted.").waitFor();
  await page.getByText("No run matches these filters").waitFor();
  await isAccessible(page);
  await screenshot(page, "runs-no-match-light-wide");
  assert.equal(await client.flowRuns.count({ flow_runs: { state: { type: { any_: ["FAILED"] } } } }), 0);
  await page.getByRole("button", { name: "Clear filters" }).last().click();
  await newest.waitFor();
});
