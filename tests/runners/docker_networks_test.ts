/**
 * Networks of a deployment and of an agent, and whether the engine has them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Docker } from "../../src/docker/client.ts";
import { checkNetworks, networkingOf, networksIn } from "../../src/runners/docker_networks.ts";
import { createFakeEngine } from "../testing/fake_engine.ts";
import { test } from "../testing/test.ts";

const TABLE: [
  what: string,
  mode: string | undefined,
  networks: string[],
  ofAgent: string[],
  expected: ReturnType<typeof networkingOf>,
][] = [
  ["nothing", undefined, [], [], { names: [] }],
  ["one network", undefined, ["a"], [], { mode: "a", names: ["a"] }],
  ["several", undefined, ["a", "b"], [], { mode: "a", names: ["a", "b"] }],
  ["a predefined name among networks", undefined, ["host"], [], { mode: "host", names: [] }],
  ["bridge with another", undefined, ["bridge", "a"], [], { mode: "bridge", names: ["bridge", "a"] }],
  ["a mode", "none", [], [], { mode: "none", names: [] }],
  ["the default by its name", "default", [], [], { mode: "default", names: [] }],
  ["a mode and networks", "a", ["b", "a"], [], { mode: "a", names: ["a", "b"] }],
  ["the agent's", undefined, [], ["x"], { mode: "x", names: ["x"] }],
  ["the agent's and its own", undefined, ["a"], ["x", "a"], { mode: "x", names: ["x", "a"] }],
  ["its own host before the agent's", "host", [], ["x"], { mode: "host", names: [] }],
];
for (const [what, network_mode, networks, ofAgent, expected] of TABLE) {
  test(`networks of a container: ${what}`, () => {
    assert.deepEqual(networkingOf({ network_mode, networks }, ofAgent), expected);
  });
}

test("what stands alone can't be combined", () => {
  for (
    const [mode, networks, ofAgent] of [["host", ["a"], []], [undefined, ["none", "a"], []], [undefined, ["a"], [
      "host",
    ]]]
  ) {
    assert.throws(
      () =>
        networkingOf({ network_mode: mode as string | undefined, networks: networks as string[] }, ofAgent as string[]),
      /^FlowctlError: Cannot use networks ".+", ".+" together: "(host|none)" allows no other$/,
    );
  }
});

test("an unknown network is refused, with those that there are", async () => {
  using docker = new Docker({ fetch: createFakeEngine().fetch });
  await docker.createNetwork({ Name: "data" });
  const { id } = await docker.createNetwork({ Name: "mail" });
  await checkNetworks(docker, ["data", "mail", id]);
  await assert.rejects(checkNetworks(docker, ["data", "dtaa"]), /"dtaa": the engine has "data", "mail"$/);
  const body = {
    Image: "i",
    HostConfig: { NetworkMode: "host" },
    NetworkingConfig: { EndpointsConfig: { a: {}, bridge: {} } },
  };
  assert.deepEqual(networksIn(body), ["a"]);
});
