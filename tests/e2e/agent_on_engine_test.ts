/**
 * An agent over a real Docker Engine, with a static busybox in the place of flowctl.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Docker, openDocker } from "../../src/docker/client.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { tarOf } from "../../src/docker/tar.ts";
import { LABELS } from "../../src/runners/runner.ts";
import { readElf } from "../../src/support/elf.ts";
import { needsEngine, skip, test } from "../testing/test.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { TestAgent } from "../agent/agent_api.ts";

const BUSYBOX = "/bin/busybox";

/** Patient: a real engine takes its time. */
async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`It never came true that ${what}`);
}

/** An agent, an image of busybox under a name of its own, and the removal of all that bears this agent's label. */
async function withEngine(work: (world: { agent: TestAgent; image: string; docker: Docker }) => Promise<void>) {
  needsEngine();
  try {
    if (readElf(BUSYBOX).interpreter !== undefined) skip("No static busybox in /bin");
  } catch {
    skip("No static busybox in /bin");
  }
  const docker = await openDocker();
  const image = `flowctl-test/busybox:${crypto.randomUUID().slice(0, 8)}`;
  const agent = new TestAgent({ real: { docker, own: BUSYBOX }, runners: ["docker"] });
  try {
    const [repo, tag] = image.split(":");
    await followProgress(
      docker.importImage(tarOf([{ path: "bin/busybox", file: BUSYBOX, mode: 0o755 }]), { repo, tag }),
    );
    agent.start();
    await work({ agent, image, docker });
  } finally {
    await agent.stop();
    const { installation } = JSON.parse(readFileSync(join(agent.home, "agent.json"), "utf8"));
    const filters = { label: [`${LABELS.installation}=${installation}`] };
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true, v: true });
    }
    for (const { Name } of (await docker.listVolumes({ filters })).Volumes) await docker.getVolume(Name).remove();
    await docker.getImage(image).remove({ force: true });
    docker.close();
    agent.folder[Symbol.dispose]();
  }
}

const sh = (image: string, script: string, more = {}) => ({
  type: "docker" as const,
  config: { image, network_mode: "none", command: [BUSYBOX, "sh", "-c", script], ...more },
});
const named = (docker: Docker, name: string) => docker.getContainer(name).inspect().catch(() => undefined);

test("on a real engine a command's lines arrive once and in order, and its exit code decides", async () => {
  await withEngine(async ({ agent, image, docker }) => {
    const name = `parakeet-${crypto.randomUUID()}`;
    const script = "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; exit 7";
    const { run } = agent.api.submit(sh(image, script), { name });
    await eventually("the run has ended", () => agent.api.stateOf(run) === "FAILED");
    assert.match(agent.api.messageOf(run), /exit code 7\n/);
    assert.deepEqual(agent.api.api.messages(), Array.from({ length: 300 }, (_, n) => `line ${n}`));
    const { Config, State } = await docker.getContainer(name).inspect();
    assert.equal(Config.Labels!["dev.flowctl.flow-run-id"], run.id);
    assert.equal(State.Status, "exited");
  });
});

test("on a real engine a container killed for memory is told from one that was killed", async () => {
  await withEngine(async ({ agent, image, docker }) => {
    const hungry =
      "until [ -e /go ]; do busybox sleep 0.05; done; exec busybox dd if=/dev/zero of=/dev/shm/x bs=1M count=60"
        .replaceAll("busybox", BUSYBOX);
    const config = { memory: "16m", create_options: { HostConfig: { MemorySwap: 16 * 1024 ** 2 } } };
    const name = `hungry-${crypto.randomUUID()}`;
    const { run } = agent.api.submit(sh(image, hungry, config), { name });
    const other = agent.api.submit(sh(image, "kill -9 $$"), { name: `killed-${crypto.randomUUID()}` });
    // The engine never tells that a container ran out of memory before its start was over.
    await eventually(
      "it was started",
      () => agent.lines.some((line) => line.includes(`Completed submission of flow run '${name}'`)),
    );
    await docker.getContainer(name).putArchive(tarOf([{ path: "go", content: "" }]), { path: "/" });
    await eventually(
      "both have ended",
      () => agent.api.stateOf(run) === "CRASHED" && agent.api.stateOf(other.run) === "FAILED",
    );
    assert.match(agent.api.messageOf(run), /out of memory.*137/);
    assert.match(agent.api.messageOf(other.run), /exit code 137 \(SIGKILL\)/);
  });
});

test("on a real engine cancelling sends SIGTERM, which the program hears", async () => {
  await withEngine(async ({ agent, image }) => {
    const script = `trap 'echo told to stop; exit 0' TERM; echo up; while true; do ${BUSYBOX} sleep 0.05; done`;
    const { run } = agent.api.submit(sh(image, script), { name: `waits-${crypto.randomUUID()}` });
    await eventually("it is up", () => agent.api.api.messages().includes("up"));
    await agent.api.cancel(run);
    await eventually("it is cancelled", () => agent.api.stateOf(run) === "CANCELLED");
    assert.ok(agent.api.api.messages().includes("told to stop"));
  });
});

test("on a real engine an agent that comes back reads on where the last one stopped", async () => {
  await withEngine(async ({ agent, image, docker }) => {
    const name = `counts-${crypto.randomUUID()}`;
    const script = `i=0; while [ $i -lt 400 ]; do echo $i; i=$((i+1)); ${BUSYBOX} usleep 5000; done`;
    const { run } = agent.api.submit(sh(image, script), { name });
    await eventually("some lines arrived", () => agent.api.api.logs.length > 20);
    await agent.stop();
    assert.equal((await docker.getContainer(name).inspect()).State.Running, true);
    agent.start();
    await eventually("the run has ended", () => agent.api.stateOf(run) === "COMPLETED");
    assert.deepEqual(agent.api.api.messages(), Array.from({ length: 400 }, (_, n) => String(n)));
  });
});

test("on a real engine a flow in a custom image is started from the binary's volume, which is filled once", async () => {
  await withEngine(async ({ agent, image, docker }) => {
    const config = { image, image_pull_policy: "Never" as const, network_mode: "none" };
    for (const name of [`first-${crypto.randomUUID()}`, `second-${crypto.randomUUID()}`]) {
      const { run } = agent.api.submit({ type: "docker", config }, { name });
      // Busybox does what it is called: that it was called "flowctl" is what it complains about.
      await eventually("it was started", () => agent.api.stateOf(run) === "CRASHED");
      assert.match(agent.api.messageOf(run), /exit code 127/);
      assert.match(agent.api.messageOf(run), /applet not found/);
      assert.ok((await named(docker, name))!.Mounts!.some(({ Destination, RW }) => Destination === "/.flowctl" && !RW));
    }
    assert.equal(agent.lines.filter((line) => line.includes("Filling volume")).length, 1);
  });
});

test("on a real engine the default image is imported once for all that want it, and runs", async () => {
  await withEngine(async ({ agent, docker }) => {
    const image = `flowctl/flowctl:0.1.0-bun0.${Date.now()}`;
    try {
      const runs = [1, 2, 3].map((n) =>
        agent.api.submit({ type: "docker", config: { image, network_mode: "none" } }, {
          name: `default-${n}-${crypto.randomUUID()}`,
        })
      );
      for (const { run } of runs) {
        await eventually("it was started", () => agent.api.stateOf(run) === "CRASHED");
        assert.match(agent.api.messageOf(run), /applet not found/);
      }
      assert.equal(agent.lines.filter((line) => line.includes("Importing image")).length, 1);
    } finally {
      await agent.stop();
      for (const { Id } of await docker.listContainers({ all: true, filters: { ancestor: [image] } })) {
        await docker.getContainer(Id).remove({ force: true });
      }
      await docker.getImage(image).remove({ force: true }).catch((error) => {
        // The agent itself takes away an image that no container needs any more.
        if (!isFlowctlError(error, "not_found")) throw error;
      });
    }
  });
});
