import assert from "node:assert/strict";
import { closeServerNetwork, openServerNetwork, type ServerNetworkOptions } from "../../src/server/network.ts";
import { FlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

interface FakeNetwork {
  Id: string;
  Name: string;
  Labels?: Record<string, string>;
  Containers?: Record<string, unknown>;
}

/** As much of an engine as has networks. */
function anEngine(networks: FakeNetwork[] = []) {
  const docker = {
    // The engine's filter takes parts of names.
    listNetworks: ({ filters }: { filters?: { name?: readonly string[] } }) =>
      Promise.resolve(
        networks.filter((one) => filters?.name?.some((part) => one.Name.includes(part)))
          .map(({ Containers: _, ...listed }) => listed),
      ),
    createNetwork: (body: { Name: string; Labels: Record<string, string> }) => {
      networks.push({ Id: `id-${networks.length}`, Name: body.Name, Labels: body.Labels });
      return Promise.resolve();
    },
    getNetwork: (id: string) => ({
      inspect: () => Promise.resolve(networks.find((one) => one.Id === id)),
      remove: () => {
        networks.splice(networks.findIndex((one) => one.Id === id), 1);
        return Promise.resolve();
      },
    }),
  };
  const options = { docker, name: "flowctl-server", installation: "mine" } as unknown as ServerNetworkOptions;
  return { networks, options, docker };
}

test("the network bears the installation's label, and is not made twice", async () => {
  const { networks, options } = anEngine([{ Id: "x", Name: "flowctl-server-2" }]);
  assert.equal(await openServerNetwork(options), "created");
  assert.equal(await openServerNetwork(options), "there");
  assert.deepEqual(networks.map((one) => one.Name), ["flowctl-server-2", "flowctl-server"]);
  assert.equal(networks[1].Labels?.["dev.flowctl.installation"], "mine");
});

test("it goes when it is empty, and one whose name only begins so stays", async () => {
  const { networks, options } = anEngine([{ Id: "x", Name: "flowctl-server-2" }]);
  await openServerNetwork(options);
  assert.equal(await closeServerNetwork(options), "removed");
  assert.equal(await closeServerNetwork(options), "absent");
  assert.deepEqual(networks.map((one) => one.Name), ["flowctl-server-2"]);
});

test("trap 20: a network with containers on it stays, and so do they", async () => {
  const { networks, options } = anEngine();
  await openServerNetwork(options);
  networks[0].Containers = { abc: {} };
  assert.equal(await closeServerNetwork(options), "in use");
  assert.equal(networks.length, 1);
});

for (
  const Labels of [undefined, {}, { "dev.flowctl.installation": "another" }] as (Record<string, string> | undefined)[]
) {
  test(`trap 20: a network labelled ${JSON.stringify(Labels)} is somebody else's, and stays`, async () => {
    const { networks, options } = anEngine([{ Id: "x", Name: "flowctl-server", ...Labels ? { Labels } : {} }]);
    assert.equal(await openServerNetwork(options), "there");
    assert.equal(await closeServerNetwork(options), "foreign");
    assert.equal(networks.length, 1);
  });
}

test("a container that connects between the look and the removal keeps the network", async () => {
  const { options, docker } = anEngine();
  await openServerNetwork(options);
  const refusing = (id: string) => ({
    ...docker.getNetwork(id),
    remove: () => Promise.reject(new FlowctlError("forbidden", "it has active endpoints")),
  });
  const closed = closeServerNetwork({ ...options, docker: { ...docker, getNetwork: refusing } as never });
  assert.equal(await closed, "in use");
});
