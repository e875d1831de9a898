/**
 * Secrets from the command line to the flow, and everywhere that they must not be.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { followProgress } from "../../src/docker/progress.ts";
import { tarOf } from "../../src/docker/tar.ts";
import { needsEngine, skip, test } from "../testing/test.ts";
import { ID, makeProject } from "./older_dialect.ts";
import { BINARY, until, World } from "./support.ts";

const TOKEN = "tok-5f0c2b9e-open-sesame";
const KEY = "-----BEGIN KEY-----\nMIIBVgIBADANBgkqhkiG9w0B\nAQEFAASCAUAwggE8AgEAAkEA\n-----END KEY-----";
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** A flow that says by hashes what it got, and then tells the secrets in every way. */
const flowFile = (runner: string, more = "") =>
  `import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { DeploymentSpec, DockerFlowRunner, flow, Secret, secret, SubprocessFlowRunner, task } from "flowctl";

const hashOf = (text = "") => createHash("sha256").update(text).digest("hex").slice(0, 16);
const tell = task("tell", (text: string) => {
  console.log("task says " + text);
  throw new RangeError("task fails with " + text);
});
const f = flow("teller", async () => {
  const key = await Secret.load("KEY");
  const token = process.env.TOKEN ?? "";
  console.log("env", hashOf(token), "loaded", hashOf(key.get()), "shown", String(key), JSON.stringify({ key }), key);
  console.log("said", token, key.get(), btoa(token), encodeURIComponent(key.get()));
  process.stdout.write("written " + token + "\\n");
  process.stdout.write(key.get() + "\\n");
  spawnSync(process.execPath, ["exec", "--", process.execPath, "secret", "set", token + "/bad"], { stdio: "inherit" });
  await tell(token).catch(() => {});
  throw new Error("flow fails with " + token + " and " + key.get());
});
new DeploymentSpec({ name: "d", flow: f, flowRunner: ${runner}, secrets: ["KEY"], ${more} });
`;

/** Whether any file below a folder holds a text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text));
}

async function setBoth(world: World): Promise<void> {
  assert.equal(await world.ok(["secret", "set", "API_TOKEN"], { input: `${TOKEN}\n` }), "Set secret 'API_TOKEN'\n");
  const file = world.file("key.pem", `${KEY}\n`);
  assert.equal(await world.ok(["secret", "set", "KEY", "--from-file", file]), "Set secret 'KEY'\n");
  await world.ok(["secret", "set", "KEY", "--from-file", file]).then((said) => assert.match(said, /^Changed/));
}

/** All that the API says of runs and deployments, as text. */
async function everythingOf(url: string): Promise<string> {
  const answers = [];
  for (const path of ["deployments/filter", "flow_runs/filter", "task_runs/filter", "logs/filter", "secrets/filter"]) {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    answers.push(await (await fetch(`${url}/api/${path}`, init)).text());
  }
  return answers.join("\n");
}

const SECRETS = [TOKEN, btoa(TOKEN), KEY.split("\n")[1], KEY.split("\n")[2], encodeURIComponent(KEY)];

function assertHidden(where: string, text: string): void {
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${where} tells ${secret}:\n${text}`);
}

async function tellAll(runner: string, world: World) {
  await setBoth(world);
  world.file("flow.ts", flowFile(runner));
  const server = await world.server();
  await world.ok(["deployment", "create", "./flow.ts"]);
  const { id } = await world.createRun("teller/d");
  const run = await world.finished(server.url, id);
  const messages = await until("the last lines are there", async () => {
    const all = await world.messages(server.url, id);
    return all.some((line) => line.startsWith("written ")) && all.some((line) => /bad": a secret's/.test(line)) && all;
  });
  return { server, run, id, messages };
}

function checkTold(
  { server, run, messages }: Pick<Awaited<ReturnType<typeof tellAll>>, "server" | "run" | "messages">,
): void {
  assert.equal(run.state_type, "FAILED");
  assert.match(run.state!.message!, /flow fails with \*{8} and \*{8}/);
  const got = `env ${hashOf(TOKEN)} loaded ${hashOf(KEY)} shown ******** {"key":"********"} Secret { name: 'KEY' }`;
  assert.ok(messages.includes(got), messages.join("\n"));
  for (const line of ["written ********", "task says ********"]) {
    assert.ok(messages.includes(line), `${line} is not in\n${messages.join("\n")}`);
  }
  assertHidden("the logs", messages.join("\n"));
  assertHidden("the agent's console", server.output());
  assert.match(server.output(), /written \*{8}/);
}

test("a registered flow reads what it names; executed without an agent, and as a file, from variables, and hidden too", async () => {
  await using world = new World();
  await setBoth(world);
  await makeProject(world, "p");
  world.file(
    "f.ts",
    `import { createHash } from "node:crypto";
import process from "node:process";
import { flow, Secret, secret, SubprocessFlowRunner } from "flowctl";
const hashOf = (text = "") => createHash("sha256").update(text).digest("hex").slice(0, 16);
export const f = flow("f", async () => {
  const key = (await Secret.load("KEY")).get();
  console.log("env", hashOf(process.env.TOKEN), "loaded", hashOf(key));
  console.log("said", key);
}, { secrets: ["KEY"], flowRunner: new SubprocessFlowRunner({ env: { TOKEN: secret("API_TOKEN") } }) });
`,
  );
  const { url } = await world.server();
  await world.ok(["register", "--project", "p", "-p", "f.ts"]);
  const told = async (ran: { stdout: string }, token: string) => {
    const id = ran.stdout.match(new RegExp(`UUID: (${ID})`))![1];
    const run = await world.finished(url, id);
    const messages = await world.messages(url, id);
    assert.equal(run.state_type, "COMPLETED", messages.join("\n"));
    assert.ok(messages.includes(`env ${hashOf(token)} loaded ${hashOf(KEY)}`), messages.join("\n"));
    assert.ok(messages.some((line) => /^said \*{8}/.test(line)), messages.join("\n"));
    assertHidden("the logs", messages.join("\n"));
  };
  await told(await world.run(["run", "-n", "f", "--project", "p", "--watch"]), TOKEN);

  const refused = await world.run(["run", "-n", "f", "--project", "p", "--execute"]);
  assert.equal(refused.code, 1);
  assert.match(refused.stdout + refused.stderr, /elsewhere from the variable FLOWCTL__CONTEXT__SECRETS__API_TOKEN/);
  const env = { FLOWCTL__CONTEXT__SECRETS__API_TOKEN: "another token", FLOWCTL__CONTEXT__SECRETS__KEY: KEY };
  await told(await world.run(["run", "-n", "f", "--project", "p", "--execute"], { env }), "another token");

  const local = await world.run(["run", "-p", "f.ts"], { env });
  assert.equal(local.code, 0, local.stderr);
  assert.match(local.stdout + local.stderr, /said \*{8}/);
  assertHidden("the terminal", local.stdout + local.stderr);
});

test("a run in a container reads its secrets from environment and API, and nobody else ever sees them", async () => {
  needsEngine();
  await using world = new World();
  const told = await tellAll(`new DockerFlowRunner({ env: { TOKEN: secret("API_TOKEN"), MODE: "fast" } })`, world);
  checkTold(told);
  const { server, id } = told;
  assertHidden("the API", await everythingOf(server.url));
  const [{ Id }] = await world.containers(id);
  const inspected = await (await world.docker).getContainer(Id).inspect();
  assert.ok(inspected.Config.Env!.includes("MODE=fast"));
  assertHidden("docker inspect", JSON.stringify(inspected));

  assert.equal(statSync(join(world.home, "secret.key")).mode & 0o777, 0o600);
  assertHidden("secret ls", await world.ok(["secret", "ls"]));
  assertHidden("secret ls", await world.ok(["secret", "ls", "-o", "json"]));
  assert.equal(await world.ok(["secret", "ls", "-o", "name"]), "API_TOKEN\nKEY\n");
  assertHidden("deployment inspect", await world.ok(["deployment", "inspect", "teller/d", "-o", "json"]));
  for (const secret of SECRETS) assert.deepEqual(filesWith(world.home, secret), []);

  const refused = await fetch(`${server.url}/api/secrets/KEY/value`);
  assert.equal(refused.status, 403);
  assertHidden("the API", await refused.text());
});

test("by URL a run in a container reads its secrets as well", async () => {
  needsEngine();
  await using world = new World(undefined, { FLOWCTL_API_WAY: "url" });
  checkTold(await tellAll(`new DockerFlowRunner({ networkMode: "host", env: { TOKEN: secret("API_TOKEN") } })`, world));
});

test("a run in a subprocess reads its secrets, and its agent hides them", async () => {
  await using world = new World();
  checkTold(await tellAll(`new SubprocessFlowRunner({ env: { TOKEN: secret("API_TOKEN") } })`, world));
});

test("a missing secret makes the run Failed before anything is started, and names the command", async () => {
  needsEngine();
  await using world = new World();
  world.file("flow.ts", flowFile(`new DockerFlowRunner({ env: { TOKEN: secret("API_TOKEN") } })`));
  const server = await world.server();
  await world.ok(["deployment", "create", "./flow.ts"]);
  await world.ok(["secret", "set", "KEY"], { input: KEY });
  const run = await world.createRun("teller/d");
  const { state_type, state } = await world.finished(server.url, run.id);
  assert.equal(state_type, "FAILED");
  assert.match(
    state!.message!,
    /Cannot read secret "API_TOKEN": there is no secret of that name\. Set it with: flowctl secret set API_TOKEN$/,
  );
  assert.deepEqual(await world.containers(run.id), []);
});

test("a run reads only what its deployment names, and the sentence says how to name it", async () => {
  await using world = new World();
  await setBoth(world);
  world.file(
    "flow.ts",
    `import { DeploymentSpec, flow, Secret, SubprocessFlowRunner } from "flowctl";
const f = flow("curious", async () => { await Secret.load("API_TOKEN"); });
new DeploymentSpec({ name: "d", flow: f, flowRunner: new SubprocessFlowRunner(), secrets: ["KEY"] });
`,
  );
  const server = await world.server();
  await world.ok(["deployment", "create", "./flow.ts"]);
  const run = await world.createRun("curious/d");
  const { state_type, state } = await world.finished(server.url, run.id);
  assert.equal(state_type, "FAILED");
  assert.match(state!.message!, /"API_TOKEN": the run's deployment does not name it.*secrets: \["API_TOKEN"\]/);

  await world.ok(["secret", "delete", "KEY", "--yes"]);
  assert.equal(await world.ok(["secret", "ls", "-o", "name"]), "API_TOKEN\n");
  assert.equal((await world.run(["secret", "delete", "KEY", "--yes"])).code, 3);
});

test("YAML names secrets too", async () => {
  await using world = new World();
  await setBoth(world);
  world.file(
    "flow.ts",
    `import { createHash } from "node:crypto";
import process from "node:process";
import { flow, Secret } from "flowctl";
export const f = flow("yaml", async () =>
  [process.env.TOKEN ?? "", (await Secret.load("KEY")).get()].map((text) =>
    createHash("sha256").update(text).digest("hex").slice(0, 16)));
`,
  );
  world.file(
    "d.yaml",
    `name: d
flow_location: ./flow.ts
flow_runner: { type: subprocess, config: { env: { TOKEN: { secret: API_TOKEN } } } }
secrets: [KEY]
`,
  );
  const server = await world.server();
  await world.ok(["deployment", "create", "./d.yaml"]);
  const run = await world.createRun("yaml/d");
  const { state_type, state } = await world.finished(server.url, run.id);
  assert.equal(state_type, "COMPLETED", state?.message ?? "");
  assert.deepEqual((state!.data as { value: unknown }).value, [hashOf(TOKEN), hashOf(KEY)]);
});

test("a command's environment has its secrets, docker inspect has not, and its output is hidden", async () => {
  needsEngine();
  const BUSYBOX = "/bin/busybox";
  if (!existsSync(BUSYBOX)) skip(`There is no ${BUSYBOX}: install Debian's package busybox-static`);
  await using world = new World();
  const docker = await world.docker;
  const repo = `flowctl-test-${crypto.randomUUID().slice(0, 8)}`;
  const files = [{ path: "busybox", file: BUSYBOX, mode: 0o755 }];
  const changes = ["LABEL dev.flowctl.test=1"];
  await followProgress(docker.importImage(tarOf(files), { repo, tag: "1", changes }));
  try {
    await setBoth(world);
    world.file(
      "flow.ts",
      `import { DeploymentSpec, DockerFlowRunner, flow, secret } from "flowctl";
const command = ["/busybox", "sh", "-c", "echo $TOKEN | /busybox sha256sum; echo said $TOKEN; exit 3"];
new DeploymentSpec({ name: "d", flow: flow("command", () => {}),
  flowRunner: new DockerFlowRunner({ image: "${repo}:1", command, env: { TOKEN: secret("API_TOKEN") } }) });
`,
    );
    const server = await world.server();
    await world.ok(["deployment", "create", "./flow.ts"]);
    const { id } = await world.createRun("command/d");
    const { state_type, state } = await world.finished(server.url, id);
    assert.equal(state_type, "FAILED");
    assert.match(state!.message!, /^Command ended with exit code 3/);
    assert.match(state!.message!, /said \*{8}/);
    const messages = await world.messages(server.url, id);
    assert.ok(messages.some((line) => line.startsWith(hashOf(`${TOKEN}\n`))), messages.join("\n"));
    assert.ok(messages.includes("said ********"), messages.join("\n"));
    const [{ Id }] = await world.containers(id);
    assertHidden("docker inspect", JSON.stringify(await docker.getContainer(Id).inspect()));
    await docker.getContainer(Id).remove({ force: true });
  } finally {
    await docker.getImage(`${repo}:1`).remove({ force: true });
  }
});

test("an agent that comes back hides the secrets of the runs that it takes over", async () => {
  needsEngine();
  await using world = new World();
  await setBoth(world);
  world.file(
    "flow.ts",
    `import process from "node:process";
import { DeploymentSpec, DockerFlowRunner, flow, secret } from "flowctl";
const f = flow("ticker", async (_: object, { signal }) => {
  for (let n = 0; !signal.aborted; n++) {
    process.stdout.write("tick " + n + " " + process.env.TOKEN + "\\n");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
new DeploymentSpec({ name: "d", flow: f, flowRunner: new DockerFlowRunner({ env: { TOKEN: secret("API_TOKEN") } }) });
`,
  );
  const server = await world.server(["--no-agent"]);
  const env = { FLOWCTL_API_URL: `${server.url}/api` };
  const first = world.start(["agent", "start"], { env });
  await world.ok(["deployment", "create", "./flow.ts"]);
  const { id } = await world.createRun("ticker/d");
  const ticks = async () =>
    (await world.messages(server.url, id)).filter((line) => /^tick \d+ \*{8}$/.test(line)).length;
  await until("it ticks", async () => await ticks() > 0);
  await first.stop("SIGKILL");
  const before = await ticks();
  const second = world.start(["agent", "start"], { env });
  await until("it ticks on", async () => await ticks() > before + 3);
  await world.ok(["flow-run", "cancel", id]);
  assert.equal((await world.finished(server.url, id)).state_type, "CANCELLED");
  assertHidden("the logs", (await world.messages(server.url, id)).join("\n"));
  assertHidden("the agents", first.output() + second.output());
});

test("a flow in a plain file reads Prefect 1's variables, and says so when they are not set", async () => {
  await using world = new World();
  world.file(
    "plain.ts",
    `import { flow, Secret } from "flowctl";
const f = flow("plain", async () => {
  const value = (await Secret.load("TOKEN")).get();
  console.log("has " + value.length + ": " + value);
});
await f();
`,
  );
  const set = await world.ok(["./plain.ts"], { env: { FLOWCTL__CONTEXT__SECRETS__TOKEN: TOKEN } });
  assert.match(set, new RegExp(`has ${TOKEN.length}: \\*{8}`));
  assertHidden("standard output", set);
  const unset = await world.run(["./plain.ts"]);
  assert.notEqual(unset.code, 0);
  assert.match(unset.stderr, /Cannot load secret "TOKEN": only runs of a deployment that names it may read it/);
  assert.match(unset.stderr, /FLOWCTL__CONTEXT__SECRETS__TOKEN/);
});

test("a terminal is asked without showing what is typed", async () => {
  if (!existsSync("/usr/bin/script")) skip("There is no /usr/bin/script: install Debian's package bsdutils");
  await using world = new World();
  const child = spawn("/usr/bin/script", ["-qec", `${BINARY} secret set TYPED`, "/dev/null"], {
    cwd: world.work,
    env: world.env({ TERM: "xterm" }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => shown += text);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await until("it asks", () => /Value of secret "TYPED": $/.test(shown));
  child.stdin.write(`wrong\x15${TOKEN}x\x7f\r`);
  assert.equal(await ended, 0, shown);
  assert.match(shown, /Set secret 'TYPED'/);
  assertHidden("the terminal", shown);
  assert.ok(!shown.includes("wrong"), shown);
  assert.equal(await world.ok(["secret", "ls", "-o", "name"]), "TYPED\n");
});

test("mistakes are one sentence: no value, no such file, a bad name, a key that others may read", async () => {
  await using world = new World();
  const empty = await world.run(["secret", "set", "A"], { input: "" });
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /^Error: Cannot use the value of secret "A": it is empty\nHint: /);
  const file = await world.run(["secret", "set", "A", "--from-file", "./nowhere"]);
  assert.match(file.stderr, /Cannot read ".*nowhere": there is no such file/);
  const name = await world.run(["secret", "set", "a/b"], { input: TOKEN });
  assert.match(name.stderr, /Cannot set secret "a\/b": a secret's name has letters, digits/);
  assertHidden("stderr", name.stderr);
  await world.ok(["secret", "set", "A"], { input: TOKEN });
  const { chmodSync } = await import("node:fs");
  chmodSync(join(world.home, "secret.key"), 0o644);
  const open = await world.run(["secret", "set", "A"], { input: TOKEN });
  assert.notEqual(open.code, 0);
  assert.match(open.stderr, /Cannot use the key of secrets ".*secret.key": others may read it/);
});
