/**
 * Docker storage: images on the default base and on others, what is in them, and runs of flows that lie in them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { SOME_PACKAGES, startNpmRegistry } from "../testing/npm_registry.ts";
import { test } from "../testing/test.ts";
import { Engine, infoIn, storageFile, taggedIn } from "./storage_support.ts";
import { World } from "./support.ts";

const TIME_TAG = /^\d{4}-\d\d-\d\dt\d\d-\d\d-\d\d-\d{6}-00-00$/;

/** Makes a deployment whose code lies in an image, as a registration does, and runs it. */
async function ran(world: World, info: Partial<ReturnType<typeof infoIn>>, server: { url: string }, network = "none") {
  const { hash: _hash, ...storage } = info;
  const client = world.client(server.url);
  const flow = await client.flows.create({ name: "stored_flow" });
  const image = `${info.image_name}:${info.image_tag}`;
  const deployment = await client.deployments.create({
    name: `d-${crypto.randomUUID().slice(0, 8)}`,
    flow_id: flow.id,
    entrypoint: "stored_flow",
    storage: storage as never,
    flowctl_version: "0.1.0",
    flow_runner: { type: "docker", config: { image, network_mode: network } },
  });
  const run = await client.deployments.createRun(deployment.id, {});
  const done = await world.finished(server.url, run.id);
  return { done, messages: await world.messages(server.url, run.id) };
}

test("seed 000: an image on the default base, named after the flow, tagged with the time and the content hash", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  world.file(
    "docker_1.ts",
    `import { flow, task } from "flowctl";
import { Docker } from "flowctl/storage";

const sayHello = task("say_hello", () => console.log("Hello, docker_1!"));
const storage = new Docker({ envVars: { MARK: "${engine.mark}" }, buildOptions: { labels: { "dev.flowctl.test": "${engine.mark}" } } });
const docker1 = flow("docker_1_flow", async () => await sayHello(), { storage, labels: ["docker_flows"] });
if (import.meta.main) {
  console.log("AT " + storage.addFlow(docker1));
  const before = await storage.contentHash();
  await storage.build();
  console.log("INFO " + JSON.stringify({ ...storage.info("docker_1_flow"), hash: before }));
}
`,
  );
  const result = await world.run(["./docker_1.ts"]);
  const tag = taggedIn(result);
  const info = infoIn(result);
  assert.equal(tag, `docker-1-flow:${info.image_tag}`);
  assert.match(info.image_tag, TIME_TAG);
  assert.match(result.stdout, /^AT \/opt\/flowctl\/flows\/docker-1-flow\.js$/m);
  assert.deepEqual([info.type, info.registry_url, info.digest], ["docker", null, null]);
  assert.match(
    result.stdout,
    /WARNING - flowctl\.DockerStorage \| No registryUrl is given: the image will not be pushed/,
  );
  assert.match(result.stdout, /^Step 1\/\d+ : FROM /m);
  assert.match(
    result.stdout,
    /^System Version check: OK\nFlow "docker_1_flow" loads: OK\nAll health checks passed\.$/m,
  );
  const byTime = await engine.docker.getImage(tag).inspect();
  const byHash = await engine.docker.getImage(`docker-1-flow:${info.hash}`).inspect();
  assert.equal(byTime.Id, info.image_id);
  assert.equal(byHash.Id, info.image_id);
  assert.deepEqual(byTime.Config?.Entrypoint, ["/flowctl"]);
  assert.deepEqual(await engine.dangling(), []);
});

test("an image on a base without flowctl and without libc has both, and its flow runs from it with the agent", async () => {
  await using engine = await Engine.open();
  const onlySub = { code: "module.exports = 1;", manifest: { exports: { "./sub": "./index.js" } } };
  await using registry = await startNpmRegistry({ ...SOME_PACKAGES, "only-sub": { "1.0.0": onlySub } });
  await using world = new World();
  const base = await engine.busybox("bare", ["USER 1000", "WORKDIR /tmp"]);
  world.file("lib/helpers.ts", `import { inner } from "./inner.ts";\nexport const helper = "help: " + inner;\n`);
  world.file("lib/inner.ts", `export const inner: string = "inner";\n`);
  world.file("beside.ts", `export const beside = "beside";\n`);
  world.file("data.txt", "some data");
  world.file(
    "stored.ts",
    storageFile(
      `{
  baseImage: "${base}", imageName: "flowctl-test/stored-${engine.mark}", npmDependencies: ["left-pad", "is-odd@3", "only-sub"],
  extraDockerfileCommands: ["RUN echo last > /tmp/extra", "ENV LD_LIBRARY_PATH=/own BUN_BE_BUN=1"],
  files: { "./lib": "/modules", "./data.txt": "/da ta/$HOME/it's \\"x\\".txt" },
  envVars: { NODE_PATH: "/modules", QUOTED: "a \\"b\\" 'c' $HOME \\\\ #d ü", LINES: "one\\n\\$two 'x'" },
}`,
      `  const pad = (await import("left-pad")).default;
  const { version } = await import("is-odd");
  const { byName } = { byName: (await import("helpers")).helper };
  console.log(pad("7", 3, "0"), version, helper, byName, beside);
  console.log(process.env.QUOTED);
  console.log(JSON.stringify(process.env.LINES));
  console.log(readFileSync("/da ta/$HOME/it's \\"x\\".txt", "utf8"), process.cwd(), process.getuid!());
  console.log("libraries: " + process.env.LD_LIBRARY_PATH + " " + readFileSync("/tmp/extra", "utf8").trim());`,
      `import { readFileSync } from "node:fs";\nimport { helper } from "./lib/helpers.ts";\nimport { beside } from "./beside.ts";`,
    ),
  );
  const env = { NPM_CONFIG_REGISTRY: registry.url };
  const result = await world.run(["./stored.ts"], { env });
  taggedIn(result);
  const info = infoIn(result);
  assert.match(result.stdout, /^Installed npm packages: left-pad@1\.3\.0 is-odd@3\.0\.1 only-sub@1\.0\.0$/m);
  assert.match(result.stdout, /^Package "left-pad" imports: OK$/m);
  assert.match(result.stdout, /^WARNING: Package "only-sub" has no module of its own that could be imported$/m);
  assert.match(result.stdout, /^Files check: OK$/m);
  const image = `${info.image_name}:${info.image_tag}`;
  const { dependencies } = JSON.parse(await engine.run(image, ["/bin/cat", "/opt/flowctl/package.json"]));
  assert.deepEqual(dependencies, { "left-pad": "1.3.0", "is-odd": "3.0.1", "only-sub": "1.0.0" });
  assert.match(await engine.run(image, ["/bin/cat", "/opt/flowctl/bun.lock"]), /is-odd@3\.0\.1/);
  const bundle = await engine.run(image, ["/bin/cat", info.path]);
  assert.ok(
    bundle.includes("/modules/helpers.ts") && !bundle.includes("help: "),
    "what files provide is in the bundle",
  );
  assert.ok(bundle.includes("beside"));

  const server = await world.server();
  const { done, messages } = await ran(world, info, server);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.ok(messages.includes("007 3.0.1 help: inner help: inner beside"), messages.join("\n"));
  assert.ok(messages.includes(`a "b" 'c' $HOME \\ #d ü`), messages.join("\n"));
  assert.ok(messages.includes(JSON.stringify("one\n$two 'x'")), messages.join("\n"));
  assert.ok(messages.includes("some data /tmp 1000"), messages.join("\n"));
  assert.ok(messages.includes("libraries: /own last"), messages.join("\n"));
});

test("a flow whose code is not in the image fails with one sentence", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const base = await engine.busybox("empty");
  const server = await world.server();
  const storage = {
    type: "docker",
    registry_url: null,
    image_id: null,
    digest: null,
    path: "/opt/flowctl/flows/gone.js",
  };
  const [image_name, image_tag] = base.split(":");
  const { done } = await ran(world, { ...storage, image_name, image_tag }, server);
  assert.equal(done.state_type, "CRASHED");
  assert.equal(
    done.state?.message,
    'Cannot load flow "stored_flow": there is no "/opt/flowctl/flows/gone.js" in the image',
  );
});

test("several flows share an image; without flows a build is a dry run with a random name; push: false never pushes", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const base = await engine.busybox("several");
  world.file(
    "both.ts",
    `import { flow } from "flowctl";
import { DockerStorage } from "flowctl";
import { Docker } from "flowctl/storage";
if (DockerStorage !== Docker) throw new Error("two classes");
const storage = new Docker({ baseImage: "${base}", registryUrl: "127.0.0.1:1/none/" });
const one = flow("Flow One", () => {}, { storage }), two = flow("flow-two", () => {}, { storage });
storage.addFlow(one);
storage.addFlow(two);
if (import.meta.main) {
try { storage.addFlow(one); } catch (error) { console.log(error.message); }
await storage.build({ push: false });
console.log(JSON.stringify([...storage.flows]), storage.info("flow-two").digest, (await storage.getFlow("Flow One")) === one);
const dry = await new Docker({ baseImage: "${base}" }).build();
console.log("dry " + dry.flows.size);
}
`,
  );
  const result = await world.run(["./both.ts"]);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  const names = [...result.stdout.matchAll(/^Successfully tagged (.+):(\S+)$/gm)];
  assert.equal(names.length, 2);
  assert.match(names[0][1], /^127\.0\.0\.1:1\/none\/[0-9a-f-]{36}$/);
  assert.match(names[1][1], /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  assert.match(result.stdout, /Cannot add flow "Flow One" to Docker storage: it has a flow of that name/);
  assert.ok(
    result.stdout.includes(
      '[["Flow One","/opt/flowctl/flows/flow-one.js"],["flow-two","/opt/flowctl/flows/flow-two.js"]] null true',
    ),
    result.stdout,
  );
  assert.match(result.stdout, /^Flow "Flow One" loads: OK\nFlow "flow-two" loads: OK$/m);
  assert.doesNotMatch(result.stdout, /Pushing/);
});

test("a script that the image has already is loaded from there and nothing is copied", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const script =
    `import { flow } from "flowctl";\nexport const f = flow("stored_flow", () => console.log("from the image"));\n`;
  const base = await engine.busybox("script", [], [{ path: "app/flow.ts", content: script }]);
  const options =
    `{ baseImage: "${base}", storedAsScript: true, path: "/app/flow.ts", imageName: "flowctl-test/script-${engine.mark}" }`;
  world.file("script.ts", storageFile(options, 'console.log("from here");'));
  const result = await world.run(["./script.ts"]);
  taggedIn(result);
  const info = infoIn(result);
  assert.equal(info.path, "/app/flow.ts");
  assert.doesNotMatch(result.stdout, /COPY \["flows/);
  const server = await world.server();
  const { done, messages } = await ran(world, info, server);
  assert.equal(done.state_type, "COMPLETED", done.state?.message ?? "");
  assert.ok(messages.includes("from the image"), messages.join("\n"));
});

test("what should not go into an image is warned about or refused", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const base = await engine.busybox("refused");
  world.file("app/.env", "SECRET=1");
  world.file("app/a.txt", "a");
  world.file("other/a.txt", "b");
  symlinkSync("/etc/passwd", join(world.work, "app/out"));
  symlinkSync("/etc/passwd", join(world.work, "link.txt"));
  const common = `baseImage: "${base}", imageName: "flowctl-test/refused-${engine.mark}"`;
  world.file("warned.ts", storageFile(`{ ${common}, files: { app: "/app" } }`));
  const warned = await world.run(["./warned.ts"]);
  const image = taggedIn(warned);
  assert.match(warned.stdout, /WARNING .* ".*app\/\.env" looks like a secret: everybody who has the image can read it/);
  assert.match(warned.stdout, /WARNING .* ".*app\/out" is a link that leads out of "app": the link is copied/);
  assert.match(await engine.run(image, ["/bin/ls", "-l", "/app"]), / out -> \/etc\/passwd/);
  const cases: [string, RegExp][] = [
    [`files: { "link.txt": "/x" }`, /Cannot copy "link\.txt": a link leads out of ".*", to "\/etc\/passwd"/],
    [`files: { app: "/d", other: "/d" }`, /Cannot copy ".*other\/a\.txt" to "\/d\/a\.txt": ".*app\/a\.txt" goes there/],
    [`files: { nothing: "/x" }`, /Cannot read ".*nothing": there is no such file or folder/],
    [`files: { "app/a.txt": "/opt/flowctl/flows/stored-flow.js" }`, /flow "stored_flow" goes there/],
  ];
  for (const [options, sentence] of cases) {
    world.file("refused.ts", storageFile(`{ ${common}, ${options} }`));
    const refused = await world.run(["./refused.ts"]);
    assert.equal(refused.code === 0, false, options);
    assert.match(refused.stderr, sentence);
  }
});
