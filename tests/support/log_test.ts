/**
 * Lines on the console.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createLog } from "../../src/support/log.ts";
import { skippingClock } from "../testing/fake_clock.ts";
import { test } from "../testing/test.ts";

const written = (say: (log: ReturnType<typeof createLog>) => void, level?: "WARNING") => {
  const lines: string[] = [];
  say(createLog({ name: "Agent", level, write: (line) => lines.push(line), clock: skippingClock() }));
  return lines.map((line) => line.replace(/^\[[^\]]+\] /, ""));
};

test("a line tells time, level and name, and what it quotes of others can't move the cursor", () => {
  assert.deepEqual(written((log) => log.info("Submitting flow run '\u001b[2J\u001b]0;mine\u0007\u202eevil'")), [
    "INFO - flowctl.Agent | Submitting flow run 'evil'",
  ]);
});

test("lines below the level are dropped, under every name", () => {
  assert.deepEqual(
    written((log) => (log.info("a"), log.named("API").info("b"), log.named("API").error("c")), "WARNING"),
    [
      "ERROR - flowctl.API | c",
    ],
  );
});
