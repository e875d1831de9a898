import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { Browser, isAccessible, NARROW, type Page, screenshot } from "./browser.ts";
import { local } from "./local_flows.ts";
import { until, World } from "./support.ts";

const grid = (page: Page) => page.getByRole("treegrid", { name: "Timeline of task runs" });
const row = (page: Page, name: string | RegExp) => grid(page).getByRole("row", { name });
const graphNode = (page: Page, name: string | RegExp) => page.locator(".graph-node").filter({ hasText: name });
const bars = (page: Page, state: string) => page.locator(`.timeline-bar[data-state="${state}"]`);
const widthOf = async (page: Page, selector: string) => (await page.locator(selector).first().boundingBox())!.width;

test("a flow's tasks and sub-flow grow on the timeline while it runs, and its graph takes their states", async () => {
  await using world = new World();
  world.file(
    "shop.ts",
    local(
      `const wait = async (name: string) => {
  while (!existsSync(name)) await new Promise((resolve) => setTimeout(resolve, 50));
};
const list = task("list-orders", () => [1, 2, 3]);
const price = task("price", async (orders: unknown, order: number) => {
  if (order === 3) await wait(${JSON.stringify(world.work)} + "/enough");
  return order * 10;
});
const mail = task("mail", (total: unknown) => String(total));
const notify = flow("notify", async (parameters: { text: string }) => void (await mail(parameters.text)));
const f = flow("shop", async () => {
  const orders = list.submit();
  const prices = await Promise.all([1, 2, 3].map((order) => price(orders, order)));
  await notify({ text: String(prices) });
});`,
      `import { existsSync } from "node:fs";`,
    ),
  );
  await world.ok(["deployment", "create", "./shop.ts"]);
  const server = await world.server();
  await using browser = await Browser.start();
  const run = await world.createRun("shop/d");
  const page = await browser.open(`${server.url}/flow-runs/${run.id}`);
  await row(page, /price-2.*Running/).waitFor();
  await bars(page, "COMPLETED").nth(2).waitFor();
  assert.equal(await bars(page, "RUNNING").count(), 1);
  await row(page, /list-orders-0.*Completed, took/).waitFor();
  // It is drawn again as time goes on, and nothing is asked for.
  const label = () => row(page, /price-2/).locator(".timeline-label").textContent();
  await until("the bar's length goes on without a question", async () => {
    const [before, asked] = [await label(), browser.requests.length];
    await until("the bar's length goes on", async () => await label() !== before || undefined);
    return browser.requests.length === asked || undefined;
  });
  await isAccessible(page);

  const beside = await browser.openBeside(page, `${server.url}/flow-runs/${run.id}?tab=graph`);
  await graphNode(beside, /price-2.*Running/).waitFor();

  world.file("enough", "");
  await row(page, /price-2.*Completed/).waitFor();
  await graphNode(beside, /price-2.*Completed/).waitFor();
  await world.finished(server.url, run.id);
  const standIn = row(page, /completed/i).and(grid(page).locator("[aria-expanded]"));
  await standIn.waitFor();
  await standIn.getByRole("button").click();
  await row(page, /mail-0/).waitFor();
  assert.equal(await row(page, /mail-0/).getAttribute("aria-level"), "2");
  // The subprocess's engine said what each took.
  await beside.locator(".graph-edge").nth(2).waitFor({ state: "attached" });
  assert.ok(browser.requests.some((address) => /\/timeline\?after=/.test(address)));
});

/** A run with a list, four fetches of which one failed and one runs, a sub-flow with two tasks, and a task that waits. */
async function example(world: World, url: string) {
  const client = world.client(url);
  const flow = await client.flows.create({ name: "orders" });
  const run = await client.flowRuns.create({ flow_id: flow.id, name: "brave-otter" });
  await client.flowRuns.setState(run.id, { type: "RUNNING" });
  let keys = 0;
  const task = async (name: string, upstream: string[], state?: "RUNNING" | "COMPLETED" | "FAILED", of = run.id) => {
    const { id } = await client.taskRuns.create({
      flow_run_id: of,
      name,
      task_key: name.replace(/-\d+$/, ""),
      dynamic_key: String(keys++),
      task_inputs: { input: upstream.map((id) => ({ input_type: "task_run" as const, id })) },
    });
    if (state !== undefined) await client.taskRuns.setState(id, { type: "RUNNING" });
    if (state !== undefined && state !== "RUNNING") await client.taskRuns.setState(id, { type: state });
    return id;
  };
  const list = await task("list-all-the-orders-of-a-customer-with-a-very-long-name-0", [], "COMPLETED");
  const fetches = [
    await task("fetch-0", [list], "COMPLETED"),
    await task("fetch-1", [list], "FAILED"),
    await task("fetch-2", [list], "RUNNING"),
    await task("fetch-3", [list]),
  ];
  const standIn = await task("child-0", [fetches[0]]);
  const sub = await client.flowRuns.create({ flow_id: flow.id, name: "calm-heron", parent_task_run_id: standIn });
  await client.flowRuns.setState(sub.id, { type: "RUNNING" });
  const inner = await task("inner-0", [], "COMPLETED", sub.id);
  await task("inner-1", [inner], "RUNNING", sub.id);
  return { client, run, sub, task, fetches, list };
}

test("a timeline is searched, folded, zoomed and walked through by keys, and shows what changes elsewhere", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  const { client, run, sub, task, fetches, list } = await example(world, server.url);
  const page = await browser.open(`${server.url}/flow-runs/${run.id}`);
  await row(page, /fetch-0/).waitFor();
  assert.equal(await grid(page).getAttribute("aria-rowcount"), "7");

  // Keys: rows, unfolding, back to the row above.
  await grid(page).focus();
  const active = () => page.locator(".timeline-active").textContent();
  assert.match((await active())!, /list-all/);
  for (let i = 0; i < 9 && !/calm-heron/.test((await active())!); i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await row(page, /inner-1/).waitFor();
  await page.keyboard.press("ArrowDown");
  assert.match((await active())!, /inner-0/);
  await page.locator(".timeline-tip").getByText("Took", { exact: true }).waitFor();
  await isAccessible(page);
  await screenshot(page, "timeline-light-wide");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await row(page, /inner-1/).waitFor({ state: "detached" });

  // Nearer by keys, by dragging, and back.
  const fit = page.getByRole("button", { name: "Fit" });
  assert.equal(await fit.isDisabled(), true);
  await page.keyboard.press("+");
  await page.locator(".timeline-window").waitFor();
  const half = await widthOf(page, ".timeline-window");
  const box = (await page.locator(".timeline-rows .timeline-area").first().boundingBox())!;
  // From upon the bar that runs: it is not opened.
  await page.mouse.move(box.x + box.width * 0.7, box.y + 26 * 3 + 13);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 26 * 3 + 20, { steps: 4 });
  await page.mouse.up();
  await until(
    "what was dragged over is shown",
    async () => await widthOf(page, ".timeline-window") < half * 0.5 || undefined,
  );
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -200);
  await page.keyboard.up("Control");
  assert.match(page.url(), /flow-runs/);
  await fit.click();
  await page.locator(".timeline-window").waitFor({ state: "detached" });

  // Searched and filtered.
  await page.getByRole("searchbox", { name: "Search tasks" }).fill("inner");
  await row(page, /inner-0/).waitFor();
  assert.equal(await row(page, /fetch/).count(), 0);
  await page.getByRole("searchbox", { name: "Search tasks" }).fill("");
  await page.getByRole("button", { name: /Failed 1/ }).click();
  await row(page, /fetch-0/).waitFor({ state: "detached" });
  await row(page, /fetch-1.*Failed/).waitFor();
  await page.getByRole("button", { name: /Failed 1/ }).click();
  await page.getByLabel("Order").selectOption("task");
  await row(page, /fetch 4 runs/).getByRole("button", { name: "Unfold fetch" }).click();
  await row(page, /fetch-3/).waitFor();
  await page.getByRole("switch", { name: "Critical path" }).click({ force: true });
  await page.locator(".timeline-dim").first().waitFor();
  await isAccessible(page);

  // What changes elsewhere: a new task run, another state, one that is deleted.
  await task("report-0", fetches);
  await row(page, /report-0/).waitFor();
  await client.taskRuns.setState(fetches[2], { type: "COMPLETED" });
  await row(page, /fetch-2.*Completed/).waitFor();
  await client.taskRuns.delete(fetches[3]);
  await row(page, /fetch-3/).waitFor({ state: "detached" });

  const dark = await browser.open(page.url(), { scheme: "dark", size: NARROW });
  await row(dark, /fetch-0/).waitFor();
  await isAccessible(dark);
  await screenshot(dark, "timeline-dark-narrow");

  // A press leads to the run.
  await page.getByLabel("Order").selectOption("start");
  await row(page, /calm-heron/).getByRole("link").click();
  await page.waitForURL(`**/flow-runs/${sub.id}`);
  await row(page, /inner-0/).waitFor();
  await page.goBack();
  await row(page, /list-all/).waitFor();
  await row(page, /fetch-1/).locator(".timeline-bar").click();
  await page.waitForURL(`**/task-runs/${fetches[1]}`);
  await page.goBack();
  await row(page, /list-all/).waitFor();
  await grid(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/task-runs/${list}`);

  const empty = await client.flowRuns.create({ flow_id: run.flow_id });
  const other = await browser.open(`${server.url}/flow-runs/${empty.id}`);
  await other.getByText("No task runs.").waitFor();
  await isAccessible(other);
});

test("a graph shows what took results of what, is walked through by keys, and folds the many runs of a task", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  const { client, run, task, fetches, list, sub } = await example(world, server.url);
  const page = await browser.open(`${server.url}/flow-runs/${run.id}?tab=graph`);
  await graphNode(page, "fetch-1").waitFor();
  assert.equal(await page.locator(".graph-node").count(), 6);
  assert.equal(await page.locator(".graph-edge").count(), 5);
  assert.equal(await graphNode(page, "calm-heron").getAttribute("href"), `/flow-runs/${sub.id}`);
  assert.equal(await graphNode(page, "fetch-1").getAttribute("href"), `/task-runs/${fetches[1]}`);

  // Dragged at a node: the graph moves, and the node is not opened.
  const place = (await graphNode(page, "fetch-1").boundingBox())!;
  await page.mouse.move(place.x + 50, place.y + 20);
  await page.mouse.down();
  await page.mouse.move(place.x + 90, place.y + 30, { steps: 4 });
  await page.mouse.up();
  await until(
    "the graph was moved",
    async () => Math.abs((await graphNode(page, "fetch-1").boundingBox())!.x - place.x - 40) < 2 || undefined,
  );
  assert.match(page.url(), /flow-runs/);
  await page.mouse.move(0, 0);
  await graphNode(page, "list-all").focus();
  await page.keyboard.press("ArrowRight");
  const focused = (pattern: RegExp) =>
    until(
      `the focus is on ${pattern}`,
      async () => pattern.test(await page.evaluate(() => document.activeElement!.textContent!)) || undefined,
    );
  await focused(/^fetch-[12]/);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await focused(/^fetch-0/);
  await page.keyboard.press("ArrowRight");
  await focused(/^calm-heron/);
  assert.equal(await page.locator(".graph-node:not(.graph-dim)").count(), 3);
  assert.equal(await page.locator(".graph-edge.graph-lit").count(), 2);
  await isAccessible(page);
  await screenshot(page, "graph-light-wide");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/flow-runs/${sub.id}`);
  await page.goBack();
  await graphNode(page, "fetch-2").waitFor();

  await client.taskRuns.setState(fetches[2], { type: "COMPLETED" });
  await page.locator(".graph-node.state-completed", { hasText: "fetch-2" }).waitFor();
  await page.getByRole("switch", { name: "As a list" }).click({ force: true });
  await page.getByRole("row", { name: /fetch-1 Failed list-all/ }).waitFor();
  await isAccessible(page);
  await page.getByRole("switch", { name: "As a list" }).click({ force: true });

  const stored = await Promise.all(
    Array.from({ length: 70 }, (_, i) => task(`store-${i}`, [fetches[0]], i === 40 ? "FAILED" : undefined)),
  );
  assert.equal(stored.length, 70);
  const group = graphNode(page, /^store/);
  await graphNode(page, "70 runs, 1 failed").waitFor();
  assert.equal(await group.count(), 1);
  await group.click();
  await graphNode(page, "store-40").waitFor();
  // What is out of sight is not in the document.
  assert.equal(await graphNode(page, "store, the others").count(), 0);
  await page.getByRole("button", { name: "Fit" }).click();
  await graphNode(page, "store, the others").waitFor();
  await screenshot(page, "graph-unfolded-light-wide");
  await page.getByRole("button", { name: "Fold store" }).click();
  await graphNode(page, "store-40").waitFor({ state: "detached" });

  const loose = await client.flowRuns.create({ flow_id: run.flow_id });
  for (let i = 0; i < 5; i++) await task(`alone-${i}`, [], "COMPLETED", loose.id);
  const dark = await browser.open(`${server.url}/flow-runs/${loose.id}?tab=graph`, { scheme: "dark", size: NARROW });
  await dark.getByText("nothing connects them").waitFor();
  await graphNode(dark, "alone-4").waitFor();
  await isAccessible(dark);
  await screenshot(dark, "graph-dark-narrow");
  assert.ok(list);
});
