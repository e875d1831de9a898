/**
 * An agent started from code.
 *
 * @module
 */

import assert from "node:assert/strict";
import { DockerAgent } from "../../src/mod/mod.ts";
import { test } from "../testing/test.ts";

test("a DockerAgent refuses options that it does not have, and those of a wrong kind", () => {
  assert.throws(() => new DockerAgent({ lables: [] } as never), /it has no option "lables"/);
  assert.throws(() => new DockerAgent({ labels: "gpu" } as never), /"labels" is of a wrong kind/);
  assert.throws(() => new DockerAgent({ env: { A: 1 } } as never), /"env" is of a wrong kind/);
  assert.throws(() => new DockerAgent({ limit: 0 }), /"limit" is of a wrong kind/);
  new DockerAgent({ labels: ["gpu"], noPull: true, env: { A: "1" }, limit: 1 });
});
