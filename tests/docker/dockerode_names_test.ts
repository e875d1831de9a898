/**
 * Whoever knows dockerode finds its names here. The compiler does this test; a name that dockerode lacks does not compile.
 *
 * @module
 */

import assert from "node:assert/strict";
// By its path: the compiler does not import "@types/…" by name.
import type Dockerode from "../../node_modules/@types/dockerode/index.d.ts";
import type { Docker } from "../../src/docker/client.ts";
import type { Container } from "../../src/docker/containers.ts";
import type { Image } from "../../src/docker/images.ts";
import type { Network, Volume } from "../../src/docker/networks.ts";
import type { CreateContainerOptions, HostConfig } from "../../src/docker/types.ts";
import { test } from "../testing/test.ts";

/** What we have beyond dockerode. */
type Ours = "address" | "apiVersion" | "close" | "isOpenToOthers" | typeof Symbol.dispose;

/** What a container has beyond dockerode's. */
type OursOfContainer = "warnings";

/** The names of `A` that `B` lacks. */
type Missing<A, B> = Exclude<keyof A, keyof B>;

const none: [
  Missing<Docker, Dockerode> extends Ours ? true : Missing<Docker, Dockerode>,
  Missing<Container, Dockerode.Container> extends OursOfContainer ? true : Missing<Container, Dockerode.Container>,
  Missing<Image, Dockerode.Image> extends never ? true : Missing<Image, Dockerode.Image>,
  Missing<Network, Dockerode.Network> extends never ? true : Missing<Network, Dockerode.Network>,
  Missing<Volume, Dockerode.Volume> extends never ? true : Missing<Volume, Dockerode.Volume>,
] = [true, true, true, true, true];

/** The fields of a create body that we name, and dockerode's. */
type Named<T> = keyof { [K in keyof T as string extends K ? never : K]: true };
const noField: [
  Exclude<Named<CreateContainerOptions>, keyof Dockerode.ContainerCreateOptions> extends never ? true : false,
  Exclude<Named<HostConfig>, keyof Dockerode.HostConfig> extends never ? true : false,
] = [true, true];

test("our names are dockerode's", () => {
  assert.ok([...none, ...noField].every(Boolean));
});
