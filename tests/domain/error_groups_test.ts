import fc from "fast-check";
import assert from "node:assert/strict";
import { errorPattern } from "../../src/domain/error_groups.ts";
import { test } from "../testing/test.ts";

test("errors lose what differs from run to run, and keep their words", () => {
  const patterns: [message: string, pattern: string][] = [
    ["Flow run encountered an exception: TypeError: boom (flow.ts:3:9)", "TypeError: boom"],
    ["Task run encountered an exception: no row 17", "no row #"],
    ['Cannot read "a.csv": line 3', 'Cannot read "…": line #'],
    ["Image 'a/b:1.2' can't be pulled", "Image '…' can't be pulled"],
    ["can't open it, and don't", "can't open it, and don't"],
    ["GET https://shop.example/orders/77?x=1 answered 503", "GET <url> answered #"],
    ["Order 0195ab12-7a7a-7000-8000-00000000abcd is gone", "Order <id> is gone"],
    ["Digest sha256:0123abcd, commit deadbeef1234", "Digest <id>, commit <id>"],
    ["ENOENT: /var/lib/data/2026-11-21.csv:3:4 is missing", "ENOENT: <path> is missing"],
    ["Cannot load C:\\jobs\\nightly\\run.ts", "Cannot load <path>"],
    ["Cannot load ./flows/nightly.ts:3", "Cannot load <path>"],
    ["Not before 2026-11-21T22:33:58.123Z or 2026-11-21 10:00", "Not before <time> or <time>"],
    ["somebody@example.org has no account", "<address> has no account"],
    ["at 0xdeadbeef", "at #"],
    ["Flow run exceeded timeout of 3600 seconds", "Flow run exceeded timeout of # seconds"],
    ["Container ended with exit code 137 (SIGKILL)\nout of memory: 1234", "Container ended with exit code # (SIGKILL)"],
    ["utf8 and sha256 stay, and and/or", "utf8 and sha256 stay, and and/or"],
    ["\n\n  second line  ", "second line"],
    ["", ""],
  ];
  for (const [message, pattern] of patterns) assert.equal(errorPattern(message), pattern);
  assert.equal(errorPattern(null), "");
});

test("a pattern is one line and short, whatever the message, and numbers never tell errors apart", () => {
  fc.assert(fc.property(fc.string({ maxLength: 5000, unit: "binary" }), (message) => {
    const pattern = errorPattern(message);
    assert.ok(pattern.length <= 301 && !pattern.includes("\n"));
  }));
  fc.assert(fc.property(fc.nat(), fc.nat(), (a, b) => {
    assert.equal(errorPattern(`row ${a} of ${b}`), errorPattern("row 1 of 2"));
  }));
});

test("a hostile message costs no time", () => {
  const begun = performance.now();
  for (
    const text of [
      "/a".repeat(50_000),
      '"'.repeat(50_000),
      "a.".repeat(50_000),
      "1-".repeat(50_000),
      "a@".repeat(50_000),
    ]
  ) {
    errorPattern(text);
  }
  assert.ok(performance.now() - begun < 1000);
});
