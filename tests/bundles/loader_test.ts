import assert from "node:assert/strict";
import { loadBundle, loadFile } from "../../src/bundles/loader.ts";
import { bundleFile } from "../../src/bundles/bundler.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { shortFile, userPlace } from "../../src/support/stacks.ts";
import { test } from "../testing/test.ts";
import { testFolder } from "../testing/files.ts";

const problemOf = async (work: () => Promise<unknown>) => {
  try {
    await work();
  } catch (error) {
    assert(isFlowctlError(error), String(error));
    return error;
  }
  throw new Error("it was loaded");
};

for (const extension of ["ts", "mts", "js", "mjs"]) {
  test(`a .${extension} file is loaded from anywhere on disk`, async () => {
    using folder = testFolder({ "lib.ts": "export const two: number = 2;" });
    const path = folder.write(`flow.${extension}`, 'import { two } from "./lib.ts"; export const four = two * 2;');
    assert.equal((await loadFile(path)).four, 4);
  });
}

test("an edited file is loaded anew", async () => {
  using folder = testFolder({ "flow.ts": "export const n = 1;" });
  assert.equal((await loadFile(`${folder.path}/flow.ts`)).n, 1);
  folder.write("flow.ts", "export const n = 2;");
  assert.equal((await loadFile(`${folder.path}/flow.ts`)).n, 2);
});

const CASES = [
  { what: "a syntax error", text: "const a = 1;\n\nconst b = = 2;\n", line: 3, says: /flow\.ts:3:11$/ },
  { what: "a missing file", text: 'const a = 1;\nimport "./gone.ts";\n', line: 2, says: /gone\.ts.*flow\.ts:2:\d+$/ },
  {
    what: "a missing package",
    text: 'const a = 1;\nimport "no-such-package";\n',
    line: 2,
    says: /no-such-package.*flow\.ts:2:\d+$/,
  },
  {
    what: "a missing export",
    text: 'import { gone } from "./lib.ts";\nconsole.log(gone);\n',
    line: 1,
    says: /gone.*flow\.ts:1:\d+$/,
  },
  {
    what: "a throw while loading",
    text: 'interface A { a: 1 }\n\nthrow new RangeError("no good");\n',
    line: 3,
    says: /it throws RangeError: no good at .*flow\.ts:3:\d+$/,
  },
];
for (const { what, text, line, says } of CASES) {
  test(`${what} is one sentence with file and line`, async () => {
    using folder = testFolder({ "flow.ts": text, "lib.ts": "export const here = 1;" });
    const error = await problemOf(() => loadFile(`${folder.path}/flow.ts`));
    assert.equal(error.code, "user_code");
    assert.match(error.message, says);
    assert.doesNotMatch(error.message, /\n/);
    assert.equal(error.details.line, line);
  });
}

for (const { what, text, line } of CASES.slice(0, 4)) {
  test(`bundling names the place of ${what}`, async () => {
    using folder = testFolder({ "flow.ts": text, "lib.ts": "export const here = 1;" });
    const error = await problemOf(() => bundleFile(`${folder.path}/flow.ts`));
    assert.match(error.message, new RegExp(`flow\\.ts:${line}:\\d+$`));
  });
}

test("an error in an imported file is placed there", async () => {
  using folder = testFolder({ "flow.ts": 'import "./lib.ts";', "lib.ts": "\nconst a = = 1;" });
  const error = await problemOf(() => loadFile(`${folder.path}/flow.ts`));
  assert.match(error.message, /lib\.ts:2:\d+$/);
});

for (const lib of ["./deep/lib.ts", "../lib.ts", "../src/sdk/lib.ts", "./src/engine/lib.ts"]) {
  test(`a bundle's stack leads to the line of the TypeScript in ${lib}`, async () => {
    using folder = testFolder({
      "flows/flow.ts": `import { fail } from "${lib}";\nexport const run = () => fail();\n`,
      [`flows/${lib}`]: 'interface A { a: number }\n\nexport function fail(): A {\n  throw new Error("boom");\n}\n',
    });
    const { text, hash } = await bundleFile(`${folder.path}/flows/flow.ts`);
    const module = await loadBundle(text, hash) as { run: () => void };
    assert.throws(module.run, (error) => {
      const place = userPlace(error)!;
      assert.equal(shortFile(place.file), lib.replace(/^\.\//, ""));
      assert.equal(place.line, 4);
      return true;
    });
  });
}

test("a bundle with another hash is refused", async () => {
  const error = await problemOf(() => loadBundle("export {};", "0".repeat(64)));
  assert.equal(error.code, "conflict");
});

test("a bundle that throws while loading says so", async () => {
  using folder = testFolder({ "flow.ts": 'const a: number = 1;\nthrow new Error("bad start");\n' });
  const { text } = await bundleFile(`${folder.path}/flow.ts`);
  const error = await problemOf(() => loadBundle(text));
  assert.match(error.message, /it throws bad start at .*flow\.ts:2:\d+$/);
});

test("a path that is no file of ours is refused in one sentence", async () => {
  using folder = testFolder({ "flow.py": "" });
  assert.equal((await problemOf(() => loadFile(`${folder.path}/gone.ts`))).code, "not_found");
  assert.equal((await problemOf(() => loadFile(`${folder.path}/flow.py`))).code, "invalid");
  assert.equal((await problemOf(() => loadFile(folder.path))).code, "invalid");
});
