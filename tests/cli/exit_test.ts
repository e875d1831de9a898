import assert from "node:assert/strict";
import { EXIT_CODES, exitCodeOf, renderError, stoppedBy } from "../../src/cli/exit.ts";
import { ERROR_CODES, FlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

test("every error code has an exit code, and none of them is 0", () => {
  assert.deepEqual(Object.keys(EXIT_CODES).sort(), [...ERROR_CODES].sort());
  for (const code of Object.values(EXIT_CODES)) assert(code > 0 && code < 256);
});

test("a wrong option, an unknown name and a silent server are told apart by the exit code", () => {
  const codes = (["invalid", "not_found", "unavailable"] as const).map((code) =>
    exitCodeOf(new FlowctlError(code, "x"))
  );
  assert.deepEqual(codes, [2, 3, 4]);
});

test("a stopped program ends with 128 and the signal's number", () => {
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const controller = new AbortController();
    controller.abort(stoppedBy(signal));
    assert.equal(exitCodeOf(controller.signal.reason, controller.signal), code);
  }
});

test("a mistake is told in a sentence and a hint, without a stack", () => {
  const error = new FlowctlError("not_found", 'Cannot run deployment "a/b": no deployment has that name', {
    hint: "List them with: flowctl deployment ls",
  });
  assert.equal(
    renderError(error, false),
    'Error: Cannot run deployment "a/b": no deployment has that name\nHint: List them with: flowctl deployment ls',
  );
});

test("a bug is one sentence, and its stack and causes are shown when asked for", () => {
  const error = new TypeError("x is not a function", { cause: new Error("below") });
  assert.equal(renderError(error, false).split("\n")[0], "Error: Cannot go on: x is not a function");
  assert.doesNotMatch(renderError(error, false), /exit_test/);
  assert.match(renderError(error, true), /exit_test/);
  assert.match(renderError(error, true), /Caused by: Error: below/);
});

test("an error's text can't write to the terminal", () => {
  assert.equal(
    renderError(new FlowctlError("invalid", "Cannot read \u001b[2J\u001b]0;x\u0007"), false),
    "Error: Cannot read ",
  );
});
