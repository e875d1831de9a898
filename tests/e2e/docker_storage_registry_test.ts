/**
 * Docker storage and registries: pushing with right, wrong and no credentials, and bases that have to be pulled.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "../testing/test.ts";
import { dockerConfig, LOGIN, Registry } from "./registry.ts";
import { Engine, infoIn, storageFile, taggedIn } from "./storage_support.ts";
import { World } from "./support.ts";

/** Logs in as `docker login` does. */
function logIn(world: World, host: string, login = LOGIN): void {
  mkdirSync(join(world.root, ".docker"), { recursive: true });
  writeFileSync(join(world.root, ".docker/config.json"), dockerConfig(host, login));
}

const basic = `Basic ${btoa(`${LOGIN.username}:${LOGIN.password}`)}`;

/** What a tag stands for in the registry. */
async function digestOf(host: string, name: string, tag: string): Promise<string | null> {
  const accept = "application/vnd.docker.distribution.manifest.v2+json";
  const answer = await fetch(`http://${host}/v2/${name}/manifests/${tag}`, {
    headers: { authorization: basic, accept },
  });
  await answer.body?.cancel();
  return answer.headers.get("docker-content-digest");
}

test("trap 8: an image is pushed with the login of the docker configuration; its digest is stored and the local image stays", async () => {
  await using registry = await Registry.start();
  await using engine = await Engine.open();
  await using world = new World();
  logIn(world, registry.host);
  const base = await engine.busybox("pushed");
  const name = `team/pushed-${engine.mark}`;
  world.file(
    "push.ts",
    storageFile(`{ baseImage: "${base}", registryUrl: "http://${registry.host}//", imageName: "${name}" }`),
  );
  const result = await world.run(["./push.ts"]);
  const tag = taggedIn(result);
  const info = infoIn(result);
  assert.equal(tag, `${registry.host}/${name}:${info.image_tag}`);
  assert.equal(info.registry_url, registry.host);
  assert.match(info.digest ?? "", /^sha256:[0-9a-f]{64}$/);
  assert.equal(await digestOf(registry.host, name, info.image_tag), info.digest);
  assert.equal(await digestOf(registry.host, name, info.hash), info.digest);
  assert.match(result.stdout, /INFO - flowctl\.DockerStorage \| Pushing image to the registry\.\.\./);
  assert.match(result.stdout, /^[0-9a-f]{12}: (Pushed|Layer already exists)$/m);
  assert.ok(result.stdout.includes(`Pushed image '${tag}': ${info.digest}`), result.stdout);
  assert.equal((await engine.docker.getImage(tag).inspect()).Id, info.image_id);
});

test("the login may come from a credential helper", async () => {
  await using registry = await Registry.start();
  await using engine = await Engine.open();
  await using world = new World();
  const base = await engine.busybox("helper");
  mkdirSync(join(world.root, ".docker"), { recursive: true });
  writeFileSync(join(world.root, ".docker/config.json"), JSON.stringify({ credHelpers: { [registry.host]: "test" } }));
  const answer = JSON.stringify({ Username: LOGIN.username, Secret: LOGIN.password });
  writeFileSync(join(world.root, "docker-credential-test"), `#!/bin/sh\ncat > /dev/null\necho '${answer}'\n`, {
    mode: 0o755,
  });
  const options = `{ baseImage: "${base}", registryUrl: "${registry.host}", imageName: "helped-${engine.mark}" }`;
  world.file("push.ts", storageFile(options));
  const result = await world.run(["./push.ts"], { env: { PATH: `${world.root}:${world.env().PATH}` } });
  taggedIn(result);
  assert.match(infoIn(result).digest ?? "", /^sha256:/);
  assert.ok(!(result.stdout + result.stderr).includes(LOGIN.password));
});

test("trap 18: a refused push names registry, image and status, fails, and the local image stays", async () => {
  await using registry = await Registry.start();
  await using engine = await Engine.open();
  const base = await engine.busybox("refused");
  for (const login of [undefined, { username: LOGIN.username, password: "wrong" }]) {
    await using world = new World();
    if (login !== undefined) logIn(world, registry.host, login);
    const options =
      `{ baseImage: "${base}", registryUrl: "${registry.host}/dev/", imageName: "refused-${engine.mark}" }`;
    world.file("push.ts", storageFile(options));
    const result = await world.run(["./push.ts"]);
    assert.equal(result.code === 0, false, result.stdout);
    const [error, hint] = result.stderr.split("\n");
    const image = `${registry.host}/dev/refused-${engine.mark}:`;
    assert.ok(error.startsWith(`Error: Cannot push image "${image}`), error);
    assert.ok(error.includes(`to registry "${registry.host}": it was refused with status 401 (`), error);
    assert.ok(hint.includes(`docker login ${registry.host}`), hint);
    assert.doesNotMatch(result.stdout + result.stderr, /wrong|INFO \{/);
    const tag = /^Successfully tagged (\S+)$/m.exec(result.stdout)![1];
    assert.ok((await engine.docker.getImage(tag).inspect()).Id);
  }
});

test("a login may come from a secret, which is in no output", async () => {
  await using registry = await Registry.start();
  await using engine = await Engine.open();
  await using world = new World();
  const base = await engine.busybox("secret");
  const options =
    `{ baseImage: "${base}", registryUrl: "${registry.host}", imageName: "secret-${engine.mark}", registrySecret: "REGISTRY" }`;
  world.file("push.ts", storageFile(options));
  const none = await world.run(["./push.ts"]);
  assert.notEqual(none.code, 0);
  assert.match(none.stderr, /from secret "REGISTRY": it is not set/);
  const env = { FLOWCTL__CONTEXT__SECRETS__REGISTRY: `${LOGIN.username}:${LOGIN.password}` };
  const result = await world.run(["./push.ts"], { env });
  taggedIn(result);
  assert.match(infoIn(result).digest ?? "", /^sha256:/);
  assert.ok(!(result.stdout + result.stderr).includes(LOGIN.password));
});

test("a login that the API keeps is taken when the docker configuration has none, to pull the base and to push", async () => {
  await using registry = await Registry.start();
  await using engine = await Engine.open();
  await using world = new World();
  const base = `${registry.host}/${await registry.push(1000)}`;
  const options = `baseImage: "${base}", registryUrl: "${registry.host}", imageName: "kept-${engine.mark}"`;
  const labels = `buildOptions: { labels: { "dev.flowctl.test": "${engine.mark}" } }`;
  world.file("push.ts", storageFile(`{ ${options}, ${labels} }`));
  const store = (password: string) =>
    world.ok(["registry", "login", registry.host, "--username", LOGIN.username], { input: `${password}\n` });
  await store("open-barley");
  const wrong = await world.run(["./push.ts"]);
  assert.notEqual(wrong.code, 0);
  await store(LOGIN.password);
  const result = await world.run(["./push.ts"]);
  taggedIn(result);
  assert.match(infoIn(result).digest ?? "", /^sha256:/);
  assert.ok(!(result.stdout + result.stderr + wrong.stdout + wrong.stderr).includes(LOGIN.password));
});

test("a registry that is down is named", async () => {
  await using engine = await Engine.open();
  await using world = new World();
  const base = await engine.busybox("down");
  world.file(
    "push.ts",
    storageFile(`{ baseImage: "${base}", registryUrl: "127.0.0.1:1", imageName: "down-${engine.mark}" }`),
  );
  const result = await world.run(["./push.ts"]);
  assert.equal(result.code, 4, result.stdout + result.stderr);
  assert.match(
    result.stderr,
    /Cannot push image "127\.0\.0\.1:1\/down-\S+" to registry "127\.0\.0\.1:1": it was refused \(".*connection refused/,
  );
});

test("traps 5 and 6: a base that is missing is pulled with a login and with progress; one that is there is not asked for", async () => {
  await using registry = await Registry.start();
  await using engine = await Engine.open();
  await using world = new World();
  const pushed = `${registry.host}/${await registry.push(2_000_000)}`;
  const options = `baseImage: "${pushed}", imageName: "flowctl-test/pulled-${engine.mark}"`;
  const labels = `buildOptions: { labels: { "dev.flowctl.test": "${engine.mark}" } }`;
  world.file("pulled.ts", storageFile(`{ ${options}, ${labels} }`));
  const refused = await world.run(["./pulled.ts"]);
  assert.notEqual(refused.code, 0);
  assert.ok(refused.stderr.includes(`docker login ${registry.host}`), refused.stderr);
  logIn(world, registry.host);
  const first = await world.run(["./pulled.ts"]);
  taggedIn(first);
  assert.match(first.stdout, new RegExp(`Pulling image '${pushed}'\\.\\.\\.`));
  assert.match(first.stdout, new RegExp(`Pulled image '${pushed}': sha256:[0-9a-f]{64}`));
  const second = await world.run(["./pulled.ts"]);
  taggedIn(second);
  assert.doesNotMatch(second.stdout, /Pulling/);
  // The same base through the FROM line of a Dockerfile.
  await engine.docker.getImage(pushed).remove({ force: true });
  world.file("d/Dockerfile", `ARG IMAGE=none\nFROM \${IMAGE} AS first\nFROM first\nENV A=1\n`);
  const dockerfile = `dockerfile: "d/Dockerfile", imageName: "flowctl-test/pulled-${engine.mark}"`;
  const args = `buildOptions: { buildargs: { IMAGE: "${pushed}" }, labels: { "dev.flowctl.test": "${engine.mark}" } }`;
  world.file("from.ts", storageFile(`{ ${dockerfile}, ${args} }`));
  const third = await world.run(["./from.ts"]);
  taggedIn(third);
  assert.match(third.stdout, new RegExp(`Pulled image '${pushed}'`));
});
