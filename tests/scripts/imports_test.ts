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
  const { imports, unreadable } = importsOf({
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
  assert.deepEqual(unreadable, []);
});

test("what cannot be read is named with the reason, and does not hide the rest", () => {
  const { imports, unreadable } = importsOf({
    modules: [
      { specifier: url("src/api/gone.ts"), error: 'Module not found "gone.ts"' },
      {
        specifier: url("src/api/flows.ts"),
        dependencies: [
          { specifier: "odd", code: { error: 'Import "odd" not a dependency\n  hint' } },
          { specifier: "./gone.ts", code: { specifier: url("src/api/gone.ts") } },
        ],
      },
    ],
  }, ROOT);
  assert.deepEqual(imports.map(({ to }) => to), ["src/api/gone.ts"]);
  assert.deepEqual(unreadable, [
    'src/api/gone.ts: Module not found "gone.ts"',
    'src/api/flows.ts: Import "odd" not a dependency',
  ]);
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
