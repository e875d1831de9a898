import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FlowRunPageQuery } from "../../src/domain/flow_run_pages.ts";
import { Browser } from "../e2e/browser.ts";
import { until, World } from "../e2e/support.ts";
import { test } from "../testing/test.ts";
import { writeRuns } from "./many_runs.ts";

/** The first rows are there after so long, from the press of Enter, in milliseconds. */
const FIRST_ROWS_MS = 1000;
/** The server's core is busy with a page of the list for so long, in milliseconds: neighbours do not change that. */
const PAGE_MS = 50;
/** The tab's JavaScript after thousands of rows were scrolled through, in bytes. */
const HEAP = 60e6;
/** Others' writes wait so long while thousands of runs are cancelled; the median. */
const WRITE_MS = 100;

const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];

/** How long a process kept cores busy, in milliseconds. */
function busy(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

test("a list of 1,000,000 runs is shown at once, and scrolls by pages that are all quick", async () => {
  await using world = new World();
  const { flows, deployments } = await writeRuns(join(world.home, "flowctl.db"), { runs: 1_000_000 });
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const said: string[] = [];

  const weeks = (n: number) => new Date(Date.now() - n * 604_800_000).toISOString();
  const lists: Record<string, FlowRunPageQuery> = {
    "all": {},
    "oldest first": { sort: "EXPECTED_START_TIME_ASC" },
    "by name": { sort: "NAME_ASC" },
    "by end": { sort: "END_TIME_DESC" },
    "failed or crashed": { flow_runs: { state: { type: { any_: ["FAILED", "CRASHED"] } } } },
    "of a flow": { flows: { id: { any_: [flows[3]] } } },
    "failed, of a deployment": {
      deployments: { id: { any_: [deployments[1]] } },
      flow_runs: { state: { type: { any_: ["FAILED"] } } },
    },
    "of a week": { flow_runs: { expected_start_time: { after_: weeks(5), before_: weeks(4) } } },
    "with a rare tag": { flow_runs: { tags: { all_: ["rare"] } } },
    "with a tag that nothing has": { flow_runs: { tags: { all_: ["none"] } } },
  };
  for (const [name, query] of Object.entries(lists)) {
    const took: number[] = [];
    const before = busy(server.child.pid!);
    let after: string | undefined;
    for (let n = 0; n < 200; n++) {
      const began = performance.now();
      const page = await client.flowRuns.page({ ...query, limit: 100, after });
      took.push(performance.now() - began);
      after = page.next ?? undefined;
      if (after === undefined) break;
    }
    const counted = busy(server.child.pid!) - before;
    const began = performance.now();
    await client.flowRuns.facets(query);
    const facets = performance.now() - began;
    const core = counted / took.length;
    said.push(
      `${name}: ${took.length} pages, ${core.toFixed(1)} ms of a core each, answered after ${
        middle(took).toFixed(1)
      } ms; ` +
        `facets ${facets.toFixed(1)} ms`,
    );
    assert.ok(core < PAGE_MS, said.at(-1)!);
  }

  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/settings`);
  await page.locator("main").waitFor();
  const began = performance.now();
  await page.goto(`${server.url}/runs`);
  await page.locator("[data-run]").first().waitFor();
  const first = performance.now() - began;
  said.push(`first rows after ${first.toFixed(0)} ms`);
  assert.ok(first < FIRST_ROWS_MS, said.at(-1)!);
  await page.getByRole("button", { name: "Completed 10\u202f000+" }).waitFor();

  for (let rows = 0; rows < 6000;) {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    const before = rows;
    rows = await until("more rows are loaded", async () => {
      const height = await page.evaluate(() => document.querySelector(".runs-body")!.clientHeight / 40);
      return height > before ? height : undefined;
    });
  }
  assert.ok(await page.locator("[data-run]").count() < 100);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  said.push(`${(usedSize / 1e6).toFixed(1)} MB of JavaScript after 6,000 rows`);
  assert.ok(usedSize < HEAP, said.at(-1)!);

  // Many at once: others write meanwhile.
  const flow = await client.flows.read(flows[0]);
  for (const action of ["bulkCancel", "bulkDelete"] as const) {
    const waits: number[] = [];
    let over = false;
    const others = (async () => {
      while (!over) {
        const began = performance.now();
        await client.flowRuns.create({ flow_id: flow.id, state: { type: "COMPLETED" } });
        waits.push(performance.now() - began);
      }
    })();
    const began = performance.now();
    let handled = 0;
    let after: string | undefined;
    while (handled < 10_000) {
      const { next, ...result } = await client.flowRuns[action]({
        flows: { id: { any_: [flows[5]] } },
        limit: 1000,
        after,
      });
      handled += result.done + result.over + result.stopping;
      after = next ?? undefined;
    }
    over = true;
    await others;
    const median = middle(waits);
    said.push(
      `${action} of ${handled}: ${
        ((performance.now() - began) / 1000).toFixed(1)
      } s, others' ${waits.length} writes waited ` +
        `${median.toFixed(1)} ms, at most ${waits.at(-1)!.toFixed(0)} ms`,
    );
    assert.ok(median < WRITE_MS, said.at(-1)!);
  }
  console.log(said.join("\n"));
});
