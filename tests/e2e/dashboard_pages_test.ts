import assert from "node:assert/strict";
import { makeDemo } from "../../scripts/lib/demo.ts";
import { ROUTES } from "../../src/ui/routes.ts";
import { test } from "../testing/test.ts";
import { Browser, isAccessible, NARROW, type Page, screenshot, WIDE } from "./browser.ts";
import { World } from "./support.ts";

/** The addresses of all pages, by names for pictures. */
async function addresses(
  world: World,
): Promise<{ url: string; all: [name: string, path: string][]; missing: string[] }> {
  const demo = await makeDemo(world.home);
  const server = await world.server(["--no-agent"]);
  const [task] = await world.client(server.url).taskRuns.list({ limit: 1 });
  const ids: Record<string, string> = {
    "/flow-runs/:id": demo.runs.completed,
    "/task-runs/:id": task.id,
    "/flows/:id": demo.flow,
    "/deployments/:id": demo.deployment,
    "/agents/:id": demo.agent,
    "/projects/:name": "billing",
  };
  const own = ROUTES.filter(({ path }) => !/^\/(default|flow-run)\/|^\/flow-runs\/flow-run/.test(path));
  const all: [string, string][] = own.map(({ path }) => {
    const name = path === "/" ? "overview" : path.slice(1).replaceAll("/", "-").replace(/-:\w+$/, "-one");
    return [name, path.replace(/:\w+/, ids[path] ?? "")];
  });
  all.push(["flow-run-failed", `/flow-runs/${demo.runs.failed}`], [
    "flow-run-running",
    `/flow-runs/${demo.runs.running}`,
  ]);
  all.push(["flow-run-late", `/flow-runs/${demo.runs.late}`], ["not-found", "/nowhere"]);
  for (const tab of ["graph", "logs", "container", "parameters", "details"]) {
    all.push([`flow-run-${tab}`, `/flow-runs/${demo.runs.completed}?tab=${tab}`]);
  }
  return {
    url: server.url,
    all,
    missing: own.map(({ path }) => path).filter((path) => path.includes(":") && !(path in ids)),
  };
}

/** Waits until a page shows what it is about, and nothing is on its way. */
async function shown(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  // The page of components shows what waiting looks like.
  if (page.url().endsWith("/ui/kit")) return;
  await page.waitForFunction(() => document.querySelector(".loading, .skeleton, [aria-busy=true]") === null);
}

const LOOKS = [
  // What axe looks at differs by colours and by width; two of the four have both of each.
  { scheme: "light", width: "wide", size: WIDE, axe: true },
  { scheme: "light", width: "narrow", size: NARROW, axe: false },
  { scheme: "dark", width: "wide", size: WIDE, axe: false },
  { scheme: "dark", width: "narrow", size: NARROW, axe: true },
] as const;

test("every page is whole, quiet and open to everybody, in light and dark, wide and narrow", async () => {
  await using world = new World();
  const { url, all, missing } = await addresses(world);
  assert.deepEqual(missing, [], "pages that this test does not know how to open");
  await using browser = await Browser.start();
  const problems: string[] = [];
  for (const { scheme, width, size, axe } of LOOKS) {
    // What a page is told of an address that nothing has, its console repeats.
    const page = await browser.open(`${url}/ui/kit`, { scheme, size, expected: /404/ });
    for (const [name, path] of all) {
      await page.goto(url + path);
      await shown(page);
      await screenshot(page, `${name}-${scheme}-${width}`);
      const note = (problem: string) => problems.push(`${path} (${scheme}, ${width}): ${problem}`);
      if (axe) await isAccessible(page).catch((error) => note((error as Error).message));
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      if (content > window) note(`it is ${content} wide in a window of ${window}`);
      const title = await page.title();
      if (!title.endsWith(" · flowctl")) note(`its title is "${title}"`);
    }
    await page.close();
  }
  assert.equal(problems.join("\n"), "");
  const hosts = new Set(browser.requests.filter((one) => /^http/.test(one)).map((one) => new URL(one).origin));
  assert.deepEqual([...hosts], [url]);
});

test("an address that leads to nothing says so, and where to go", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  const nothing = "00000000-0000-4000-8000-000000000000";
  const page = await browser.open(`${server.url}/flow-runs/${nothing}`, { expected: /404/ });
  for (const noun of ["flow-runs", "flows", "deployments", "agents", "default/flow", "flow-runs/flow-run"]) {
    await page.goto(`${server.url}/${noun}/${nothing}`);
    await page.getByText(/not found|no such|nothing has/i).first().waitFor();
    await isAccessible(page);
  }
});
