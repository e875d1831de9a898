import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "../testing/test.ts";
import { cli } from "./support.ts";

test("init writes an example and the types, and never over what is there, the types excepted", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "flowctl-init-"));
  const at = (...parts: string[]) => join("new", "flows", ...parts);
  const read = (...parts: string[]) => readFileSync(join(cwd, at(...parts)), "utf8");
  try {
    const first = await cli(["init", "new/flows"], { cwd });
    assert.equal(first.code, 0);
    assert.deepEqual(first.stdout.trim().split("\n"), [
      `Wrote ${at("example-deployment.ts")}`,
      `Wrote ${at(".flowctl", "flowctl.d.ts")}`,
      `Wrote ${at("tsconfig.json")}`,
    ]);
    assert.match(read("example-deployment.ts"), /new DeploymentSpec\({ name: "example", flow: myFlow,/);
    assert.match(read(".flowctl", "flowctl.d.ts"), /declare module "flowctl"/);
    for (const name of ["example-deployment.ts", "tsconfig.json", join(".flowctl", "flowctl.d.ts")]) {
      writeFileSync(join(cwd, at(name)), "mine");
    }
    const second = await cli(["init", "new/flows"], { cwd });
    assert.match(second.stdout, /^Kept .*example-deployment\.ts: it exists already\nWrote .*\nKept .*tsconfig\.json: /);
    assert.equal(read("example-deployment.ts"), "mine");
    assert.match(read(".flowctl", "flowctl.d.ts"), /declare module "flowctl"/);
  } finally {
    rmSync(cwd, { recursive: true });
  }
});
