/**
 * Environment variables on the command line.
 *
 * @module
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readVariables, variable } from "../../src/cli/variables.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

test("a variable is split at the first =, may be empty, and the last one of a name counts", () => {
  assert.deepEqual(
    ["A=1", "B=x=y", "C=", "A=2"].reduce((all: Record<string, string>, text) => variable(text, all), {}),
    { A: "2", B: "x=y", C: "" },
  );
});

test("a variable without = is refused in one sentence, and no value is quoted", () => {
  assert.throws(() => variable("A"), /^FlowctlError: Cannot set variable "A": it is not NAME=VALUE$/);
  assert.throws(() => variable("=secret"), /^FlowctlError: Cannot set variable "": its name is none$/);
});

test("a file of variables is read as Docker reads it, the later file before the earlier", () => {
  using folder = testFolder();
  writeFileSync(join(folder.path, "a.env"), '\uFEFF# comment\n\nA=1\r\n  B="quoted" # kept\nC=\n');
  writeFileSync(join(folder.path, "b.env"), "A=2");
  assert.deepEqual(readVariables(["a.env", "b.env"], folder.path), { A: "2", B: '"quoted" # kept', C: "" });
  writeFileSync(join(folder.path, "c.env"), "A=1\nexport B");
  assert.throws(() => readVariables(["c.env"], folder.path), /Cannot read line 2 of "c\.env": it is not NAME=VALUE/);
  assert.throws(() => readVariables(["d.env"], folder.path), /"d\.env": there is no such file/);
});
