import assert from "node:assert/strict";
import * as sdk from "../../src/mod/mod.ts";
import * as storage from "../../src/mod/storage.ts";
import { test } from "../testing/test.ts";

test("flowctl exports what the documentation names, and nothing else", () => {
  assert.deepEqual(Object.keys(sdk).toSorted(), [
    "DeploymentSpec",
    "DockerAgent",
    "DockerFlowRunner",
    "DockerStorage",
    "FlowctlError",
    "Secret",
    "SubprocessFlowRunner",
    "TaskFuture",
    "cron",
    "flow",
    "getRunContext",
    "getRunLogger",
    "interval",
    "rrule",
    "secret",
    "task",
  ]);
});

test("flowctl/storage exports Docker, which is DockerStorage of flowctl", () => {
  assert.deepEqual(Object.keys(storage), ["Docker"]);
  assert.equal(storage.Docker, sdk.DockerStorage);
});
