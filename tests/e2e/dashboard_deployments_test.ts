import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { Browser, isAccessible, NARROW, type Page, screenshot, WIDE } from "./browser.ts";
import { until, World } from "./support.ts";

/** The dialog to run in. */
const dialog = (page: Page) => page.getByRole("dialog");

test("deployments are listed, paused in one window and seen so in another, and their schedules are told in words and dates", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  await using browser = await Browser.start();
  const list = await browser.open(`${server.url}/deployments`);
  await list.getByText("No deployments yet").waitFor();
  await list.getByText("flowctl deployment create my-flow.ts").waitFor();
  await isAccessible(list);
  await screenshot(list, "deployments-empty-light-wide");

  const client = world.client(server.url);
  await client.projects.create({ name: "sales" });
  const flow = await client.flows.create({ name: "etl" });
  const other = await client.flows.create({
    name: "a-flow-with-a-very-long-name-that-goes-on-and-on-and-on",
    project: "sales",
  });
  const nightly = await client.deployments.create({
    name: "nightly",
    flow_id: flow.id,
    tags: ["hot"],
    labels: ["gpu"],
    description: "Loads what came in during the day.",
    parameters: { size: 3 },
    parameter_openapi_schema: { type: "object", properties: { size: { type: "integer", minimum: 1 } } } as never,
    enforce_parameter_schema: true,
    flow_runner: {
      type: "docker",
      config: {
        image: "registry.example.com/team/etl-image:2026-11-21",
        env: { MODE: "fast", TOKEN: { secret: "API_TOKEN" } },
        networks: ["lake"],
        volumes: ["/data:/data"],
        memory: "512m",
        cpus: 1.5,
      },
    },
    schedules: [
      { schedule: { cron: "30 2 * * *", timezone: "America/New_York" } },
      { schedule: { interval: 5400 }, active: false },
    ],
  });
  const long = await client.deployments.create({
    name: "another-deployment-whose-name-is-longer-than-any-column",
    flow_id: other.id,
    schedules: [{ schedule: { cron: "0 0 31W * *" } }],
  });
  for (const type of ["COMPLETED", "FAILED", "CRASHED", "CANCELLED", "COMPLETED", "RUNNING"] as const) {
    await client.deployments.createRun(nightly.id, { state: { type } });
  }
  const row = list.getByRole("row").filter({ hasText: "nightly" });
  await row.getByText("Every day at 02:30").waitFor();
  await list.getByText("cron 0 0 31W * *").waitFor();
  await list.getByText("2 deployments").waitFor();
  await until(
    "its runs are squares",
    async () => await row.getByRole("list", { name: /Last runs/ }).getByRole("link").count() === 6,
  );
  await isAccessible(list);
  await screenshot(list, "deployments-light-wide");

  // Narrowed, and the address says so.
  await list.getByLabel("Tag").fill("hot");
  await list.getByText("1 deployment found").waitFor();
  await list.waitForURL(/tag=hot/);
  await list.getByLabel("Schedules", { exact: true }).selectOption("paused");
  await list.getByText("No deployment is like that").waitFor();
  await list.getByRole("link", { name: "Show all deployments" }).click();
  await list.getByText("2 deployments").waitFor();
  const sales = await browser.openBeside(list, `${server.url}/deployments?project=sales`);
  await sales.getByText("1 deployment found").waitFor();
  await sales.close();

  // Without a schema parameters are JSON.
  const byHand = await browser.openBeside(list, `${server.url}/deployments`);
  await byHand.getByRole("button", { name: `Run ${other.name}/${long.name}` }).click();
  await dialog(byHand).getByText("There is no schema").waitFor();
  await dialog(byHand).getByLabel("Parameters as JSON").fill('{"any": [1]}');
  await dialog(byHand).getByRole("button", { name: "Run", exact: true }).click();
  await byHand.waitForURL(/\/flow-runs\//);
  assert.deepEqual((await client.flowRuns.read(byHand.url().split("/").at(-1)!)).parameters, { any: [1] });
  await byHand.close();

  // Paused in another window, with cookies and a worker of its own.
  const page = await browser.open(`${server.url}/deployments/${nightly.id}`, { timezone: "Europe/Berlin" });
  const isOn = page.getByRole("switch", { name: "Schedules on" });
  await isOn.waitFor();
  await row.getByRole("switch").press("Space");
  await page.getByRole("switch", { name: "Paused" }).waitFor();
  await page.getByText("The deployment is paused").waitFor();
  assert.equal((await client.deployments.read(nightly.id)).paused, true);
  await page.getByRole("switch", { name: "Paused" }).press("Space");
  await isOn.waitFor();
  await until("the list sees it too", () => row.getByRole("switch").isChecked());

  // What it is.
  await page.getByText("MODE=fast").waitFor();
  await page.getByText("TOKEN from secret API_TOKEN").waitFor();
  await page.getByRole("table").filter({ hasText: "first version" }).waitFor();
  const first = page.getByRole("region", { name: "Every day at 02:30", exact: true });
  assert.equal(await first.locator("tbody tr").count(), 10);
  await isAccessible(page);
  await screenshot(page, "deployment-light-wide");
  for (const [scheme, size, name] of [["dark", WIDE, "dark-wide"], ["light", NARROW, "light-narrow"]] as const) {
    const shown = await browser.open(`${server.url}/deployments/${nightly.id}`, { scheme, size });
    /** In dark narrow windows it is only looked at. */
    const look = async (view: string) => {
      await isAccessible(shown);
      await screenshot(shown, `${view}-${name}`);
      if (scheme === "light") return;
      await shown.setViewportSize(NARROW);
      await screenshot(shown, `${view}-dark-narrow`);
      await shown.setViewportSize(WIDE);
    };
    await shown.getByText("first version").waitFor();
    await look("deployment");
    await shown.getByRole("button", { name: "Run", exact: true }).click();
    await dialog(shown).getByLabel("size", { exact: true }).waitFor();
    await look("deployment-run");
    await shown.goto(`${server.url}/deployments`);
    await shown.getByText("2 deployments").waitFor();
    await look("deployments");
    await shown.close();
  }

  // A schedule across a change of clocks, previewed while it is typed.
  await page.getByRole("button", { name: 'Edit "Every day at 02:30"' }).click();
  const box = dialog(page);
  const year = new Date().getUTCFullYear() + 1;
  const zone = box.getByLabel("Time zone");
  const cron = box.getByLabel("Cron", { exact: true });
  await zone.fill("Europe/Berlin");
  await cron.fill("30 2 25-31 3 *");
  await box.locator(".chip", { hasText: "clocks change" }).first().waitFor();
  const dates = await box.locator(".schedule-dates tbody tr").allTextContents();
  assert.equal(dates.length, 10);
  assert.ok(dates.some((date) => date.includes(`${year}-03`) && date.includes("03:30:00 GMT+2")), dates.join("\n"));
  await isAccessible(page);
  await screenshot(page, "deployment-schedule-light-wide");
  await zone.fill("America/New_York");
  await cron.fill("30 2 8-14 3 *");
  await until(
    "New York's clocks",
    async () =>
      (await box.locator(".schedule-dates tbody tr").allTextContents()).some((date) => date.includes("03:30:00 EDT")),
  );
  assert.match(
    (await box.locator(".schedule-dates thead").textContent())!,
    /Your clock: Europe\/Berlin.*Its clock: America\/New_York/,
  );
  await zone.fill("Mars/Base");
  await box.getByText(/Unknown time zone "Mars\/Base"/).waitFor();
  assert.equal(await box.getByRole("button", { name: "Save" }).isDisabled(), true);
  await zone.fill("Europe/Berlin");
  await cron.fill("61 * * * *");
  await box.getByText(/minute "61" is out of range/).waitFor();
  await cron.fill("0 7 * * mon-fri");
  await box.getByText("Every weekday at 07:00 on the clock of Europe/Berlin").waitFor();
  await box.getByRole("button", { name: "Save" }).click();
  await page.getByText("Every weekday at 07:00").first().waitFor();
  await page.getByRole("button", { name: "Add a schedule" }).click();
  await box.getByLabel("Kind").selectOption("rrule");
  await box.getByText("Every Monday at 09:00 on the clock of Europe/Berlin").waitFor();
  await box.getByRole("button", { name: "Save" }).click();
  await page.getByRole("region", { name: "Every Monday at 09:00", exact: true }).waitFor();
  await page.getByRole("button", { name: 'Delete "Every Monday at 09:00"' }).click();
  await box.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("region", { name: "Every Monday at 09:00", exact: true }).waitFor({ state: "detached" });

  // Edited, while somebody else does too.
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await box.getByLabel("Description").fill("Mine");
  await isAccessible(page);
  await screenshot(page, "deployment-edit-light-wide");
  await client.deployments.update(nightly.id, { tags: ["cold"] });
  await box.getByText("Somebody changed this deployment meanwhile: tags.").waitFor();
  assert.equal(await box.getByLabel("Description").inputValue(), "Mine");
  await box.getByRole("button", { name: "Go on with theirs and mine" }).click();
  await box.getByLabel("size", { exact: true }).fill("0");
  await box.getByRole("button", { name: "Save", exact: true }).click();
  await box.getByText("Must be at least 1").waitFor();
  await box.getByLabel("size", { exact: true }).fill("7");
  await box.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Mine").waitFor();
  const edited = await client.deployments.read(nightly.id);
  assert.deepEqual([edited.description, edited.parameters, edited.tags], ["Mine", { size: 7 }, ["cold"]]);

  // Without a schema that is enforced, wrong parameters can be sent.
  await client.deployments.update(nightly.id, { enforce_parameter_schema: false });
  await page.getByText("The schema is not enforced").waitFor();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await box.getByLabel("size", { exact: true }).fill("-1");
  await box.getByRole("button", { name: "Run", exact: true }).click();
  await box.getByText("does not enforce its schema").waitFor();
  await box.getByRole("button", { name: "Run anyway" }).click();
  await page.waitForURL(/\/flow-runs\//);
  assert.deepEqual((await client.flowRuns.read(page.url().split("/").at(-1)!)).parameters, { size: -1 });

  await page.goto(`${server.url}/deployments/${nightly.id}`);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await box.getByRole("button", { name: "Delete" }).click();
  await page.waitForURL(/\/deployments$/);
  await list.getByText("1 deployment", { exact: true }).waitFor();
});
