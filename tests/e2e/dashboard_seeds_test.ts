/**
 * The walks of two seed documents, by somebody who types what they say and otherwise looks at the dashboard.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { needsEngine, test } from "../testing/test.ts";
import { Browser, isAccessible, screenshot } from "./browser.ts";
import { DockerWorld, seed } from "./docker_world.ts";
import { EXAMPLE, World } from "./support.ts";

test("seed 000 in the browser: project, flow with its label's warning, agent, run with its line", async () => {
  needsEngine();
  await using world = new DockerWorld();
  world.file("docker_1.ts", seed(world.name));
  const server = world.start(["server", "start", "--expose", "--server-port", "0", "--ui-port", "0"]);
  await server.prints(/The API is at http:\/\/localhost:\d+\/api/);
  const { ui_url: page } = JSON.parse(readFileSync(join(world.home, "server.json"), "utf8"));
  await using browser = await Browser.start();

  // "Confirm that server is running using the UI", "Check in UI for new project."
  const projects = await browser.open(page);
  await projects.getByRole("link", { name: "Projects" }).click();
  await projects.getByRole("heading", { level: 1, name: "Projects" }).waitFor();
  await world.ok(["backend", "server"]);
  await world.ok(["create", "project", "docker_1_project"]);
  await projects.getByText("docker_1_project").first().waitFor();

  // "Check that the flow has been registered": the address that registering prints.
  const printed = await world.ok(["docker_1.ts"]);
  const address = printed.match(/Flow URL: (\S+)/)?.[1] ?? assert.fail(printed);
  const flow = await browser.openBeside(projects, address);
  await flow.getByRole("heading", { level: 1, name: world.name }).waitFor();
  await flow.getByText("docker_flows").first().waitFor();
  const tag = printed.match(/Successfully tagged (\S+)/)![1].split(":")[1];
  await flow.getByText(tag).first().waitFor();
  const warning = flow.getByLabel(/^Agent Problem: you have no live agents/);
  await warning.first().hover();
  await flow.getByRole("tooltip").getByText("Agent Problem: you have no live agents").waitFor();
  await isAccessible(flow);
  await screenshot(flow, "seed-000-label-warning");

  const words = ["agent", "docker", "start", "-l", "docker_flows", "--show-flow-logs", "--network", world.network];
  const agent = world.start(words);
  await agent.prints(/Waiting for flow runs\.\.\./);
  await warning.first().waitFor({ state: "detached" });

  // The run, its line and its container, live.
  const created = await world.ok(["run", "--project", "docker_1_project", "-n", world.name]);
  const url = created.match(/└── URL: (\S+)/)?.[1] ?? assert.fail(created);
  const run = await browser.openBeside(flow, `${url}?tab=logs`);
  await run.getByText("Hello, docker_1!").first().waitFor({ timeout: 60_000 });
  await run.getByText("Success").or(run.getByText("Completed")).first().waitFor({ timeout: 60_000 });
  await isAccessible(run);
  await screenshot(run, "seed-000-run");
  await agent.stop("SIGINT");
});

test("seed 002 in the browser: a deployment is run by a button, and the container is told of", async () => {
  needsEngine();
  await using world = new World();
  world.file("example-deployment.ts", EXAMPLE);
  const server = await world.server();
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/deployments`);
  await page.getByText(/flowctl deployment create/).first().waitFor();
  await world.ok(["deployment", "create", "./example-deployment.ts"]);
  await page.getByRole("link", { name: "example" }).first().click();
  await page.getByRole("heading", { level: 1 }).getByText("example").waitFor();
  await page.getByRole("button", { name: /^Run/ }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: /^Run/ }).click();
  await page.waitForURL(/\/flow-runs\//);
  await page.getByText("Completed").first().waitFor({ timeout: 60_000 });
  const id = page.url().match(/flow-runs\/([0-9a-f-]{36})/)![1];
  const [container] = await world.containers(id);
  await page.goto(`${server.url}/flow-runs/${id}?tab=container`);
  await page.getByText(container.Names[0].slice(1)).first().waitFor();
  await page.getByText(container.Image.split(":")[0]).first().waitFor();
  await page.goto(`${server.url}/flow-runs/${id}?tab=logs`);
  await page.getByText("Hello from Docker!").first().waitFor();
  await isAccessible(page);
  await screenshot(page, "seed-002-logs");
  await page.goto(`${server.url}/runs`);
  await page.getByRole("link", { name: container.Names[0].slice(1) }).first().waitFor();
});
