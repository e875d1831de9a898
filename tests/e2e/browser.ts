/**
 * A real browser on the dashboard: Debian's chromium, driven by playwright.
 *
 * Every page that a test opens is watched: an error in its console, a request to another host, or something that its own policy
 * forbids fails the test at the end, whatever it was about.
 *
 * @module
 */

import axe from "axe-core";
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, CHROMIUM, type Chromium, launchChromium, type Page } from "../../scripts/lib/chromium.ts";
import { ROOT } from "../../scripts/lib/project.ts";
import { skip } from "../testing/test.ts";

export type { Page };

/** Screenshots are written here, into a folder that is not committed, to be looked at. */
export const SCREENSHOTS = join(ROOT, "dist", "screenshots");

/** Widths that pages are looked at in. */
export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 390, height: 800 };

/** How a page is opened. */
export interface PageOptions {
  scheme?: "light" | "dark";
  size?: { width: number; height: number };
  timezone?: string;
  /** Errors of the console that belong to what the test does, e.g. a server that is killed. */
  expected?: RegExp;
}

/** See the module's comment. Dispose of it with `await using`. */
export class Browser implements AsyncDisposable {
  readonly #chromium: Chromium;
  readonly #contexts: BrowserContext[] = [];
  /** What went wrong on pages. */
  readonly problems: string[] = [];
  /** Every address that pages asked for. */
  readonly requests: string[] = [];

  private constructor(chromium: Chromium) {
    this.#chromium = chromium;
  }

  /** Starts chromium; skips the test when there is none. */
  static async start(): Promise<Browser> {
    if (!existsSync(CHROMIUM)) skip("There is no /usr/bin/chromium: install Debian's package chromium");
    return new Browser(await launchChromium());
  }

  /** Opens a page in a window of its own, with cookies of its own. */
  async open(
    url: string,
    { scheme = "light", size = WIDE, timezone = "Europe/Berlin", expected }: PageOptions = {},
  ): Promise<Page> {
    const context = await this.#chromium.newContext({ colorScheme: scheme, viewport: size, timezoneId: timezone });
    this.#contexts.push(context);
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    this.watch(page, new URL(url).host, expected);
    await page.goto(url);
    return page;
  }

  /** Opens another page in the same window: same cookies, same shared worker. */
  async openBeside(page: Page, url: string): Promise<Page> {
    const other = await page.context().newPage();
    this.watch(other, new URL(url).host);
    await other.goto(url);
    return other;
  }

  private watch(page: Page, host: string, expected?: RegExp): void {
    const note = (problem: string) => {
      // What browsers do to requests when an engine makes or removes a network; pages ask again.
      if (problem.includes("ERR_NETWORK_CHANGED")) return;
      if (!expected?.test(problem)) this.problems.push(problem);
    };
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) note(`console: ${message.text()} (${page.url()})`);
    });
    page.on("pageerror", (error) => note(`error: ${error.stack ?? error.message} (${page.url()})`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      this.requests.push(request.url());
      if (/^(http|ws)s?:$/.test(url.protocol) && url.host !== host) note(`request to another host: ${request.url()}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await this.#chromium.close();
    assert.deepEqual(this.problems, []);
  }
}

/** Fails when axe finds something on the page that shuts people out (WCAG 2.2 A and AA). */
export async function isAccessible(page: Page): Promise<void> {
  // Not as a script element, which the page's policy would refuse.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.map(({ id, help, nodes }) =>
      `${id}: ${help}\n  ${
        nodes.slice(0, 5).map((node) => `${node.html.slice(0, 200)} ${node.failureSummary ?? ""}`).join("\n  ")
      }`
    );
  });
  assert.deepEqual(found, [], `${page.url()}: ${found.join("\n")}`);
}

/** Writes a screenshot of the page as it is. @param name E.g. `runs-dark-narrow` */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
