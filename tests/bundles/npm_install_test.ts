import assert from "node:assert/strict";
import { hideSecrets, installNpmPackages } from "../../src/bundles/npm_install.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

test("only the compiled binary installs packages, and running from source says so", async () => {
  await assert.rejects(
    () => installNpmPackages({ packages: [{ name: "left-pad", range: "latest" }], env: {} }),
    (error) => isFlowctlError(error, "unsupported") && /runs from source/.test(error.message),
  );
});

test("tokens and passwords are not in what the installer is quoted with", () => {
  const npmrc = "//a/:_authToken=t0ken\n//a/:_password=cGFzcw==\n//a/:username=me\n";
  assert.equal(
    hideSecrets('GET "https://me:pw@a/left-pad" with t0ken and cGFzcw== - 404', npmrc),
    'GET "https://***@a/left-pad" with *** and *** - 404',
  );
});
