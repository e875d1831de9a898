import assert from "node:assert/strict";
import * as sdk from "../../src/mod/mod.ts";
import { test } from "../testing/test.ts";

test("flowctl exports what the documentation names, and nothing else", () => {
  assert.deepEqual(Object.keys(sdk).toSorted(), [
    "DeploymentSpec",
    "DockerAgent",
    "DockerFlowRunner",
    "DockerStorage",
    "FlowctlError",
    "SubprocessFlowRunner",
    "TaskFuture",
    "cron",
    "flow",
    "getRunContext",
    "getRunLogger",
    "interval",
    "rrule",
    "task",
  ]);
});
