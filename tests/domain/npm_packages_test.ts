import assert from "node:assert/strict";
import { npmPackagesOf, npmPackageText, packageOfSpecifier, parseNpmPackages } from "../../src/domain/npm_packages.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { test } from "../testing/test.ts";

test("packages are separated by any space, each with a version, a range or a tag", () => {
  assert.deepEqual(parseNpmPackages("  left-pad is-odd@3\n@scope/name@^1.2.0-rc.1 JSONStream@next x@1.x||>=3 "), [
    { name: "left-pad", range: "latest" },
    { name: "is-odd", range: "3" },
    { name: "@scope/name", range: "^1.2.0-rc.1" },
    { name: "JSONStream", range: "next" },
    { name: "x", range: "1.x||>=3" },
  ]);
  assert.deepEqual(parseNpmPackages(" \t"), []);
  assert.deepEqual(parseNpmPackages(undefined), []);
  assert.equal(parseNpmPackages("@scope/name@^1 left-pad").map(npmPackageText).join(" "), "@scope/name@^1 left-pad");
});

for (
  const word of [
    "--registry=x",
    "-g",
    "./here",
    "../here",
    "/etc",
    ".",
    "~",
    "owner/name",
    "a@file:../b",
    "a@npm:b@1",
    "a@workspace:*",
    "a@../b",
    "https://x/y.tgz",
    "git+ssh://git@x/y",
    "x.tgz",
    "a@x.tar.gz",
    "a@",
    "@scope",
    "@/x",
    "a;b",
    "$(x)",
    '"a"',
  ]
) {
  test(`"${word}" names no package`, () => {
    assert.throws(() => parseNpmPackages(`left-pad ${word}`), (error) => isFlowctlError(error, "invalid"));
  });
}

test("a package that is named twice is refused", () => {
  assert.throws(() => parseNpmPackages("a@1 a@2"), /names "a" twice/);
});

test("a password in an address is not repeated", () => {
  assert.throws(() => parseNpmPackages("https://me:secret@x/y"), (error) => !String(error).includes("secret"));
});

test("a runner's packages are read from its env, of either type", () => {
  const config = { env: { EXTRA_NPM_PACKAGES: "a" } };
  assert.deepEqual(npmPackagesOf({ type: "docker", config }).map(({ name }) => name), ["a"]);
  assert.deepEqual(npmPackagesOf({ type: "subprocess", config }).map(({ name }) => name), ["a"]);
  assert.deepEqual(npmPackagesOf({ type: "docker" }), []);
  assert.deepEqual(npmPackagesOf(undefined), []);
});

test("a specifier's package is known", () => {
  assert.equal(packageOfSpecifier("left-pad/lib/x.js"), "left-pad");
  assert.equal(packageOfSpecifier("@scope/name/x"), "@scope/name");
  assert.equal(packageOfSpecifier("node:fs"), undefined);
  assert.equal(packageOfSpecifier("./x.ts"), undefined);
  assert.equal(packageOfSpecifier("https://x/y"), undefined);
});
