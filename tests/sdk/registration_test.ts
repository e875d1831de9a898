import assert from "node:assert/strict";
import fc from "fast-check";
import { contentHashOf, SerializedFlow } from "../../src/sdk/registration.ts";
import { flowsFileText, parseFlowsFile } from "../../src/sdk/registering.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

const aFlow: SerializedFlow = {
  flow_name: "f",
  code_hash: "a".repeat(64),
  labels: ["x"],
  flow_runner: { type: "docker", config: { env: { A: "1", B: "2" } } },
  schedules: [{ schedule: { cron: "0 0 * * *" } }],
  bundle: "export {}",
};

test("the hash is of code and options, and not of what a build adds", () => {
  const hash = contentHashOf(aFlow);
  const image = { registry_url: null, image_name: "f", image_id: null, digest: null, path: "/f.js" };
  const built = { ...aFlow, storage: { type: "docker" as const, image_tag: "2021", ...image }, bundle: undefined };
  assert.equal(contentHashOf(built), hash);
  assert.equal(
    contentHashOf({ ...built, storage: { ...built.storage, image_tag: "2022", image_id: "sha256:1" } }),
    hash,
  );
  const changes: Partial<SerializedFlow>[] = [
    { code_hash: "b".repeat(64) },
    { labels: ["y"] },
    { schedules: [] },
    { secrets: ["TOKEN"] },
    { description: "new" },
    { flowctl_version: "9.9.9" },
    { tasks: ["say_hello"] },
    { parameter_openapi_schema: { type: "object" } },
    { flow_runner: { type: "docker", config: { env: { A: "1", B: "3" } } } },
  ];
  const hashes = changes.map((change) => contentHashOf({ ...aFlow, ...change }));
  assert.equal(new Set([hash, ...hashes]).size, changes.length + 1);
});

test("the hash is the same for a flow that was written and read again, and whatever the order of keys", () => {
  const [read] = parseFlowsFile(flowsFileText([aFlow]), "flows.json");
  assert.equal(contentHashOf(read), contentHashOf(aFlow));
  const env = { B: "2", A: "1" };
  assert.equal(
    contentHashOf({ ...aFlow, flow_runner: { type: "docker", config: { env } } }),
    contentHashOf(aFlow),
  );
});

test("flows are written by name", () => {
  const text = flowsFileText([{ ...aFlow, flow_name: "b" }, { ...aFlow, flow_name: "a" }]);
  assert.deepEqual(parseFlowsFile(text, "flows.json").map((flow) => flow.flow_name), ["a", "b"]);
});

test("a text that build did not write is refused with its place and the reason", () => {
  const reasons: [string, RegExp][] = [
    ["{", /it is not JSON/],
    ["[]", /it has no version/],
    [`{"flows": []}`, /it has no version/],
    [`{"version": 2, "flows": []}`, /its version is 2, not 1/],
    [`{"version": 1, "flows": [{"flow_name": "f"}]}`, /flows\.0\.code_hash/],
  ];
  for (const [text, reason] of reasons) {
    assert.throws(() => parseFlowsFile(text, "there.json"), (error) => {
      assert(isFlowctlError(error, "invalid"));
      assert.match(error.message, /Cannot read flows from "there\.json": /);
      assert.match(error.message, reason);
      return true;
    });
  }
  fc.assert(fc.property(fc.string(), (text) => {
    try {
      parseFlowsFile(text, "x");
    } catch (error) {
      assert(isFlowctlError(error, "invalid"));
    }
  }));
});
