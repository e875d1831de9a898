/**
 * Who imports whom, read from Deno's module graph, and the picture of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { importsOf, packageOf } from "../../scripts/lib/imports.ts";
import { drawLayers, placePicture } from "../../scripts/lib/layer_picture.ts";
import type { Import } from "../../scripts/lib/layer_rules.ts";
import { ROOT } from "../../scripts/lib/project.ts";
import { test } from "../testing/test.ts";

const url = (path: string): string => `file://${ROOT}/${path}`;

test("imports, type-only imports and packages are found, the runtime's own modules are not", () => {
  const imports = importsOf({
    modules: [
      {
        specifier: url("src/api/flows.ts"),
        dependencies: [
          { specifier: "./types.ts", type: { specifier: url("src/api/types.ts") } },
          {
            specifier: "hono/streaming",
            code: { specifier: url("node_modules/hono/streaming.js") },
            type: { specifier: url("node_modules/hono/streaming.d.ts") },
          },
          { specifier: "node:fs", code: { specifier: "node:fs" } },
        ],
      },
      { specifier: url("node_modules/hono/streaming.js"), dependencies: [] },
    ],
  }, ROOT);
  assert.deepEqual(imports, [
    { from: "src/api/flows.ts", to: "src/api/types.ts", kind: "file" },
    { from: "src/api/flows.ts", to: "hono", kind: "package" },
  ]);
});

test("a module that cannot be read is an error that names it", () => {
  const dependencies = [{ specifier: "./gone.ts", code: { error: 'Module not found "gone.ts"' } }];
  assert.throws(
    () => importsOf({ modules: [{ specifier: url("src/api/flows.ts"), dependencies }] }, ROOT),
    /src\/api\/flows\.ts: Module not found "gone\.ts"/,
  );
});

test("a package's name is found in any form of specifier", () => {
  assert.deepEqual(
    ["hono", "hono/streaming", "@a/b", "@a/b/c", "npm:x@1.2.3", "npm:@a/b@1/c"].map(packageOf),
    ["hono", "hono", "@a/b", "@a/b", "x", "@a/b"],
  );
});

test("the picture leaves out an arrow that follows from others", () => {
  const edge = (from: string, to: string): Import => ({ from: `src/${from}/a.ts`, to: `src/${to}/a.ts`, kind: "file" });
  const picture = drawLayers([
    edge("cli", "server"),
    edge("server", "store"),
    edge("cli", "store"),
    edge("cli", "cli"),
  ]);
  assert.match(picture, /^ {2}cli --> server$/m);
  assert.match(picture, /^ {2}server --> store$/m);
  assert.ok(picture.indexOf("level6") < picture.indexOf("level2"), "higher levels are drawn above");
});

test("the picture is put between its markers, and again without growing", () => {
  const document = "a\n<!-- layers:start -->\nold\n<!-- layers:end -->\nb\n";
  const placed = placePicture(document, "NEW");
  assert.equal(placed, "a\n<!-- layers:start -->\n\nNEW\n\n<!-- layers:end -->\nb\n");
  assert.equal(placePicture(placed, "NEW"), placed);
  assert.throws(() => placePicture("no markers", "NEW"), /lacks the markers/);
});
