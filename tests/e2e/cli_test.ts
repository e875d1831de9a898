/**
 * The command line as its users meet it: forms of output, names, parameters, questions, terminals, completions, types.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { parseYaml } from "../../src/support/yaml.ts";
import { test } from "../testing/test.ts";
import { BINARY, World } from "./support.ts";

const FLOW = `import { DeploymentSpec, flow, SubprocessFlowRunner } from "flowctl";
const f = flow("talks", ({ n = 1, who = "you" }: { n?: number; who?: string }) => {
  for (let i = 0; i < n; i++) console.log("hello " + who + " " + i);
});
new DeploymentSpec({ name: "d", flow: f, flowRunner: new SubprocessFlowRunner(), tags: ["a", "b"] });
new DeploymentSpec({ name: "e", flow: f, flowRunner: new SubprocessFlowRunner(), project: "other" });
`;

/** Waits for a file, so that the test decides how long the flow runs. */
const WAITS = `import { existsSync } from "node:fs";
import { DeploymentSpec, flow, SubprocessFlowRunner } from "flowctl";
const f = flow("waits", async ({ file }: { file: string }) => {
  console.log("up");
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  console.log("down");
});
new DeploymentSpec({ name: "d", flow: f, flowRunner: new SubprocessFlowRunner() });
`;

// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b/;

/** Runs a command line under a pseudo-terminal; both streams are one there. */
function onTerminal(world: World, line: string, env: Record<string, string> = {}, keys = ""): Promise<string> {
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    cwd: world.work,
    env: world.env({ TERM: "xterm-256color", FLOWCTL: BINARY, SHELL: "/bin/sh", ...env }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => text += more);
  child.stdin.write(keys);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      child.stdin.destroy();
      resolve(text.replaceAll("\r\n", "\n"));
    });
  });
}

test("json, yaml, name and table of every command that prints data parse and agree", async () => {
  await using world = new World();
  world.file("flow.ts", FLOW);
  const made = JSON.parse(await world.ok(["deployment", "create", "flow.ts", "-o", "json"]));
  assert.deepEqual(made.map((one: { name: string }) => one.name), ["d", "e"]);
  const { url } = await world.server();
  const id = (await world.ok(["deployment", "run", "talks/d", "-o", "name"])).trim();
  assert.match(id, /^[0-9a-f-]{36}$/);
  const { name } = await world.finished(url, id);

  const commands: { args: string[]; isLine?: boolean }[] = [
    { args: ["deployment", "ls"] },
    { args: ["deployment", "inspect", "talks/d"] },
    { args: ["flow-run", "ls"] },
    { args: ["flow-run", "inspect", name] },
    { args: ["flow", "ls"] },
    { args: ["version"] },
  ];
  for (const { args } of commands) {
    const json = await world.ok([...args, "-o", "json"]);
    const yaml = await world.ok([...args, "-o", "yaml"]);
    const names = await world.ok([...args, "-o", "name"]);
    const table = await world.ok([...args, "-o", "table"]);
    // "now" may be "1 second ago" by the second time.
    const timeless = (text: string) => text.replace(/ \(?(now|\d+ \w+ ago)\)?$/gm, "");
    assert.equal(timeless(await world.ok(args)), timeless(table));
    const value = JSON.parse(json);
    assert.deepEqual(parseYaml(yaml, { path: "stdout" }), value, args.join(" "));
    const count = Array.isArray(value) ? value.length : 1;
    assert.equal(names.trimEnd().split("\n").length, count, names);
    for (const one of names.trimEnd().split("\n")) assert.ok(table.includes(one), `${one} is not in:\n${table}`);
    assert.doesNotMatch(json + yaml + names + table, ESCAPES);
  }
  const logs = JSON.parse(await world.ok(["flow-run", "logs", name, "-o", "json"]));
  assert.deepEqual(parseYaml(await world.ok(["flow-run", "logs", name, "-o", "yaml"]), { path: "stdout" }), logs);
  const lines = (await world.ok(["flow-run", "logs", name])).trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => line.split(" | ")[1]), logs.map((log: { message: string }) => log.message));

  // What -o name prints is what other commands take.
  for (const one of (await world.ok(["deployment", "ls", "-o", "name"])).trim().split("\n")) {
    await world.ok(["deployment", "inspect", one]);
  }
  assert.match(await world.ok(["deployment", "ls", "-o", "name"]), /^other\/talks\/e$/m);
});

test("parameters come from --param, from JSON, from a file, and from both", async () => {
  await using world = new World();
  world.file("flow.ts", FLOW);
  world.file("given.json", `{"n": 3, "who": "file"}`);
  await world.ok(["deployment", "create", "flow.ts"]);
  const parameters = async (...args: string[]) =>
    JSON.parse(await world.ok(["deployment", "run", "talks/d", "-o", "json", ...args])).parameters;
  assert.deepEqual(await parameters("--param", "n=2", "--param", "who=you there"), { n: 2, who: "you there" });
  assert.deepEqual(await parameters("--params", `{"n":5}`), { n: 5 });
  assert.deepEqual(await parameters("--params", "@given.json"), { n: 3, who: "file" });
  assert.deepEqual(await parameters("--params", "@given.json", "-p", "n=[1]"), { n: [1], who: "file" });
  for (const args of [["--param", "n"], ["--params", "{"], ["--params", "@nowhere.json"], ["--params", "[1]"]]) {
    const refused = await world.run(["deployment", "run", "talks/d", ...args]);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /^Error: Cannot read parameter/);
  }
});

test("PROJECT/FLOW/NAME names a deployment of a project in every command", async () => {
  await using world = new World();
  world.file("flow.ts", FLOW);
  await world.ok(["deployment", "create", "flow.ts"]);
  const { url } = await world.server();
  const run = await world.createRun("other/talks/e");
  assert.equal((await world.finished(url, run.id)).project, "other");
  assert.match(await world.ok(["deployment", "pause", "other/talks/e"]), /Paused/);
  assert.match(await world.ok(["deployment", "inspect", "other/talks/e"]), /Paused: +yes/);
  assert.match(await world.ok(["deployment", "resume", "other/talks/e"]), /Resumed/);
  assert.match(await world.ok(["deployment", "delete", "other/talks/e", "--yes"]), /Deleted/);
  assert.equal((await world.run(["deployment", "run", "other/talks/e"])).code, 3);
});

test("deployments in YAML are created as those of a flow file, and mistakes in it are one sentence", async () => {
  await using world = new World();
  world.file(
    "flows/flow.ts",
    `import { flow } from "flowctl";\nexport const f = flow("plain", ({ n }: { n: number }) => n);\n`,
  );
  world.file(
    "deployments.yaml",
    `- name: nightly
  flow_location: ./flows/flow.ts
  parameters: { n: 1 }
  tags: [etl]
  schedule: { cron: "0 2 * * *", timezone: Europe/London }
  flow_runner: { type: subprocess }
- name: often
  flow_location: ./flows/flow.ts
  flow_name: plain
  project: other
  schedules: [{ interval: 3600 }]
  flow_runner:
    type: docker
    config: { image: "node:22", memory: 512m }
  description: Often
  version: 7
`,
  );
  const said = await world.ok(["deployment", "create", "deployments.yaml"]);
  assert.match(said, /Created deployment 'nightly' for flow 'plain'/);
  assert.match(said, /Created deployment 'often' for flow 'plain'/);
  const nightly = await world.ok(["deployment", "inspect", "plain/nightly"]);
  assert.match(nightly, /cron 0 2 \* \* \* \(Europe\/London\)/);
  const often = JSON.parse(await world.ok(["deployment", "inspect", "other/plain/often", "-o", "json"]));
  assert.deepEqual([often.version, often.description, often.flow_runner.config.image], ["7", "Often", "node:22"]);

  const good = "name: x\nflow_location: ./flows/flow.ts\n";
  for (
    const { text, says } of [
      { text: `${good}naem: y\n`, says: /"naem"/ },
      { text: `${good}name: y\n`, says: /bad\.yaml:3:1: .*unique/ },
      { text: `name: !!js/function x\nflow_location: ./flows/flow.ts\n`, says: /tag/i },
      { text: `name: x\nflow_location: ./nowhere.ts\n`, says: /nowhere\.ts/ },
      { text: `${good}schedule: { cron: "99 * * * *" }\n`, says: /schedule/ },
      { text: `${good}flow_name: other\n`, says: /"other"/ },
      { text: `name: [`, says: /bad\.yaml/ },
      {
        text:
          `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
        says: /alias/i,
      },
    ]
  ) {
    world.file("bad.yaml", text);
    const result = await world.run(["deployment", "create", "bad.yaml"]);
    assert.ok(result.code === 1 || result.code === 3, `${text}\n${result.code} ${result.stderr}`);
    assert.match(result.stderr, says);
    assert.doesNotMatch(result.stderr, /^\s+at /m);
  }
});

test("flow-run logs --follow prints lines as they come and ends with the run", async () => {
  await using world = new World();
  world.file("waits.ts", WAITS);
  await world.ok(["deployment", "create", "waits.ts"]);
  await world.server();
  const run = await world.createRun("waits/d", ["-p", `file=${world.work}/enough`]);
  const following = world.start(["flow-run", "logs", run.name, "-f"]);
  await following.prints(/\| up/);
  assert.equal(following.child.exitCode, null);
  world.file("enough", "");
  const { code, stdout, stderr } = await following.exited;
  assert.equal(code, 0);
  assert.equal(stdout.match(/\| down$/gm)?.length, 1, stdout);
  assert.match(stderr, new RegExp(`${run.name}' ended Completed`));
});

test("Ctrl-C while watching leaves the run running, and says so", async () => {
  await using world = new World();
  world.file("waits.ts", WAITS);
  await world.ok(["deployment", "create", "waits.ts"]);
  const { url } = await world.server();
  const watching = world.start(["deployment", "run", "waits/d", "--watch", "-p", `file=${world.work}/enough`]);
  await watching.prints(/\| up/);
  const stopped = await watching.stop("SIGINT");
  assert.equal(stopped.code, 130);
  assert.match(stopped.stderr, /Stopped watching: flow run '[a-z-]+' goes on/);
  const id = stopped.stdout.match(/\(([0-9a-f-]{36})\)/)![1];
  assert.equal((await world.client(url).flowRuns.read(id)).state_type, "RUNNING");
  world.file("enough", "");
  assert.equal((await world.finished(url, id)).state_type, "COMPLETED");
});

test("nothing is deleted without --yes when nobody can be asked, nor when the answer is no", async () => {
  await using world = new World();
  world.file("flow.ts", FLOW);
  await world.ok(["deployment", "create", "flow.ts"]);
  const run = await world.createRun("talks/d");
  for (const args of [["deployment", "delete", "talks/d"], ["flow-run", "delete", run.name]]) {
    const refused = await world.run(args);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /there is no terminal/);
    assert.match(refused.stderr, /--yes/);
  }
  assert.match(await onTerminal(world, `"$FLOWCTL" deployment delete talks/d`, {}, "n\n"), /not confirmed/);
  await world.ok(["deployment", "inspect", "talks/d"]);
  await world.ok(["flow-run", "delete", run.id, "--yes"]);
  assert.equal((await world.run(["flow-run", "inspect", run.id])).code, 3);
  assert.match(
    await onTerminal(world, `"$FLOWCTL" deployment delete talks/d`, {}, "y\n"),
    /Deleted deployment 'talks\/d'/,
  );
  assert.equal((await world.run(["deployment", "inspect", "talks/d"])).code, 3);
});

test("a terminal sees which API is in use and colours; a pipe sees neither", async () => {
  await using world = new World();
  world.file("flow.ts", FLOW);
  const created = await onTerminal(world, `"$FLOWCTL" deployment create flow.ts`);
  assert.match(created, /Using an ephemeral API in /);
  assert.match(created, ESCAPES);
  assert.doesNotMatch(await onTerminal(world, `"$FLOWCTL" deployment create flow.ts`, { NO_COLOR: "1" }), ESCAPES);

  const { url } = await world.server();
  const run = await world.createRun("talks/d");
  await world.finished(url, run.id);
  const seen = await onTerminal(world, `"$FLOWCTL" flow-run ls 2>/dev/null`);
  assert.match(seen, ESCAPES);
  assert.doesNotMatch(seen, /Using/);
  assert.ok(
    (await onTerminal(world, `"$FLOWCTL" flow-run ls >/dev/null`)).includes(`the server of this home at ${url}`),
  );
  const piped = await onTerminal(world, `"$FLOWCTL" flow-run ls 2>/dev/null | cat`);
  assert.doesNotMatch(piped, ESCAPES);

  const verbose = await world.run(["--verbose", "deployment", "ls"]);
  assert.match(verbose.stderr, /Using the server of this home/);
  const remote = await world.run(["--verbose", "deployment", "ls"], { env: { FLOWCTL_API_URL: `${url}/api` } });
  assert.match(remote.stderr, new RegExp(`Using the API at ${url}/api`));
  assert.equal((await world.run(["deployment", "ls"])).stderr, "");
});

test("escape sequences that a flow prints reach no terminal", async () => {
  await using world = new World();
  world.file(
    "evil.ts",
    FLOW.replaceAll("talks", "evil").replace(`"hello "`, `"\\x1b[2J\\x1b]0;title\\x07\\u009b31m\\u202ehello "`),
  );
  await world.ok(["deployment", "create", "evil.ts"]);
  const server = await world.server();
  const watched = await world.run(["deployment", "run", "evil/d", "--watch"]);
  assert.equal(watched.code, 0);
  await server.prints(/hello you 0/);
  const id = watched.stdout.match(/\(([0-9a-f-]{36})\)/)![1];
  const logs = await world.ok(["flow-run", "logs", id]);
  const plain = await world.ok(["./evil.ts"]);
  for (const text of [watched.stdout, watched.stderr, logs, server.output(), plain]) {
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(text, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  }
});

test("bash completes commands, options, values and files", async () => {
  await using world = new World();
  world.file("my-flow.ts", "");
  const script = await world.ok(["completions", "bash"]);
  world.file("completions.bash", script);
  const complete = (...words: string[]): string[] => {
    const { stdout, stderr, status } = spawnSync("bash", [
      "--norc",
      "-c",
      `source ./completions.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _flowctl; printf '%s\\n' "\${COMPREPLY[@]}"`,
      "bash",
      "flowctl",
      ...words,
    ], { cwd: world.work, encoding: "utf8", env: world.env() });
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "");
    return stdout.trim().split("\n");
  };
  assert.deepEqual(complete("deploy"), ["deployment"]);
  assert.deepEqual(complete("deployment", "re"), ["resume"]);
  assert.deepEqual(complete("deployment", "run", "--wa"), ["--watch"]);
  assert.deepEqual(complete("deployment", "ls", "-o", "j"), ["json"]);
  assert.deepEqual(complete("deployment", "create", "my-"), ["my-flow.ts"]);
  assert.deepEqual(complete("my-"), ["my-flow.ts"]);
  assert.deepEqual(complete("completions", ""), ["bash", "zsh", "fish", "-h", "--help"]);
  assert.deepEqual(complete("--verbose", "flow-run", "ca"), ["cancel"]);
});

test("what init writes type-checks, and types infer through it", async () => {
  await using world = new World();
  assert.match(await world.ok(["init", "flows"]), /Wrote flows\/example-deployment\.ts/);
  assert.match(await world.ok(["init", "flows"]), /Kept flows\/example-deployment\.ts/);
  const check = () =>
    spawnSync(process.execPath, [
      ...("Deno" in globalThis ? ["run", "-A", "--no-config", "--unstable-detect-cjs"] : []),
      join(import.meta.dirname!, "../../node_modules/typescript/lib/tsc.js"),
      "-p",
      `${world.work}/flows`,
    ], { encoding: "utf8", cwd: world.work });
  const first = check();
  assert.equal(first.status, 0, first.stdout + first.stderr);
  world.file(
    "flows/typed.ts",
    `import { flow, task } from "flowctl";
const length = task("length", (text: string) => text.length);
export const f = flow("typed", async ({ text }: { text: string }) => await length(text));
const right: Promise<number> = f({ text: "x" });
const wrong: Promise<string> = f({ text: "x" });
f({ txt: "x" });
length(1);
console.log(right, wrong);
`,
  );
  const second = check();
  assert.deepEqual(second.stdout.match(/typed\.ts\(\d+/g), ["typed.ts(5", "typed.ts(6", "typed.ts(7"], second.stdout);
  await world.ok(["deployment", "create", "flows/example-deployment.ts"]);
});

test("--help of every command has an example, and every command is named by its group", async () => {
  await using world = new World();
  const commandsOf = (help: string): string[] => {
    const list = help.split(/^Commands:$/m)[1]?.split(/^\S/m)[0] ?? "";
    return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name);
  };
  const leaves: string[] = [];
  const walk = async (path: string[]): Promise<void> => {
    const help = await world.ok([...path, "--help"]);
    assert.doesNotMatch(help, ESCAPES);
    const below = commandsOf(help);
    if (below.length === 0) {
      leaves.push(path.join(" "));
      assert.match(help, /^Examples:\n {2}\$ /m, path.join(" "));
    }
    await Promise.all(below.map((name) => walk([...path, name])));
  };
  await walk([]);
  for (const name of ["deployment create", "flow-run execute", "orion start", "agent start", "init", "version"]) {
    assert.ok(leaves.includes(name), `${name} is not among ${leaves.join(", ")}`);
  }
});
