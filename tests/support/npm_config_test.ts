import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { isFlowctlError } from "../../src/support/errors.ts";
import { handInNpmConfig, parseNpmrc, readNpmConfig } from "../../src/support/npm_config.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

test("registries and what proves who asks are taken from the user's .npmrc, and nothing else", () => {
  using folder = testFolder({
    ".npmrc": [
      "; a comment",
      "# another",
      "registry = https://npm.example/",
      '@mine:registry="https://mine.example/"',
      "//mine.example/:_authToken=${TOKEN}",
      "//npm.example/:_password=cGFzcw==",
      "//npm.example/:username=me",
      "script-shell=/bin/evil",
      "prefix=/usr",
      "strict-ssl=false",
    ].join("\n"),
  });
  assert.deepEqual(readNpmConfig({ TOKEN: "t0ken" }, folder.path), {
    npmrc: "registry=https://npm.example/\n@mine:registry=https://mine.example/\n//mine.example/:_authToken=t0ken\n" +
      "//npm.example/:_password=cGFzcw==\n//npm.example/:username=me\n",
  });
});

for (const name of ["NPM_CONFIG_REGISTRY", "npm_config_registry"]) {
  test(`${name} comes after the file's registry, so that it holds`, () => {
    using folder = testFolder({ ".npmrc": "registry=https://a.example/\n" });
    const { npmrc } = readNpmConfig({ [name]: "https://b.example/" }, folder.path);
    assert.equal(npmrc, "registry=https://a.example/\nregistry=https://b.example/\n");
  });
}

test("another file may be the user's configuration", () => {
  using folder = testFolder({ other: "registry=https://a.example/\n" });
  assert.equal(
    readNpmConfig({ NPM_CONFIG_USERCONFIG: `${folder.path}/other` }, "/nowhere").npmrc,
    "registry=https://a.example/\n",
  );
});

test("a user without a configuration hands in nothing", () => {
  using folder = testFolder({});
  assert.deepEqual(readNpmConfig({}, folder.path), { npmrc: "" });
});

test("authorities of the user's own are handed in together with the usual ones", () => {
  using folder = testFolder({ "extra.pem": "EXTRA", "usual.pem": "USUAL\n", "npm.pem": "NPM\n\n", ".npmrc": "" });
  const at = (name: string) => `${folder.path}/${name}`;
  folder.write(".npmrc", `cafile=${at("npm.pem")}\n`);
  const { certificates } = readNpmConfig(
    { NODE_EXTRA_CA_CERTS: at("extra.pem"), SSL_CERT_FILE: at("usual.pem") },
    folder.path,
  );
  assert.equal(certificates, "EXTRA\nNPM\nUSUAL\n");
});

test("a file of authorities that is named and not there is an error", () => {
  using folder = testFolder({});
  assert.throws(
    () => readNpmConfig({ NODE_EXTRA_CA_CERTS: `${folder.path}/none.pem` }, folder.path),
    (error) => isFlowctlError(error, "invalid") && /none\.pem/.test(error.message),
  );
});

test("values keep equal signs and lose quotes", () => {
  assert.deepEqual(parseNpmrc("//a/:_auth=bWU6cGFzcw==\n'x=1\nb = 'c d'\r\n"), [
    ["//a/:_auth", "bWU6cGFzcw=="],
    ["'x", "1"],
    ["b", "c d"],
  ]);
});

test("what is handed in can be read by whoever a container runs as, and an empty configuration makes no file", () => {
  using folder = testFolder({});
  handInNpmConfig(folder.path, { npmrc: "registry=https://a.example/\n" });
  assert.equal(readFileSync(`${folder.path}/npmrc`, "utf8"), "registry=https://a.example/\n");
  if (statSync(folder.path).mode & 0o077) assert.equal(statSync(`${folder.path}/npmrc`).mode & 0o004, 0o004);
  assert.throws(() => statSync(`${folder.path}/npm-ca.pem`));
});
