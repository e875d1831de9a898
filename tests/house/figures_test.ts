/**
 * Figures that the README tells are those of the program.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/lib/project.ts";
import { ADOPTION_GRACE_SECONDS, AGENT_ALIVE_SECONDS, LEASE_SECONDS } from "../../src/domain/agents.ts";
import { LATE_AFTER_SECONDS } from "../../src/orchestration/mark_late.ts";
import { test } from "../testing/test.ts";

const readme = readFileSync(join(ROOT, "README.md"), "utf8").replaceAll(/\s+/g, " ");

test("trap 28: how long an agent may be gone, and when a run is late, is told as it is", () => {
  const told = (sentence: RegExp) => Number(sentence.exec(readme)?.[1]);
  assert.equal(told(/no sign of life for (\d+) seconds counts as gone/), AGENT_ALIVE_SECONDS);
  assert.equal(LEASE_SECONDS, AGENT_ALIVE_SECONDS, "one sentence tells of both");
  assert.equal(told(/After (\d+) minutes without it such a run is Crashed/) * 60, ADOPTION_GRACE_SECONDS);
  assert.equal(told(/A run is Late when nobody took it within (\d+) seconds/), LATE_AFTER_SECONDS);
});
