/**
 * A world for flows with Docker storage: names, images and a network of its own, which it takes away.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import process from "node:process";
import { openDocker } from "../../src/docker/client.ts";
import { World } from "./support.ts";

/** The seed's file; names are made for each test, as images are by the engine's. */
export const seed = (name: string, { text = "Hello, docker_1!", storage = "", more = "" } = {}): string =>
  `import { flow, task } from "flowctl";
import { Docker } from "flowctl/storage";

const sayHello = task("say_hello", () => console.log(${JSON.stringify(text)}));
const storage = new Docker({ ${storage} });
const docker1 = flow("${name}", async () => await sayHello(), { storage, labels: ["docker_flows"] });
${more}
if (import.meta.main) await docker1.register({ project: "docker_1_project" });
`;

/** A world with the project, and names of its own that are taken away with their images. */
export class DockerWorld extends World {
  readonly name = `docker_${randomBytes(4).toString("hex")}_flow`;
  readonly image = this.name.replaceAll("_", "-");
  /** Of a server that is started with `server start`. */
  readonly network: string;

  constructor() {
    const network = `flowctl-test-${randomBytes(4).toString("hex")}`;
    super(undefined, { FLOWCTL_SERVER_NETWORK: network });
    this.network = network;
  }

  /** Tags of the images that were built. */
  async tags(image = this.image): Promise<string[]> {
    const docker = await this.docker;
    const images = await docker.listImages({ filters: { reference: [image] } });
    return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith(`${image}:`)).sort();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    const docker = await this.docker;
    for (const tag of await this.tags()) await docker.getImage(tag).remove({ force: true }).catch(() => {});
    await super[Symbol.asyncDispose]();
    // The server leaves a network that is in use, and containers of its agent go after it.
    const again = await openDocker({ env: process.env });
    await again.getNetwork(this.network).remove().catch(() => {});
    again.close();
  }
}
