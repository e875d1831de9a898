/**
 * Flows, agents, projects, tokens and settings in the browser.
 *
 * @module
 */

import assert from "node:assert/strict";
import { makeDemo } from "../../scripts/lib/demo.ts";
import { needsEngine, test } from "../testing/test.ts";
import { Browser, isAccessible, NARROW, type Page, screenshot, WIDE } from "./browser.ts";
import { deploy, labelled } from "./docker_agents.ts";
import { until, World } from "./support.ts";

const WARNING = "Agent Problem: you have no live agents";

const STORAGE = {
  type: "docker",
  registry_url: "registry.example.internal:5000/some/where",
  image_name: "docker-1-flow",
  image_tag: "2021-11-18t22-30-09-072770-00-00",
  image_id: `sha256:${"1".repeat(64)}`,
  digest: `sha256:${"2".repeat(64)}`,
  path: "/opt/flows/flow.js",
} as const;

const nextTab = async (page: Page, name: string) =>
  await page.getByRole("navigation", { name: "Parts of this page" }).getByRole("link", { name }).click();

test("seed 000: a flow's label warns in red by hover and by keyboard, in every window, until a matching agent lives", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const api = { FLOWCTL_API_URL: `${server.url}/api` };
  await using browser = await Browser.start();
  const projects = await browser.open(`${server.url}/projects`);
  await projects.getByRole("link", { name: "default" }).waitFor();
  await world.ok(["create", "project", "docker_1_project"], { env: { FLOWCTL_BACKEND: "server" } });
  await projects.getByRole("link", { name: "docker_1_project" }).waitFor();

  const name = `nouns-${crypto.randomUUID().slice(0, 8)}`;
  const body = `  console.log("ran");
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));`;
  await deploy(world, "flow", labelled(name, ["docker_flows"], body));
  const client = world.client(server.url);
  const [deployment] = await client.deployments.list({ flows: { name: { any_: [name] } } });

  // The address that registering prints, and the list in a window beside it.
  const page = await browser.open(`${server.url}/default/flow/${deployment.flow_id}`);
  const list = await browser.openBeside(page, `${server.url}/flows?search=nouns-`);
  const warning = page.getByRole("button", { name: WARNING });
  await list.getByRole("button", { name: WARNING }).waitFor();
  await warning.waitFor();
  const red = await warning.evaluate((one) => getComputedStyle(one).color.match(/\d+/g)!.map(Number));
  assert.ok(red[0] > 2 * red[1] && red[0] > 2 * red[2], `not red: ${red}`);
  const tip = page.getByRole("tooltip");
  assert.equal(await tip.count(), 0);
  await warning.hover();
  await tip.getByText(WARNING, { exact: true }).waitFor();
  await isAccessible(page);
  await screenshot(page, "flow-label-warning");
  await page.mouse.move(0, 0);
  await tip.waitFor({ state: "detached" });
  for (let n = 0; n < 60 && !await warning.evaluate((one) => one === document.activeElement); n++) {
    await page.keyboard.press("Tab");
  }
  await tip.getByText(WARNING, { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await tip.waitFor({ state: "detached" });

  // An agent without the label changes what it says, one with it takes it away; nobody loads the page again.
  const other = world.start(["agent", "start", "-l", "gpu", "--name", "gpu-agent"], {
    env: { ...api, FLOWCTL_HOME: `${world.root}/other` },
  });
  const lacks = page.getByRole("button", { name: "Label Problem: no live agent has the label 'docker_flows'" });
  await lacks.waitFor();
  const agent = world.start(["agent", "start", "-l", "docker_flows", "--name", "docker-agent"], { env: api });
  await agent.prints(/Agent started/);
  for (const one of [page, list]) await one.getByRole("button", { name: /Problem/ }).waitFor({ state: "detached" });

  // The agents' page, an agent's own: its engine, its container, what it takes.
  await page.goto(`${server.url}/agents`);
  await page.getByRole("link", { name: "gpu-agent" }).waitFor();
  await page.getByRole("link", { name: "docker-agent" }).click();
  const info = await (await world.docker).info();
  await page.getByText(info.OperatingSystem).waitFor();
  await page.getByText(info.ServerVersion).first().waitFor();
  await page.getByRole("row", { name: new RegExp(`${name}/d`) }).getByText("takes it").waitFor();
  const run = await client.deployments.createRun(deployment.id);
  const held = page.getByRole("region", { name: "What the agent holds" });
  await held.getByRole("link", { name: run.name }).waitFor({ timeout: 60_000 });
  const [container] = await until("the container", async () => {
    const found = await world.containers(run.id);
    return found.length === 0 ? undefined : found;
  });
  await held.getByText(container.Id.slice(0, 12)).waitFor();
  await held.getByText("Running").waitFor({ timeout: 60_000 });
  await isAccessible(page);
  await screenshot(page, "agent-with-container");
  await client.flowRuns.setState(run.id, { type: "CANCELLING" });
  const past = page.getByRole("region", { name: "Runs that the agent had and that are over" });
  await past.getByRole("row", { name: new RegExp(run.name) }).getByText("Cancelled").waitFor({ timeout: 60_000 });
  await page.getByText("It holds no run now.").waitFor();

  // The other one says why it does not; and the warning is back when the agent stops.
  await page.goto(`${server.url}/agents`);
  await page.getByRole("link", { name: "gpu-agent" }).click();
  await page.getByRole("row", { name: new RegExp(`${name}/d`) }).getByText("It lacks the label 'docker_flows'")
    .waitFor();
  await agent.stop("SIGINT");
  await list.getByRole("button", { name: /^Label Problem: no live agent has the label 'docker_flows'/ }).waitFor();
  await other.stop("SIGINT");
  await list.getByRole("button", { name: WARNING }).waitFor();

  // One that is gone can be forgotten.
  await page.getByRole("button", { name: "Forget" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Forget" }).click();
  await page.waitForURL(`${server.url}/agents`);
  await page.getByRole("link", { name: "docker-agent" }).waitFor();
  await page.getByRole("link", { name: "gpu-agent" }).waitFor({ state: "detached" });
});

test("a flow's page has versions to choose and compare, storage to copy, runs, tasks, tags; deleting names what goes", async () => {
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "docker_1_flow", project: "docker_1_project" });
  const given = { flow_id: flow.id, name: "registered", flow_runner: { type: "docker" as const } };
  const old = await client.deployments.create({ ...given, entrypoint: "a", storage: { ...STORAGE, image_tag: "old" } });
  await client.deployments.createRun(old.id, { name: "old-run", state: { type: "RUNNING" } });
  const { id } = await client.deployments.create({ ...given, entrypoint: "b", storage: STORAGE });
  const run = await client.deployments.createRun(id, { name: "new-run", state: { type: "RUNNING" } });
  await using browser = await Browser.start();
  const page = await browser.open(`${server.url}/flows/${flow.id}`);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: `Copy ${STORAGE.digest}` }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), STORAGE.digest);
  for (const text of [STORAGE.image_name, STORAGE.image_tag, STORAGE.registry_url]) {
    await page.getByRole("button", { name: `Copy ${text}`, exact: true }).waitFor();
  }
  await client.flowRuns.setState(run.id, { type: "COMPLETED" });
  await page.getByText("Completed", { exact: true }).waitFor();

  // An older version, by its address.
  await page.getByLabel("Version").selectOption({ label: "Version 1" });
  await page.getByText("old", { exact: true }).waitFor();
  assert.match(page.url(), /\?version=[0-9a-f-]{36}$/);
  await nextTab(page, "Runs");
  await page.getByRole("link", { name: "new-run" }).waitFor();
  await page.getByLabel("Version").selectOption({ label: "Version 1" });
  await page.getByRole("link", { name: "new-run" }).waitFor({ state: "detached" });
  await page.getByRole("link", { name: "old-run" }).waitFor();
  await nextTab(page, "Versions");
  await page.getByRole("region", { name: "Where they differ" }).getByText("Tag").waitFor();
  await isAccessible(page);
  await page.getByRole("button", { name: "Archive" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
  await page.getByText("archived").waitFor();

  await client.taskRuns.create({ flow_run_id: run.id, task_key: "say_hello", dynamic_key: "0" });
  await nextTab(page, "Tasks");
  await page.getByText("say_hello").waitFor();
  await nextTab(page, "Settings");
  await page.getByLabel("Tags").fill("nightly, finance");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1 }).getByText("finance").waitFor();
  await page.getByRole("button", { name: "Pause all" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await page.getByText("All its deployments are paused").waitFor();
  await isAccessible(page);

  // The list searches in the address; it goes when the flow does.
  const list = await browser.openBeside(page, `${server.url}/flows`);
  await list.getByLabel("Search flows by name or tag").fill("finan");
  await list.waitForURL(/\/flows\?search=finan$/);
  await list.getByRole("link", { name: "docker_1_flow" }).waitFor();
  await list.getByLabel("Project").selectOption("default");
  await list.getByText("No flow is like this.").waitFor();
  await list.getByRole("button", { name: "Show all flows" }).click();
  await list.getByRole("link", { name: "docker_1_flow" }).waitFor();
  await page.getByRole("button", { name: "Delete flow" }).click();
  await page.getByText("1 deployment, 2 versions, 2 runs").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.waitForURL(`${server.url}/flows`);
  await list.getByText("No flows yet.").waitFor();
});

test("projects, tokens, secrets and logins are made, changed and deleted by whoever may, and others see it live", async () => {
  await using world = new World();
  const env = { FLOWCTL_AUTH_LOOPBACK: "require" };
  const server = await world.server(["--no-agent"], env);
  const token = async (scope: string) =>
    (await world.ok(["auth", "create-token", "-n", scope, "-s", scope, "-o", "json"])).match(/fct_[\w-]{43}/)![0];
  await using browser = await Browser.start();
  // What is refused, the console repeats.
  const signIn = async (scope: string) => {
    const page = await browser.open(`${server.url}/projects`, { expected: /4(0[139]|22)/ });
    await page.getByLabel("Token").fill(await token(scope));
    await page.getByRole("button").click();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.goto(`${server.url}/projects`);
    await page.getByRole("link", { name: "default" }).waitFor();
    return page;
  };
  const page = await signIn("ADMIN");
  const user = await signIn("USER");

  await page.getByRole("button", { name: "New project" }).click();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByText("Name is missing").waitFor();
  await page.getByRole("dialog").getByLabel("Name").fill("default");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByText(`Cannot create project "default": it exists already`).waitFor();
  await isAccessible(page);
  await page.getByRole("dialog").getByLabel("Name").fill("docker_1_project");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await user.getByRole("link", { name: "docker_1_project" }).waitFor();
  await user.getByRole("button", { name: "Edit docker_1_project" }).click();
  await user.getByLabel("Description").fill("Of the seed");
  await user.getByRole("button", { name: "Save" }).click();
  await page.getByText("Of the seed").waitFor();
  await page.getByRole("button", { name: "Delete docker_1_project" }).click();
  await page.getByText("With it go 0 flows, 0 deployments, 0 runs, and their logs.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await user.getByRole("link", { name: "docker_1_project" }).waitFor({ state: "detached" });
  assert.equal(await page.getByRole("button", { name: "Delete default" }).count(), 0);

  // A token's text is shown once.
  await user.goto(`${server.url}/tokens`);
  await user.getByText("Tokens are seen and made with a token of scope ADMIN.").waitFor();
  await isAccessible(user);
  await page.goto(`${server.url}/tokens`);
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("ci");
  await page.getByRole("dialog").getByLabel("Scope").selectOption("RUNNER");
  await page.getByRole("dialog").getByLabel("Expires").fill("2099-01-01T00:00");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByText("Copy it now.").waitFor();
  const text = (await page.getByText(/^fct_[\w-]{43}$/).textContent())!;
  await isAccessible(page);
  await screenshot(page, "token-shown-once");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("row", { name: /ci.*RUNNER/ }).waitFor();
  assert.ok(!(await page.content()).includes(text));
  const me = async () => {
    const answer = await fetch(`${server.url}/api/tokens/me`, { headers: { authorization: `Bearer ${text}` } });
    return { status: answer.status, body: await answer.json() };
  };
  assert.equal((await me()).body.name, "ci");
  await page.getByRole("row", { name: /ci/ }).getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("row", { name: /ci.*RUNNER/ }).waitFor({ state: "detached" });
  assert.equal((await me()).status, 401);
  await page.getByText("Revoked ones, too").click();
  await page.getByRole("row", { name: /ci.*revoked/ }).waitFor();
  assert.match(page.url(), /\?revoked=1$/);

  // Settings: what goes in and never comes out, and the server itself for admins.
  await user.goto(`${server.url}/settings`);
  await user.getByText("The server is described to people with a token of scope ADMIN.").waitFor();
  await page.goto(`${server.url}/settings`);
  await page.getByText("FLOWCTL_AUTH_LOOPBACK").waitFor();
  await page.getByText("needs a token, too").waitFor();
  await page.getByRole("button", { name: "New secret" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("API_TOKEN");
  await page.getByRole("dialog").getByLabel("Value").fill("open sesame");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await user.getByText("API_TOKEN").waitFor();
  await user.getByRole("button", { name: "Replace API_TOKEN" }).click();
  await user.getByLabel("Value").fill("open barley");
  await user.getByRole("dialog").getByRole("button", { name: "Replace", exact: true }).click();
  await user.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "New login" }).click();
  await page.getByRole("dialog").getByLabel("Registry").fill("not a host");
  await page.getByRole("dialog").getByLabel("User").fill("robot");
  await page.getByRole("dialog").getByLabel("Password or token").fill("open sesame");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/a registry is a host/).waitFor();
  await page.getByRole("dialog").getByLabel("Registry").fill("ghcr.io");
  await page.getByRole("button", { name: "Save" }).click();
  await user.getByText("ghcr.io").waitFor();
  await user.getByText("robot").waitFor();
  await isAccessible(page);
  for (const what of ["API_TOKEN", "ghcr.io"]) {
    await page.getByRole("button", { name: `Delete ${what}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await user.getByText(what, { exact: true }).waitFor({ state: "detached" });
  }
  const html = await page.content();
  const at = html.indexOf("open sesame");
  assert.equal(at, -1, html.slice(at - 300, at + 100));
});

test("with long names the pages stay whole, in both colours and two widths", async () => {
  await using world = new World();
  const demo = await makeDemo(world.home);
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const long = "a_flow_with_an_exceedingly_long_name_that_somebody_made_of_a_path_of_files_and_that_does_not_end";
  const project = "a-project-with-a-long-name-too";
  const flow = await client.flows.create({ name: long, project, tags: ["one", "a-rather-long-tag-that-goes-on"] });
  await client.projects.update(project, { description: "What it is about, in many words. ".repeat(9) });
  for (const entrypoint of ["a", "b"]) {
    await client.deployments.create({
      flow_id: flow.id,
      name: "registered",
      entrypoint,
      flow_runner: { type: "docker" },
      labels: ["docker_flows", "a-label-that-nobody-has-and-that-is-long"],
      storage: { ...STORAGE, image_tag: `${STORAGE.image_tag}-${entrypoint}` },
    });
  }
  const id = crypto.randomUUID();
  await client.agents.create({
    id,
    name: "gpu-box-1.somewhere-in-the-cellar.internal.example",
    labels: ["gpu", "big"],
    limit: 4,
    engine_id: "ABCD:EFGH",
    engine: {
      name: "gpu-box-1",
      version: "20.10.24+dfsg1",
      os: "Debian GNU/Linux 12 (bookworm)",
      arch: "x86_64",
      address: "unix:///var/run/docker.sock",
      cpus: 32,
      memory: 2 ** 37,
    },
  });
  const tabs = ["overview", "versions", "runs", "deployments", "tasks", "settings"];
  const pages = [
    ["flows", "/flows"],
    ...tabs.map((tab) => [`flow-${tab}`, `/flows/${tab === "runs" ? demo.flow : flow.id}?tab=${tab}`]),
    ["agents", "/agents"],
    ["agent", `/agents/${id}`],
    ["projects", "/projects"],
    ["tokens", "/tokens"],
    ["settings", "/settings"],
  ];
  await using browser = await Browser.start();
  for (const [scheme, size, look] of [["light", WIDE, "light-wide"], ["dark", NARROW, "dark-narrow"]] as const) {
    const page = await browser.open(`${server.url}/flows`, { scheme, size });
    for (const [name, path] of pages) {
      await page.goto(server.url + path);
      await page.locator("h1").first().waitFor();
      await page.waitForFunction(() => document.querySelector(".loading") === null);
      await screenshot(page, `nouns-${name}-${look}`);
      // The other look is gone through with the other pages.
      if (scheme === "dark") await isAccessible(page);
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window, `${path} is ${content} wide in a window of ${window}`);
    }
  }
});
