import assert from "node:assert/strict";
import fc from "fast-check";
import { Dockerignore } from "../../../src/images/build/dockerignore.ts";
import { isFlowctlError } from "../../../src/support/errors.ts";
import { test } from "../../testing/test.ts";

const excludes = (text: string, path: string) => Dockerignore.parse(text).excludes(path);

test("patterns match as those of docker do", () => {
  const cases: [string, string, boolean][] = [
    ["a.txt", "a.txt", true],
    ["a.txt", "aXtxt", false],
    ["/a.txt", "a.txt", true],
    ["dir/", "dir/below/it", true],
    ["*.txt", "dir/a.txt", false],
    ["**/*.txt", "dir/sub/a.txt", true],
    ["**/*.txt", "a.txt", true],
    ["**/b", "a/b/c", true],
    ["a/**", "a/b/c", true],
    ["a/**", "a", false],
    ["**", "anything/at/all", true],
    ["temp?", "temp1", true],
    ["temp?", "temp12", false],
    ["[a-c].md", "b.md", true],
    ["[^a-c].md", "b.md", false],
    ["a+(b).txt", "a+(b).txt", true],
    ["\\*.txt", "*.txt", true],
    ["\\*.txt", "a.txt", false],
    ["# a.txt", "a.txt", false],
    [" a.txt ", "a.txt", true],
    ["\ufeffa.txt", "a.txt", true],
    ["a\r\nb\r\n", "b", true],
    ["*\n!src", "src/deep/file", false],
    ["*\n!src\nsrc/deep", "src/deep/file", true],
    ["./x/../a.txt", "a.txt", true],
  ];
  for (const [text, path, expected] of cases) {
    assert.equal(excludes(text, path), expected, JSON.stringify([text, path]));
  }
});

test("a folder that is left out is looked through only for exceptions that begin with its name", () => {
  const ignore = Dockerignore.parse("*\n!src/kept\n!**/never");
  assert.equal(ignore.mayKeepBelow("src"), true);
  assert.equal(ignore.mayKeepBelow("sr"), false);
  assert.equal(ignore.mayKeepBelow("other"), false);
});

test("a pattern that docker refuses is refused by file and pattern", () => {
  for (const text of ["!", "[a", "a[]", "b\\"]) {
    assert.throws(
      () => Dockerignore.parse(text, "x/.dockerignore"),
      (error) =>
        isFlowctlError(error, "invalid") &&
        error.message.startsWith(`Cannot read "x/.dockerignore": the pattern "${text}" `),
    );
  }
});

test("no pattern makes matching slow, and none throws but with a sentence", () => {
  const part = fc.constantFrom(
    "**",
    "*",
    "/",
    "a",
    "?",
    "[a]",
    "[",
    "]",
    "\\",
    "!",
    "(",
    "+",
    ".",
    "$",
    "^",
    "{2}",
    " ",
  );
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 12 }),
      fc.array(fc.constantFrom("a", "b/", "."), { maxLength: 30 }),
      (parts, path) => {
        try {
          Dockerignore.parse(parts.join("")).excludes(path.join(""));
        } catch (error) {
          assert.ok(isFlowctlError(error, "invalid"), String(error));
        }
      },
    ),
    { numRuns: 300 },
  );
  const since = performance.now();
  excludes(`${"**/".repeat(30)}x`, `${"a/".repeat(200)}y`);
  assert.ok(performance.now() - since < 1000);
});
