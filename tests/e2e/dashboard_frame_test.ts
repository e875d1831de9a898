/**
 * What is around every page, in a real browser: palette, keys, theme, signing in, a server that goes away, pages that fail.
 *
 * @module
 */

import assert from "node:assert/strict";
import { get } from "node:http";
import { test } from "../testing/test.ts";
import { Browser, isAccessible, NARROW, type Page, screenshot } from "./browser.ts";
import { until, World } from "./support.ts";

const palette = (page: Page) => page.getByRole("dialog", { name: "Search and commands" });
const theme = (page: Page) => page.evaluate(() => document.documentElement.dataset.theme ?? "system");
const chosen = (page: Page) => page.locator(".palette [aria-selected=true]").innerText();
const pathOf = (page: Page) => page.evaluate(() => location.pathname + location.search);
/** Reads them in the page, where it is known that the styles are there. */
const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();

test("the palette finds everything by keys alone, and keys lead to every page unless somebody types", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "invoices" });
  const run = await client.flowRuns.create({ flow_id: flow.id, name: "quick-fox", state: { type: "RUNNING" } });
  const other = await client.flowRuns.create({ flow_id: flow.id, name: "quick-otter" });
  await using browser = await Browser.start();
  // The pages of flows and runs are others' to test; here it counts that they are gone to.
  const page = await browser.open(`${server.url}/ui/kit`);
  await heading(page, "Design language");
  await page.getByText("Live", { exact: true }).waitFor();

  await page.keyboard.press("Control+k");
  await palette(page).waitFor();
  assert.match(await chosen(page), /^Overview/);
  await isAccessible(page);
  await page.keyboard.type("quick");
  const input = palette(page).getByRole("combobox");
  await page.getByRole("option", { name: /quick-otter/ }).waitFor();
  assert.equal(await palette(page).getByRole("option").count(), 2);
  await page.getByText("2 found.").waitFor();
  await isAccessible(page);
  await screenshot(page, "palette-light-wide");
  assert.match(await chosen(page), /quick-fox\s+invoices\s+Running/);
  await page.keyboard.press("ArrowDown");
  assert.match(await chosen(page), /quick-otter/);
  const active = await input.getAttribute("aria-activedescendant");
  assert.match(await page.locator(`[id="${active}"]`).innerText(), /quick-otter/);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/flow-runs/${run.id}`);
  await palette(page).waitFor({ state: "detached" });

  await page.keyboard.press("Meta+k");
  await page.keyboard.type(other.id.slice(0, 30));
  await page.getByRole("option", { name: /quick-otter/ }).waitFor();
  await page.keyboard.press("Control+k");
  await palette(page).waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^Search/ }).click();
  await page.keyboard.type("nothing has this name");
  await page.getByText("Nothing has this name or id").waitFor();
  await page.keyboard.press("Escape");
  await palette(page).waitFor({ state: "detached" });

  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await isAccessible(page);
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await pathOf(page), `/flow-runs/${run.id}`, "not while a dialog is open");
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.waitForURL("**/projects");
  const projects = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Projects" });
  assert.equal(await projects.getAttribute("aria-current"), "page");
  await page.goto(`${server.url}/ui/kit`);
  const field = page.getByLabel("Name required");
  await field.fill("");
  await field.press("g");
  await field.press("p");
  await field.press("?");
  assert.equal(await field.inputValue(), "gp?");
  assert.equal(await pathOf(page), "/ui/kit");
  await isAccessible(page);
});

test("light or dark is chosen once, before anything is painted, for all tabs", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  // That the application's script does not come is the test's own doing.
  const page = await browser.open(`${server.url}/ui/kit`, { scheme: "light", size: NARROW, expected: /ERR_FAILED/ });
  await heading(page, "Design language");
  const other = await browser.openBeside(page, `${server.url}/ui/kit`);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole("button", { name: "Menu" }).click();
  await isAccessible(page);
  await page.getByTitle("Dark").click();
  assert.equal(await theme(page), "dark");
  const dark = await ground();
  assert.notEqual(dark, light);
  await isAccessible(page);
  await screenshot(page, "kit-dark-narrow-menu");
  await other.waitForFunction(() => document.documentElement.dataset.theme === "dark");

  // The attribute is there when the application has not run yet, so the first paint has the right colours.
  await page.route("**/assets/app-*.js", (route) => route.abort());
  await page.goto(`${server.url}/ui/kit`, { waitUntil: "commit" });
  await page.waitForFunction(() => document.readyState !== "loading");
  assert.equal(await page.locator("#app > *").count(), 0);
  assert.equal(await ground(), dark);
  await page.unroute("**/assets/app-*.js");
  await page.goto(`${server.url}/sign-in`);
  assert.equal(await ground(), dark);
  await page.goto(`${server.url}/ui/kit`);
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.keyboard.type("as the system");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.documentElement.dataset.theme === undefined);
  assert.equal(await ground(), light);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

test("a server that is killed is missed, and when it is back so is everything that happened meanwhile", async () => {
  await using world = new World();
  const first = await world.server(["--no-agent"]);
  const flow = await world.client(first.url).flows.create({ name: "before" });
  await world.client(first.url).flowRuns.create({ flow_id: flow.id, name: "first-run" });
  await using browser = await Browser.start();
  const expected = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;
  const page = await browser.open(`${first.url}/runs`, { expected });
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByText("first-run").first().waitFor();
  const banner = page.getByRole("alert").filter({ hasText: "The server does not answer" });
  await first.stop("SIGKILL");
  await banner.waitFor();
  await page.getByText("Offline", { exact: true }).waitFor();
  await isAccessible(page);
  await screenshot(page, "connection-lost");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("bef");
  await page.getByRole("status").filter({ hasText: "Cannot reach" }).waitFor();
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.body.dataset.kept = "yes");

  const again = await world.server(["--no-agent", "--port", new URL(first.url).port]);
  assert.equal(again.url, first.url);
  await world.client(again.url).flowRuns.create({ flow_id: flow.id, name: "second-run" });
  await page.getByText("second-run").first().waitFor();
  await banner.waitFor({ state: "detached" });
  await page.getByText("Live", { exact: true }).waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("bef");
  await page.getByRole("option", { name: /before/ }).waitFor();
  assert.equal(await page.evaluate(() => document.body.dataset.kept), "yes", "the page was not loaded anew");
});

test("a page that fails says so, and a part that an upgrade took away is fetched by loading once", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/projects`, { expected: /404|broken on purpose|dynamically imported/ });
  await heading(page, "Projects");
  const parts = "**/assets/part-*.js";
  let part = "";
  const kit = page.getByRole("option", { name: "Design language" });
  const go = async () => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("design");
    await kit.waitFor();
    await page.keyboard.press("Enter");
  };
  await page.route(parts, (route, request) => {
    part = request.url();
    return route.fulfill({
      contentType: "text/javascript",
      body: "export default () => { throw new Error('broken on purpose'); };",
    });
  });
  await go();
  await page.getByText("Cannot show this page: broken on purpose").waitFor();
  await heading(page, "Page failed");
  await isAccessible(page);
  await screenshot(page, "page-failed");
  await page.getByRole("button", { name: "Show it again" }).click();
  await page.getByText("Cannot show this page: broken on purpose").waitFor();
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Projects" }).click();
  await heading(page, "Projects");
  await page.unroute(parts);

  let loads = 0;
  page.on("request", (request) => request.isNavigationRequest() && loads++);
  await page.goto(`${server.url}/projects`);
  await heading(page, "Projects");
  loads = 0;
  let missing = 1;
  await page.route(
    part,
    async (route) => missing-- > 0 ? await route.fulfill({ status: 404 }) : await route.continue(),
  );
  await go();
  await heading(page, "Design language");
  assert.equal(loads, 1, "loaded anew");
  await page.unroute(part);

  // One that stays away is said, and not asked for again and again.
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${server.url}/projects`);
  await heading(page, "Projects");
  loads = 0;
  await page.route(part, (route) => route.fulfill({ status: 404 }));
  await go();
  await heading(page, "Page not loaded");
  assert.equal(loads, 1, "loaded anew, once");
  await isAccessible(page);
  await page.unroute(part);
  await page.getByRole("button", { name: "Load again" }).click();
  await heading(page, "Design language");
});

test("who has to sign in comes back to where they were, also when the session ends under an open page", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"], { FLOWCTL_AUTH_LOOPBACK: "require" });
  const makeToken = async (name: string) =>
    (await world.ok(["auth", "create-token", "-n", name, "-s", "USER", "-o", "name"])).trim();
  const [one, two] = [await makeToken("one"), await makeToken("two")];
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/ui/kit?a=1&b=2`, { expected: /status of 40[13]/ });
  await heading(page, "Sign in");
  await isAccessible(page);
  await screenshot(page, "sign-in-light");
  const signIn = async (token: string) => {
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await signIn("fct_wrong");
  await page.getByRole("alert").filter({ hasText: "Cannot accept the token" }).waitFor();
  await isAccessible(page);
  await screenshot(page, "sign-in-wrong");
  await signIn(one);
  await heading(page, "Design language");
  assert.equal(await pathOf(page), "/ui/kit?a=1&b=2");
  await page.getByText("one USER").waitFor();
  await isAccessible(page);
  assert.equal(await page.evaluate(() => document.cookie), "", "no script sees the cookie");

  // The session ends: the next question is refused, and the page says what to do.
  await world.ok(["auth", "revoke-token", "one"]);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("x");
  const banner = page.getByRole("alert").filter({ hasText: "You are signed out" });
  await banner.waitFor();
  await page.keyboard.press("Escape");
  await isAccessible(page);
  await page.evaluate(() => location.hash = "L20");
  await banner.getByRole("link", { name: "Sign in again" }).click();
  await heading(page, "Sign in");
  await signIn(two);
  await heading(page, "Design language");
  assert.equal(await page.evaluate(() => location.pathname + location.search + location.hash), "/ui/kit?a=1&b=2#L20");
  await page.getByText("two USER").waitFor();

  // Another tab hears of the end of its session, too, and heals when somebody signs in again.
  const other = await browser.openBeside(page, `${server.url}/ui/kit`);
  await other.getByText("two USER").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await heading(page, "Sign in");
  await page.goto(`${server.url}/ui/kit`);
  await heading(page, "Sign in");
  await page.goto(`${server.url}/sign-in?to=${encodeURIComponent("//elsewhere.invalid/x")}`);
  await signIn(two);
  await page.waitForURL(`${server.url}/`);
});

/** How many bytes an answer has as it is sent. */
const bytesOf = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    get(url, { headers: { "accept-encoding": "gzip", accept: "text/html,*/*" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk) => bytes += chunk.length).on("end", () => resolve(bytes)).on("error", reject);
    }).on("error", reject);
  });

test("the first load is at most 150 KB, and something is seen after at most 300 ms", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  const paints: number[] = [];
  while (paints.length < 10 && Math.min(...paints) > 200) {
    const page = await browser.open(server.url);
    await heading(page, "Overview");
    paints.push(
      await until(
        "the first paint is told",
        () => page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime),
      ),
    );
  }
  const files = new Set(browser.requests.filter((url) => url.includes("/assets/")));
  const head = await (await fetch(server.url, { headers: { accept: "text/html" } })).text();
  for (const [path] of head.matchAll(/\/assets\/[\w.-]+/g)) files.add(server.url + path);
  assert.ok(files.size >= 5, [...files].join());
  let bytes = await bytesOf(server.url);
  for (const url of files) bytes += await bytesOf(url);
  console.log(`first load: ${bytes} bytes in ${files.size + 1} files; first paint: ${paints.map(Math.round)} ms`);
  assert.ok(bytes <= 150_000, `${bytes} bytes`);
  assert.ok(Math.min(...paints) <= 300, `${paints} ms`);
});
