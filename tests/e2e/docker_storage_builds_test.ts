/**
 * Docker storage: builds that fail, are stopped, or find what they build upon; and what they leave in the engine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { SOME_PACKAGES, startNpmRegistry } from "../testing/npm_registry.ts";
import { test } from "../testing/test.ts";
import { Engine, storageFile, taggedIn } from "./storage_support.ts";
import { until, World } from "./support.ts";

const GCC = "gcc: error trying to exec 'cc1plus': execvp: No such file or directory";

/** Seed 003's Dockerfile, as far as a machine without a network can have it. */
const failing = (base: string, mark: string) =>
  `FROM ${base}
LABEL dev.flowctl.test=${mark}
RUN echo installed > /tmp/before-${mark}
RUN echo "building pyodbc"; echo "${GCC}" >&2; echo "error: command 'gcc' failed with exit status 1" >&2; false
`;

test("seed 003 and traps 7, 23: a dry run whose step fails quotes the step's own output and leaves nothing", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const base = await engine.busybox("gcc");
  world.file("docker/Dockerfile", failing(base, engine.mark));
  world.file(
    "dry.ts",
    `import { Docker } from "flowctl/storage";
const storage = new Docker({ registryUrl: "gcr.io/dev/", dockerfile: "docker/Dockerfile" });
await storage.build();
console.log("not reached");
`,
  );
  const result = await world.run(["./dry.ts"]);
  assert.equal(result.code, 1, result.stdout + result.stderr);
  assert.match(result.stdout, /^Step 4\/4 : RUN echo "building pyodbc"/m);
  assert.ok(result.stdout.includes(`\n${GCC}\n`), result.stdout);
  assert.doesNotMatch(result.stdout, /not reached|Pushing/);
  const [sentence] = result.stderr.split("\n");
  assert.match(sentence, /^Error: Cannot build image "gcr\.io\/dev\/[0-9a-f-]{36}:[^"]+": step 4\/4 "RUN echo/);
  assert.ok(
    sentence.includes(`ended with exit code 1: "${GCC}; error: command 'gcc' failed with exit status 1"`),
    sentence,
  );
  assert.deepEqual(await engine.dangling(), []);
  assert.deepEqual(await engine.containers(), []);
});

test("install scripts run in the image: one that fails is quoted, and a base without a shell is named", async () => {
  await using engine = await Engine.open();
  const script = `echo "gyp info it worked"; echo "${GCC}" >&2; exit 7`;
  await using registry = await startNpmRegistry({
    ...SOME_PACKAGES,
    built: {
      "1.0.0": {
        code: 'module.exports = require("./made.js");',
        manifest: { scripts: { postinstall: "echo \"module.exports = '$npm_package_version'\" > made.js" } },
      },
    },
    odbc: { "2.4.8": { code: "module.exports = 1;", manifest: { scripts: { install: script } } } },
  });
  await using world = new World();
  const env = { NPM_CONFIG_REGISTRY: registry.url };
  const base = await engine.busybox("script");
  world.file("built.ts", storageFile(`{ baseImage: "${base}", npmDependencies: ["built"] }`));
  const built = await world.run(["./built.ts"], { env });
  taggedIn(built);
  assert.match(built.stdout, /^Package "built" imports: OK$/m);
  world.file("odbc.ts", storageFile(`{ baseImage: "${base}", npmDependencies: ["odbc", "left-pad"] }`));
  const failed = await world.run(["./odbc.ts"], { env });
  assert.equal(failed.code, 1, failed.stdout + failed.stderr);
  assert.match(
    failed.stderr,
    /step \d+\/\d+ "RUN cd '\/opt\/flowctl\/node_modules\/odbc' .* ended with exit code 7: "gcc: error trying/,
  );
  assert.ok(failed.stdout.includes("gyp info it worked"), failed.stdout);
  world.file("bare.ts", storageFile(`{ npmDependencies: ["odbc"] }`));
  const bare = await world.run(["./bare.ts"], { env });
  assert.equal(bare.code, 1, bare.stdout + bare.stderr);
  assert.match(bare.stderr, /Hint: The image that is built upon has no shell/);
  world.file("none.ts", storageFile(`{ baseImage: "${base}", npmDependencies: ["there-is-none"] }`));
  const none = await world.run(["./none.ts"], { env });
  assert.equal(none.code, 1);
  assert.match(none.stderr, /Cannot install npm packages "there-is-none": /);
  assert.deepEqual(await engine.dangling(), []);
});

test("trap 10: pythonDependencies are installed with the image's own pip, each as one word of the shell", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const pip = {
    path: "bin/pip",
    mode: 0o755,
    content: '#!/bin/sh\nfor word in "$@"; do echo "pip: <$word>"; done >> /installed\n',
  };
  const base = await engine.busybox("pip", [], [pip]);
  world.file("pip.ts", storageFile(`{ baseImage: "${base}", pythonDependencies: ["pyodbc", "pandas<3", "x; true"] }`));
  const image = taggedIn(await world.run(["./pip.ts"]));
  assert.equal(
    await engine.run(image, ["/bin/cat", "/installed"]),
    "pip: <install>\npip: <pyodbc>\npip: <pandas<3>\npip: <x; true>",
  );
  const none = await engine.busybox("no-pip");
  world.file("none.ts", storageFile(`{ baseImage: "${none}", pythonDependencies: ["pyodbc"] }`));
  const failed = await world.run(["./none.ts"]);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /ended with exit code 127: "\/bin\/sh: pip: not found"/);
});

test("Ctrl-C stops the build in the engine, and leaves neither container nor image", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const base = await engine.busybox("slow");
  const steps = `LABEL dev.flowctl.test=${engine.mark}\nRUN echo ${engine.mark} > /tmp/a\nRUN echo begun; sleep 600`;
  world.file("Dockerfile", `FROM ${base}\n${steps}\n`);
  world.file("slow.ts", storageFile(`{ dockerfile: "Dockerfile" }`));
  const running = world.start(["./slow.ts"]);
  await running.prints(/^begun$/m);
  const result = await running.stop("SIGINT");
  assert.equal(result.code, 130, result.stdout + result.stderr);
  assert.match(result.stderr, /Cannot build Docker storage: it was stopped/);
  await until("the engine has ended the step", async () => (await engine.containers()).length === 0);
  assert.deepEqual(await engine.dangling(), []);
});

test("trap 9: a Dockerfile's context is its own folder, nothing is written there, and its USER and ENTRYPOINT do no harm", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const base = await engine.busybox("context");
  world.file("image/Dockerfile", `FROM ${base}\nCOPY . /context\nUSER 1234\nENTRYPOINT ["/bin/false"]\n`);
  world.file("image/kept.txt", "kept");
  world.file("image/left.log", "left out");
  world.file("image/.dockerignore", "*.log\n");
  world.file("outside.txt", "outside");
  world.file("context.ts", storageFile(`{ dockerfile: "image/Dockerfile", files: { "outside.txt": "/outside.txt" } }`));
  const result = await world.run([join(world.work, "context.ts")], { cwd: world.root });
  const image = taggedIn(result);
  assert.equal(
    await engine.run(image, ["/bin/sh", "-c", "ls -A /context | sort"]),
    ".dockerignore\nDockerfile\nkept.txt",
  );
  assert.equal(await engine.run(image, ["/bin/cat", "/outside.txt"]), "outside");
});

test("a flow that does not load in the image, and a package that does not import, fail the build with their reasons", async () => {
  await using engine = await Engine.open();
  await using registry = await startNpmRegistry({ broken: { "1.0.0": `throw new Error("no libodbc.so here");` } });
  await using world = new World();
  const base = await engine.busybox("unfit");
  const env = { NPM_CONFIG_REGISTRY: registry.url };
  const label = `buildOptions: { labels: { "dev.flowctl.test": "${engine.mark}" } }`;
  const head =
    `import { existsSync } from "node:fs";\nif (existsSync("/opt/flowctl")) throw new Error("not in an image");`;
  const options = `{ baseImage: "${base}", npmDependencies: ["broken"], ${label} }`;
  world.file("unfit.ts", storageFile(options, "", head));
  const result = await world.run(["./unfit.ts"], { env });
  assert.equal(result.code, 1, result.stdout + result.stderr);
  assert.match(result.stdout, /^FAILED: Package "broken" does not import: .*no libodbc\.so here/m);
  assert.match(
    result.stderr,
    /a health check failed: Package "broken" .*; Flow "stored_flow" does not load: .*not in an image/,
  );
  assert.deepEqual(await engine.dangling(), []);
  assert.deepEqual(await engine.containers(), []);
  world.file("ignored.ts", storageFile(options.replace("{", "{ ignoreHealthchecks: true, "), "", head));
  const ignored = await world.run(["./ignored.ts"], { env });
  taggedIn(ignored);
  assert.doesNotMatch(ignored.stdout, /health check/i);
});

test("what cannot be built upon is named before anything is built", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const absent = `flowctl-test/absent-${engine.mark}:1`;
  const cases: [string, RegExp][] = [
    [
      `{ baseImage: "${absent}", localImage: true }`,
      /Cannot build upon image "flowctl-test\/absent-\S+": the engine does not have it/,
    ],
    [`{ baseImage: "127.0.0.1:1/${absent}" }`, /Cannot pull image "127\.0\.0\.1:1\/flowctl-test\/absent-/],
    [`{ dockerfile: "none/Dockerfile" }`, /Cannot read ".*none\/Dockerfile": there is no such file or folder/],
    [`{ baseUrl: "unix:///nowhere/docker.sock" }`, /no Docker Engine answers at "unix:\/\/\/nowhere\/docker\.sock"/],
    [`{ flowctlVersion: "0.0.9" }`, /Cannot put flowctl 0\.0\.9 into an image: no binary of that version can be had/],
    [`{ baseImage: "a", dockerfile: "b" }`, /Cannot make Docker storage: it has a baseImage and a dockerfile/],
    [`{ base_image: "a" }`, /it has no option "base_image"/],
    [`{ storedAsScript: true }`, /storedAsScript needs path/],
  ];
  for (const [options, sentence] of cases) {
    world.file("wrong.ts", storageFile(options));
    const result = await world.run(["./wrong.ts"]);
    assert.notEqual(result.code, 0, options);
    assert.match(result.stderr, sentence);
    assert.doesNotMatch(result.stdout, /^Step /m);
  }
});
