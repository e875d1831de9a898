/**
 * The rules of the layers, on imports that are made up.
 *
 * @module
 */

import assert from "node:assert/strict";
import { checkImports, doors, type Import } from "../../scripts/lib/layer_rules.ts";
import { test } from "../testing/test.ts";

const file = (from: string, to: string): Import => ({ from, to, kind: "file" });
const library = (from: string, to: string): Import => ({ from, to, kind: "package" });
const reasons = (...imports: Import[]): string[] => checkImports(imports).map(({ reason }) => reason);

test("an import of a lower level, of the own folder, or by main.ts is allowed", () => {
  assert.deepEqual(
    reasons(
      file("src/api/flows.ts", "src/store/flows.ts"),
      file("src/cli/commands/flow/ls.ts", "src/domain/flows.ts"),
      file("src/store/flows.ts", "src/store/tables.ts"),
      file("main.ts", "src/cli/program.ts"),
      file("src/support/version.ts", "deno.json"),
    ),
    [],
  );
});

for (
  const { edge, reason } of [
    { edge: ["src/store/flows.ts", "src/api/flows.ts"], reason: /store is on level 2 and api above it, on level 4/ },
    { edge: ["src/client/flows.ts", "src/store/flows.ts"], reason: /both on level 2, and siblings never meet/ },
    { edge: ["src/agent/agent.ts", "src/store/flows.ts"], reason: /agent must not know store: .* through client only/ },
    { edge: ["src/support/clock.ts", "main.ts"], reason: /main\.ts above it/ },
    { edge: ["src/extras/x.ts", "src/store/flows.ts"], reason: /folder "extras" has no level/ },
    { edge: ["src/cli/x.ts", "src/extras/x.ts"], reason: /folder "extras" has no level/ },
    { edge: ["src/cli/x.ts", "tests/testing/test.ts"], reason: /what lies outside src/ },
    { edge: ["src/cli/x.ts", "deno.json"], reason: /what lies outside src/ },
    { edge: ["src/stray.ts", "src/store/flows.ts"], reason: /no folder of src that has a level/ },
  ]
) {
  test(`${edge[0]} may not import ${edge[1]}, and is told why`, () => {
    const [from, to] = edge;
    const problems = checkImports([file(from, to)]);
    assert.deepEqual(problems.map((problem) => [problem.from, problem.to]), [[from, to]]);
    assert.match(problems[0].reason, reason);
  });
}

test("a library has one door", () => {
  const imports = [library("src/support/yaml.ts", "yaml"), library("src/cli/output.ts", "yaml")];
  assert.deepEqual(checkImports([imports[1]]), []);
  assert.deepEqual(checkImports(imports), [{
    from: "src/support/yaml.ts",
    to: "yaml",
    reason: "a library has one door, and src/cli/output.ts imports it already",
  }]);
});

test("the languages of a layer have no door, and a folder's library stays in its folders", () => {
  assert.deepEqual(reasons(library("src/domain/a.ts", "zod"), library("src/client/b.ts", "zod")), []);
  assert.deepEqual(
    reasons(library("src/api/a.ts", "@hono/zod-openapi"), library("src/domain/b.ts", "@hono/zod-openapi")),
    [],
  );
  assert.match(reasons(library("src/cli/a.ts", "@hono/zod-openapi"))[0], /only src\/api and src\/domain/);
});

test("doors lists who imports each library", () => {
  const found = doors([library("src/b.ts", "yaml"), library("src/a.ts", "yaml"), library("src/a.ts", "zod")]);
  assert.deepEqual([...found], [["yaml", ["src/a.ts", "src/b.ts"]]]);
});
