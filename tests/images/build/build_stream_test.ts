import assert from "node:assert/strict";
import { BuildFollower } from "../../../src/images/build/build_stream.ts";
import { test } from "../../testing/test.ts";

const STREAM = `Step 1/4 : FROM busybox:1
 ---> aaaaaaaaaaaa
Step 2/4 : ENV A=1
 ---> Using cache
 ---> bbbbbbbbbbbb
Step 3/4 : RUN echo hi
 ---> Running in 111111111111
\u001b[91mhi\u001b[0m
50%\r100%
Removing intermediate container 111111111111
 ---> cccccccccccc
Step 4/4 : RUN make
 ---> Running in 222222222222

gcc: error
`;

test("the classic builder's output is followed line by line: what was made, which step runs, what it said", () => {
  const lines: string[] = [];
  const follower = new BuildFollower((line) => lines.push(line));
  // In pieces, as it comes.
  for (let at = 0; at < STREAM.length; at += 7) follower.take(STREAM.slice(at, at + 7));
  follower.take("no end");
  follower.end();
  assert.deepEqual(follower.made, ["cccccccccccc"]);
  assert.equal(follower.step, "4/4 : RUN make");
  assert.deepEqual(follower.said, ["gcc: error", "no end"]);
  assert.ok(lines.includes("hi") && lines.includes("100%") && !lines.includes(""));
});

test("what is said at the end is left to who names the image", () => {
  const lines: string[] = [];
  const follower = new BuildFollower((line) => lines.push(line));
  follower.take("Successfully built 0123456789ab\nSuccessfully tagged flowctl-build/x:1\n");
  assert.equal(follower.builtId, "0123456789ab");
  assert.deepEqual(lines, []);
});

test("something that never ends a line does not fill the memory", () => {
  let longest = 0;
  const follower = new BuildFollower((line) => longest = Math.max(longest, line.length));
  for (let n = 0; n < 3000; n++) follower.take("x".repeat(100));
  follower.end();
  assert.ok(longest < 100_000, String(longest));
});
