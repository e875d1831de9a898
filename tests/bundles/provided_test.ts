import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleFile } from "../../src/bundles/bundler.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

test("modules that the run's environment has stay imports, under the name that they have there", async () => {
  using folder = testFolder();
  const write = (name: string, text: string) => {
    mkdirSync(join(folder.path, name, ".."), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  };
  write(
    "flow.ts",
    `import { a } from "./lib/a.ts";\nimport { b } from "named";\nimport { own } from "./own.ts";\nconsole.log(a, b, own);`,
  );
  write("own.ts", `import { deep } from "./lib/deep.ts";\nexport const own = "in the bundle" + deep;`);
  write("lib/a.ts", `export const a = "not in the bundle";`);
  write("lib/deep.ts", `export const deep = "nor this";`);
  const importers: string[] = [];
  const { text } = await bundleFile(join(folder.path, "flow.ts"), {
    provided: (specifier, importer) => {
      importers.push(importer);
      const found = /lib\/(\w+)\.ts$/.exec(specifier)?.[1];
      return found !== undefined ? `/modules/${found}.ts` : specifier === "named" ? specifier : undefined;
    },
  });
  const code = text.replace(/\n\/\/# sourceMappingURL=.*/, "");
  assert.ok(code.includes('"/modules/a.ts"') && code.includes('"/modules/deep.ts"') && code.includes('"named"'), code);
  assert.ok(code.includes("in the bundle") && !code.includes("not in the bundle") && !code.includes("nor this"), code);
  assert.ok(importers.every((path) => path.startsWith("/") || /^[A-Za-z]:/.test(path)), importers.join("\n"));
});
