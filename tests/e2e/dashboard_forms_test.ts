/**
 * A form for every JSON Schema type, filled in by hand.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { Browser, isAccessible, NARROW, type Page, screenshot, WIDE } from "./browser.ts";
import { until, World } from "./support.ts";

/** Every type and word of JSON Schema that makes a field of its own. */
const EVERYTHING = {
  type: "object",
  required: ["text", "whole", "flag", "choice", "address"],
  properties: {
    text: { type: "string", title: "Text", description: "Any text", minLength: 2, examples: ["one", "two"] },
    lines: { type: "string", format: "multi-line" },
    secret: { type: "string", format: "password" },
    email: { type: "string", format: "email", pattern: "@" },
    link: { type: "string", format: "uri" },
    id: { type: "string", format: "uuid" },
    long: { type: "string", format: "duration" },
    moment: { type: "string", format: "date-time" },
    day: { type: "string", format: "date" },
    time: { type: "string", format: "time" },
    whole: { type: "integer", minimum: 1, maximum: 10 },
    part: { type: "number", multipleOf: 0.5 },
    flag: { type: "boolean" },
    choice: { enum: ["red", "green", 3] },
    fixed: { const: "only this" },
    nothing: { type: "null" },
    maybe: { anyOf: [{ type: "integer", minimum: 0 }, { type: "null" }] },
    either: { type: ["string", "integer"] },
    shape: {
      oneOf: [{ $ref: "#/$defs/Circle" }, { $ref: "#/$defs/Square" }],
    },
    list: { type: "array", items: { type: "integer" }, minItems: 1, uniqueItems: true },
    gaps: { type: "array", items: { type: ["number", "null"] } },
    pair: { type: "array", prefixItems: [{ type: "string", title: "First" }, { type: "boolean", title: "Second" }] },
    address: {
      type: "object",
      required: ["street"],
      properties: { street: { type: "string" }, zip: { type: "string", default: "10115" } },
    },
    ports: { type: "object", additionalProperties: { type: "integer", maximum: 65535 } },
    marks: { type: "object", patternProperties: { "^x-": { type: "boolean" } }, additionalProperties: false },
    tree: { $ref: "#/$defs/Tree" },
    anything: true,
    merged: { allOf: [{ type: "string" }, { maxLength: 3 }] },
    given: { type: "string", default: "by default", deprecated: true },
    seen: { type: "string", default: "fixed", readOnly: true },
  },
  $defs: {
    Circle: {
      type: "object",
      properties: { kind: { const: "circle" }, radius: { type: "number" } },
      required: ["kind", "radius"],
    },
    Square: {
      type: "object",
      properties: { kind: { const: "square" }, side: { type: "number" } },
      required: ["kind", "side"],
    },
    Tree: {
      type: "object",
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/Tree" } } },
    },
  },
};

const NAMES = {
  text: "Text",
} as const;

/** The dialog to run in. */
const dialog = (page: Page) => page.getByRole("dialog");

test("a form for every JSON Schema type: each is filled in by hand, and the run has what was typed", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "everything" });
  const { id } = await client.deployments.create({
    name: "form",
    flow_id: flow.id,
    parameters: { extra: { kept: [1, null] } } as never,
    parameter_openapi_schema: EVERYTHING as never,
    enforce_parameter_schema: true,
  });
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/deployments/${id}`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const box = dialog(page);
  await box.getByLabel(NAMES.text, { exact: true }).waitFor();
  await isAccessible(page);
  await screenshot(page, "deployment-form-light-wide");

  // Pressed at once: what is required is said where it is, and the first is focused.
  await box.getByRole("button", { name: "Run", exact: true }).click();
  await box.getByText("5 parameters need attention").waitFor();
  const said = async (name: string) => {
    const control = box.getByLabel(name, { exact: true }).first();
    const ids = (await control.getAttribute("aria-describedby") ?? "").split(" ");
    return (await Promise.all(ids.map((one) => page.locator(`[id="${one}"]`).textContent()))).join(" ");
  };
  assert.match(await said("Text"), /Is required/);
  assert.match(await said("whole"), /Is required/);
  assert.equal(await box.getByLabel("Text", { exact: true }).evaluate((node) => node === document.activeElement), true);
  await isAccessible(page);
  await screenshot(page, "deployment-form-wrong-light-wide");

  // Wrong ones.
  await box.getByLabel("Text", { exact: true }).fill("x");
  await box.getByLabel("whole", { exact: true }).fill("0");
  await box.getByLabel("part", { exact: true }).fill("much");
  await until("the text is too short", async () => /at least 2 characters/.test(await said("Text")));
  await until("the whole number is too small", async () => /at least 1/.test(await said("whole")));
  await until("the part is no number", async () => /Must be a number/.test(await said("part")));
  await screenshot(page, "deployment-form-messages-light-wide");

  // Each filled in.
  await box.getByLabel("Text", { exact: true }).fill("hello");
  await box.getByLabel("lines", { exact: true }).fill("one\ntwo");
  await box.getByLabel("secret", { exact: true }).fill("hush");
  await box.getByLabel("email", { exact: true }).fill("a@example.com");
  await box.getByLabel("link", { exact: true }).fill("https://example.com/a?b=c");
  await box.getByLabel("id", { exact: true }).fill("01234567-89ab-4def-8123-456789abcdef");
  await box.getByLabel("long", { exact: true }).fill("PT1H30M");
  await box.getByLabel("moment", { exact: true }).fill("2026-07-01T09:30:15");
  await box.getByLabel("day", { exact: true }).fill("2026-02-28");
  await box.getByLabel("time", { exact: true }).fill("14:05:06");
  const whole = box.getByLabel("whole", { exact: true });
  await whole.fill("");
  await whole.press("ArrowUp");
  await whole.press("ArrowUp");
  await box.getByLabel("part", { exact: true }).fill("-1.50");
  await box.getByRole("group", { name: "flag", exact: true }).getByLabel("false").check();
  await box.getByLabel("choice", { exact: true }).selectOption({ label: "3" });
  await box.getByLabel("fixed", { exact: true }).check();
  await box.getByLabel("nothing", { exact: true }).check();
  await box.getByLabel("maybe", { exact: true }).selectOption({ label: "none" });
  await box.getByLabel("either", { exact: true }).selectOption({ label: "whole number" });
  await box.getByLabel("either: whole number").fill("12");
  await box.getByLabel("shape", { exact: true }).selectOption({ label: "square" });
  await box.getByLabel("side", { exact: true }).fill("2.5");
  const list = box.getByRole("group", { name: "list", exact: true });
  for (const number of ["1", "2", "3"]) {
    await list.getByRole("button", { name: "Add to list" }).click();
    // The new item has the focus.
    await page.keyboard.type(number);
  }
  await list.getByRole("button", { name: "Move Item 3 up" }).click();
  await page.keyboard.press("Enter");
  await list.getByRole("button", { name: "Remove Item 2" }).click();
  const gaps = box.getByRole("group", { name: "gaps", exact: true });
  for (const label of ["number", "none"]) {
    await gaps.getByRole("button", { name: "Add to gaps" }).click();
    await gaps.getByRole("combobox").last().selectOption({ label });
  }
  await gaps.getByLabel("Item 1: number").fill("0.25");
  const pair = box.getByRole("group", { name: "pair", exact: true });
  await pair.getByRole("button", { name: "Add to pair" }).click();
  await page.keyboard.type("left");
  await pair.getByRole("button", { name: "Add to pair" }).click();
  await pair.getByRole("group", { name: "Second" }).getByLabel("true").check();
  await box.getByLabel("street", { exact: true }).fill("Main Street 1");
  for (const [name, entry, value] of [["ports", "http", "80"], ["marks", "x-on", "true"]] as const) {
    const group = box.getByRole("group", { name, exact: true });
    await group.getByRole("button", { name: `Fill in ${name}` }).click();
    await group.getByLabel(`Name of a new entry of ${name}`).fill(entry);
    await page.keyboard.press("Enter");
    if (value === "true") await group.getByLabel("true").check();
    else await group.getByLabel(`Value of ${entry}`).fill(value);
  }
  await box.getByRole("button", { name: "Fill in tree" }).click();
  await box.getByLabel("name", { exact: true }).fill("root");
  await box.getByRole("group", { name: "children" }).getByRole("button", { name: "Add to children" }).click();
  await box.getByRole("group", { name: "children" }).locator("textarea").fill('{"name": "leaf"}');
  await box.getByLabel("anything", { exact: true }).fill('[1, {"a": null}]');
  await box.getByLabel("merged", { exact: true }).fill("abc");
  await until("nothing is wrong any more", async () => await box.locator('[aria-invalid="true"]').count() === 0);
  await isAccessible(page);

  const expected = {
    text: "hello",
    lines: "one\ntwo",
    secret: "hush",
    email: "a@example.com",
    link: "https://example.com/a?b=c",
    id: "01234567-89ab-4def-8123-456789abcdef",
    long: "PT1H30M",
    moment: "2026-07-01T09:30:15+02:00",
    day: "2026-02-28",
    time: "14:05:06",
    whole: 2,
    part: -1.5,
    flag: false,
    choice: 3,
    fixed: "only this",
    nothing: null,
    maybe: null,
    either: 12,
    shape: { kind: "square", side: 2.5 },
    list: [3, 2],
    gaps: [0.25, null],
    pair: ["left", true],
    address: { street: "Main Street 1", zip: "10115" },
    ports: { http: 80 },
    marks: { "x-on": true },
    tree: { name: "root", children: [{ name: "leaf" }] },
    anything: [1, { a: null }],
    merged: "abc",
    given: "by default",
    seen: "fixed",
    extra: { kept: [1, null] },
  };
  // The same as JSON; text that is none is told by line and column, and stays.
  await box.getByRole("button", { name: "JSON", exact: true }).click();
  const json = box.getByLabel("Parameters as JSON");
  assert.deepEqual(JSON.parse(await json.inputValue()), expected);
  const text = await json.inputValue();
  await json.fill(text.replace('"flag": false', '"flag": False'));
  await box.getByText(/^Line \d+, column 11: a value is expected here/).waitFor();
  await box.getByRole("button", { name: "Form", exact: true }).click();
  assert.match(await json.inputValue(), /False/);
  await isAccessible(page);
  await screenshot(page, "deployment-form-json-light-wide");
  await json.fill(text);
  await box.getByRole("button", { name: "Form", exact: true }).click();
  assert.equal(await box.getByLabel("either: whole number").inputValue(), "12");
  await screenshot(page, "deployment-form-filled-light-wide");
  for (const [size, name] of [[NARROW, "light-narrow"], [WIDE, "light-wide"]] as const) {
    await page.setViewportSize(size);
    for (const group of ["shape", "list", "tree"]) {
      await box.getByLabel(group, { exact: true }).first().evaluate((node) => node.scrollIntoView({ block: "start" }));
      await screenshot(page, `deployment-form-${group}-${name}`);
    }
  }

  await box.getByText("More", { exact: true }).click();
  await box.getByLabel("Name of the run").fill("by-hand");
  await box.getByLabel("Run later").fill("2030-07-01T09:00");
  await box.getByLabel("Tags").fill("hot, hand");
  await box.getByRole("button", { name: "Schedule", exact: true }).click();
  await page.waitForURL(/\/flow-runs\//);
  const run = await client.flowRuns.read(page.url().split("/").at(-1)!);
  assert.deepEqual(run.parameters, expected);
  assert.deepEqual([run.name, run.state_type, run.tags], ["by-hand", "SCHEDULED", ["hot", "hand"]]);
  assert.equal(run.next_scheduled_start_time, "2030-07-01T07:00:00.000000+00:00");

  // Run again with other parameters: the form begins with those of this run.
  await page.getByRole("button", { name: "Run with changes" }).click();
  const again = dialog(page);
  assert.equal(await again.getByLabel("Text", { exact: false }).first().inputValue(), run.parameters.text);
  await again.getByLabel("Text", { exact: false }).first().fill("changed");
  await again.getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.includes(run.id));
  const changed = await client.flowRuns.read(new URL(page.url()).pathname.split("/").at(-1)!);
  assert.deepEqual(changed.parameters, { ...expected, text: "changed" });
});
