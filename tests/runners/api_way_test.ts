/**
 * Which way containers reach the API, and under which address.
 *
 * @module
 */

import assert from "node:assert/strict";
import { containerApi, decideApiWay, type WayFacts } from "../../src/runners/api_way.ts";
import { test } from "../testing/test.ts";

const LOCAL: WayFacts = {
  address: "unix:///var/run/docker.sock",
  info: { Name: "me", OperatingSystem: "Debian GNU/Linux 12", SecurityOptions: ["name=seccomp,profile=default"] },
  platform: "linux",
  hostname: "me",
  isContainer: false,
};
const engine = (info: Partial<NonNullable<WayFacts["info"]>>) => ({ info: { ...LOCAL.info!, ...info } });

const WAYS: [facts: string, over: Partial<WayFacts>, reason: RegExp | "socket"][] = [
  ["an engine on this machine", {}, "socket"],
  ["an engine that has not answered yet", { info: undefined }, "socket"],
  ["an engine on this machine behind a port of loopback", { address: "tcp://127.0.0.1:2375" }, "socket"],
  ["agent and engine in one container", { isContainer: true }, "socket"],
  ["an engine behind an address of loopback that is elsewhere", {
    address: "https://[::1]:2376",
    ...engine({ Name: "far" }),
  }, /another machine/],
  ["an engine on another machine", { address: "tcp://build:2376" }, /another machine/],
  ["a rootless engine", engine({ SecurityOptions: ["name=seccomp,profile=default", "name=rootless"] }), /rootless/],
  ["user namespaces", engine({ SecurityOptions: ["name=userns"] }), /user namespaces/],
  ["SELinux", engine({ SecurityOptions: ["name=selinux"] }), /SELinux/],
  ["Podman's way to say it", engine({ SecurityOptions: ["rootless"] }), /rootless/],
  ["Docker Desktop", engine({ OperatingSystem: "Docker Desktop" }), /Docker Desktop/],
  ["an agent in a container of the engine", { isContainer: true, hostname: "4f1c2a" }, /in a container/],
  ["an agent on Windows", { platform: "win32", address: "npipe:////./pipe/docker_engine" }, /Windows/],
];
for (const [facts, over, reason] of WAYS) {
  test(`the way to the API with ${facts} is ${reason === "socket" ? "the socket" : "the URL"}`, () => {
    const found = decideApiWay({ ...LOCAL, ...over });
    assert.equal(found.way, reason === "socket" ? "socket" : "url");
    if (reason !== "socket") assert.match(found.reason, reason);
  });
}

const GATEWAY = ["host.docker.internal:host-gateway"];
const ADDRESSES: [apiUrl: string, mode: string | undefined, given: string | undefined, url: string, hosts: string[]][] =
  [
    ...["127.0.0.1", "localhost", "[::1]", "127.9.9.9", "0.0.0.0"].map((
      host,
    ): typeof ADDRESSES[number] => [
      `http://${host}:4200/api`,
      undefined,
      undefined,
      "http://host.docker.internal:4200/api",
      GATEWAY,
    ]),
    ["http://127.0.0.1:4200/api", "host", undefined, "http://127.0.0.1:4200/api", []],
    ["http://127.0.0.1:4200/api", "mine", undefined, "http://host.docker.internal:4200/api", GATEWAY],
    ["http://127.0.0.1:4200/api", "container:x", undefined, "http://host.docker.internal:4200/api", []],
    ["https://flows.example/api", "mine", undefined, "https://flows.example/api", []],
    ["http://127.0.0.1:4200/api", undefined, "http://10.0.0.1:80/api", "http://10.0.0.1/api", []],
    [
      "unix:///x/api.sock",
      undefined,
      "http://host.docker.internal:1/api",
      "http://host.docker.internal:1/api",
      GATEWAY,
    ],
  ];
for (const [apiUrl, mode, given, url, extraHosts] of ADDRESSES) {
  test(`containers on network ${mode ?? "(default)"} know "${given ?? apiUrl}" as "${url}"`, () => {
    assert.deepEqual(containerApi(apiUrl, mode, given), { url, extraHosts });
  });
}

test("trap 2: containers are told the port of the API that the agent was given", () => {
  for (const port of [4210, 80, 65_000]) {
    const { url } = containerApi(`http://localhost:${port}/api`, "flowctl-server");
    assert.equal(new URL(url).port, port === 80 ? "" : String(port));
  }
});

test("trap 19: an agent in a container of the engine mounts no path of its own there, and says why", () => {
  const found = decideApiWay({ ...LOCAL, isContainer: true, hostname: "4f1c2a" });
  assert.deepEqual(found, { way: "url", reason: "the agent runs in a container and its engine outside" });
});

test("an address that no container can use is refused with what helps", () => {
  assert.throws(() => containerApi("http://127.0.0.1:1/api", "none"), /Cannot run a flow on network "none"/);
  assert.throws(() => containerApi("unix:///x/api.sock", undefined), /Cannot give containers the API/);
});
