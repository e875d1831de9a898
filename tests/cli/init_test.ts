import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "../testing/test.ts";
import { cli } from "./support.ts";

test("init writes an example into a folder, and never over what is there", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "flowctl-init-"));
  try {
    const first = await cli(["init", "new/flows"], { cwd });
    assert.deepEqual({ code: first.code, stdout: first.stdout }, {
      code: 0,
      stdout: `Wrote ${join("new", "flows", "example-deployment.ts")}\n`,
    });
    const path = join(cwd, "new", "flows", "example-deployment.ts");
    assert.match(readFileSync(path, "utf8"), /new DeploymentSpec\({ name: "example", flow: myFlow,/);
    writeFileSync(path, "mine");
    assert.match((await cli(["init", "new/flows"], { cwd })).stdout, /^Kept .*: it exists already\n$/);
    assert.equal(readFileSync(path, "utf8"), "mine");
  } finally {
    rmSync(cwd, { recursive: true });
  }
});
