import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { Browser, isAccessible, screenshot } from "./browser.ts";
import { until, World } from "./support.ts";

test("a page shows a run as soon as it is there, without asking at intervals", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/runs`);
  // From here on this test says how time passes on the page.
  await page.clock.install();
  await page.reload();
  await page.getByText("No runs yet").waitFor();
  await isAccessible(page);
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "my-flow" });
  const run = await client.flowRuns.create({ flow_id: flow.id });
  await page.getByRole("link", { name: run.name }).waitFor();
  await isAccessible(page);
  await screenshot(page, "runs-light-wide");

  /** What the page asks for by itself while so many seconds pass. What comes last is ours, and after whatever time led to. */
  const askedWithin = async (seconds: number) => {
    const before = browser.requests.length;
    await page.clock.fastForward(seconds * 1000);
    await page.evaluate(async () => void await fetch("/api/hello"));
    return browser.requests.slice(before).filter((url) => !url.endsWith("/api/hello"));
  };
  await until("what the run led to has been asked for", async () => (await askedWithin(2)).length === 0);
  assert.deepEqual(await askedWithin(3600), []);
});
