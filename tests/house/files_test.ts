/**
 * Every source file says what it is for, and stays small enough to be read at once.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isTypeScript, listFiles, ROOT } from "../../scripts/lib/project.ts";
import { test } from "../testing/test.ts";

const MAX_LINES = 400;

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const programFiles = [...listFiles("src", isTypeScript), ...listFiles("scripts", isTypeScript)];

/** Whether a file's first thing is a documentation comment that describes the module. */
function opensWithItsPurpose(text: string): boolean {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1];
  return comment !== undefined && /^ \* @module$/m.test(comment) && /[a-z]{3}/i.test(comment.replace("@module", ""));
}

test("every file of the program and of the scripts opens by saying what it is for", () => {
  assert.ok(programFiles.length > 20);
  assert.deepEqual(programFiles.filter((path) => !opensWithItsPurpose(read(path))), []);
});

test("a file without a purpose would be noticed", () => {
  assert.equal(opensWithItsPurpose("/**\n * Counts.\n *\n * @module\n */\n"), true);
  assert.equal(opensWithItsPurpose("/**\n * @module\n */\n"), false);
  assert.equal(opensWithItsPurpose("/** Counts. */\n"), false);
  assert.equal(opensWithItsPurpose('import "x";\n/**\n * Counts.\n *\n * @module\n */\n'), false);
});

test("no file is longer than 400 lines", () => {
  const long = [...programFiles, ...listFiles("tests", isTypeScript)]
    .map((path) => ({ path, lines: read(path).split("\n").length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES);
  assert.deepEqual(long, []);
});

test("file and folder names are in snake_case", () => {
  const odd = [...programFiles, ...listFiles("tests", isTypeScript)]
    .filter((path) => !/^[a-z0-9_/]+(\.d)?\.tsx?$/.test(path));
  assert.deepEqual(odd, []);
});
