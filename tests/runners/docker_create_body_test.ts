/**
 * From a claim to the create body, and what an agent permits.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { CreateContainerOptions } from "../../src/docker/types.ts";
import type { Claim } from "../../src/domain/agents.ts";
import { DockerRunnerConfig } from "../../src/domain/flow_runners.ts";
import { containerName, createBody } from "../../src/runners/docker_create_body.ts";
import { ALLOW_OPTIONS, type AllowOption, enforcePolicy } from "../../src/runners/docker_policy.ts";
import { test } from "../testing/test.ts";

type Config = Parameters<typeof DockerRunnerConfig.parse>[0] & object;

const claimOf = (config: Config, name = "heavy-parakeet") =>
  ({
    lease: { id: "lease", attempt: 2 },
    flow_run: { id: "run", name },
    deployment: { flow_runner: { type: "docker", config: DockerRunnerConfig.parse(config) } },
  }) as unknown as Claim;
const bodyOf = (config: Config = {}, more = {}): CreateContainerOptions =>
  createBody({
    claim: claimOf(config),
    image: "image",
    socketFolder: "/home/run/lease",
    agentId: "agent",
    installation: "home",
    ...more,
  });

const TABLE: [option: string, config: Config, look: (body: CreateContainerOptions) => unknown, expected: unknown][] = [
  ["env", { env: { A: "1" } }, ({ Env }) => Env!.includes("A=1"), true],
  ["secrets in env", { env: { A: { secret: "B" } } }, ({ Env }) => Env!.some((e) => /^A=/.test(e)), false],
  ["env of ours", { env: { FLOWCTL_FLOW_RUN_ID: "x" } }, ({ Env }) => Env!.filter((e) => /RUN_ID/.test(e)), [
    "FLOWCTL_FLOW_RUN_ID=run",
  ]],
  ["Bun's switches", { env: { BUN_OPTIONS: "x" } }, ({ Env }) => Env!.some((e) => e.startsWith("BUN")), false],
  ["networks", { networks: ["a", "b"] }, (body) => [
    body.HostConfig!.NetworkMode,
    Object.keys(body.NetworkingConfig!.EndpointsConfig!),
  ], ["a", ["a", "b"]]],
  ["network_mode", { network_mode: "host" }, (body) => [body.HostConfig!.NetworkMode, body.NetworkingConfig], [
    "host",
    undefined,
  ]],
  ["volumes", { volumes: ["/a:/b:ro", "data:/c"] }, ({ HostConfig }) => HostConfig!.Binds, ["/a:/b:ro", "data:/c"]],
  ["memory", { memory: "512m" }, ({ HostConfig }) => HostConfig!.Memory, 512 * 1024 ** 2],
  ["cpus", { cpus: 1.5 }, ({ HostConfig }) => HostConfig!.NanoCpus, 1.5e9],
  ["privileged", { privileged: true }, ({ HostConfig }) => HostConfig!.Privileged, true],
  ["labels", { labels: { a: "b" } }, ({ Labels }) => Labels!.a, "b"],
  ["command", { command: ["sh"] }, ({ Cmd, Entrypoint }) => [Cmd, Entrypoint], [["sh"], undefined]],
  ["auto_remove", { auto_remove: true }, ({ HostConfig, Labels }) => [
    HostConfig!.AutoRemove,
    Labels!["dev.flowctl.auto-remove"],
  ], [false, "true"]],
  ["nothing", {}, ({ HostConfig, Cmd }) => [HostConfig!.Init, HostConfig!.LogConfig, Cmd], [
    true,
    { Type: "json-file" },
    ["flow-run", "execute"],
  ]],
  [
    "create_options",
    {
      memory: "64m",
      create_options: { User: "5", HostConfig: { ShmSize: 1, Memory: 99, LogConfig: { Type: "local" } } },
    },
    ({ User, HostConfig }) => [User, HostConfig!.ShmSize, HostConfig!.Memory, HostConfig!.LogConfig],
    ["5", 1, 99, { Type: "local" }],
  ],
];
for (const [option, config, look, expected] of TABLE) {
  test(`"${option}" finds its place in the create body`, () => assert.deepEqual(look(bodyOf(config)), expected));
}

test("create_options can take away neither labels, socket nor program, nor let the engine remove or restart", () => {
  const body = bodyOf({
    create_options: {
      Labels: { "dev.flowctl.lease": "forged", mine: "kept" },
      Env: ["FLOWCTL_API_URL=http://evil", "MINE=kept"],
      HostConfig: { Mounts: [], AutoRemove: false, RestartPolicy: { Name: "no" }, Binds: ["/x:/x"] },
    },
  });
  assert.equal(body.Labels!["dev.flowctl.lease"], "lease");
  assert.equal(body.Labels!.mine, "kept");
  assert.ok(body.Env!.includes("FLOWCTL_API_URL=unix:///.flowctl-run/api.sock"));
  assert.ok(!body.Env!.some((pair) => pair.includes("evil")) && body.Env!.includes("MINE=kept"));
  assert.deepEqual(body.HostConfig!.Mounts, [
    { Type: "bind", Source: "/home/run/lease", Target: "/.flowctl-run", ReadOnly: true },
  ]);
  assert.equal(body.HostConfig!.AutoRemove, false);
  assert.deepEqual(body.HostConfig!.RestartPolicy, { Name: "no" });
});

test("a custom image starts the program from the volume", () => {
  const body = bodyOf({ image: "debian", env: { LD_LIBRARY_PATH: "/mine" } }, {
    binaryVolume: "v",
    unset: ["BUN_OPTIONS"],
  });
  assert.deepEqual(body.Entrypoint, ["/.flowctl/flowctl"]);
  assert.ok(body.Env!.includes("LD_LIBRARY_PATH=/.flowctl:/mine"));
  assert.ok(body.Env!.includes("BUN_OPTIONS"));
  assert.deepEqual(body.HostConfig!.Mounts!.at(-1), {
    Type: "volume",
    Source: "v",
    Target: "/.flowctl",
    ReadOnly: true,
  });
});

test("an image's own library path comes after ours, and a deployment's takes its place", () => {
  const pathsOf = (config: Config) =>
    bodyOf(config, { binaryVolume: "v", libraryPath: "/image" }).Env!.filter((pair) => pair.startsWith("LD_"));
  assert.deepEqual(pathsOf({}), ["LD_LIBRARY_PATH=/.flowctl:/image"]);
  assert.deepEqual(pathsOf({ env: { LD_LIBRARY_PATH: "/mine" } }), ["LD_LIBRARY_PATH=/.flowctl:/mine"]);
});

test("an image with a program of its own starts that one", () => {
  const body = bodyOf({ image: "mine" }, { entrypoint: ["/opt/flowctl"] });
  assert.deepEqual([body.Entrypoint, body.Cmd], [["/opt/flowctl"], ["flow-run", "execute"]]);
  assert.equal(body.HostConfig!.Mounts!.length, 1, "no volume");
  assert.ok(!body.Env!.some((pair) => pair.startsWith("LD_")));
});

test("an image into which a build put flowctl starts it with the libraries beside it", () => {
  const body = bodyOf({ image: "mine" }, { entrypoint: ["/.flowctl/flowctl"], libraryPath: "/image" });
  assert.ok(body.Env!.includes("LD_LIBRARY_PATH=/.flowctl:/image"));
  assert.equal(body.HostConfig!.Mounts!.length, 1, "no volume");
});

test("where the engine has no init, the program is the first process and starts the image's entrypoint with the command", () => {
  const entrypoint = ["/.flowctl/flowctl", "exec", "--", "/entrypoint.sh"];
  const body = bodyOf({ image: "mine", command: ["serve"] }, { init: false, binaryVolume: "v", entrypoint });
  assert.deepEqual([body.Entrypoint, body.Cmd], [entrypoint, ["serve"]]);
  assert.equal(body.HostConfig!.Init, undefined);
  assert.ok(body.Env!.includes("LD_LIBRARY_PATH=/.flowctl"));
});

test("nothing can be mounted over the program or the socket", () => {
  for (const target of ["/.flowctl-run", "/.flowctl/x", "/a/../.flowctl", "//.flowctl-run/"]) {
    assert.throws(() => bodyOf({ volumes: [`/a:${target}`] }), /reserved/);
    const Mounts = [{ Type: "bind", Source: "/a", Target: target }];
    assert.throws(() => bodyOf({ create_options: { HostConfig: { Mounts } } }), /reserved/);
  }
});

test("the container is named after its run, or its run's id when nothing is left of the name", () => {
  assert.equal(containerName(claimOf({}, "Nightly ETL: 5")), "Nightly-ETL-5");
  assert.equal(containerName(claimOf({}, "///")), "run");
});

const policy = (allow: AllowOption[] = []) => ({
  allow: new Set(allow),
  forbidden: ["/var/run/docker.sock", "/home/me/.flowctl"],
  resolve: (path: string) => path.replace(/^\/link/, "/home/me/.flowctl").replace(/^\/var\/run/, "/run"),
});

const GUARDED: Record<AllowOption, CreateContainerOptions["HostConfig"]> = {
  "privileged": { Privileged: true },
  "devices": { DeviceRequests: [{ Count: -1 }] },
  "cap-add": { CapAdd: ["SYS_ADMIN"] },
  "host-pid": { PidMode: "host" },
  "host-ipc": { IpcMode: "container:other" },
  "host-uts": { UTSMode: "host" },
  "host-userns": { UsernsMode: "host" },
  "host-cgroup": { CgroupnsMode: "host" },
  "security-opt": { SecurityOpt: ["seccomp=unconfined"] },
  "volumes-from": { VolumesFrom: ["other"] },
  "runtime": { Runtime: "nvidia" },
};
for (const name of ALLOW_OPTIONS) {
  test(`"${name}" is refused by name, unless it is allowed`, () => {
    const body = { Image: "i", HostConfig: GUARDED[name] };
    assert.throws(
      () => enforcePolicy(body, policy()),
      (error: Error & { hint?: string }) =>
        error.message.includes(`"${name}"`) && error.hint === `Start the agent with: --allow ${name}`,
    );
    enforcePolicy(body, policy([name]));
  });
}

test("what a plain deployment asks for needs no allowing", () => {
  enforcePolicy(bodyOf({ volumes: ["/data:/data", "name:/x"], networks: ["n"], memory: "1g" }), {
    ...policy(),
    forbidden: ["/home"],
  });
});

test("the engine's socket and flowctl's home are never mounted: not above, not below, not by link, not as a volume", () => {
  const everything = policy([...ALLOW_OPTIONS]);
  const sources = [
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/var/run",
    "/",
    "/home/me",
    "/home/me/.flowctl/run/x",
    "/link/x",
  ];
  const bodies = [
    ...sources.map((source) => bodyOf({ volumes: [`${source}:/x`] })),
    bodyOf({ volumes: ["/home/you/../me/.flowctl/:/x"] }),
    bodyOf({ create_options: { HostConfig: { Mounts: [{ Type: "bind", Source: "/home/me", Target: "/x" }] } } }),
    bodyOf({
      create_options: {
        HostConfig: {
          Mounts: [{
            Type: "volume",
            Target: "/x",
            VolumeOptions: { DriverConfig: { Options: { type: "none", o: "bind", device: "/home/me" } } },
          }],
        },
      },
    }),
  ];
  for (const body of bodies) assert.throws(() => enforcePolicy(body, everything), /Cannot mount/);
  enforcePolicy(bodyOf({ volumes: ["/home/me/data:/x", "/home/me/.flowctl2:/y"] }), everything);
});

test("on Windows the home is guarded under all names that an engine has for it", () => {
  const windows = { ...policy(), forbidden: ["C:\\Users\\Me\\.flowctl"], resolve: (path: string) => path };
  const refused = [
    "C:\\Users\\Me",
    "c:/users/me/.flowctl/run",
    "C:\\",
    "C:\\Users\\You\\..\\Me",
    "/c/Users/me",
    "/host_mnt/c/users",
    "/run/desktop/mnt/host/c/Users/Me/.FLOWCTL",
    "/mnt/c",
    "/",
  ];
  for (const Source of refused) {
    const body = { Image: "i", HostConfig: { Mounts: [{ Type: "bind" as const, Source, Target: "/x" }] } };
    assert.throws(() => enforcePolicy(body, windows), /Cannot mount/, Source);
  }
  for (const source of ["C:\\Users\\Me\\data", "D:\\Users\\Me\\.flowctl", "/mnt/d", "C:\\Users\\Me\\.flowctl2"]) {
    enforcePolicy({ Image: "i", HostConfig: { Binds: [`${source}:/x`] } }, windows);
  }
});

test("by URL the token stands in a file, never in the environment, and nothing of this machine is mounted", () => {
  const byUrl = { apiUrl: "http://127.0.0.1:4200/api" };
  const body = bodyOf({}, { byUrl });
  assert.ok(body.Env!.includes("FLOWCTL_API_URL=http://host.docker.internal:4200/api"));
  assert.ok(body.Env!.includes("FLOWCTL_LEASE_TOKEN_FILE=/.flowctl-run/token"));
  assert.deepEqual(body.HostConfig!.ExtraHosts, ["host.docker.internal:host-gateway"]);
  assert.deepEqual(body.HostConfig!.Mounts, []);
  const named = bodyOf({}, { byUrl, installs: true }).HostConfig!.Mounts;
  assert.deepEqual(named, [{ Type: "volume", Target: "/.flowctl-run" }], "npm's tokens are to be in no layer");
  const sealed = bodyOf({ create_options: { HostConfig: { ReadonlyRootfs: true, ExtraHosts: ["a:1.2.3.4"] } } }, {
    byUrl,
  });
  assert.deepEqual(sealed.HostConfig!.Mounts, [{ Type: "volume", Target: "/.flowctl-run" }]);
  assert.deepEqual(sealed.HostConfig!.ExtraHosts, ["a:1.2.3.4", "host.docker.internal:host-gateway"]);
  assert.ok(bodyOf({ networks: ["host"] }, { byUrl }).Env!.includes("FLOWCTL_API_URL=http://127.0.0.1:4200/api"));
});

test("by URL a flow on network none is refused, a command runs there without the API", () => {
  const byUrl = { apiUrl: "http://127.0.0.1:4200/api" };
  assert.throws(() => bodyOf({ network_mode: "none" }, { byUrl }), /Cannot run a flow on network "none"/);
  const { Env } = bodyOf({ network_mode: "none", command: ["true"] }, { byUrl });
  assert.ok(!Env!.some((pair) => pair.startsWith("FLOWCTL_API_URL")));
});

test("a relative path of a volume does not lead around what the agent permits", () => {
  const place = { cwd: "/home/me/work", homedir: "/home/me", platform: "linux" };
  for (const volume of ["../.flowctl:/x", "~/.flowctl/run:/x", "~:/x"]) {
    assert.throws(
      () => enforcePolicy(bodyOf({ volumes: [volume] }, { place }), policy([...ALLOW_OPTIONS])),
      /Cannot mount/,
    );
  }
});

test("an agent's variables are a flow's, unless its deployment says otherwise, and never ours", () => {
  const env = { A: "agent", B: "agent", FLOWCTL_FLOW_RUN_ID: "other", BUN_OPTIONS: "x" };
  const { Env } = bodyOf({ env: { B: "deployment" } }, { env });
  assert.ok(Env!.includes("A=agent") && Env!.includes("B=deployment"));
  assert.ok(Env!.includes("FLOWCTL_FLOW_RUN_ID=run") && !Env!.some((pair) => pair.startsWith("BUN")));
});

test("trap 25: an agent's volumes may be relative, begin with ~, be a path alone or a name; a deployment's go before them", () => {
  const place = { cwd: "/srv/agent", homedir: "/home/ada", platform: "linux" };
  const volumes = ["./data:/a:ro", "~/x:/b", "/c", "named:/d", "/other:/e"];
  const { HostConfig } = bodyOf({ volumes: ["/mine:/e"] }, { volumes, place });
  assert.deepEqual(HostConfig!.Binds, ["/srv/agent/data:/a:ro", "/home/ada/x:/b", "/c:/c", "named:/d", "/mine:/e"]);
  const windows = { cwd: "C:\\agent", homedir: "C:\\Users\\ada", platform: "win32" };
  const on = bodyOf({}, { volumes: ["C:\\data", "D:\\x:/y:ro"], place: windows });
  assert.deepEqual(on.HostConfig!.Binds, ["C:\\data:/c/data", "D:\\x:/y:ro"]);
});

test("trap 14: --network host of an agent is the host's network", () => {
  const { HostConfig, NetworkingConfig } = bodyOf({}, { networks: ["host"] });
  assert.deepEqual([HostConfig!.NetworkMode, NetworkingConfig], ["host", undefined]);
});
