/**
 * `create_options`: what the engine would understand in another way than the agent that permits it, and what is no body at all.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { CreateContainerOptions } from "../../src/docker/types.ts";
import type { Claim } from "../../src/domain/agents.ts";
import type { JsonObject } from "../../src/domain/common.ts";
import { DockerRunnerConfig } from "../../src/domain/flow_runners.ts";
import { createBody } from "../../src/runners/docker_create_body.ts";
import { readCreateOptions } from "../../src/runners/docker_options.ts";
import { enforcePolicy } from "../../src/runners/docker_policy.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

const PLACE = { cwd: "/work", homedir: "/home/me", platform: "linux" };

function bodyOf(config: object): CreateContainerOptions {
  const claim = {
    lease: { id: "lease", attempt: 1 },
    flow_run: { id: "run", name: "run" },
    deployment: { flow_runner: { type: "docker", config: DockerRunnerConfig.parse(config) } },
  } as unknown as Claim;
  return createBody({
    claim,
    image: "image",
    socketFolder: "/home/run/lease",
    place: PLACE,
    agentId: "agent",
    installation: "home",
  });
}

const permit = (body: CreateContainerOptions) =>
  enforcePolicy(body, { allow: new Set(), forbidden: ["/run/docker.sock"], resolve: (path) => path });

/** Whether something is refused with a sentence; another error is a defect. */
function isRefused(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    if (!isFlowctlError(error)) throw error;
    assert.match(error.message, /^(Cannot |Invalid volume specification: )/);
    return true;
  }
}

/** The same name as Go reads it: any case, and the two foreign letters. */
const spelling = (name: string) =>
  fc.array(fc.nat(2), { minLength: name.length, maxLength: name.length }).map((kinds) =>
    [...name].map((letter, n) => {
      if (kinds[n] === 0) return letter.toLowerCase();
      if (kinds[n] === 1) return letter.toUpperCase();
      return { s: "\u017f", k: "\u212a" }[letter.toLowerCase()] ?? letter;
    }).join("")
  );

const DANGEROUS: [name: string, value: unknown][] = [
  ["Privileged", true],
  ["Binds", ["/run:/x"]],
  ["Devices", [{ PathOnHost: "/dev/sda" }]],
  ["DeviceRequests", [{ Count: -1 }]],
  ["DeviceCgroupRules", ["a *:* rwm"]],
  ["CapAdd", ["SYS_ADMIN"]],
  ["PidMode", "host"],
  ["IpcMode", "host"],
  ["UTSMode", "host"],
  ["UsernsMode", "host"],
  ["CgroupnsMode", "host"],
  ["CgroupParent", "/x"],
  ["SecurityOpt", ["seccomp=unconfined"]],
  ["MaskedPaths", []],
  ["ReadonlyPaths", []],
  ["VolumesFrom", ["other"]],
  ["Runtime", "other"],
  ["Mounts", [{ Type: "bind", Source: "/run", Target: "/x" }]],
];

test("nothing that an agent does not permit gets past it in another spelling", () => {
  for (const [name, value] of DANGEROUS) {
    const property = fc.property(spelling(name), spelling("HostConfig"), (inner, outer) => {
      assert.ok(
        isRefused(() => permit(bodyOf({ create_options: { [outer]: { [inner]: value } } }))),
        `${outer}.${inner}`,
      );
    });
    fc.assert(property, { numRuns: 60 });
  }
  for (const key of ["Type", "Source", "Target", "VolumeOptions"]) {
    const property = fc.property(spelling(key), (name) => {
      fc.pre(name !== key);
      assert.ok(isRefused(() => bodyOf({ create_options: { HostConfig: { Mounts: [{ [name]: "bind" }] } } })), name);
    });
    fc.assert(property, { numRuns: 40 });
  }
});

test("an option in another spelling is refused with the engine's", () => {
  assert.throws(
    () => readCreateOptions({ HostConfig: { privileged: true } }),
    /^FlowctlError: Cannot use create option "HostConfig.privileged": the engine calls it "Privileged"$/,
  );
  assert.throws(() => readCreateOptions({ hostconfig: {} }), /"hostconfig": the engine calls it "HostConfig"/);
  const Mounts = [{ Type: "volume", Target: "/x", VolumeOptions: { driverConfig: {} } }];
  assert.throws(() => readCreateOptions({ HostConfig: { Mounts } }), /"HostConfig.Mounts.VolumeOptions.driverConfig"/);
});

test("names of the user's own and options of newer engines are left alone", () => {
  const options = {
    Labels: { memory: "big", privileged: "no" },
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/binds": {} },
    NetworkingConfig: { EndpointsConfig: { name: { DriverOpts: { image: "x" }, GwPriority: 1 } } },
    HostConfig: {
      Sysctls: { "net.core.somaxconn": "1024" },
      Tmpfs: { "/run": "" },
      StorageOpt: { size: "1g" },
      PortBindings: { "80/tcp": [{ HostPort: "8080" }] },
      LogConfig: { Type: "json-file", Config: { labels: "x", env: "y" } },
      NotYetKnown: { anything: [1] },
    },
  };
  assert.deepEqual(readCreateOptions(options), options);
  const PortBindings = { "80/tcp": [{ HostPort: "8080", type: "x" }] };
  assert.throws(() => readCreateOptions({ HostConfig: { PortBindings } }), /calls it "Type"/);
});

test("what has a place of its own is refused with that place", () => {
  const cases: [JsonObject, RegExp][] = [
    [{ name: "x" }, /"name"/],
    [{ Image: "x" }, /"Image"/],
    [{ Entrypoint: ["x"] }, /"Entrypoint"/],
    [{ Cmd: ["x"] }, /"Cmd"/],
    [{ HostConfig: { AutoRemove: true } }, /"HostConfig.AutoRemove"/],
    [{ HostConfig: { RestartPolicy: { Name: "always" } } }, /"HostConfig.RestartPolicy"/],
  ];
  for (const [options, pattern] of cases) assert.throws(() => readCreateOptions(options), pattern);
  readCreateOptions({ HostConfig: { AutoRemove: false, RestartPolicy: { Name: "no" } } });
});

test("null is as if it were not there, and another shape is one sentence", () => {
  assert.deepEqual(
    readCreateOptions({ HostConfig: { Binds: null, Mounts: null, Init: null }, Env: null, Labels: null }),
    {
      HostConfig: {},
    },
  );
  const shapes: [JsonObject, RegExp][] = [
    [{ HostConfig: "x" }, /"HostConfig": it is not an object$/],
    [{ HostConfig: { Binds: "/a:/b" } }, /"HostConfig.Binds": it is not a list of texts$/],
    [{ HostConfig: { Mounts: ["x"] } }, /"HostConfig.Mounts": it is not a list of objects$/],
    [{ Env: { A: "b" } }, /"Env": it is not a list of texts$/],
    [{ Labels: { a: 1 } }, /"Labels": it is not an object of texts$/],
    [JSON.parse(`{"X":${"[".repeat(5000)}${"]".repeat(5000)}}`), /"X": it is nested too deeply$/],
  ];
  for (const [options, pattern] of shapes) assert.throws(() => readCreateOptions(options), pattern);
  assert.throws(() => bodyOf({ create_options: { Env: ["=x"] } }), /"Env": "=x" is no variable/);
});

test("a variable without a value takes the image's away", () => {
  const { Env } = bodyOf({ create_options: { Env: ["GONE", "MINE=1", "MINE"] } });
  assert.ok(Env!.includes("GONE") && Env!.includes("MINE=1") && !Env!.includes("MINE"));
});

test("layers of an overlay are looked at as binds are, and a device needs allowing", () => {
  const mounting = (Options: JsonObject) => ({
    create_options: {
      HostConfig: { Mounts: [{ Type: "volume", Target: "/x", VolumeOptions: { DriverConfig: { Options } } }] },
    },
  });
  const overlay = mounting({ type: "overlay", device: "overlay", o: "lowerdir=/run:/a,upperdir=/b,workdir=/c" });
  assert.throws(() => permit(bodyOf(overlay)), /Cannot mount "\/run"/);
  assert.throws(() => permit(bodyOf(mounting({ type: "ext4", Device: "/dev/../dev/sda1" }))), /option "devices"/);
  permit(bodyOf(mounting({ type: "nfs", device: ":/export", o: "addr=10.0.0.1,rw" })));
  permit(bodyOf(mounting({ type: "tmpfs", device: "tmpfs", o: "size=10m" })));
});

const KEYS = ["HostConfig", "Binds", "Mounts", "Env", "Labels", "ExtraHosts", "LogConfig", "Type", "Target", "x"];
const anyOptions = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.constantFrom("/a:/b", "A=b", null, 1, true),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.constantFrom(...KEYS), tie("value"), { maxKeys: 4 }),
}));

test("whatever JSON create options are, they make a body or one sentence", () => {
  let made = 0;
  const property = fc.property(anyOptions.object, (options) => {
    if (!isRefused(() => permit(bodyOf({ create_options: options })))) made++;
  });
  fc.assert(property, { numRuns: 400 });
  assert.ok(made > 0, "some of them make a body");
});

const PART = fc.constantFrom(
  "/",
  ":",
  "..",
  ".",
  "~",
  "run",
  "docker.sock",
  "C:\\",
  "\\",
  "ro",
  " ",
  "\0",
  "\u00e9",
  ",",
);
const anyText = fc.oneof(fc.string(), fc.array(PART, { maxLength: 8 }).map((parts) => parts.join("")));

test("whatever texts volumes are, they make a body or one sentence, and none has the engine's socket", () => {
  const property = fc.property(fc.array(anyText.filter((text) => text.includes(":")), { maxLength: 3 }), (volumes) => {
    let body: CreateContainerOptions | undefined;
    if (isRefused(() => permit(body = bodyOf({ volumes })))) return;
    for (const bind of body!.HostConfig!.Binds ?? []) {
      const source = bind.split(":")[0];
      if (!source.startsWith("/")) continue;
      const clean = new URL(`file://${source.split("/").map(encodeURIComponent).join("/")}`).pathname.replace(
        /\/+/g,
        "/",
      );
      assert.ok(!"/run/docker.sock".startsWith(`${clean.replace(/\/$/, "")}/`), bind);
    }
  });
  fc.assert(property, { numRuns: 500 });
});

test("whatever texts networks are, they make a body or one sentence", () => {
  const names = fc.array(fc.oneof(anyText, fc.constantFrom("host", "none", "bridge", "container:x", "__proto__")), {
    maxLength: 3,
  }).map((list) => list.filter((name) => name !== ""));
  const property = fc.property(names, (networks) => {
    isRefused(() => {
      const body = bodyOf({ networks });
      const endpoints = Object.keys(body.NetworkingConfig?.EndpointsConfig ?? {});
      const all = new Set([
        ...endpoints,
        ...body.HostConfig!.NetworkMode === undefined ? [] : [body.HostConfig!.NetworkMode],
      ]);
      assert.deepEqual([...all].sort(), [...new Set(networks)].sort());
    });
  });
  fc.assert(property, { numRuns: 300 });
});
