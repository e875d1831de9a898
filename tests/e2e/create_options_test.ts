/**
 * `createOptions`: anything of the engine's create body reaches the engine, as far as the agent permits it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { needsEngine, test } from "../testing/test.ts";
import { dockerFlow, World } from "./support.ts";

/** Runs a flow of these options on a server that is there. */
async function outcome(world: World, url: string, name: string, options: string, body = "", head = "") {
  world.file(`${name}.ts`, dockerFlow(name, body, options, head));
  await world.ok(["deployment", "create", `./${name}.ts`]);
  const run = await world.createRun(`${name}/d`);
  const { state_type, state } = await world.finished(url, run.id);
  return { run, state: state_type, message: state?.message ?? "" };
}

test("shared memory, limits, name servers, tmpfs, sysctls and a variable taken away are what the flow sees", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server();
  const options = `createOptions: {
    Hostname: "box", Domainname: "example.test", Env: ["EXTRA=1", "SSL_CERT_FILE"], StopTimeout: 5,
    HostConfig: {
      ShmSize: 33554432, Ulimits: [{ Name: "nofile", Soft: 2048, Hard: 4096 }], Dns: ["192.0.2.53"], DnsSearch: ["example.test"],
      ExtraHosts: ["db.example.test:192.0.2.7"], IpcMode: "private", Tmpfs: { "/scratch": "size=1m" }, PidsLimit: 200,
      Sysctls: { "net.ipv4.ip_unprivileged_port_start": "70" }, GroupAdd: ["4242"], CapDrop: ["NET_RAW"], OomScoreAdj: 100,
    },
  }`;
  const head =
    `import { readFileSync, statfsSync } from "node:fs";\nimport { hostname } from "node:os";\nimport process from "node:process";`;
  const body = `  const read = (path: string) => readFileSync(path, "utf8");
  const shm = statfsSync("/dev/shm"), scratch = statfsSync("/scratch");
  console.log(JSON.stringify({
    shm: shm.blocks * shm.bsize, scratch: scratch.blocks * scratch.bsize,
    files: /Max open files\\s+\\d+\\s+(\\d+)/.exec(read("/proc/self/limits"))![1],
    dns: read("/etc/resolv.conf").includes("nameserver 192.0.2.53"), hosts: /192.0.2.7\\s+db.example.test/.test(read("/etc/hosts")),
    port: read("/proc/sys/net/ipv4/ip_unprivileged_port_start").trim(), oom: read("/proc/self/oom_score_adj").trim(),
    host: hostname(), extra: process.env.EXTRA, gone: process.env.SSL_CERT_FILE ?? "gone",
    groups: process.getgroups!().includes(4242),
  }));`;
  const { run, state, message } = await outcome(world, server.url, "everything", options, body, head);
  assert.equal(state, "COMPLETED", message);
  const said = (await world.messages(server.url, run.id)).find((line) => line.startsWith("{"))!;
  assert.deepEqual(JSON.parse(said), {
    shm: 33_554_432,
    scratch: 1_048_576,
    files: "4096",
    dns: true,
    hosts: true,
    port: "70",
    oom: "100",
    host: "box",
    extra: "1",
    gone: "gone",
    groups: true,
  });
  const [{ Id }] = await world.containers(run.id);
  const { HostConfig } = await (await world.docker).getContainer(Id).inspect();
  assert.deepEqual([HostConfig.IpcMode, HostConfig.PidsLimit, HostConfig.CapDrop], ["private", 200, ["NET_RAW"]]);
});

test("devices, the host's IPC and a GPU reach the engine when the agent allows them, and the engine has the last word", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server(["--no-agent"]);
  const env = { FLOWCTL_API_URL: `${server.url}/api` };
  await world.start(["agent", "start", "--allow", "devices", "--allow", "host-ipc", "--allow", "cap-add"], { env })
    .prints(/Agent started/);
  const given = await outcome(
    world,
    server.url,
    "devices",
    `createOptions: { HostConfig: { IpcMode: "host", CapAdd: ["NET_ADMIN"],
      Devices: [{ PathOnHost: "/dev/zero", PathInContainer: "/dev/nothing", CgroupPermissions: "r" }] } }`,
    `  const { openSync, readSync } = await import("node:fs");
  const bytes = new Uint8Array(4).fill(7);
  console.log("read " + readSync(openSync("/dev/nothing", "r"), bytes) + " " + bytes.join(""));`,
  );
  assert.equal(given.state, "COMPLETED", given.message);
  assert.ok((await world.messages(server.url, given.run.id)).includes("read 4 0000"));
  const [{ Id }] = await world.containers(given.run.id);
  const { HostConfig } = await (await world.docker).getContainer(Id).inspect();
  assert.deepEqual([HostConfig.IpcMode, HostConfig.CapAdd], ["host", ["NET_ADMIN"]]);

  // No engine of a test has one: that it is the engine that says so shows that the request reached it.
  const request = `{ Count: -1, Driver: "no-such-driver", Capabilities: [["gpu"]] }`;
  const gpu = await outcome(
    world,
    server.url,
    "gpu",
    `createOptions: { HostConfig: { DeviceRequests: [${request}] } }`,
  );
  assert.equal(gpu.state, "FAILED");
  assert.match(gpu.message, /could not select device driver "no-such-driver" with capabilities: \[\[gpu\]\]/);
  assert.deepEqual(await world.containers(gpu.run.id), []);
  const again = await outcome(world, server.url, "again", "");
  assert.equal(again.state, "COMPLETED", again.message);
});

test("what the agent does not permit makes the run Failed before anything is created, and names the option", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server();
  const cases: [name: string, options: string, sentence: RegExp][] = [
    ["privileged", `HostConfig: { Privileged: true }`, /Cannot use option "privileged".*--allow privileged/],
    ["device", `HostConfig: { Devices: [{ PathOnHost: "/dev/zero" }] }`, /option "devices".*--allow devices/],
    ["gpu", `HostConfig: { DeviceRequests: [{ Count: -1, Capabilities: [["gpu"]] }] }`, /option "devices"/],
    ["ipc", `HostConfig: { IpcMode: "host" }`, /option "host-ipc".*--allow host-ipc/],
    ["pid", `HostConfig: { PidMode: "host" }`, /option "host-pid"/],
    ["cap", `HostConfig: { CapAdd: ["SYS_ADMIN"] }`, /option "cap-add"/],
    ["security", `HostConfig: { SecurityOpt: ["seccomp=unconfined"] }`, /option "security-opt"/],
    ["socket", `HostConfig: { Binds: ["/var/run/docker.sock:/s"] }`, /Cannot mount "\/var\/run\/docker.sock"/],
    ["above", `HostConfig: { Mounts: [{ Type: "bind", Source: "/run", Target: "/s" }] }`, /Cannot mount "\/run"/],
    ["spelling", `HostConfig: { privileged: true }`, /"HostConfig.privileged": the engine calls it "Privileged"/],
    ["folding", `HostConfig: { "Bind\\u017f": ["/run:/s"] }`, /the engine calls it "Binds"/],
    ["outer", `hostconfig: { Privileged: true }`, /"hostconfig": the engine calls it "HostConfig"/],
    ["shape", `HostConfig: { Binds: "/a:/b" }`, /"HostConfig.Binds": it is not a list of texts/],
    ["image", `Image: "debian"`, /"Image": flowctl says this itself\. Say it as: image/],
  ];
  for (const [name, options, sentence] of cases) {
    const { run, state, message } = await outcome(world, server.url, name, `createOptions: { ${options} }`);
    assert.equal(state, "FAILED", name);
    assert.match(message, sentence);
    assert.deepEqual(await world.containers(run.id), []);
  }
  // Through a link, to a place that is not there yet.
  const link = join(world.work, "link");
  const { symlinkSync } = await import("node:fs");
  symlinkSync(world.home, link);
  const { state, message } = await outcome(world, server.url, "link", `volumes: ["${link}/new:/x"]`);
  assert.equal(state, "FAILED");
  assert.match(message, /Cannot mount ".*link\/new"/);
  const { state: last } = await outcome(world, server.url, "last", "");
  assert.equal(last, "COMPLETED");
});

test("what only the engine can know is refused with its words, nothing is left, and the next run works", async () => {
  needsEngine();
  await using world = new World();
  const server = await world.server();
  const cases: [name: string, options: string, sentence: RegExp][] = [
    ["ulimit", `HostConfig: { Ulimits: [{ Name: "nonsense", Soft: 1, Hard: 1 }] }`, /RLIMIT_NONSENSE/],
    ["type", `HostConfig: { ShmSize: "much" }`, /ShmSize/],
    ["user", `User: "nobody-has-this-name"`, /nobody-has-this-name/],
    ["sysctl", `HostConfig: { Sysctls: { "kernel.nothing": "1" } }`, /kernel\.nothing/],
  ];
  for (const [name, options, sentence] of cases) {
    const { run, state, message } = await outcome(world, server.url, name, `createOptions: { ${options} }`);
    assert.equal(state, "FAILED", `${name}: ${message}`);
    assert.match(message, sentence);
    assert.deepEqual(await world.containers(run.id), [], name);
  }
  const { state } = await outcome(world, server.url, "last", "");
  assert.equal(state, "COMPLETED");
});
