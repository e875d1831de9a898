/**
 * Registering: by running the file, by command, from what `build` wrote, and what becomes of older versions.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "../testing/test.ts";
import { DOCKER_1, ID, localFlow, makeProject } from "./older_dialect.ts";
import { until, World } from "./support.ts";

const BLOCK = new RegExp(
  `^Flow URL: (http://\\S+)/default/flow/(${ID})\\n └── ID: (${ID})\\n └── Project: docker_1_project\\n` +
    ` └── Labels: \\['docker_flows'\\]\\n$`,
);

test("running the file registers it and prints address, version, project and labels", async () => {
  await using world = new World();
  await makeProject(world, "docker_1_project");
  world.file("docker_1.ts", DOCKER_1);
  const server = await world.server(["--no-agent"]);
  const printed = await world.ok(["docker_1.ts"]);
  const [, address, flowId, versionId] = printed.match(BLOCK) ?? assert.fail(printed);
  assert.equal(address, server.url);
  assert.notEqual(flowId, versionId);
  const client = world.client(server.url);
  const version = await client.registrations.version(versionId);
  assert.deepEqual(
    [version.number, version.flow_id, version.archived, version.tasks],
    [1, flowId, null, ["say_hello"]],
  );
  // The address is that of a page.
  const page = await fetch(`${address}/default/flow/${flowId}`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<div id="app">/);

  // Again, unchanged: the same version; changed: the flow's address stays and the version is another one.
  const again = await world.run(["docker_1.ts"]);
  assert.equal(again.stdout, printed);
  assert.match(again.stderr, /is unchanged since version 1: nothing is built/);
  world.file("docker_1.ts", DOCKER_1.replace("Hello", "Goodbye"));
  const [, , sameFlow, second] = (await world.ok(["docker_1.ts"])).match(BLOCK)!;
  assert.equal(sameFlow, flowId);
  assert.notEqual(second, versionId);
  const versions = await client.registrations.versions(flowId);
  assert.deepEqual(versions.map(({ number, archived }) => [number, archived !== null]), [[2, false], [1, true]]);
});

test("a project that does not exist ends it with the command that creates one, and nothing is registered", async () => {
  await using world = new World();
  world.file("docker_1.ts", DOCKER_1);
  for (const args of [["docker_1.ts"], ["register", "--project", "docker_1_project", "-p", "docker_1.ts"]]) {
    const { code, stderr } = await world.run(args);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /Error: Cannot register flow "docker_1_flow": project "docker_1_project" does not exist/);
    assert.match(stderr, /Hint: Create it with: flowctl create project 'docker_1_project'/);
  }
  assert.equal(JSON.parse(await world.ok(["deployment", "ls", "-o", "json"])).length, 0);
});

test("options of flow.register: labels, idempotency key, schedule, no address, force", async () => {
  await using world = new World();
  await makeProject(world, "p");
  const file = (text: string) =>
    world.file(
      "f.ts",
      localFlow("f", {
        body: `console.log(${JSON.stringify(text)});`,
        options: `labels: ["b"], schedule: cron("0 0 * * *")`,
        end: `if (import.meta.main) {
  console.log("=", await f.register({ project: "p", ...JSON.parse(process.argv[2]) }));
}`,
      }),
    );
  const run = (options: object) => world.ok(["f.ts", JSON.stringify(options)]);
  const idOf = (printed: string) => printed.match(new RegExp(`= (${ID})`))?.[1];
  file("one");
  const first = await run({ labels: ["a", "b"], noUrl: true, setScheduleActive: false, idempotencyKey: "k" });
  assert.match(first, new RegExp(`^ └── ID: (${ID})\\n └── Project: p\\n └── Labels: \\['a', 'b'\\]\\n= \\1\\n$`));
  const registered = async () => JSON.parse(await world.ok(["deployment", "inspect", "p/f/registered", "-o", "json"]));
  assert.equal((await registered()).is_schedule_active, false);
  assert.equal((await registered()).schedules[0].schedule.cron, "0 0 * * *");
  // The same key means the version that is there, whatever the code; another key a new one; without a key the content decides.
  file("two");
  assert.equal(idOf(await run({ idempotencyKey: "k" })), idOf(first));
  const second = idOf(await run({ idempotencyKey: "other" }));
  assert.notEqual(second, idOf(first));
  assert.equal((await registered()).is_schedule_active, true);
  assert.equal(idOf(await run({})), second);
  assert.notEqual(idOf(await run({ force: true })), second);
  assert.equal((await registered()).version_number, 3);
  const misspelt = await world.run(["f.ts", JSON.stringify({ idempotency_key: "k" })]);
  assert.match(misspelt.stderr, /it has no option "idempotency_key"\nHint: Did you mean "idempotencyKey"\?/);
});

test("flowctl register prints each step, skips what is unchanged, and --force does not", async () => {
  await using world = new World();
  await makeProject(world, "p");
  world.file("flow1.ts", DOCKER_1);
  const register = (...more: string[]) => world.ok(["register", "--project", "p", "-p", "flow1.ts", ...more]);
  assert.match(
    await register(),
    new RegExp(
      "^Collecting flows\\.\\.\\.\\nProcessing 'flow1\\.ts':\\n  Building `Bundle` storage\\.\\.\\.\\n" +
        `  Registering 'docker_1_flow'\\.\\.\\. Done\\n  └── ID: ${ID}\\n  └── Version: 1\\n={24} 1 registered ={24}\\n$`,
    ),
  );
  assert.equal(
    await register(),
    "Collecting flows...\nProcessing 'flow1.ts':\n" +
      "  Registering 'docker_1_flow'... Skipped (metadata unchanged)\n" +
      "================== 0 registered, 1 skipped ==================\n",
  );
  assert.match(await register("--force"), /└── Version: 2\n/);
  // Labels are options of the flow: others make another version.
  assert.match(await register("-l", "x", "-l", "a"), /└── Version: 3\n/);
  assert.deepEqual(
    JSON.parse(await world.ok(["deployment", "inspect", "p/docker_1_flow/registered", "-o", "json"])).labels,
    ["a", "docker_flows", "x"],
  );
});

test("calls of register and of flows in a file that is being loaded are a warning and do nothing", async () => {
  await using world = new World();
  await makeProject(world, "p");
  world.file(
    "f.ts",
    localFlow("f", { end: `await f.register({ project: "nowhere" });\nawait f.run({});\nawait f({});` }),
  );
  for (const args of [["register", "--project", "p"], ["build"]]) {
    const { code, stdout, stderr } = await world.run([...args, "-p", "f.ts"]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /Flow 'f' is not registered while its file is loaded/);
    assert.equal(stderr.match(/Flow 'f' is not run while its file is loaded/g)?.length, 2, stderr);
    assert.doesNotMatch(stdout, /Hello/);
  }
});

test("folders, patterns, modules and names choose flows; what can't be registered is said and the rest goes on", async () => {
  await using world = new World();
  await makeProject(world, "p");
  world.file("flows/a.ts", localFlow("a"));
  world.file("flows/b.ts", `import "./nothing.ts";\n`);
  world.file("flows/deep/c.ts", localFlow("c"));
  world.file("node_modules/my-flows/package.json", `{"name": "my-flows", "main": "flow.mjs"}`);
  world.file("node_modules/my-flows/flow.mjs", `import { flow } from "flowctl";\nflow("packed", () => {});\n`);
  const register = (...more: string[]) => world.run(["register", "--project", "p", ...more]);

  const broken = await register("-p", "flows");
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /nothing\.ts/);
  const pattern = await register("-p", "flows/**/[ac].ts");
  assert.match(pattern.stdout, /Processing 'flows\/a\.ts':[^]*Processing 'flows\/deep\/c\.ts':[^]* 2 registered /);
  const module = await register("-m", "my-flows");
  assert.match(module.stdout, /Registering 'packed'\.\.\. Done/, module.stderr);
  const named = await register("-p", "flows/*.ts", "-p", "flows/deep", "-n", "nobody");
  assert.notEqual(named.code, 0);
  const missing = await register("-p", "flows/a.ts", "-n", "nobody");
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /Cannot find flow "nobody": there is "a"/);
  for (const place of ["nowhere.ts", "nowhere/*.ts"]) assert.equal((await register("-p", place)).code, 3);
  assert.match((await register("-m", "nobody-has-this")).stderr, /Cannot find module "nobody-has-this"/);
  assert.match((await register()).stderr, /nobody says where they are/);

  // An error of one flow is counted, the others are registered.
  world.file("two.ts", localFlow("fine") + `flow("bad", () => {}, { labels: [""] });\n`);
  const two = await register("-p", "two.ts");
  assert.equal(two.code, 1);
  assert.match(two.stdout, /Registering 'bad'\.\.\. Error\n {4}Error: /);
  assert.match(two.stdout, /Registering 'fine'\.\.\. Done/);
  assert.match(two.stdout, / 1 registered, 1 errored /);
});

test("what build wrote is registered without the code, from a file or an address; --update keeps the others", async () => {
  await using world = new World();
  await makeProject(world, "p");
  world.file("a.ts", localFlow("a"));
  world.file("b.ts", localFlow("b"));
  assert.equal(
    await world.ok(["build", "-p", "b.ts"]),
    "Collecting flows...\nProcessing 'b.ts':\n  Building `Bundle` storage...\n  Building 'b'... Done\n" +
      "Writing output to 'flows.json'\n========================== 1 built ==========================\n",
  );
  await world.ok(["build", "-p", "a.ts", "-o", "flows.json", "-u", "-l", "x"]);
  const path = join(world.work, "flows.json");
  const written = JSON.parse(readFileSync(path, "utf8"));
  assert.equal(written.version, 1);
  assert.deepEqual(written.flows.map((flow: { flow_name: string }) => flow.flow_name), ["a", "b"]);

  const elsewhere = join(world.root, "elsewhere");
  world.file("../elsewhere/flows.json", readFileSync(path, "utf8"));
  const register = (place: string, ...more: string[]) =>
    world.run(["register", "--project", "p", "-j", place, ...more], { cwd: elsewhere });
  const first = await register("flows.json");
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^Collecting flows\.\.\.\nProcessing 'flows\.json':\n {2}Registering 'a'\.\.\. Done\n/);
  assert.match(first.stdout, / 2 registered /);
  assert.match(await world.ok(["run", "-n", "a", "--execute"]), /Hello, \{\}\{\}[^]*Flow run succeeded!/);

  const server = createServer((request, response) => {
    if (request.url === "/flows.json") return response.end(readFileSync(path));
    if (request.url === "/away") return response.writeHead(302, { location: "/flows.json" }).end();
    if (request.url === "/metadata") return response.writeHead(302, { location: "http://169.254.169.254/" }).end();
    response.writeHead(404).end();
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port))
  );
  try {
    const there = `http://127.0.0.1:${port}`;
    const second = await register(`${there}/flows.json`, "-n", "b");
    assert.match(second.stdout, /Registering 'b'\.\.\. Skipped \(metadata unchanged\)/, second.stderr);
    for (const [place, target] of [["away", `${there}/flows.json`], ["metadata", "http://169.254.169.254/"]]) {
      const refused = await register(`${there}/${place}`);
      assert.equal(refused.code, 6, refused.stderr);
      assert(refused.stderr.includes(`it redirects to "${target}", an address of this machine or of its network link`));
    }
    assert.match((await register(`${there}/no`)).stderr, /the server answers 404/);
    assert.match((await register(`${there}/flows.json`, "--watch")).stderr, /only files can be watched/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  writeFileSync(join(elsewhere, "old.json"), `{"version": 2, "flows": []}`);
  const old = await register("old.json");
  assert.equal(old.code, 2);
  assert.match(old.stderr, /Cannot read flows from "old\.json": its version is 2, not 1/);
});

test("--watch registers a file again when it changes; one that does not load is said and the watch goes on", async () => {
  await using world = new World();
  await makeProject(world, "p");
  world.file("a.ts", localFlow("a"));
  const watching = world.start(["register", "--project", "p", "-p", "*.ts", "--watch"]);
  await watching.prints(/'a'\.\.\. Done[^]*Version: 1/, 60_000);
  world.file("a.ts", "this is no TypeScript");
  await watching.prints(/Error: .*a\.ts/, 60_000);
  world.file("a.ts", localFlow("a", { body: "console.log(2);" }));
  await watching.prints(/└── Version: 2/, 60_000);
  world.file("b.ts", localFlow("b"));
  await watching.prints(/Processing 'b\.ts':[^]*'b'\.\.\. Done/, 60_000);
  const { code } = await watching.stop("SIGINT");
  assert.equal(code, 130);
});

test("a newer version cancels the runs that wait and names the archived one; it is not run again", async () => {
  await using world = new World();
  await makeProject(world, "p");
  world.file("f.ts", localFlow("f", { options: `schedule: cron("0 0 * * *")` }));
  const server = await world.server(["--no-agent"]);
  const client = world.client(server.url);
  const first = (await world.ok(["register", "--project", "p", "-p", "f.ts"])).match(new RegExp(`ID: (${ID})`))![1];
  const automatic = async () => (await client.flowRuns.list()).filter((run) => run.auto_scheduled);
  await until("the scheduler makes runs", async () => (await automatic()).length > 0);
  const ofFirst = await automatic();
  const waiting = (await world.ok(["run", "--project", "p", "-n", "f", "--quiet"])).trim();
  world.file("f.ts", localFlow("f", { body: "console.log(2);" }));
  await world.ok(["register", "--project", "p", "-p", "f.ts", "--no-schedule"]);
  const cancelled = await client.flowRuns.read(waiting);
  assert.equal(cancelled.state_type, "CANCELLED");
  assert.equal(cancelled.state?.message, "Flow 'f' version 1 was archived: a newer version was registered");
  for (const run of ofFirst) await assert.rejects(client.flowRuns.read(run.id), { code: "not_found" });
  const refused = await world.run(["run", "--id", first]);
  assert.equal(refused.code, 5);
  assert.match(refused.stdout, /Creating run for flow 'f'\.\.\. Error/);
  assert.match(refused.stderr, /Cannot run flow "f": its version 1 is archived/);
});

test("a file may register flows of other files, and flows that a helper makes", async () => {
  await using world = new World();
  await makeProject(world, "p");
  world.file("a.ts", localFlow("a").replace("const f", "export const f"));
  world.file(
    "helper.ts",
    `import { flow, SubprocessFlowRunner } from "flowctl";
export const make = (name: string) =>
  flow(name, () => console.log("made for", name), { flowRunner: new SubprocessFlowRunner() });
`,
  );
  world.file(
    "all.ts",
    `import { f } from "./a.ts";
import { make } from "./helper.ts";
const made = make("made");
if (import.meta.main) for (const one of [f, made]) await one.register({ project: "p" });
`,
  );
  await world.ok(["all.ts"]);
  assert.match(await world.ok(["run", "-n", "a", "--execute"]), /Flow run succeeded!/);
  assert.match(await world.ok(["run", "-n", "made", "--execute"]), /made for made\n[^]*Flow run succeeded!/);
});
