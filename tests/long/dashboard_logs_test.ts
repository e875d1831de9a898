/**
 * The log viewer at sizes that nobody reads: scrolling stays smooth, and what is downloaded is never in memory as a whole.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import type { LogCreate } from "../../src/domain/logs.ts";
import { Browser } from "../e2e/browser.ts";
import { until, World } from "../e2e/support.ts";
import { test } from "../testing/test.ts";

const BATCH = 5000;
const MANY = 100_000;
const SCROLLS = 300;
const VERY_MANY = 1_000_000;

const at = (i: number) => new Date(Date.parse("2026-11-21T22:00:00Z") + i).toISOString();

async function fill(client: ReturnType<World["client"]>, flow_run_id: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    await client.logs.create(Array.from({ length: BATCH }, (_, i): LogCreate => {
      const n = from + i;
      const message = n % 50 === 7
        ? `Traceback ${n}\n${Array.from({ length: 9 }, (_, k) => `  File "a${k}.py", line ${k}`).join("\n")}`
        : n % 20 === 3
        ? `line ${n} ${"and more of it ".repeat(20)}`
        : `line ${n} of the flow, as flows print`;
      return { name: "my-flow", level: n % 10 === 0 ? 40 : 20, message, timestamp: at(n), flow_run_id };
    }));
  }
}

/** Megabytes. */
const memoryOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
/** Hundredths of seconds. */
const workOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return Number(fields[11]) + Number(fields[12]);
};

test("100,000 lines scroll smoothly, and a million lines are downloaded without being in memory", async () => {
  if (process.platform !== "linux") return;
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const pid = server.child.pid!;
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "my-flow" });
  const aRun = () => client.flowRuns.create({ flow_id: flow.id, state: { type: "RUNNING" } });
  const [run, other] = [await aRun(), await aRun()];
  await fill(client, run.id, MANY);
  const { arrived } = await client.flowRunLogs.page(run.id, { limit: 1 });
  await fill(client, other.id, VERY_MANY);

  // New lines are found among a million of another run's without reading those.
  await client.logs.create([{ name: "f", level: 20, message: "late", timestamp: at(5), flow_run_id: run.id }]);
  let began = performance.now();
  const many = await client.flowRunLogs.page(run.id, { since: arrived, limit: 1000 });
  const afterMany = performance.now() - began;
  assert.deepEqual(many.records.map(({ message }) => message), ["late"]);
  began = performance.now();
  await client.flowRunLogs.page(run.id, { since: many.arrived - 2, limit: 1000 });
  const afterFew = performance.now() - began;
  began = performance.now();
  await client.flowRunLogs.page(other.id, { since: many.arrived - 2, limit: 1000 });
  const afterFewOfMany = performance.now() - began;
  began = performance.now();
  await client.flowRunLogs.page(other.id, { text: "nowhere", limit: 500 });
  const rare = performance.now() - began;
  began = performance.now();
  await client.flowRunLogs.facets(other.id);
  const facets = performance.now() - began;
  began = performance.now();
  await client.flowRunLogs.page(other.id, { limit: 500 });
  const last = performance.now() - began;
  const figures = { afterMany, afterFew, afterFewOfMany, rare, facets, last };
  console.log(Object.entries(figures).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`).join(", "));
  assert.ok(afterMany < 500 && afterFew < 100 && afterFewOfMany < 100 && rare < 500 && facets < 500 && last < 300);

  {
    await using browser = await Browser.start();
    const page = await browser.open(`${server.url}/runs`);
    await page.addInitScript(() => {
      const tasks: number[] = [];
      Object.assign(globalThis, { tasks });
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: "longtask", buffered: true });
    });
    began = performance.now();
    await page.goto(`${server.url}/flow-runs/${run.id}?tab=logs`);
    await page.locator(".log-row").filter({ hasText: `line ${MANY - 1} of` }).waitFor();
    const opened = performance.now() - began;
    const box = page.locator(".log-box");
    await box.hover();
    const session = await page.context().newCDPSession(page);
    // Of the processor and not of the clock: the machine may have other work.
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const work = async () => {
      const { metrics } = await session.send("Performance.getMetrics");
      const ofWork = ["ScriptDuration", "LayoutDuration", "RecalcStyleDuration"];
      return metrics.filter(({ name }) => ofWork.includes(name)).reduce((sum, { value }) => sum + value, 0);
    };
    /** Since it was asked last. */
    const longest = () =>
      page.evaluate(() => Math.max(0, ...(globalThis as unknown as { tasks: number[] }).tasks.splice(0)));
    const opening = await longest();
    // Up to the beginning, as fast as pages come.
    let scrolled = 0;
    while (await page.getByText("line 0 of the flow").count() === 0) {
      await page.mouse.wheel(0, -20_000);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      assert.ok(++scrolled < 3000, "the beginning is never reached");
    }
    const up = await longest();
    const before = await work();
    for (let i = 0; i < SCROLLS; i++) {
      await page.mouse.wheel(0, 700);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    const down = await longest();
    const perScroll = (await work() - before) / SCROLLS * 1000;
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    const drawn = await page.locator(".log-row").count();
    console.log(
      `opened in ${
        opened.toFixed(0)
      } ms, ${scrolled} scrolls up; longest task while opening ${opening} ms, reading ${up} ms, ` +
        `scrolling ${down} ms; ${perScroll.toFixed(1)} ms of work for a scroll, heap ${
          (usedSize / 1e6).toFixed(0)
        } MB, ` +
        `${drawn} rows drawn`,
    );
    assert.ok(down < 500 && up < 1000, `tasks of ${down} and ${up} ms`);
    assert.ok(perScroll < 10, `${perScroll} ms of work for a scroll`);
    assert.ok(usedSize < 150e6, `${usedSize} bytes`);
    assert.ok(drawn < 200, `${drawn} rows`);
  }

  const before = memoryOf(pid);
  let most = before;
  began = performance.now();
  const answer = await fetch(`${server.url}/api/flow_runs/${other.id}/logs/download`);
  let [lines, bytes] = [0, 0];
  for await (const chunk of answer.body!) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines++;
    most = Math.max(most, memoryOf(pid));
  }
  console.log(
    `${bytes} bytes in ${((performance.now() - began) / 1000).toFixed(1)} s, memory ${before.toFixed(0)} to ${
      most.toFixed(0)
    } MB`,
  );
  // A traceback is ten lines.
  assert.equal(lines, VERY_MANY + VERY_MANY / 50 * 9);
  assert.ok(most - before < 100, `${before} to ${most} MB`);

  // Nobody reads any more: the server stops working.
  const left = new AbortController();
  const reader = (await fetch(`${server.url}/api/flow_runs/${other.id}/logs/download`, { signal: left.signal })).body!
    .getReader();
  await reader.read();
  left.abort();
  await reader.closed.catch(() => {});
  await until("the server rests", async () => {
    const work = workOf(pid);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return workOf(pid) - work <= 3;
  }, 5000);
});
