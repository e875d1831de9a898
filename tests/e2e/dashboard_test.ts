import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { Browser, isAccessible, screenshot } from "./browser.ts";
import { World } from "./support.ts";

test("a page shows a run as soon as it is there, without asking at intervals", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/runs`);
  await page.getByText("No runs yet").waitFor();
  await isAccessible(page);
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "my-flow" });
  const run = await client.flowRuns.create({ flow_id: flow.id });
  await page.getByRole("link", { name: run.name }).waitFor();
  await isAccessible(page);
  await screenshot(page, "runs-light-wide");
  const asked = browser.requests.length;
  await page.waitForTimeout(2000);
  assert.equal(browser.requests.length, asked);
});
