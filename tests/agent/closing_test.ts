/**
 * Which state an end leads to, as a table.
 *
 * @module
 */

import assert from "node:assert/strict";
import { closing, type Ending, notStarted, refuseEphemeral } from "../../src/agent/closing.ts";
import { FINAL_STATES } from "../../src/domain/states.ts";
import { FlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

const ending = (given: Partial<Ending> & { code?: number | null }): Ending => ({
  state: "RUNNING",
  isCancelled: false,
  hasCommand: false,
  kind: "container",
  lastLines: [],
  ...given,
  exit: { code: given.code === undefined ? 0 : given.code, oomKilled: false, gone: false, ...given.exit },
});

const exit = { code: 137, oomKilled: true, gone: false };
const gone = { code: null, oomKilled: false, gone: true, reason: "it was removed" };
const TABLE: [what: string, given: Ending, state: string | undefined, message?: RegExp][] = [
  ["exit 0 without a final state", ending({}), "CRASHED", /without a final state/],
  ["exit 3", ending({ code: 3 }), "CRASHED", /^Container ended with exit code 3$/],
  ["exit 137", ending({ code: 137 }), "CRASHED", /exit code 137 \(SIGKILL\)/],
  ["a process's exit", ending({ code: 3, kind: "process" }), "CRASHED", /^Process/],
  ["no memory", ending({ exit }), "CRASHED", /out of memory.*137/],
  ["removed by hand", ending({ exit: gone }), "CRASHED", /it was removed/],
  ["never left Pending", ending({ state: "PENDING", code: 1 }), "CRASHED", /exit code 1/],
  ["last lines", ending({ code: 1, lastLines: ["a", "", "\u001b[2Jb"] }), "CRASHED", /code 1\na\nb$/],
  ["cancelled here", ending({ isCancelled: true, code: 143 }), "CANCELLED", /^Flow run was cancelled\.$/],
  ["cancelling", ending({ state: "CANCELLING", code: 143 }), "CANCELLED", /^Flow run was cancelled\.$/],
  ["cancelled and out of memory", ending({ isCancelled: true, exit }), "CANCELLED"],
  ["waiting for a retry", ending({ state: "SCHEDULED" }), undefined],
  ["paused", ending({ state: "PAUSED" }), undefined],
  ["paused and killed", ending({ state: "PAUSED", code: 137 }), "CRASHED"],
  ["deleted", ending({ state: undefined, code: 1 }), undefined],
  ["a command's exit 0", ending({ hasCommand: true }), "COMPLETED"],
  ["a command's exit 2", ending({ hasCommand: true, code: 2, lastLines: ["why"] }), "FAILED", /exit code 2\nwhy/],
  ["a command without memory", ending({ hasCommand: true, exit }), "CRASHED"],
];
for (const [what, given, state, message] of TABLE) {
  test(`${what} ${state === undefined ? "changes nothing" : `makes a run ${state}`}`, () => {
    const proposed = closing(given);
    assert.equal(proposed?.type, state);
    if (message) assert.match(proposed!.message!, message);
  });
}

test("a final state stays, whatever the exit", () => {
  for (const state of FINAL_STATES) assert.equal(closing(ending({ state, code: 1, isCancelled: true })), undefined);
});

test("a run that could not be started says why and what to do", () => {
  const { type, message } = notStarted(new FlowctlError("invalid", "Cannot do it: no", { hint: "Do that" }));
  assert.deepEqual([type, message], ["FAILED", "Submission failed: Cannot do it: no. Do that"]);
  assert.match(notStarted(refuseEphemeral()).message!, /ephemeral.*FLOWCTL_API_URL/);
});
