/**
 * Lines of runs in the agent's terminal.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ShownRuns } from "../../src/agent/shown_runs.ts";
import { test } from "../testing/test.ts";

const line = (text: string, over: { stream?: "stdout" | "stderr"; isRecord?: boolean } = {}) => ({
  text,
  stream: "stdout" as const,
  timestamp: "2021-11-18T22:33:58.123456789Z",
  isRecord: false,
  ...over,
});

test("each line has the console's shape, and bears its run's name while two runs are shown at once", () => {
  const printed: string[] = [];
  const shown = new ShownRuns((text) => printed.push(text), true);
  const record = "[2021-11-18 22:33:58+0000] INFO - flowctl.say_hello | Hello, docker_1!";
  const a = shown.open("wily-mackerel", "container");
  a.print(line(record, { isRecord: true }));
  a.print(line("raw"));
  const b = shown.open("heavy-parakeet", "process");
  a.print(line(record, { isRecord: true }));
  b.print(line("raw\u001b[31m", { stream: "stderr" }));
  a.close();
  b.print(line(record));
  assert.deepEqual(printed, [
    record,
    "[2021-11-18 22:33:58+0000] INFO - flowctl.container | raw",
    `wily-mackerel | ${record}`,
    "heavy-parakeet | [2021-11-18 22:33:58+0000] WARNING - flowctl.process | raw",
    record,
  ]);
});

test("without --show-flow-logs lines stay as they were printed", () => {
  const printed: string[] = [];
  new ShownRuns((text) => printed.push(text), false).open("wily-mackerel", "container").print(line("raw"));
  assert.deepEqual(printed, ["raw"]);
});
