/**
 * The engine is chosen as the docker command chooses it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openDocker } from "../../src/docker/client.ts";
import { resolveHost } from "../../src/docker/host.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

const linux = { env: {}, home: "/nowhere", platform: "linux" };

async function withHome(files: Record<string, string>, body: (home: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "home-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(home, name)), { recursive: true });
      await writeFile(join(home, name), text);
    }
    await body(home);
  } finally {
    await rm(home, { recursive: true });
  }
}

const id = createHash("sha256").update("far").digest("hex");
const context = (docker: Record<string, unknown>) => ({
  ".docker/config.json": '{"currentContext":"far","auths":{}}',
  [`.docker/contexts/meta/${id}/meta.json`]: JSON.stringify({ Name: "far", Metadata: {}, Endpoints: { docker } }),
});

test("without any setting it is the system's socket or pipe", async () => {
  assert.deepEqual(await resolveHost(linux), {
    address: "unix:///var/run/docker.sock",
    source: "default",
    baseUrl: "http://localhost",
    connect: { socketPath: "/var/run/docker.sock" },
  });
  const windows = await resolveHost({ ...linux, platform: "win32" });
  assert.equal(windows.address, "npipe:////./pipe/docker_engine");
  assert.deepEqual(windows.connect, { socketPath: "//./pipe/docker_engine" });
});

for (
  const [given, address, baseUrl, socketPath] of [
    [
      "unix:///run/user/1000/docker.sock",
      "unix:///run/user/1000/docker.sock",
      "http://localhost",
      "/run/user/1000/docker.sock",
    ],
    ["unix://var/run/docker.sock", "unix:///var/run/docker.sock", "http://localhost", "/var/run/docker.sock"],
    ["http+unix:///a.sock", "unix:///a.sock", "http://localhost", "/a.sock"],
    ["npipe:////./pipe/podman", "npipe:////./pipe/podman", "http://localhost", "//./pipe/podman"],
    [
      "npipe://\\\\.\\pipe\\docker_engine",
      "npipe:////./pipe/docker_engine",
      "http://localhost",
      "//./pipe/docker_engine",
    ],
    ["tcp://build", "tcp://build:2375", "http://build:2375", undefined],
    ["tcp://10.0.0.1:80", "tcp://10.0.0.1:80", "http://10.0.0.1:80", undefined],
    ["tcp://[::1]:2375", "tcp://[::1]:2375", "http://[::1]:2375", undefined],
    ["http://proxy/docker/", "http://proxy/docker/", "http://proxy/docker/", undefined],
    ["https://build:2376", "https://build:2376", "https://build:2376", undefined],
  ] as const
) {
  test(`the address "${given}" is understood`, async () => {
    const host = await resolveHost({ ...linux, baseUrl: given });
    assert.deepEqual([host.address, host.baseUrl, host.connect.socketPath], [address, baseUrl, socketPath]);
  });
}

for (const given of ["/var/run/docker.sock", "unix://", "ftp://x", "tcp://a b:1", "npipe://docker"]) {
  test(`the address "${given}" is refused`, async () => {
    await assert.rejects(
      resolveHost({ ...linux, env: { DOCKER_HOST: given } }),
      (error) => isFlowctlError(error, "invalid"),
    );
  });
}

test("an SSH address is unsupported, with a way out", async () => {
  await assert.rejects(
    resolveHost({ ...linux, env: { DOCKER_HOST: "ssh://me@build" } }),
    (error) => isFlowctlError(error, "unsupported") && error.hint!.includes("ssh -L"),
  );
});

test("an option beats DOCKER_HOST, which beats DOCKER_CONTEXT, which beats the current context", () =>
  withHome(context({ Host: "tcp://far:2375" }), async (home) => {
    const env = { DOCKER_HOST: "tcp://env:1", DOCKER_CONTEXT: "default" };
    assert.equal((await resolveHost({ ...linux, home, env, baseUrl: "tcp://option:1" })).address, "tcp://option:1");
    assert.equal((await resolveHost({ ...linux, home, env })).address, "tcp://env:1");
    assert.equal((await resolveHost({ ...linux, home, env: { DOCKER_CONTEXT: "default" } })).source, "default");
    const current = await resolveHost({ ...linux, home });
    assert.deepEqual([current.address, current.source], ["tcp://far:2375", 'context "far"']);
  }));

test("DOCKER_TLS_VERIFY makes tcp TLS with the certificates of DOCKER_CERT_PATH", () =>
  withHome({ "certs/ca.pem": "CA", "certs/cert.pem": "CERT", "certs/key.pem": "KEY" }, async (home) => {
    const env = { DOCKER_HOST: "tcp://build", DOCKER_CERT_PATH: join(home, "certs") };
    const plain = await resolveHost({ ...linux, env });
    assert.deepEqual([plain.baseUrl, plain.connect.tls], ["http://build:2375", undefined]);
    const checked = await resolveHost({ ...linux, env: { ...env, DOCKER_TLS_VERIFY: "1" } });
    assert.deepEqual([checked.baseUrl, checked.connect.tls], ["https://build:2376", {
      ca: "CA",
      cert: "CERT",
      key: "KEY",
    }]);
    const unchecked = await resolveHost({ ...linux, env: { ...env, DOCKER_TLS: "1" } });
    assert.equal(unchecked.connect.tls?.rejectUnauthorized, false);
  }));

test("a context brings its certificates and may skip their check", () =>
  withHome({
    ...context({ Host: "tcp://far:2376", SkipTLSVerify: true }),
    [`.docker/contexts/tls/${id}/docker/ca.pem`]: "CA",
  }, async (home) => {
    const host = await resolveHost({ ...linux, home });
    assert.equal(host.baseUrl, "https://far:2376");
    assert.deepEqual(host.connect.tls, { ca: "CA", rejectUnauthorized: false });
  }));

test("DOCKER_CONFIG moves the folder of contexts", () =>
  withHome(context({ Host: "unix:///far.sock" }), async (home) => {
    const host = await resolveHost({ ...linux, env: { DOCKER_CONFIG: join(home, ".docker") } });
    assert.equal(host.address, "unix:///far.sock");
  }));

test("a context that does not exist, or a broken config, is one sentence", async () => {
  await assert.rejects(
    resolveHost({ ...linux, env: { DOCKER_CONTEXT: "gone" } }),
    (error) => isFlowctlError(error, "not_found"),
  );
  await withHome({ ".docker/config.json": "{" }, async (home) => {
    await assert.rejects(resolveHost({ ...linux, home }), (error) => isFlowctlError(error, "invalid"));
  });
  await withHome(context({}), async (home) => {
    await assert.rejects(resolveHost({ ...linux, home }), (error) => isFlowctlError(error, "invalid"));
  });
});

test("an engine is open to others when it is on another machine and there is no TLS", async () => {
  for (
    const [baseUrl, env, isOpen] of [
      ["tcp://build:2375", {}, true],
      ["tcp://192.0.2.1", {}, true],
      ["http://build", {}, true],
      ["https://build", {}, false],
      ["tcp://127.0.0.1:2375", {}, false],
      ["tcp://localhost:2375", {}, false],
      ["unix:///run/docker.sock", {}, false],
      ["tcp://build:2376", { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/nowhere" }, false],
    ] as [string, Record<string, string>, boolean][]
  ) {
    using docker = await openDocker({ ...linux, env, baseUrl });
    assert.equal(docker.isOpenToOthers, isOpen, baseUrl);
  }
});
