import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { registerSdk } from "../../src/bundles/sdk_modules.ts";
import { DockerStorage, flow } from "../../src/mod/mod.ts";
import { Docker } from "../../src/mod/storage.ts";
import { normalizeRegistry } from "../../src/sdk/docker_storage_options.ts";
import { loginInSecret } from "../../src/sdk/registry_secret.ts";
import { setSource } from "../../src/sdk/flow_sources.ts";
import { providedModules } from "../../src/sdk/provided_modules.ts";
import { gatherFiles } from "../../src/images/build/copied_files.ts";
import { openEngine } from "../../src/sdk/storage_engine.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { CERTIFICATE, KEY } from "../support/fixtures/tls.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

const invalid = (pattern: RegExp) => (error: unknown) =>
  isFlowctlError(error, "invalid") && pattern.test(error.message);

test("Docker and DockerStorage are one class, and a flow keeps what it is given", () => {
  assert.equal(Docker, DockerStorage);
  const storage = new Docker();
  assert.equal(flow("kept", () => {}, { storage, labels: ["a"] }).storage, storage);
  assert.throws(
    () => flow("no", () => {}, { storage: {} as Docker }),
    invalid(/its storage is not made by new Docker\(\)/),
  );
});

test("a flow lies in the image under the slug of its name, each in a place of its own", () => {
  const storage = new Docker({ flowctlDirectory: "/srv/app/" });
  assert.equal(storage.addFlow(flow("docker_1_flow", () => {})), "/srv/app/flows/docker-1-flow.js");
  assert.equal(storage.addFlow(flow("docker-1_flow", () => {})), "/srv/app/flows/docker-1-flow-2.js");
  assert.equal(storage.addFlow(flow("Map - Reduce 🤓", () => {})), "/srv/app/flows/map-reduce.js");
  assert.throws(() => storage.addFlow(flow("docker_1_flow", () => {})), /it has a flow of that name/);
  assert.throws(() => storage.addFlow({ name: "x", definition: {} } as never), invalid(/not made by flow\(\)/));
});

test("what was added is got back; what was not is named", async () => {
  const storage = new Docker();
  const mine = flow("mine", () => {});
  storage.addFlow(mine);
  assert.equal(await storage.getFlow("mine"), mine);
  await assert.rejects(storage.getFlow("other"), /Cannot get flow "other" from Docker storage: it has "mine"/);
  assert.throws(() => storage.info("mine"), /its image is not built yet/);
});

test("in the image a flow is got from where its code lies", async () => {
  using folder = testFolder();
  const path = join(folder.path, "stored.mjs");
  const text = (name: string) =>
    `import { flow } from "flowctl";\nexport const f = flow("${name}", () => "from the file");\n`;
  registerSdk({ flowctl: () => import("../../src/mod/mod.ts") });
  for (const name of ["mine", "other"]) {
    writeFileSync(path, text(name));
    const storage = new Docker({ storedAsScript: true, path });
    storage.addFlow(flow("mine", () => "added"));
    if (name === "mine") {
      assert.equal((await storage.getFlow("mine")).fn(undefined as never, undefined as never), "from the file");
    } else {await assert.rejects(
        storage.getFlow("mine"),
        /Cannot load flow "mine": ".*stored\.mjs" in the image defines "other"/,
      );}
  }
});

test("tls of the options decides whom to trust", async () => {
  using folder = testFolder();
  const ca = join(folder.path, "ca.pem");
  writeFileSync(ca, CERTIFICATE);
  const server = createServer({ cert: CERTIFICATE, key: KEY }, (_request, response) => response.end("OK"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const baseUrl = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ping = async (tls: boolean | { ca?: string; verify?: boolean }) => {
      using docker = await openEngine({ baseUrl, tls });
      return await docker.ping();
    };
    assert.equal(await ping({ ca }), "OK");
    assert.equal(await ping({ verify: false }), "OK");
    await assert.rejects(ping({}));
    await assert.rejects(ping(false));
    await assert.rejects(ping({ ca: join(folder.path, "none.pem") }), /none\.pem", which tls names/);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test("trap 7: a registry is written as images' names begin", () => {
  const cases: [string, string][] = [
    ["gcr.io/dev/", "gcr.io/dev"],
    ["https://registry.example.org:5000/", "registry.example.org:5000"],
    ["docker.io/me/", "me"],
    ["index.docker.io/me/team", "me/team"],
    ["docker.io", "docker.io"],
    ["127.0.0.1:5000//a", "127.0.0.1:5000/a"],
    ["[::1]:5000", "[::1]:5000"],
  ];
  for (const [given, expected] of cases) assert.equal(normalizeRegistry(given), expected);
  for (const wrong of ["", "  ", "a b", "http://", "user:secret@host/x"]) {
    assert.throws(
      () => normalizeRegistry(wrong),
      (error) => isFlowctlError(error, "invalid") && !/secret/.test(error.message),
    );
  }
});

test("a login in a secret is read in both its forms, and what is none is not quoted", () => {
  const login = (value?: string) => loginInSecret("R", "host", { FLOWCTL__CONTEXT__SECRETS__R: value });
  const expected = { username: "me", password: "a:b", serveraddress: "host" };
  assert.deepEqual(login("me:a:b\n"), expected);
  assert.deepEqual(login('{"username": "me", "password": "a:b"}'), expected);
  for (const wrong of ["secretword", '{"user": "secretword"}', "{secretword"]) {
    assert.throws(() => login(wrong), (error) => isFlowctlError(error, "invalid") && !/secretword/.test(error.message));
  }
  assert.throws(() => login(), (error) => isFlowctlError(error, "unauthorized"));
});

test("options that nobody could build are refused by name", () => {
  const cases: [object, RegExp][] = [
    [{ baseImages: "x" }, /it has no option "baseImages"/],
    [{ baseImage: "a", dockerfile: "b" }, /it has a baseImage and a dockerfile/],
    [{ storedAsScript: true }, /storedAsScript needs path/],
    [{ path: "relative.ts" }, /path is "relative\.ts", not an absolute path/],
    [{ envVars: { "A B": "1" } }, /envVars has "A B"/],
    [{ envVars: { A: "1\0" } }, /the value of "A" in envVars has a NUL/],
    [{ envVars: { A: 1 } }, /envVars is not an object of texts/],
    [{ files: { "./a": "b" } }, /not an absolute path of the image/],
    [{ npmDependencies: "left-pad" }, /npmDependencies is not a list of texts/],
    [{ npmDependencies: ["../left-pad"] }, /in npmDependencies "\.\.\/left-pad" is not the name of an npm package/],
    [{ imageName: "Upper" }, /imageName is "Upper"/],
    [{ imageTag: "a:b" }, /imageTag is "a:b"/],
    [{ buildOptions: { rm: true } }, /it has no option "rm"/],
    [{ localImage: "yes" }, /localImage is not true or false/],
  ];
  for (const [options, pattern] of cases) assert.throws(() => new Docker(options as never), invalid(pattern));
});

test("trap 8: the content hash follows code and options, and neither tag nor time", async () => {
  using folder = testFolder();
  const path = join(folder.path, "flow.ts");
  const hash = async (text: string, options = {}) => {
    writeFileSync(path, text);
    const storage = new Docker(options);
    const made = flow("hashed", () => {});
    setSource(made, path);
    storage.addFlow(made);
    return await storage.contentHash();
  };
  const first = await hash("export const a = 1;");
  assert.match(first, /^[0-9a-f]{64}$/);
  assert.equal(await hash("export const a = 1;", { imageTag: "mine" }), first);
  assert.notEqual(await hash("export const a = 2;"), first);
  assert.notEqual(await hash("export const a = 1;", { envVars: { A: "1" } }), first);
});

test("modules that files put into the image are imported from there", async () => {
  using folder = testFolder();
  for (const name of ["lib/a.ts", "lib/pack/index.ts", "own.ts"]) {
    mkdirSync(join(folder.path, name, ".."), { recursive: true });
    writeFileSync(join(folder.path, name), "");
  }
  const gathered = await gatherFiles({ folder: folder.path, files: { lib: "/modules" } });
  const importer = join(folder.path, "flow.ts");
  const provided = providedModules(gathered, "/modules:/none")!;
  assert.equal(provided("./lib/a.ts", importer), "/modules/a.ts");
  assert.equal(provided("./lib/pack", importer), "/modules/pack/index.ts");
  assert.equal(provided("./own.ts", importer), undefined);
  assert.equal(provided("a", importer), "a");
  assert.equal(provided("b", importer), undefined);
  assert.equal(provided("node:fs", importer), undefined);
  assert.equal(providedModules(gathered, "", join(folder.path, "lib"))!("a.ts", importer), "/modules/a.ts");
  assert.equal(providedModules({ places: [], expected: [] }), undefined);
});
