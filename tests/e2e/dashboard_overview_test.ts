import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { Browser, isAccessible, NARROW, type Page, screenshot, WIDE } from "./browser.ts";
import { makeHistory } from "./overview_history.ts";
import { until, World } from "./support.ts";

/** Narrow, and tall enough for all of it. */
const TALL = { ...NARROW, height: 2200 };

/** The number beside "runs". */
const runs = async (page: Page): Promise<number> =>
  Number((await page.locator(".overview-figure-value").first().innerText()).replace(/\D/g, ""));

/** Presses at one part of the chart's width and lets go at another. */
async function drag(page: Page, from: number, to: number): Promise<void> {
  const box = (await page.locator(".u-over").boundingBox())!;
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * (from + to) / 2, y, { steps: 3 });
  await page.mouse.move(box.x + box.width * to, y, { steps: 3 });
  await page.mouse.up();
}

test("the overview shows how runs went, what failed and why, what waits, and who is there; a drag over bars is a link", async () => {
  await using world = new World();
  const { flow } = await makeHistory(world.home);
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/?last=24h`);
  const agents = page.getByRole("list", { name: "Agents" });
  await agents.getByText(/^alive$/).waitFor();
  await agents.getByText("dead, last seen 2 h ago").waitFor();

  const lastDay = {
    expected_start_time: { after_: new Date(Date.now() - 86_400_000).toISOString(), before_: new Date().toISOString() },
  };
  const inDay = await client.flowRuns.count({ flow_runs: lastDay });
  await until("the number of runs is that of the API", async () => await runs(page) === inDay);
  await page.getByText(/succeeded/).first().waitFor();
  const errors = page.getByRole("list", { name: "Failures by error" });
  await errors.getByText('Error: Cannot read row # of "…"', { exact: false }).or(
    errors.getByText('Cannot read row # of "…"'),
  ).waitFor();
  await errors.getByText("Container ran out of memory and was killed: exit code #").waitFor();
  const failed = Number(await errors.locator(".overview-failure-number").first().innerText());
  assert.ok(failed >= 8, String(failed));

  await page.getByRole("list", { name: "Late runs" }).getByRole("listitem").waitFor();
  await page.getByText("Label Problem: no live agent has the label 'gpu'").waitFor();
  assert.equal(await page.getByRole("list", { name: "Upcoming runs" }).getByRole("listitem").count(), 2);
  await isAccessible(page);
  await screenshot(page, "overview-light-wide");

  // Live: another failure that says the same.
  await client.flowRuns.create({
    flow_id: flow,
    state: {
      type: "FAILED",
      message: 'Flow run encountered an exception: Error: Cannot read row 1 of "new.csv" (import.ts:1:1)',
    },
  });
  await until(
    "one more has failed",
    async () => Number(await errors.locator(".overview-failure-number").first().innerText()) === failed + 1,
  );

  await drag(page, 0.25, 0.5);
  await page.waitForURL(/[?&]from=.*&to=/);
  await until("fewer runs", async () => await runs(page) < inDay / 2);
  const there = await runs(page);
  const { searchParams } = new URL(page.url());
  const [from, to] = ["from", "to"].map((name) => searchParams.get(name)!);
  assert.match(from, /:(00|30):00\.000Z$/);
  assert.equal(
    await client.flowRuns.count({
      flow_runs: { expected_start_time: { after_: from, before_: new Date(Date.parse(to) - 1).toISOString() } },
    }),
    there,
  );
  const other = await browser.openBeside(page, page.url());
  await until("the same link shows the same", async () => await runs(other) === there);
  assert.equal(await other.locator(".overview-legend").innerText(), await page.locator(".overview-legend").innerText());
  await other.close();
  await screenshot(page, "overview-dragged");

  // The keyboard chooses, too.
  const slider = page.getByRole("slider", { name: "Runs over time" });
  await slider.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  assert.match((await slider.getAttribute("aria-valuetext"))!, / chosen$/);
  await screenshot(page, "overview-keys");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.searchParams.get("from")! > from && url.searchParams.get("to")! < to);
  await page.goBack();
  await until("back is back", async () => await runs(page) === there);
  await page.getByText("As a table").click();
  await page.getByRole("region", { name: "Runs over time as a table" }).getByRole("row").nth(1).waitFor();
  await isAccessible(page);

  // An engine that does not answer, and a run that is held.
  const id = crypto.randomUUID();
  await client.agents.create({ id, name: "no-engine", limit: 2 });
  const here = agents.getByRole("listitem").filter({ hasText: "no-engine" });
  await here.getByText(/^alive$/).waitFor();
  await client.agents.claim(id, { slots: 1, runners: ["subprocess"] });
  await here.getByText("alive, engine does not answer").waitFor();
  await here.getByText("0 of 2").waitFor();
  await client.agents.stopped(id);
  await here.getByText(/^stopped, /).waitFor();

  // The time moves on when somebody comes back, and not by itself.
  const asked = () => browser.requests.filter((url) => url.endsWith("/api/overview")).length;
  const before = asked();
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await until("the page asks again", () => asked() > before);

  // The chart follows the colours of the page, and its width.
  const drawn = () => page.locator(".run-bars canvas").evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  const light = await drawn();
  await page.emulateMedia({ colorScheme: "dark" });
  await until("the bars are dark ones", async () => await drawn() !== light);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(NARROW);
  const width = () => page.locator(".run-bars canvas").evaluate((canvas) => canvas.clientWidth);
  await until("the chart is narrow", async () => await width() < NARROW.width);
  await page.setViewportSize(WIDE);
  await until("the chart is wide", async () => await width() > 800);

  // A click on a bar leads to its runs.
  await page.getByText("Back to 24 hours").click();
  await page.waitForURL((url) => !url.searchParams.has("from"));
  const box = (await page.locator(".u-over").boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height - 20);
  await page.locator(".run-bars-tip").waitFor();
  await screenshot(page, "overview-tip");
  await page.mouse.click(box.x + box.width * 0.5, box.y + box.height - 20);
  await page.waitForURL(/\/runs\?from=/);
  await page.goBack();

  for (
    const [name, path, options] of [
      ["overview-dark-wide", "/?last=7d", { scheme: "dark", size: { width: 1280, height: 1300 } }],
      ["overview-light-narrow", "/", { size: TALL }],
      ["overview-dark-narrow", "/?state=failed", { scheme: "dark", size: TALL }],
    ] as const
  ) {
    const page = await browser.open(server.url + path, options);
    await page.getByRole("list", { name: "Agents" }).waitFor();
    await isAccessible(page);
    await screenshot(page, name);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is not too wide`);
    await page.close();
  }

  await agents.getByRole("listitem").filter({ hasText: "dying-machine" }).getByText(/^dead, last seen/).waitFor({
    timeout: 40_000,
  });
});

test("a new server shows the way to a first run, and ticks off what is done", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  await using browser = await Browser.start();
  const page = await browser.open(server.url);
  await page.getByRole("heading", { name: "Three steps to your first run" }).waitFor();
  await isAccessible(page);
  await screenshot(page, "overview-new");
  const done = () => page.locator(".overview-step-done").count();
  assert.equal(await done(), 0);
  const flow = await client.flows.create({ name: "my-flow" });
  await client.deployments.create({ name: "example", flow_id: flow.id });
  await until("the deployment is ticked off", async () => await done() === 1);
  await client.agents.create({ id: crypto.randomUUID(), name: "an-agent" });
  await until("the agent is ticked off", async () => await done() === 2);
  const run = await client.flowRuns.create({ flow_id: flow.id, state: { type: "RUNNING" } });
  assert.equal(await done(), 2);
  await client.flowRuns.setState(run.id, { type: "COMPLETED" });
  await page.getByText("completed. Well done.").waitFor();
  assert.equal(await done(), 3);
  await screenshot(page, "overview-first-run");
  await page.getByRole("button", { name: "Show the overview" }).click();
  await page.getByText("100\u202f%").first().waitFor();
  assert.equal(await page.locator(".overview-steps").count(), 0);
});
