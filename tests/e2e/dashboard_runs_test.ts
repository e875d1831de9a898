import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { Browser, isAccessible, NARROW, screenshot } from "./browser.ts";
import { World } from "./support.ts";

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
