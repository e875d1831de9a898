import assert from "node:assert/strict";
import type { LogCreate } from "../../src/domain/logs.ts";
import { needsEngine, test } from "../testing/test.ts";
import { Browser, isAccessible, NARROW, type Page, screenshot, WIDE } from "./browser.ts";
import { dockerFlow, until, World } from "./support.ts";

const at = (ms: number) => new Date(Date.parse("2026-11-21T22:00:00Z") + ms).toISOString();
const rows = (page: Page) => page.locator(".log-row");
const line = (page: Page, text: string | RegExp) => rows(page).filter({ hasText: text });
const box = (page: Page) => page.locator(".log-box");
/** How far below the top of the list a line is drawn. */
const placeOf = async (page: Page, text: string) =>
  (await line(page, text).boundingBox())!.y - (await box(page).boundingBox())!.y;

test("lines are filtered, searched, linked to, copied and downloaded, and hostile ones are shown as text", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "my-flow" });
  const run = await client.flowRuns.create({ flow_id: flow.id, state: { type: "SCHEDULED" } });
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/flow-runs/${run.id}?tab=logs`);
  await page.getByText("No lines yet: the run waits to be started.").waitFor();
  await isAccessible(page);
  await client.flowRuns.setState(run.id, { type: "RUNNING" }, { force: true });
  await page.getByText("They appear here as they are printed.").waitFor();
  const task = await client.taskRuns.create({
    flow_run_id: run.id,
    task_key: "load",
    dynamic_key: "0",
    name: "load-0",
  });
  const many: LogCreate[] = Array.from({ length: 1500 }, (_, i) => ({
    name: "my-flow",
    level: i % 100 === 7 ? 40 : i % 10 === 3 ? 30 : i % 5 === 0 ? 10 : 20,
    message: i === 30
      ? "the needle in the hay"
      : i % 400 === 399
      ? `Wrapped ${"word ".repeat(120)}`
      : `line ${i} of the flow`,
    timestamp: at(i * 10),
    flow_run_id: run.id,
    ...i % 4 === 1 ? { task_run_id: task.id } : {},
  }));
  await client.logs.create(many);
  await line(page, "line 1498 of the flow").waitFor();
  const hostile = [
    '<script>globalThis.owned = true</script><img src=x onerror="globalThis.owned = true">',
    "\u001b[31mred\u001b[0m \u001b[1;32mgreen\u001b[0m \u001b[44mon blue\u001b[0m \u001b[2Jcleared \u001b]0;title\u0007",
    "safe \u202egnp.exe\u202c",
    `See https://example.org/a?b=1. Not javascript:alert(1)`,
    `Traceback\n${Array.from({ length: 9 }, (_, i) => `  File "a${i}.py", line ${i}`).join("\n")}\nValueError: no`,
    "x".repeat(100_000),
  ];
  await client.logs.create(hostile.map((message, i) => ({
    name: "my-flow",
    level: 50,
    message,
    timestamp: at(20_000 + i),
    flow_run_id: run.id,
  })));
  await line(page, "Show all (100 kB)").waitFor();
  await line(page, "<script>globalThis.owned = true</script><img src=x").waitFor();
  await line(page, "safe ‹U+202E›gnp.exe").waitFor();
  assert.equal(await line(page, "red green on blue cleared").locator(".ansi-1").textContent(), "red");
  const link = page.getByRole("link", { name: "https://example.org/a?b=1" });
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
  assert.equal(await page.evaluate(() => "owned" in globalThis), false);
  assert.equal(await page.getByText('File "a8.py"').count(), 0);
  await page.getByRole("button", { name: "Show 8 more lines" }).click();
  await page.getByText('File "a8.py"').waitFor();
  await isAccessible(page);
  await screenshot(page, "logs-light-wide");

  // Filters are in the address, and leave the rest of it alone.
  await page.getByLabel("Least level").focus();
  await page.getByRole("option", { name: "Errors and above (21)" }).waitFor({ state: "attached" });
  await page.getByLabel("Least level").selectOption("ERROR");
  await line(page, "line 1407 of the flow").waitFor();
  assert.equal(await line(page, "INFO").count(), 0);
  assert.equal(new URL(page.url()).search, "?tab=logs&level=ERROR");
  await page.getByLabel("Least level").selectOption("");
  await line(page, "load-0").last().getByRole("button", { name: "load-0" }).click();
  await page.waitForURL(`**?tab=logs&task=${task.id}`);
  await until(
    "only lines of the task",
    async () => await rows(page).count() > 0 && await rows(page).count() === await line(page, "load-0").count(),
  );
  await page.getByLabel("Task").selectOption("");

  // Searching filters, marks, and goes on beyond what is read when other lines are kept.
  await page.getByLabel("Search lines").fill("NEEDLE");
  await page.waitForURL("**q=NEEDLE");
  await line(page, "the needle in the hay").waitFor();
  assert.equal(await rows(page).count(), 1);
  assert.equal(await page.locator("mark").textContent(), "needle");
  await page.getByLabel("Search lines").fill("nothing like it");
  await page.getByText("No line matches yet.").waitFor();
  await screenshot(page, "logs-light-wide-none");
  await page.getByRole("button", { name: "Show all lines" }).click();
  await line(page, "line 31 of the flow").waitFor();
  await page.getByLabel("Search lines").fill("needle");
  await line(page, "the needle in the hay").waitFor();
  await page.getByText("Other lines, too").click();
  await until("other lines are back", async () => await rows(page).count() > 10);
  await page.getByRole("button", { name: "Previous match (N)" }).click();
  await line(page, "the needle in the hay").waitFor();
  await line(page, "line 31 of the flow").waitFor();
  await screenshot(page, "logs-light-wide-search");

  // A line has an address, which another page opens at that line, with its surroundings.
  await line(page, "line 31 of the flow").locator(".log-time").click();
  const address = page.url();
  assert.match(address, /#line=[0-9a-f-]{36}$/);
  const other = await browser.open(address, { scheme: "dark", size: NARROW });
  await line(other, "line 31 of the flow").waitFor();
  assert.match((await line(other, "line 31 of the flow").getAttribute("class"))!, /log-marked/);
  assert.ok(await placeOf(other, "line 31 of the flow") > 20);
  await line(other, "line 28 of the flow").waitFor();
  await isAccessible(other);
  await screenshot(other, "logs-dark-narrow");

  // A line that comes late takes its place above, and what is read stays where it is.
  const stays = await placeOf(page, "line 31 of the flow");
  await client.logs.create([
    { name: "my-flow", level: 20, message: "a late line", timestamp: at(265), flow_run_id: run.id },
  ]);
  await line(page, "a late line").waitFor({ state: "attached" });
  assert.equal(await placeOf(page, "line 31 of the flow"), stays);

  // Keys move, choose and copy.
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.keyboard.press("j");
  await page.keyboard.press("Shift+J");
  await page.getByRole("button", { name: "Copy 2 lines" }).waitFor();
  await page.keyboard.press("c");
  await page.getByText("Copied 2 lines").waitFor();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    "[2026-11-21 22:00:00+0000] INFO - my-flow | line 32 of the flow\n" +
      "[2026-11-21 22:00:00+0000] WARNING - my-flow | line 33 of the flow",
  );
  await page.keyboard.press("End");
  await line(page, "x".repeat(1000)).waitFor();
  await page.keyboard.press("g");
  await line(page, "line 0 of the flow").waitFor();

  // What is downloaded is what the API holds.
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Text" }).click();
  const download = await downloading;
  assert.equal(download.suggestedFilename(), `${run.name}.log`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const text = await new Blob(chunks as BlobPart[]).text();
  assert.equal(text.split("\n").length, 1500 + hostile.length + 10 + 2);
  assert.ok(!text.includes("\u001b") && !text.includes("\u202e"));

  await client.flowRuns.setState(run.id, { type: "COMPLETED" }, { force: true });
  for (const [scheme, size, name] of [["dark", WIDE, "dark-wide"], ["light", NARROW, "light-narrow"]] as const) {
    const looked = await browser.open(`${server.url}/flow-runs/${run.id}?tab=logs`, { scheme, size });
    await line(looked, "safe ").waitFor();
    await isAccessible(looked);
    await screenshot(looked, `logs-${name}`);
  }
  const empty = await client.flowRuns.create({ flow_id: flow.id });
  await client.flowRuns.setState(empty.id, { type: "COMPLETED" }, { force: true });
  await page.goto(`${server.url}/flow-runs/${empty.id}?tab=logs`);
  await page.getByText("This run is over and printed no lines.").waitFor();
});

test("what a container prints appears while it prints, and who reads above is left in peace", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server();
  const file = world.file(
    "flow.ts",
    dockerFlow(
      "printer",
      `
  for (let i = 0; i < 60 && !signal.aborted; i++) {
    console.log("printed " + i);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }`,
    ),
  );
  await world.ok(["deployment", "create", file]);
  const { id } = await world.createRun("printer/d");
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/flow-runs/${id}?tab=logs`, { size: { width: 1280, height: 520 } });
  const client = world.client(server.url);
  await line(page, /printed 0$/).waitFor({ timeout: 60_000 });
  // Each line comes while the run goes on, and the end stays in view.
  for (const i of [5, 12, 20]) await line(page, new RegExp(`printed ${i}$`)).waitFor();
  assert.equal((await client.flowRuns.read(id)).state_type, "RUNNING");
  await page.getByText("Following the end").waitFor();
  const bottom = await box(page).evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight);
  assert.ok(bottom < 5, `${bottom} pixels below`);
  await screenshot(page, "logs-following");
  // Scrolling up stops that, and nothing moves while more comes.
  await box(page).hover();
  await page.mouse.wheel(0, -200);
  await page.getByRole("button", { name: /^Follow/ }).waitFor();
  const first = await page.evaluate(() => {
    const { top } = document.querySelector(".log-box")!.getBoundingClientRect();
    return [...document.querySelectorAll(".log-row")].find((row) => row.getBoundingClientRect().top >= top)!.id || "";
  });
  assert.equal(first, "");
  const held = "printed 12";
  await line(page, new RegExp(`${held}$`)).waitFor();
  const before = await placeOf(page, held);
  await page.getByRole("button", { name: /Follow · \d+ new/ }).waitFor();
  await page.getByRole("button", { name: /Follow · (1\d|[4-9]) new/ }).waitFor();
  assert.equal(await placeOf(page, held), before);
  // End goes on following.
  await box(page).focus();
  await page.keyboard.press("End");
  await page.getByText("Following the end").waitFor();
  await world.finished(server.url, id);
  await line(page, /printed 59$/).waitFor();
  await page.getByText("Following the end").waitFor({ state: "detached" });
  // A flow's last words come after its last state.
  assert.ok(await client.flowRuns.settled(id, 30));
  const messages = await world.messages(server.url, id);
  await line(page, messages.at(-1)!).waitFor();
  const shown = new Set<string>();
  await page.keyboard.press("g");
  await line(page, /printed 0$/).waitFor();
  for (let i = 0; i < 200; i++) {
    for (const text of await rows(page).locator(".log-text").allTextContents()) shown.add(text);
    if (await box(page).evaluate((one) => one.scrollTop + one.clientHeight >= one.scrollHeight - 2)) break;
    await box(page).evaluate((one) => one.scrollBy(0, 300));
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  assert.deepEqual(messages.filter((message) => !shown.has(message)), []);
  assert.equal(messages.filter((message) => /^printed \d+$/.test(message)).length, 60);
});
