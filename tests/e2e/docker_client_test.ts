/**
 * The client against the engine of this machine: one tiny image, a container's whole life, nothing left behind.
 *
 * Runs when `FLOWCTL_TEST_ENGINE=1` says that an engine answers (`DOCKER_HOST` and contexts count).
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type Docker, openDocker } from "../../src/docker/client.ts";
import { exitCodeOf } from "../../src/docker/events.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { type TarEntry, tarOf, untar } from "../../src/docker/tar.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { needsEngine, skip, test } from "../testing/test.ts";

const BUSYBOX = "/bin/busybox";
const LABEL = "dev.flowctl.test";

/** Distinct per run, so that two runs on one engine do not meet. */
const id = crypto.randomUUID().slice(0, 8);
const image = `flowctl-test-${id}:1`;

const engineTest = (name: string, body: (docker: Docker) => Promise<void>) => {
  test(name, async () => {
    needsEngine();
    if (!existsSync(BUSYBOX)) skip(`There is no ${BUSYBOX}: install Debian's package busybox-static`);
    using docker = await openDocker();
    const mine = { label: [`${LABEL}=${id}`] };
    try {
      const changes = ["ENV GREETING=hello", `LABEL ${LABEL}=${id}`, 'ENTRYPOINT ["/bin/busybox", "sh", "-c"]'];
      await followProgress(docker.importImage(tarOf(rootfs), { repo: image.split(":")[0], tag: "1", changes }));
      await body(docker);
    } finally {
      for (const { Id } of await docker.listContainers({ all: true, filters: mine })) {
        await docker.getContainer(Id).remove({ force: true, v: true });
      }
      for (const { Id } of await docker.listNetworks({ filters: mine })) await docker.getNetwork(Id).remove();
      for (const { Name } of (await docker.listVolumes({ filters: mine })).Volumes) {
        await docker.getVolume(Name).remove();
      }
      await removeImages(docker, mine);
    }
  });
};

/** An image that others are built on can't go before them, and the list has no order. */
async function removeImages(docker: Docker, filters: Record<string, string[]>): Promise<void> {
  while (true) {
    const images = await docker.listImages({ filters });
    if (images.length === 0) return;
    const results = await Promise.allSettled(images.map(({ Id }) => docker.getImage(Id).remove({ force: true })));
    if (results.every(({ status }) => status === "rejected")) throw (results[0] as PromiseRejectedResult).reason;
  }
}

const rootfs: TarEntry[] = [
  { path: "bin", type: "directory" },
  { path: "bin/busybox", file: BUSYBOX, mode: 0o755 },
  { path: "tmp", type: "directory", mode: 0o1777 },
];

const body = (script: string) => ({
  Image: image,
  Cmd: [script],
  Labels: { [LABEL]: id },
  HostConfig: { NetworkMode: "none" },
});

engineTest("on a real engine a container prints, ends with its code and is removed", async (docker) => {
  const stop = new AbortController();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const actions: string[] = [];
  const following = (async () => {
    const filters = { type: ["container"], label: [`${LABEL}=${id}`] };
    for await (const event of docker.getEvents({ filters, signal: stop.signal, onOpen: open })) {
      actions.push(event.Action);
      if (event.Action === "die") assert.equal(exitCodeOf(event), 3);
      if (event.Action === "destroy") stop.abort();
    }
  })();
  await opened;

  const name = `flowctl-test-${id}`;
  const container = await docker.createContainer({
    ...body(
      'echo "$GREETING"; echo oh >&2; head -c 40000 /dev/zero 2>/dev/null | /bin/busybox tr "\\0" x; printf "\\nlast"; exit 3'
        .replace("head", "/bin/busybox head"),
    ),
    name,
  });
  await assert.rejects(docker.createContainer({ ...body("true"), name }), (error) => isFlowctlError(error, "conflict"));
  await container.start();
  const waiting = container.wait();
  const followed = await Array.fromAsync(container.logs({ follow: true, timestamps: true }));
  assert.equal((await waiting).StatusCode, 3);
  const lines = await Array.fromAsync(container.logs({ timestamps: true }));
  // What Docker takes as a container ends may come too late for who follows, see `Container.logs`.
  for (const stream of ["stdout", "stderr"]) {
    const textOf = (all: typeof lines) =>
      all.filter((line) => line.stream === stream).map(({ line }) => line).join("\n");
    assert.ok(textOf(lines).startsWith(textOf(followed)));
  }
  assert.deepEqual(
    lines.filter(({ stream }) => stream === "stdout").map(({ line }) => line),
    ["hello", "x".repeat(40_000), "last"],
  );
  assert.deepEqual(lines.filter(({ stream }) => stream === "stderr").map(({ line }) => line), ["oh"]);
  assert.ok(lines.every(({ timestamp }) => timestamp !== undefined));
  const last = lines.filter(({ stream }) => stream === "stdout").at(-1)!;
  const since = await Array.fromAsync(container.logs({ since: last.timestamp, stderr: false }));
  assert.deepEqual(since.map(({ line }) => line), ["last"]);

  const { State, Config } = await container.inspect();
  assert.deepEqual([State.Status, State.ExitCode, State.OOMKilled], ["exited", 3, false]);
  assert.ok(Config.Env?.includes("GREETING=hello"));
  await assert.rejects(container.kill(), (error) => isFlowctlError(error, "conflict"));
  await container.stop();
  await container.remove();
  await following;
  assert.deepEqual(actions.filter((action) => ["create", "start", "die", "destroy"].includes(action)), [
    "create",
    "start",
    "die",
    "destroy",
  ]);
  await assert.rejects(container.inspect(), (error) => isFlowctlError(error, "not_found"));
});

engineTest("on a real engine a terminal's output is read too", async (docker) => {
  const container = await docker.createContainer({ ...body("echo hi; echo err >&2"), Tty: true });
  await container.start();
  await container.wait();
  const lines = await Array.fromAsync(container.logs({ timestamps: true }));
  assert.deepEqual(lines.map(({ stream, line }) => [stream, line]), [["stdout", "hi"], ["stdout", "err"]]);
});

engineTest("on a real engine a running container is stopped, killed, or killed for memory", async (docker) => {
  const container = await docker.createContainer(
    body("trap 'exit 7' TERM; echo ready; while true; do /bin/busybox sleep 0.05; done"),
  );
  await container.start();
  for await (const { line } of container.logs({ follow: true })) if (line === "ready") break;
  await assert.rejects(container.remove(), (error) => isFlowctlError(error, "conflict"));
  await container.stop({ t: 10 });
  assert.equal((await container.inspect()).State.ExitCode, 7);
  await container.start();
  await container.kill();
  assert.equal((await container.wait()).StatusCode, 137);

  const greedy = await docker.createContainer({
    ...body("until [ -e /tmp/go ]; do /bin/busybox sleep 0.05; done; exec /bin/busybox tail /dev/zero"),
    HostConfig: { NetworkMode: "none", Memory: 8 * 1024 * 1024, MemorySwap: 8 * 1024 * 1024 },
  });
  await greedy.start();
  // Docker listens for the lack of memory from the end of the start only, and may hear of it after the container's end.
  await greedy.putArchive(tarOf([{ path: "go", content: "" }]), { path: "/tmp" });
  await greedy.wait();
  const { StartedAt, FinishedAt } = (await greedy.inspect()).State;
  const until = Temporal.Instant.from(FinishedAt).add({ seconds: 2 });
  const filters = { container: [greedy.id], event: ["oom"] };
  assert.equal((await Array.fromAsync(docker.getEvents({ since: StartedAt, until, filters }))).length > 0, true);

  await assert.rejects(
    (await docker.createContainer({ ...body("x"), Entrypoint: ["/no/such/program"] })).start(),
    (error) => isFlowctlError(error, "invalid"),
  );
});

engineTest("on a real engine files go into a container and out of it", async (docker) => {
  const container = await docker.createContainer(body("/bin/busybox cat /tmp/in"));
  await container.putArchive(tarOf([{ path: "in", content: "from outside\n" }]), { path: "/tmp" });
  await container.start();
  await container.wait();
  const lines = await Array.fromAsync(container.logs());
  assert.deepEqual(lines.map(({ line }) => line), ["from outside"]);
  for await (const entry of untar(await container.getArchive({ path: "/tmp/in" }))) {
    assert.deepEqual([entry.path, new TextDecoder().decode(await entry.bytes())], ["in", "from outside\n"]);
  }
  await assert.rejects(
    container.putArchive(tarOf([{ path: "x", file: BUSYBOX }]), { path: "/no/such/folder" }),
    (error) => isFlowctlError(error, "not_found"),
  );
});

engineTest("on a real engine images are built, saved, loaded, tagged and removed", async (docker) => {
  const built = `flowctl-test-${id}:built`;
  const dockerfile = (step: string) => tarOf([{ path: "Dockerfile", content: `FROM ${image}\n${step}\n` }]);
  const output: string[] = [];
  const { imageId } = await followProgress(
    docker.buildImage(dockerfile('RUN ["/bin/busybox", "echo", "building"]'), {
      t: built,
      labels: { x: "y" },
      networkmode: "none",
    }),
    ({ stream }) => void output.push(stream ?? ""),
  );
  assert.match(imageId!, /^sha256:/);
  assert.ok(output.includes("building\n"));
  const inspected = await docker.getImage(built).inspect();
  assert.equal(inspected.Config?.Labels?.x, "y");
  await assert.rejects(
    followProgress(docker.buildImage(dockerfile('RUN ["/bin/busybox", "false"]'), { networkmode: "none" })),
    (error) => isFlowctlError(error, "invalid"),
  );

  const saved = await docker.getImage(built).get();
  await docker.getImage(built).tag({ repo: `flowctl-test-${id}`, tag: "again" });
  await followProgress(docker.loadImage(saved));
  await docker.getImage(`flowctl-test-${id}:again`).remove();
  await assert.rejects(
    docker.getImage(`flowctl-test-${id}:again`).inspect(),
    (error) => isFlowctlError(error, "not_found"),
  );
  await assert.rejects(
    followProgress(docker.loadImage(new TextEncoder().encode("no archive"))),
    (error) => isFlowctlError(error),
  );
  await assert.rejects(
    followProgress(docker.pull(`localhost:1/flowctl-test-${id}`)),
    (error) => isFlowctlError(error, "unavailable"),
  );
  await assert.rejects(
    followProgress(docker.getImage(`localhost:1/flowctl-test-${id}`).push()),
    (error) => isFlowctlError(error),
  );
});

engineTest("on a real engine a container joins two networks, and volumes keep their label", async (docker) => {
  const Labels = { [LABEL]: id };
  const [one, two] = [`flowctl-test-${id}-1`, `flowctl-test-${id}-2`];
  for (const Name of [one, two]) await docker.createNetwork({ Name, Internal: true, Labels });
  await assert.rejects(docker.createNetwork({ Name: one, Labels }), (error) => isFlowctlError(error, "conflict"));
  const container = await docker.createContainer({
    ...body("true"),
    HostConfig: { NetworkMode: one },
    NetworkingConfig: { EndpointsConfig: { [one]: {}, [two]: { Aliases: ["x"] } } },
  });
  const { NetworkSettings } = await container.inspect();
  assert.deepEqual(Object.keys(NetworkSettings.Networks ?? {}).sort(), [one, two]);
  const volume = await docker.createVolume({ Name: `flowctl-test-${id}`, Labels });
  assert.deepEqual((await volume.inspect()).Labels, Labels);
});

engineTest("on a real engine version, info and ping answer", async (docker) => {
  assert.equal(await docker.ping(), "OK");
  assert.match(await docker.apiVersion(), /^1\.\d+$/);
  assert.match((await docker.version()).ApiVersion, /^1\.\d+$/);
  assert.equal((await docker.info()).OSType, "linux");
});
