/**
 * Names of images are taken apart as docker does it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseReference } from "../../src/docker/images.ts";
import { test } from "../testing/test.ts";

for (
  const [reference, name, tag] of [
    ["busybox", "busybox", undefined],
    ["busybox:1.36", "busybox", "1.36"],
    ["localhost:5000/app", "localhost:5000/app", undefined],
    ["localhost:5000/team/app:v1", "localhost:5000/team/app", "v1"],
    ["app@sha256:0a", "app", "sha256:0a"],
    ["host:1/app:v1@sha256:0a", "host:1/app", "sha256:0a"],
  ] as const
) {
  test(`the image name "${reference}" has the repository "${name}" and the tag ${tag}`, () => {
    assert.deepEqual(parseReference(reference), tag === undefined ? { name } : { name, tag });
  });
}
