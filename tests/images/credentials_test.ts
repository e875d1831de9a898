/**
 * Logins in the docker configuration are found as docker finds them, and never quoted.
 *
 * @module
 */

import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import {
  type CredentialOptions,
  findCredentials,
  firstLogin,
  HUB,
  loginCommand,
  registryOf,
} from "../../src/images/credentials.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

const SECRET = "open:sesame";
const AUTH = btoa(`me:${SECRET}`);

for (
  const [reference, registry] of [
    ["app", HUB],
    ["app:1", HUB],
    ["team/app", HUB],
    ["docker.io/team/app", HUB],
    ["localhost/app", "localhost"],
    ["localhost:5000/app", "localhost:5000"],
    ["127.0.0.1:5000/team/app:1", "127.0.0.1:5000"],
    ["images.example.com/app@sha256:0a", "images.example.com"],
    ["[::1]:5000/app", "[::1]:5000"],
    ["MyHost/app", "MyHost"],
  ]
) {
  test(`the image "${reference}" is pulled from ${registry}`, () => assert.equal(registryOf(reference), registry));
}

async function found(config: unknown, registry: string, more: CredentialOptions = {}) {
  using folder = testFolder({ "config.json": typeof config === "string" ? config : JSON.stringify(config) });
  return await findCredentials(registry, { ...more, env: { ...more.env, DOCKER_CONFIG: folder.path } });
}

test("a login in the file is decoded, also under its older address and with a colon in the password", async () => {
  const expected = (serveraddress: string) => ({ username: "me", password: SECRET, serveraddress });
  assert.deepEqual(await found({ auths: { "h:5000": { auth: AUTH } } }, "h:5000"), expected("h:5000"));
  assert.deepEqual(await found({ auths: { "https://h:5000/v1/": { auth: AUTH } } }, "h:5000"), expected("h:5000"));
  assert.deepEqual(await found({ auths: { h: { auth: btoa("me:open:sesame\0\0") } } }, "h"), expected("h"));
  assert.deepEqual(await found({ auths: { h: { username: "me", password: SECRET } } }, "h"), expected("h"));
  assert.equal(await found({ auths: { "h:5000": { auth: AUTH } } }, "h:5001"), undefined);
  assert.equal(await found({ auths: { h: {} } }, "h"), undefined);
});

test("an identity token is sent instead of a password", async () => {
  const config = { auths: { h: { auth: btoa("me:"), identitytoken: "t" } } };
  assert.deepEqual(await found(config, "h"), { username: "me", identitytoken: "t", serveraddress: "h" });
});

test("Docker Hub is known by its address and its names", async () => {
  for (const key of [HUB, "docker.io", "https://index.docker.io", "index.docker.io"]) {
    assert.equal((await found({ auths: { [key]: { auth: AUTH } } }, HUB))?.password, SECRET, key);
  }
  assert.equal(loginCommand(HUB), "docker login");
  assert.equal(loginCommand("h:1"), "docker login h:1");
});

test("the configuration is that of DOCKER_CONFIG, else of the user's folder; none means no login", async () => {
  using folder = testFolder({ ".docker/config.json": JSON.stringify({ auths: { h: { auth: AUTH } } }) });
  assert.equal((await findCredentials("h", { env: {}, home: folder.path }))?.username, "me");
  const elsewhere = { DOCKER_CONFIG: join(folder.path, "elsewhere") };
  assert.equal(await findCredentials("h", { env: elsewhere, home: folder.path }), undefined);
});

/** A helper that does what a shell script says. */
async function helped(script: string, config: unknown, options: CredentialOptions = {}) {
  using folder = testFolder({ "bin/docker-credential-mine": `#!/bin/sh\n${script}\n` });
  chmodSync(join(folder.path, "bin/docker-credential-mine"), 0o755);
  const path = `${join(folder.path, "bin")}:${dirname("/bin/sh")}:${process.env.PATH}`;
  return await found(config, "h", { ...options, env: { PATH: path } });
}

const answer = (username: string, secret: string) =>
  `printf '%s' '${JSON.stringify({ Username: username, Secret: secret })}'`;

test("a helper of the registry comes before the store, and the store before the file", async () => {
  const auths = { h: { auth: btoa("file:file") } };
  const asks = `read -r host; [ "$1 $host" = "get h" ] && ${answer("helper", SECRET)}`;
  const expected = { username: "helper", password: SECRET, serveraddress: "h" };
  assert.deepEqual(await helped(asks, { auths, credsStore: "no", credHelpers: { h: "mine" } }), expected);
  assert.deepEqual(await helped(asks, { auths, credsStore: "mine", credHelpers: { other: "no" } }), expected);
  assert.deepEqual(await helped(answer("<token>", "t"), { credsStore: "mine" }), {
    identitytoken: "t",
    serveraddress: "h",
  });
});

test("a helper that knows nothing means no login", async () => {
  const says = `echo 'credentials not found in native keychain'; exit 1`;
  assert.equal(await helped(says, { credsStore: "mine" }), undefined);
});

test("a helper that fails, hangs, is missing or talks nonsense is an error that quotes nothing it said", async () => {
  const config = { credsStore: "mine" };
  const cases: [script: string, message: RegExp][] = [
    [`echo ${AUTH}; exit 2`, /"docker-credential-mine": it failed/],
    [`echo ${AUTH}`, /its answer is no login/],
    [`sleep 60`, /did not answer within 0.2 s/],
  ];
  for (const [script, message] of cases) {
    await assert.rejects(helped(script, config, { timeoutMs: 200 }), (error: Error) => {
      assert.match(error.message, message);
      return !JSON.stringify([error.message, error]).includes(AUTH);
    });
  }
  await assert.rejects(
    found({ credsStore: "nobody" }, "h", { env: { PATH: "/nowhere" } }),
    /no such program on the PATH/,
  );
});

test("a helper's name can't lead to another program", async () => {
  for (const name of ["../evil", "a/b", "a b", "a;b", "a.b", "ä", 5, {}]) {
    await assert.rejects(found({ credsStore: name }, "h"), /Cannot use the credential helper/, String(name));
  }
  assert.equal(await found({ credsStore: "" }, "h"), undefined);
});

test("looking for a login ends when the run is cancelled", async () => {
  const cancelled = new AbortController();
  const asked = helped("sleep 60", { credsStore: "mine" }, { signal: cancelled.signal });
  cancelled.abort();
  await assert.rejects(asked, { code: "cancelled" });
});

test("a damaged configuration is an error that does not quote it", async () => {
  await assert.rejects(found(`{"auths": {"h": {"auth": "${AUTH}"`, "h"), (error: Error) => {
    assert.match(error.message, /config\.json": it is not JSON$/);
    return error.cause === undefined && !error.message.includes(AUTH);
  });
  await assert.rejects(found({ auths: { h: { auth: "%%%" } } }, "h"), /it is not NAME:PASSWORD/);
});

test("no configuration makes more than a sentence of trouble", async () => {
  const options = { env: { PATH: "/nowhere" } };
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (auth, config) => {
      for (
        const text of [config, { auths: auth }, { auths: { h: auth } }, { credHelpers: auth }, { credsStore: auth }]
      ) {
        try {
          const login = await found(text, "h", options);
          assert.ok(login === undefined || login.serveraddress === "h");
        } catch (error) {
          assert.equal((error as Error).name, "FlowctlError");
        }
      }
    }),
    { numRuns: 30 },
  );
});

test("the first source that has a login wins; one that fails counts only when no other has one", async () => {
  const asked: string[] = [];
  const source = (name: string, answer?: string | Error) => (registry: string) => {
    asked.push(`${name} ${registry}`);
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(answer === undefined ? undefined : { username: answer });
  };
  assert.deepEqual(await firstLogin([source("a", "me"), source("b", "you")])("h"), { username: "me" });
  assert.deepEqual(asked, ["a h"]);
  assert.deepEqual(await firstLogin([source("a"), source("b", "you")])("h"), { username: "you" });
  assert.deepEqual(await firstLogin([source("a", new Error("broken")), source("b", "you")])("h"), { username: "you" });
  await assert.rejects(firstLogin([source("a", new Error("broken")), source("b")])("h"), /broken/);
  assert.equal(await firstLogin([source("a"), source("b")])("h"), undefined);
});
