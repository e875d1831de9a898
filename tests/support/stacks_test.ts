import assert from "node:assert/strict";
import { describeError, framePlace, isOwnFile, userPlace, userStack } from "../../src/support/stacks.ts";
import { PROJECT } from "../testing/program.ts";
import { test } from "../testing/test.ts";

test("a frame's place is read however the runtime writes it", () => {
  const frames: [string, string | undefined][] = [
    ["    at f (file:///a/b.ts:1:2)", "/a/b.ts:1:2"],
    ["    at async file:///a/b%20c.ts:1:2", "/a/b c.ts:1:2"],
    ["    at new Foo (/a/b.ts:3:4)", "/a/b.ts:3:4"],
    ["    at <anonymous> (./lib.ts:6:13)", "./lib.ts:6:13"],
    ["      at async /a/b.ts?2:3:4", "/a/b.ts:3:4"],
    ["    at Object.run (node:async_hooks:144:29)", undefined],
    ["    at eventLoopTick (ext:core/01_core.js:179:7)", undefined],
    ["    at forEach (native)", undefined],
    ["    at try (1:11)", undefined],
    ["Error: boom at /a/b.ts", undefined],
  ];
  for (const [frame, expected] of frames) {
    const place = framePlace(frame);
    assert.equal(place && `${place.file}:${place.line}:${place.column}`, expected, frame);
  }
});

test("our own frames and those of packages are not the user's place", () => {
  const error = new TypeError("boom");
  error.stack = `TypeError: boom
    at inner (${PROJECT}src/engine/bodies.ts:1:1)
    at lib (/u/node_modules/x/index.js:2:2)
    at mine (/u/flow.ts:3:3)`;
  assert(isOwnFile(`${PROJECT}src/engine/bodies.ts`));
  assert.deepEqual(userPlace(error), { file: "/u/flow.ts", line: 3, column: 3 });
  assert.equal(describeError(error), "TypeError: boom (/u/flow.ts:3:3)");
  assert.equal(
    userStack(error),
    "TypeError: boom\n    at lib (/u/node_modules/x/index.js:2:2)\n    at mine (/u/flow.ts:3:3)",
  );
});

test("what is thrown need not be an error", () => {
  assert.equal(describeError("just text"), "just text");
  assert.equal(describeError(undefined), "undefined");
  assert.equal(userStack(7), "7");
  assert.match(userStack(new Error("a", { cause: new Error("b") })), /^Error: a[\s\S]*Caused by: Error: b/);
});
