/**
 * `flowctl run` in all its ways: registered flows by name and id, files and modules here, watched, executed, quiet.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { ID, localFlow, makeProject } from "./older_dialect.ts";
import { until, World } from "./support.ts";

const TIME = "\\d\\d:\\d\\d:\\d\\d";

/** A world with a project and the flow `f` registered in it; answers the ids of flow and version. */
async function registered(world: World, options = {}): Promise<{ url: string; flow: string; version: string }> {
  await makeProject(world, "p");
  world.file("f.ts", localFlow("f", options));
  const { url } = await world.server(["--no-agent"]);
  const version = (await world.ok(["register", "--project", "p", "-p", "f.ts"])).match(new RegExp(`ID: (${ID})`))![1];
  return { url, version, flow: (await world.client(url).registrations.version(version)).flow_id };
}

test("run creates a run, prints what it is, and returns", async () => {
  await using world = new World();
  const { url, flow, version } = await registered(world, { options: `labels: ["docker_flows"]` });
  const lines = (name: string, parameters = "{}", context = "{}", labels = "'docker_flows'") =>
    new RegExp(
      "^Looking up flow metadata\\.\\.\\. Done\\nCreating run for flow 'f'\\.\\.\\. Done\\n" +
        `└── Name: (${name})\\n└── UUID: (${ID})\\n└── Labels: \\[${labels}\\]\\n└── Parameters: ${parameters}\\n` +
        `└── Context: ${context}\\n└── URL: ${url}/default/flow-run/\\2\\n$`,
    );
  const printed = await world.ok(["run", "--project", "p", "-n", "f"]);
  const [, name, id] = printed.match(lines("[a-z]+-[a-z]+")) ?? assert.fail(printed);
  const client = world.client(url);
  assert.deepEqual([(await client.flowRuns.read(id)).name, (await client.flowRuns.read(id)).state_type], [
    name,
    "SCHEDULED",
  ]);
  const page = await fetch(`${url}/default/flow-run/${id}`);
  assert.match(await page.text(), /<div id="app">/);

  world.file("parameters.json", `{"n": 1, "who": "file"}`);
  const words = [
    "--param",
    "who=me",
    "--param",
    "list=[1, 2]",
    "--param",
    "pair=a=b",
    "--param-file",
    "parameters.json",
  ];
  const more = await world.run([
    ...["run", "-n", "f", ...words, "--context", "key=hi", "--label", "y", "--label", "x", "--run-name", "my-run"],
    ...["--idempotency-key", "once", "--log-level", "warning"],
  ]);
  assert.match(
    more.stdout,
    lines("my-run", `{"n":1,"who":"me","list":\\[1,2\\],"pair":"a=b"}`, `{"key":"hi"}`, "'x', 'y'"),
  );
  assert.match(more.stderr, /Parameters of --param go before those of the file: who/);

  // The same key is the same run; ids of the flow and of its version find it, too; quiet prints the id and nothing else.
  const quiet = (...args: string[]) => world.ok(["run", "--quiet", ...args]);
  assert.equal(await quiet("-n", "f", "--idempotency-key", "once"), `${more.stdout.match(/UUID: (.*)/)![1]}\n`);
  for (const id of [flow, version]) {
    const run = await client.flowRuns.read((await quiet("--id", id)).trim());
    assert.equal(run.deployment_version_id, version);
  }
  assert.equal(JSON.parse(await world.ok(["run", "-n", "f", "-o", "json"])).flow_id, flow);
  assert.match(await world.ok(["run", "-n", "f", "-o", "name"]), new RegExp(`^${ID}\\n$`));
});

test("run says what is wrong: no such flow, several of that name, ways that do not go together, values", async () => {
  await using world = new World();
  const { url } = await registered(world);
  await makeProject(world, "q");
  const fails = async (code: number, pattern: RegExp, ...args: string[]) => {
    const result = await world.run(["run", ...args]);
    assert.equal(result.code, code, result.stdout + result.stderr);
    assert.match(result.stderr, pattern);
    return result.stdout;
  };
  const looked = await fails(3, /Cannot run flow "nobody": no project has such a flow/, "-n", "nobody");
  assert.equal(looked, "Looking up flow metadata... Error\n");
  await fails(3, /project "q" has no such flow/, "--project", "q", "-n", "f");
  await fails(3, /no registered flow, and no version of one, has that id/, "--id", crypto.randomUUID());
  await fails(2, /that is no id/, "--id", "f");
  await world.ok(["register", "--project", "q", "-p", "f.ts"]);
  await fails(5, /projects "p", "q" have one of that name\nHint: Say which: --project NAME/, "-n", "f");
  await fails(2, /nobody says which one\nHint: Say which flow: --name NAME/);
  await fails(2, /--project is given without --name/, "--project", "p");
  await fails(2, /--id and --name are given/, "--id", crypto.randomUUID(), "-n", "f");
  await fails(2, /--path and --module are given/, "-p", "f.ts", "-m", "x");
  await fails(2, /--execute is for registered flows/, "-p", "f.ts", "--execute");
  await fails(
    2,
    /Cannot read parameter 'n': its value is not JSON\n\n {4}\[1,\n/,
    "--project",
    "p",
    "-n",
    "f",
    "--param",
    "n=[1,",
  );
  await fails(2, /it has not the form KEY=VALUE/, "-p", "f.ts", "--context", "key");
  await fails(
    2,
    /Cannot read parameters from "no.json": there is no such file/,
    "-p",
    "f.ts",
    "--param-file",
    "no.json",
  );
  await fails(2, /Cannot read log level "loud"/, "-p", "f.ts", "--log-level", "loud");
  await world.ok([
    "deployment",
    "create",
    world.file(
      "d.ts",
      `import { DeploymentSpec, flow } from "flowctl";
new DeploymentSpec({ name: "d", flow: flow("other", () => {}) });`,
    ),
  ]);
  await fails(3, /it is not registered\nHint: Register it, or run a deployment/, "-n", "other");
  assert.equal((await world.client(url).flowRuns.list()).length, 0);
});

test("a file or a module runs here, without any API hearing of it", async () => {
  await using world = new World();
  world.file("f.ts", localFlow("f", { body: "console.warn('careful');" }));
  const printed = await world.ok(["run", "-p", "f.ts", "--param", "n=1", "--context", "key=hi", "--run-name", "mine"]);
  const line = (level: string, text: string) => `└── ${TIME} \\| ${level} \\| ${text}\\n`;
  assert.match(
    printed,
    new RegExp(
      "^Retrieving local flow\\.\\.\\. Done\\nParameters:\\n└── n: 1\\nRunning flow locally\\.\\.\\.\\n" +
        line("INFO   ", "Beginning Flow run for 'f'") +
        line("INFO   ", "Task 'say_hello': Starting task run\\.\\.\\.") +
        line("INFO   ", `Hello, {"n":1}{"key":"hi"}`) +
        line("INFO   ", "Task 'say_hello': Finished task run for task with final state: 'Success'") +
        line("WARNING", "careful") + line("INFO   ", "Flow run SUCCESS: all reference tasks succeeded") +
        "Flow run succeeded!\\n$",
    ),
  );
  assert.equal(JSON.parse(await world.ok(["flow-run", "ls", "-o", "json"])).length, 0);
  assert.equal(JSON.parse(await world.ok(["flow", "ls", "-o", "json"])).length, 0);
  assert.match(
    await world.ok(["run", "-p", "f.ts", "--log-level", "WARNING"]),
    new RegExp(`\\.\\.\\.\\n${line("WARNING", "careful")}Flow run succeeded!\\n$`),
  );
  assert.doesNotMatch(await world.ok(["run", "-p", "f.ts", "--no-logs"]), /careful/);
  assert.equal(await world.ok(["run", "-p", "f.ts", "--quiet"]), "");

  world.file("node_modules/my-flows/package.json", `{"name": "my-flows", "main": "flow.mjs"}`);
  world.file(
    "node_modules/my-flows/flow.mjs",
    `import { flow } from "flowctl";\nflow("good", () => {});\nflow("bad", () => { throw new Error("boom"); });\n`,
  );
  const several = await world.run(["run", "-m", "my-flows"]);
  assert.equal(several.code, 2);
  assert.match(several.stdout, /Retrieving local flow\.\.\. Error/);
  assert.match(several.stderr, /it defines "good", "bad"\nHint: Say which: --name NAME/);
  assert.match(await world.ok(["run", "-m", "my-flows", "-n", "good"]), /Flow run succeeded!/);
  const bad = await world.run(["run", "-m", "my-flows", "-n", "bad"]);
  assert.equal(bad.code, 1);
  assert.match(bad.stdout, /ERROR {3}\| .*boom[^]*Flow run failed!\n$/);
});

test("--execute runs it in a process here, and no agent takes it", async () => {
  await using world = new World();
  const { url } = await registered(world, { body: "if (parameters.fail) throw new Error('boom');" });
  const agent = world.start(["agent", "start"], {
    env: { FLOWCTL_HOME: `${world.root}/agent`, FLOWCTL_API_URL: `${url}/api` },
  });
  await agent.prints(/Started|Waiting|started/);
  const run = ["run", "--project", "p", "-n", "f", "--execute"];
  const printed = await world.ok([...run, "--param", "n=1"]);
  assert.match(printed, /└── Labels: \['agentless-run-[0-9a-f]{8}'\]/);
  assert.match(
    printed,
    new RegExp(
      `Executing flow run\\.\\.\\.\\n└── ${TIME} \\| INFO    \\| Beginning Flow run for 'f'\\n[^]*Hello, {"n":1}`,
    ),
  );
  assert.match(printed, /Flow run succeeded!\n$/);
  const failed = await world.run([...run, "--param", "fail=true", "--no-logs"]);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /Executing flow run\.\.\.\nFlow run failed!\n$/);
  const runs = await world.client(url).flowRuns.list();
  assert.deepEqual(runs.map((one) => one.state_type).sort(), ["COMPLETED", "FAILED"]);
  assert(runs.every((one) => one.agent_id === null));
});

test("--watch follows states and logs to the end; the log level of a run holds where it runs", async () => {
  await using world = new World();
  const { url } = await registered(world, {
    body: "console.warn('careful'); if (parameters.fail) throw new Error('x');",
  });
  const agent = world.start(["agent", "start"], { env: { FLOWCTL_API_URL: `${url}/api` } });
  const line = (text: string) => `└── ${TIME} \\| \\w+ +\\| ${text}\\n`;
  const printed = await world.ok(["run", "--project", "p", "-n", "f", "--watch"]);
  assert.match(
    printed,
    new RegExp(
      "Watching flow run execution\\.\\.\\.\\n" + line("Entered state <Scheduled>.*") +
        `[^]*${line("Entered state <Running>.*")}[^]*${line("Hello, {}{}")}[^]*Flow run succeeded!\\n$`,
    ),
  );
  const failed = await world.run(["run", "-n", "f", "--param", "fail=true", "-w", "--no-logs"]);
  assert.equal(failed.code, 1);
  assert.doesNotMatch(failed.stdout, /Hello|careful/);
  assert.match(failed.stdout, /Entered state <Failed>: [^]*Flow run failed!\n$/);
  const id = (await world.ok(["run", "-n", "f", "--watch", "--quiet", "--log-level", "WARNING"])).trim();
  assert.match(id, new RegExp(`^${ID}$`));
  assert.deepEqual(await world.messages(url, id), ["careful"]);
  await agent.stop();
});

test("a watch that is stopped leaves the run, and says so", async () => {
  await using world = new World();
  const { url } = await registered(world);
  const watching = world.start(["run", "-n", "f", "--watch"]);
  await watching.prints(/Entered state <Scheduled>/);
  const { code, stderr } = await watching.stop("SIGINT");
  assert.equal(code, 130);
  assert.match(stderr, /Stopped watching: flow run '.*' goes on/);
  const [run] = await until("the run is there", async () => await world.client(url).flowRuns.list());
  assert.equal(run.state_type, "SCHEDULED");
});
