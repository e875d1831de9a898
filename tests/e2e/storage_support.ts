/**
 * Bases for images of Docker storage, and what a build leaves in the engine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import process from "node:process";
import { type Docker, openDocker } from "../../src/docker/client.ts";
import { followProgress } from "../../src/docker/progress.ts";
import { type TarEntry, tarOf } from "../../src/docker/tar.ts";
import { needsEngine, skip } from "../testing/test.ts";
import type { Result } from "./support.ts";

const BUSYBOX = "/bin/busybox";

/** One test's engine: what it made goes with it. */
export class Engine {
  readonly docker: Docker;
  /** In names and labels of all that this test makes. */
  readonly mark: string = crypto.randomUUID().slice(0, 8);

  private constructor(docker: Docker) {
    this.docker = docker;
  }

  static async open(): Promise<Engine> {
    needsEngine();
    return new Engine(await openDocker({ env: process.env }));
  }

  /** A small image with a shell and without flowctl; answers its name. */
  async busybox(name = "base", changes: string[] = [], more: TarEntry[] = []): Promise<string> {
    if (!existsSync(BUSYBOX)) skip(`There is no ${BUSYBOX}: install Debian's package busybox-static`);
    const files: TarEntry[] = [
      { path: "bin", type: "directory" },
      { path: "tmp", type: "directory", mode: 0o1777 },
      { path: "bin/busybox", file: BUSYBOX, mode: 0o755 },
      ...["sh", "cat", "ls", "sleep", "mkdir", "find", "env", "id", "true", "false", "echo", "sort"].map((
        command,
      ): TarEntry => ({ path: `bin/${command}`, type: "symlink", target: "busybox" })),
      ...more,
    ];
    const repo = `flowctl-test/${name}-${this.mark}`;
    const labels = [`LABEL dev.flowctl.test=${this.mark}`, "ENV PATH=/bin"];
    await followProgress(this.docker.importImage(tarOf(files), { repo, tag: "1", changes: [...labels, ...changes] }));
    return `${repo}:1`;
  }

  /** Images that were built upon this test's, without a name and without a child. */
  async dangling(): Promise<string[]> {
    const filters = { label: [`dev.flowctl.test=${this.mark}`], dangling: ["true"] };
    return (await this.docker.listImages({ filters })).map(({ Id }) => Id);
  }

  /** Containers of images that were built upon this test's. */
  async containers(): Promise<string[]> {
    const filters = { label: [`dev.flowctl.test=${this.mark}`] };
    return (await this.docker.listContainers({ all: true, filters })).map(({ Id, Status }) => `${Id} ${Status}`);
  }

  /** What a command prints in an image. */
  async run(image: string, command: string[], options: { user?: string; cwd?: string } = {}): Promise<string> {
    const container = await this.docker.createContainer({
      Image: image,
      Entrypoint: command.slice(0, 1),
      Cmd: command.slice(1),
      ...options.user === undefined ? {} : { User: options.user },
      ...options.cwd === undefined ? {} : { WorkingDir: options.cwd },
      HostConfig: { NetworkMode: "none" },
    });
    try {
      await container.start();
      await container.wait();
      const lines: string[] = [];
      for await (const { line } of container.logs()) lines.push(line);
      return lines.join("\n");
    } finally {
      await container.remove({ force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const filters = { label: [`dev.flowctl.test=${this.mark}`] };
    for (const { Id } of await this.docker.listContainers({ all: true, filters })) {
      await this.docker.getContainer(Id).remove({ force: true }).catch(() => {});
    }
    // Children first, so twice.
    for (let n = 0; n < 3; n++) {
      for (const { Id } of await this.docker.listImages({ filters })) {
        await this.docker.getImage(Id).remove({ force: true }).catch(() => {});
      }
    }
    this.docker.close();
  }
}

/** The name that a build gave its image. */
export function taggedIn({ stdout, stderr, code }: Result): string {
  assert.equal(code, 0, stdout + stderr);
  const found = /^Successfully built [0-9a-f]{12}\nSuccessfully tagged (\S+)$/m.exec(stdout);
  assert.ok(found, `nothing was tagged:\n${stdout}${stderr}`);
  return found[1];
}

/** A flow file that builds its storage when it is the main module, and says what it made. */
export const storageFile = (options: string, body = 'console.log("hello from " + process.cwd());', head = ""): string =>
  `import { flow } from "flowctl";
import { Docker } from "flowctl/storage";
${head}
const storage = new Docker(${options});
const f = flow("stored_flow", async () => {
${body}
}, { storage });
if (import.meta.main) {
  storage.addFlow(f);
  await storage.build();
  console.log("INFO " + JSON.stringify({ ...storage.info("stored_flow"), hash: await storage.contentHash() }));
}
`;

/** What such a file said. */
export function infoIn({ stdout }: Result) {
  return JSON.parse(/^INFO (.*)$/m.exec(stdout)![1]) as {
    type: string;
    registry_url: string | null;
    image_name: string;
    image_tag: string;
    image_id: string | null;
    digest: string | null;
    path: string;
    hash: string;
  };
}
