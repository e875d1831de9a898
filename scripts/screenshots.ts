/**
 * `deno task screenshots`: makes the README's pictures: a server with a history in a throw-away home, and a browser that looks at it.
 *
 * @module
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { CHROMIUM, type Chromium, ensureChromium, launchChromium, type Page } from "./lib/chromium.ts";
import { compile } from "./lib/compile.ts";
import { type Demo, makeDemo } from "./lib/demo.ts";
import { Program } from "./lib/program.ts";
import { projectPath, ROOT } from "./lib/project.ts";

/** Where the pictures are. */
const FOLDER = join(ROOT, ".github", "screenshots");

/** What is pictured: a name, an address, and what must be there before. */
const PICTURES: [name: string, address: (demo: Demo) => string, ready: string][] = [
  ["overview", () => "/", "main"],
  ["runs", () => "/runs", "main a[href^='/flow-runs/']"],
  ["run", ({ runs }) => `/flow-runs/${runs.completed}`, "main [role=treegrid]"],
  ["logs", ({ runs }) => `/flow-runs/${runs.failed}?tab=logs`, "main .log-row"],
  ["deployment", ({ deployment }) => `/deployments/${deployment}`, "main"],
];

async function main(): Promise<number> {
  await ensureChromium((line) => console.log(line));
  if (!existsSync(CHROMIUM)) {
    console.error(`Cannot make pictures: there is no ${CHROMIUM}; install Debian's package chromium`);
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), "flowctl-screenshots-"));
  const home = join(folder, "home");
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  let browser: Chromium | undefined;
  let program: Program | undefined;
  try {
    const { path } = await compile();
    const demo = await makeDemo(home);
    program = new Program(path, { FLOWCTL_HOME: home }, folder, stop.signal);
    const server = program.start(["orion", "start", "--port", "0", "--no-agent"], true);
    const file = join(home, "server.json");
    await server.until("the server answers", () => existsSync(file) && readFileSync(file, "utf8").includes("url"));
    const { url } = JSON.parse(readFileSync(file, "utf8"));
    browser = await launchChromium();
    mkdirSync(FOLDER, { recursive: true });
    for (const scheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 1280, height: 760 } });
      for (const [name, address, ready] of PICTURES) {
        stop.signal.throwIfAborted();
        await page.goto(url + address(demo));
        await isReady(page, ready);
        const picture = join(FOLDER, `${name}-${scheme}.png`);
        await page.screenshot({ path: picture });
        console.log(projectPath(picture));
      }
      await page.close();
    }
    await server.stop("SIGTERM");
    return 0;
  } catch (error) {
    console.error(`Cannot make pictures: ${(error as Error).message}`);
    return 1;
  } finally {
    await browser?.close();
    await program?.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function isReady(page: Page, selector: string): Promise<void> {
  await page.locator(selector).first().waitFor();
  await page.waitForFunction(() => document.querySelector(".loading, .skeleton, [aria-busy=true]") === null);
  // Charts are drawn in the frame after their data came.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

if (import.meta.main) process.exitCode = await main();
