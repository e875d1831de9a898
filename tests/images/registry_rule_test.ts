/**
 * From which registries an agent pulls.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { Docker } from "../../src/docker/client.ts";
import { ensureImage } from "../../src/images/pull.ts";
import { fits } from "../../src/images/registry_rule.ts";
import { silentLog } from "../../src/support/log.ts";
import { createFakeEngine } from "../testing/fake_engine.ts";
import { test } from "../testing/test.ts";

test("a pattern fits as a glob does", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
  fc.assert(fc.property(text, text, (word, pattern) => {
    const regular = pattern.split("*").map((part) => part.replaceAll(".", "\\.")).join("[^]*");
    assert.equal(fits(word, pattern), new RegExp(`^${regular}$`).test(word));
  }));
});

test("a pattern that would hang a regular expression answers at once", () => {
  const began = performance.now();
  assert.equal(fits("a".repeat(5000), `${"*a".repeat(50)}*b`), false);
  assert.ok(performance.now() - began < 2000);
});

test("an agent pulls only from registries that are in its list", async () => {
  const engine = createFakeEngine({ pullable: ["gcr.io/dev/app:1", "team/app:1"], images: ["quay.io/here:1"] });
  const docker = new Docker({ fetch: engine.fetch });
  const pull = (reference: string, allowedRegistries: string[]) =>
    ensureImage({ docker, reference, policy: "IfNotPresent", allowedRegistries, log: silentLog });
  await pull("gcr.io/dev/app:1", ["*.example", "gcr.io"]);
  await assert.rejects(
    pull("team/app:1", ["gcr.io"]),
    (error: Error & { hint: string }) =>
      error.message === 'Cannot pull image "team/app:1": this agent does not pull from "docker.io"' &&
      error.hint === "Start the agent with: --reg-allow-list docker.io",
  );
  assert.equal(engine.requests.filter(({ path }) => path === "/images/create").length, 1);
  await pull("team/app:1", ["docker.io"]);
  await pull("quay.io/here:1", ["gcr.io"]);
});
