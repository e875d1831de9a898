/**
 * Registering flows with Docker storage: the seed's lines, what is built and what is not. Numbers are those of the list of
 * complaints about Prefect 1.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "../testing/test.ts";
import { DockerWorld, seed } from "./docker_world.ts";
import { ID, makeProject } from "./older_dialect.ts";
import { until, World } from "./support.ts";

const TAG = "\\d{4}-\\d\\d-\\d\\dt\\d\\d-\\d\\d-\\d\\d-\\d{6}-00-00";

test("running the seed's file builds the image and prints the seed's lines", async () => {
  await using world = new DockerWorld();
  await makeProject(world, "docker_1_project");
  world.file("docker_1.ts", seed(world.name));
  const printed = await world.ok(["docker_1.ts"]);
  const [, built, tag, flowId, versionId] = printed.match(
    new RegExp(
      `\\nSuccessfully built ([0-9a-f]{12})\\nSuccessfully tagged ${world.image}:(${TAG})\\n` +
        `Flow URL: http://127\\.0\\.0\\.1:4200/default/flow/(${ID})\\n └── ID: (${ID})\\n` +
        ` └── Project: docker_1_project\\n └── Labels: \\['docker_flows'\\]\\n$`,
    ),
  ) ?? assert.fail(printed);
  assert.notEqual(flowId, versionId);
  assert((await world.tags()).includes(`${world.image}:${tag}`));
  const { storage, bundle_hash, flow_runner } = JSON.parse(
    await world.ok(["deployment", "inspect", `docker_1_project/${world.name}/registered`, "-o", "json"]),
  );
  assert.deepEqual([storage.type, storage.image_name, storage.image_tag, storage.registry_url, bundle_hash], [
    "docker",
    world.image,
    tag,
    null,
    null,
  ]);
  assert(storage.image_id.startsWith(`sha256:${built}`));
  assert.equal(flow_runner.type, "docker");
});

test("trap 8: an unchanged flow is skipped before anything is built, although tags are times", async () => {
  await using world = new DockerWorld();
  await makeProject(world, "docker_1_project");
  world.file("docker_1.ts", seed(world.name));
  const register = ["register", "--project", "docker_1_project", "-p", "docker_1.ts"];
  assert.match(
    await world.ok(register),
    new RegExp(
      "^Collecting flows\\.\\.\\.\\nProcessing 'docker_1\\.ts':\\n  Building `Docker` storage\\.\\.\\.\\n[^]*" +
        `  Successfully tagged ${world.image}:${TAG}\\n  Registering '${world.name}'\\.\\.\\. Done\\n` +
        `  └── ID: ${ID}\\n  └── Version: 1\\n={24} 1 registered ={24}\\n$`,
    ),
  );
  const tags = await world.tags();
  // Nobody could build without an engine.
  const away = { env: { DOCKER_HOST: "tcp://127.0.0.1:1" } };
  assert.match(
    await world.ok(register, away),
    /:\n {2}Registering '\w+'\.\.\. Skipped \(metadata unchanged\)\n=+ 0 registered, 1 skipped =+\n$/,
  );
  const module = await world.run(["docker_1.ts"], away);
  assert.equal(module.code, 0, module.stderr);
  assert.match(module.stdout, /^Flow URL: /);
  assert.deepEqual(await world.tags(), tags);

  // Code and build inputs are what counts: each of these is another version.
  for (
    const [change, number] of [
      [{ text: "Goodbye" }, 2],
      [{ text: "Goodbye", storage: `envVars: { MODE: "fast" }` }, 3],
    ] as const
  ) {
    world.file("docker_1.ts", seed(world.name, change));
    assert.match(await world.ok(register), new RegExp(`└── Version: ${number}\\n`));
  }
});

test("trap 7: a build that fails quotes the failing step, registers nothing, and other flows go on", async () => {
  await using world = new DockerWorld();
  await makeProject(world, "docker_1_project");
  world.file(
    "docker_1.ts",
    seed(world.name, {
      storage: `extraDockerfileCommands: ["RUN [\\"/flowctl\\", \\"no-such-command\\"]"]`,
      more: `flow("fine", () => {});`,
    }),
  );
  const { code, stdout } = await world.run(["register", "--project", "docker_1_project", "-p", "docker_1.ts"]);
  assert.equal(code, 1);
  assert.match(
    stdout,
    new RegExp(
      `    Error building storage:\\n      Error: [^]*no-such-command[^]*\\n  Registering '${world.name}'\\.\\.\\. Error\\n`,
    ),
  );
  assert.doesNotMatch(stdout.slice(stdout.indexOf("Error building storage")), /health check/i);
  assert.match(stdout, /Registering 'fine'\.\.\. Done[^]* 1 registered, 1 errored /);
  assert.deepEqual(await world.tags(), []);
  const known = JSON.parse(await world.ok(["flow", "ls", "-o", "json"])).map((flow: { name: string }) => flow.name);
  assert.deepEqual(known, ["fine"]);
  // Running the file fails, too, with the step's own words.
  const module = await world.run(["docker_1.ts"]);
  assert.equal(module.code, 1);
  assert.match(module.stderr, /no-such-command/);
  assert.doesNotMatch(module.stdout, /Flow URL/);
});

test("several flows in one image are built once, and build: false registers what was built before", async () => {
  await using world = new DockerWorld();
  await makeProject(world, "docker_1_project");
  const storage = `imageName: "${world.image}"`;
  const two = seed(world.name, {
    storage,
    more: `const second = flow("${world.name}_2", () => console.log("second"), { storage });`,
  });
  world.file("two.ts", two);
  const printed = await world.ok(["register", "--project", "docker_1_project", "-p", "two.ts"]);
  assert.equal(printed.match(/Successfully built/g)?.length, 1);
  assert.match(printed, / 2 registered /);

  world.file(
    "recipe.ts",
    two.replace(
      /if \(import\.meta\.main\).*\n/,
      `if (import.meta.main) {
  storage.addFlow(docker1);
  storage.addFlow(second);
  await storage.build();
  for (const one of [docker1, second]) await one.register({ project: "docker_1_project", build: false, force: true });
}
`,
    ),
  );
  const recipe = await world.ok(["recipe.ts"]);
  assert.equal(recipe.match(/Successfully built/g)?.length, 1);
  assert.equal(recipe.match(/Flow URL/g)?.length, 2);
  world.file(
    "unbuilt.ts",
    seed(world.name, { storage }).replace(`"docker_1_project" }`, `"docker_1_project", build: false }`),
  );
  const unbuilt = await world.run(["unbuilt.ts"]);
  assert.notEqual(unbuilt.code, 0);
  assert.match(unbuilt.stderr, /its image is not built yet/);
});

test("what build wrote holds the image and not the code, and is registered where there is no engine", async () => {
  await using world = new DockerWorld();
  await makeProject(world, "docker_1_project");
  world.file("docker_1.ts", seed(world.name));
  const printed = await world.ok(["build", "-p", "docker_1.ts"]);
  assert.match(
    printed,
    new RegExp(
      "  Building `Docker` storage\\.\\.\\.\\n[^]*  Successfully tagged [^]*" +
        `  Building '${world.name}'\\.\\.\\. Done\\nWriting output to 'flows\\.json'\\n={26} 1 built ={26}\\n$`,
    ),
  );
  const away = { env: { DOCKER_HOST: "tcp://127.0.0.1:1" } };
  const register = ["register", "--project", "docker_1_project"];
  assert.match(await world.ok([...register, "-j", "flows.json"], away), / 1 registered /);
  const path = `docker_1_project/${world.name}/registered`;
  const { storage, bundle_hash } = JSON.parse(await world.ok(["deployment", "inspect", path, "-o", "json"]));
  assert(printed.includes(`${world.image}:${storage.image_tag}`));
  assert.equal(bundle_hash, null);
  // It is the same flow as that of the file.
  assert.match(await world.ok([...register, "-p", "docker_1.ts"], away), /Skipped \(metadata unchanged\)/);
});

test("Docker storage and a runner of another kind do not go together", async () => {
  await using world = new World();
  await makeProject(world, "p");
  world.file(
    "f.ts",
    `import { flow, SubprocessFlowRunner } from "flowctl";
import { Docker } from "flowctl/storage";
const f = flow("f", () => {}, { storage: new Docker(), flowRunner: new SubprocessFlowRunner() });
if (import.meta.main) await f.register({ project: "p" });
`,
  );
  const { code, stderr } = await world.run(["f.ts"]);
  assert.notEqual(code, 0);
  assert.match(stderr, /its code is kept in a Docker image, and its runner is "subprocess"/);
});

test("seed 000, whole: server, backend, project, registration, Docker agent with its label and network, run, five lines", async () => {
  await using world = new DockerWorld();
  world.file("docker_1.ts", seed(world.name));
  const server = world.start(["server", "start", "--expose", "--server-port", "0", "--ui-port", "0"]);
  await server.prints(/The API is at http:\/\/localhost:\d+\/api/);
  const { url, ui_url: page } = JSON.parse(readFileSync(join(world.home, "server.json"), "utf8"));
  assert.match(page, /^http:\/\/localhost:\d+$/);
  await world.ok(["backend", "server"]);
  await world.ok(["create", "project", "docker_1_project"]);
  const client = world.client(url);

  const printed = await world.ok(["docker_1.ts"]);
  const flowId = printed.match(new RegExp(`Flow URL: ${page}/default/flow/(${ID})\\n`))?.[1] ?? assert.fail(printed);
  const warning = async () => (await client.flows.read(flowId)).label_warning;
  assert.equal(await warning(), "Agent Problem: you have no live agents");

  const words = ["agent", "docker", "start", "-l", "docker_flows", "--show-flow-logs", "--network", world.network];
  const agent = world.start(words);
  await agent.prints(/Waiting for flow runs\.\.\./);
  await until("an agent would take it", async () => await warning() === null);

  const created = await world.ok(["run", "--project", "docker_1_project", "-n", world.name]);
  const id = created.match(new RegExp(`└── UUID: (${ID})\\n`))?.[1] ?? assert.fail(created);
  const done = await world.finished(url, id, 120_000);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  const lines = [
    `INFO - flowctl.FlowRunner | Beginning Flow run for '${world.name}'`,
    "INFO - flowctl.TaskRunner | Task 'say_hello': Starting task run...",
    "INFO - flowctl.say_hello | Hello, docker_1!",
    "INFO - flowctl.TaskRunner | Task 'say_hello': Finished task run for task with final state: 'Success'",
    "INFO - flowctl.FlowRunner | Flow run SUCCESS: all reference tasks succeeded",
  ];
  await agent.prints(/Flow run SUCCESS/);
  const shown = agent.output().split("\n").map((line) => /^\[[-\d]+ [:\d]+\+0000\] (.*)$/.exec(line)?.[1]);
  assert.deepEqual(
    shown.filter((line) => line !== undefined && / \| /.test(line) && !/flowctl\.Agent|agent \|/.test(line)),
    lines,
  );

  // The run was in the image that was registered, and its tag is that of the lines.
  const [container] = await world.containers(id);
  const tag = printed.match(/Successfully tagged (\S+)/)![1];
  const image = await (await world.docker).getImage(tag).inspect();
  assert.equal(container.ImageID, image.Id);
  const { Networks } = container.NetworkSettings as { Networks: Record<string, unknown> };
  assert.deepEqual(Object.keys(Networks), [world.network]);
  await agent.stop("SIGINT");
});

test("trap 12: a run that no agent takes is told why while it is watched", async () => {
  await using world = new World();
  await makeProject(world, "p");
  world.file("f.ts", `import { flow } from "flowctl";\nflow("f", () => {}, { labels: ["gpu"] });\n`);
  await world.server(["--no-agent"]);
  await world.ok(["register", "--project", "p", "-p", "f.ts"]);
  const watching = world.start(["run", "-n", "f", "--watch"]);
  await watching.prints(
    /It has been \d+ seconds and your flow run has not been submitted by an agent: there is no agent with matching labels/,
    60_000,
  );
  assert.match(
    watching.output(),
    /the run needs the labels \['gpu'\]\. Start one with: flowctl agent docker start -l gpu\n/,
  );
});

test("a flow without storage runs in the default image", async () => {
  await using world = new World();
  await makeProject(world, "p");
  world.file("f.ts", `import { flow } from "flowctl";\nflow("f", () => console.log("in the default image"));\n`);
  const server = await world.server();
  await world.ok(["register", "--project", "p", "-p", "f.ts"]);
  const printed = await world.ok(["run", "--project", "p", "-n", "f", "--watch"]);
  assert.match(printed, /\| in the default image\n[^]*Flow run succeeded!\n$/);
  const [container] = await world.containers(printed.match(/UUID: (.*)/)![1]);
  assert.match(container.Image, /^flowctl\/flowctl:/);
  await server.stop();
});

test("a flow whose code is in an image is not executed where the image is not", async () => {
  await using world = new DockerWorld();
  await makeProject(world, "docker_1_project");
  world.file("docker_1.ts", seed(world.name));
  await world.ok(["register", "--project", "docker_1_project", "-p", "docker_1.ts"]);
  const { code, stdout } = await world.run(["run", "-n", world.name, "--execute"]);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /ERROR {3}\| Cannot load flow "\w+": there is no "\/opt\/flowctl\/flows\/[\w-]+\.js" in the image/,
  );
  assert.match(stdout, /Flow run failed!\n$/);
});
