import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { bundleFile } from "../../src/bundles/bundler.ts";
import { loadBundle, loadFile } from "../../src/bundles/loader.ts";
import { isBun } from "../../src/support/runtime.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";
import { testFolder } from "../testing/files.ts";

const FILES = {
  "flow.ts": 'import { a } from "./lib/a.ts";\nimport data from "./data.json" with { type: "json" };\n' +
    'import text from "./note.txt" with { type: "text" };\n' +
    "export const isMain = import.meta.main;\nexport const all = [a(), data.n, text.trim()];\n",
  "lib/a.ts": "export const a = (): number => 1;\n",
  "data.json": '{"n":2}',
  "note.txt": "three\n",
};

test("the same files give the same hash from two folders and two working directories", async () => {
  using one = testFolder(FILES);
  using two = testFolder(FILES);
  const here = process.cwd();
  try {
    const first = await bundleFile(`${one.path}/flow.ts`);
    process.chdir(two.path);
    const second = await bundleFile("./flow.ts");
    process.chdir("lib");
    const third = await bundleFile("../flow.ts");
    assert.equal(second.hash, first.hash);
    assert.equal(third.hash, first.hash);
    assert(!first.text.includes(one.path));
    const map = JSON.parse(Buffer.from(first.text.split("base64,").at(-1)!, "base64").toString());
    assert(map.sources.includes("./flow.ts") && map.sources.includes("./lib/a.ts"), "each source begins with ./");
  } finally {
    process.chdir(here);
  }
});

test("JSON and text travel in the bundle, and it is never the main module", async () => {
  using folder = testFolder(FILES);
  const module = await loadBundle((await bundleFile(`${folder.path}/flow.ts`)).text);
  assert.deepEqual(module.all, [1, 2, "three"]);
  assert.equal(module.isMain, false);
});

test("npm: specifiers and the import map of deno.json lead to files and to packages beside them", async () => {
  using folder = testFolder({
    "deno.jsonc": '{ // names\n  "imports": { "@/": "./lib/", "mine": "./lib/a.ts", "left": "npm:pad@^1.2.0", }\n}',
    "lib/a.ts": "export const a: number = 1;",
    "node_modules/pad/package.json": '{"name":"pad","main":"index.js"}',
    "node_modules/pad/index.js": "module.exports = { pad: 'cjs', os: require('node:os').EOL };",
    "flow.ts": 'import { a } from "@/a.ts"; import { a as b } from "mine"; import left from "left";\n' +
      'import right from "npm:pad@1"; import plain from "pad"; export const all = [a, b, left.pad, right.pad, plain.os];',
  });
  const module = await loadBundle((await bundleFile(`${folder.path}/flow.ts`)).text);
  assert.deepEqual(module.all, [1, 1, "cjs", "cjs", "\n"]);
});

// Deno reads only the configuration it was started with.
if (isBun) {
  test("a file whose deno.json has names of its own is loaded by them", async () => {
    using folder = testFolder({
      "deno.json": '{ "imports": { "mine": "./lib/a.ts", "flowctl": "./types.d.ts" } }',
      "lib/a.ts": "export const a: number = 1;",
      "flow.ts": 'import { a } from "mine"; export const b = a + 1;',
      "bad.ts": 'import { a } from "mine";\nthrow new Error("bad " + a);',
    });
    assert.equal((await loadFile(`${folder.path}/flow.ts`)).b, 2);
    await assert.rejects(loadFile(`${folder.path}/bad.ts`), /it throws bad 1 at bad\.ts:2:\d+$/);
  });
}

test("a native add-on is refused by name", async () => {
  using folder = testFolder({
    "node_modules/fast/package.json": '{"name":"fast","main":"index.js"}',
    "node_modules/fast/index.js": "module.exports = require('./build/fast.node');",
    "node_modules/fast/build/fast.node": "x",
    "flow.ts": 'import fast from "fast"; export default fast;',
  });
  await assert.rejects(bundleFile(`${folder.path}/flow.ts`), (error) => {
    assert(isFlowctlError(error, "unsupported"));
    assert.equal(error.message, 'Cannot bundle "flow.ts": it imports the native add-on "fast"');
    return true;
  });
});

test("a specifier of the web or of JSR is refused", async () => {
  using folder = testFolder({ "flow.ts": 'import "jsr:@std/assert@1";' });
  await assert.rejects(bundleFile(`${folder.path}/flow.ts`), /jsr:@std\/assert@1/);
});
