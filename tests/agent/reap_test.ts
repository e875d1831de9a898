/**
 * Reaping by hand: beside a running agent, over the API's view of what is live.
 *
 * @module
 */

import assert from "node:assert/strict";
import { reapContainers, reapImages } from "../../src/agent/reap.ts";
import type { Client } from "../../src/client/client.ts";
import { Docker } from "../../src/docker/client.ts";
import { BINARY_LABEL } from "../../src/images/default_image.ts";
import { newId } from "../../src/support/ids.ts";
import { createFakeEngine } from "../testing/fake_engine.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

const installation = newId();
const agentId = newId();
const now = Temporal.Instant.from("2026-11-21T23:00:00Z");

/** An engine with containers, and an API that knows some runs and some leases. */
function world({ leases = [] as string[], runs = [] as string[], version = "0.2.0", hasIdentity = true } = {}) {
  const folder = testFolder();
  if (hasIdentity) folder.write("agent.json", JSON.stringify({ id: agentId, installation }));
  const engine = createFakeEngine();
  const docker = new Docker({ fetch: engine.fetch });
  const asked: string[] = [];
  const other = newId();
  const client = {
    agents: {
      list: () => Promise.resolve([{ id: agentId }, { id: other }]),
      read: () => Promise.resolve({ version }),
      leases(id: string) {
        asked.push(`leases after ${engine.requests.filter(({ path }) => path === "/containers/json").length} lists`);
        // Another agent's lease.
        return Promise.resolve(id === other ? leases.map((id) => ({ id })) : []);
      },
    },
    flowRuns: { list: () => Promise.resolve(runs.map((id) => ({ id }))) },
  } as unknown as Client;
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  return {
    engine,
    docker,
    asked,
    add: async (name: string, labels: Record<string, string>, state: "created" | "running" | "exited") => {
      const made = await docker.createContainer({ name, Image: "busybox", Labels: labels });
      if (state !== "created") await made.start();
      if (state === "exited") engine.die(made.id);
      return made.id;
    },
    reap: (dryRun = false, keepCount = 100) =>
      reapContainers({ client, docker, home: folder.path, keepMs: 86_400_000, keepCount, dryRun, clock }),
    reapImages: (dryRun = false) => reapImages({ client, docker, home: folder.path, version: "0.3.0", dryRun }),
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}
const labelsOf = (name: string, home = installation) => ({
  "dev.flowctl.installation": home,
  "dev.flowctl.lease": `lease-${name}`,
  "dev.flowctl.flow-run-id": `run-${name}`,
});

test("reaping stops what has no lease, leaves what any agent's lease names, and asks for leases after the list", async () => {
  using w = world({ leases: ["lease-live"], runs: ["run-live", "run-lost"] });
  const live = await w.add("live", labelsOf("live"), "running");
  const lost = await w.add("lost", labelsOf("lost"), "running");
  const elsewhere = await w.add("elsewhere", labelsOf("elsewhere"), "running");
  const another = await w.add("another", labelsOf("another", newId()), "running");
  const foreign = await w.add("lost-1", {}, "exited");
  const seen = await w.reap(true);
  assert.deepEqual(seen.map(({ name, outcome }) => [name, outcome]).sort(), [["elsewhere", "kept"], [
    "lost",
    "would stop",
  ]]);
  assert.equal(w.engine.find(lost).status, "running", "a dry run does nothing");
  assert.equal((await w.reap()).find(({ name }) => name === "lost")?.outcome, "stopped");
  assert.equal(w.engine.find(lost).status, "exited");
  for (const id of [live, elsewhere, another]) assert.equal(w.engine.find(id).status, "running");
  assert.equal(w.engine.find(foreign).status, "exited");
  assert.deepEqual(w.asked[0], "leases after 1 lists");
});

test("reaping removes finished containers beyond the number that is kept, and says what failed", async () => {
  using w = world({ runs: ["run-a", "run-b"] });
  await w.add("run-a", labelsOf("a"), "exited");
  await w.add("run-b", labelsOf("b"), "exited");
  assert.deepEqual((await w.reap(true)).length, 0);
  w.engine.failNext(/DELETE/, { status: 500, message: "device busy" });
  const outcomes = (await w.reap(false, 0)).map(({ outcome, why }) => [outcome, /device busy/.test(why)]);
  assert.deepEqual(outcomes.sort(), [["failed", true], ["removed", false]]);
  assert.equal(w.engine.containers.size, 1);
  w.engine.failNext(/DELETE/, { status: 409, message: "removal is in progress" });
  assert.deepEqual((await w.reap(false, 0)).map(({ outcome, why }) => [outcome, why]), [
    ["kept", "the engine is busy with it"],
  ]);
});

test("where no agent was ever started nothing is asked and nothing is done", async () => {
  using w = world({ hasIdentity: false });
  await w.add("run-a", labelsOf("a"), "running");
  const before = w.engine.requests.length;
  assert.deepEqual([await w.reap(), await w.reapImages()], [[], []]);
  assert.equal(w.engine.requests.length, before);
});

test("volumes of older versions go by hand too, but not those of an agent that is older than the command", async () => {
  using w = world({ version: "0.2.0" });
  const Labels = { "dev.flowctl.installation": installation, [BINARY_LABEL]: "a".repeat(64) };
  for (const version of ["0.1.0", "0.2.0", "0.3.0"]) {
    await w.docker.createVolume({ Name: `flowctl-${version}-aaaaaaaaaaaa`, Labels });
  }
  await w.docker.createVolume({ Name: "flowctl-0.1.0-bbbbbbbbbbbb", Labels: { [BINARY_LABEL]: "b".repeat(64) } });
  assert.deepEqual((await w.reapImages(true)).map(({ outcome }) => outcome), ["would remove"]);
  assert.equal(w.engine.volumes.size, 4);
  assert.deepEqual((await w.reapImages()).map(({ name, outcome }) => [name, outcome]), [
    ["flowctl-0.1.0-aaaaaaaaaaaa", "removed"],
  ]);
  assert.deepEqual([...w.engine.volumes.keys()].sort(), [
    "flowctl-0.1.0-bbbbbbbbbbbb",
    "flowctl-0.2.0-aaaaaaaaaaaa",
    "flowctl-0.3.0-aaaaaaaaaaaa",
  ]);
});
