import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";
import { isFlowctlError } from "../../src/support/errors.ts";
import { openSecretBox } from "../../src/support/secret_box.ts";
import { testFolder } from "../testing/files.ts";
import { skip, test } from "../testing/test.ts";

const refused = (work: Promise<unknown>, says: RegExp) =>
  assert.rejects(work, (error) => {
    assert.ok(isFlowctlError(error), String(error));
    assert.match(error.message, says);
    assert.ok(error.hint !== undefined);
    return true;
  });

test("a sealed text opens under its name, and each sealing differs", async () => {
  using folder = testFolder();
  const box = openSecretBox(`${folder.path}/secret.key`);
  const text = "open sesame \u{1f511}\n";
  const [one, two] = [await box.seal("A", text), await box.seal("A", text)];
  assert.equal(await box.open("A", one), text);
  assert.equal(await box.open("A", two), text);
  assert.notEqual(one.nonce, two.nonce);
  assert.notEqual(one.value, two.value);
  assert.ok(!Buffer.from(one.value, "base64").includes("sesame"));
});

test("a sealed text opens under no other name, not with another key, and not when a bit of it is another", async () => {
  using folder = testFolder();
  const box = openSecretBox(`${folder.path}/secret.key`);
  const sealed = await box.seal("A", "open sesame");
  await refused(box.open("B", sealed), /^Cannot read secret "B": it was encrypted with another key/);
  const bytes = Buffer.from(sealed.value, "base64");
  bytes[0] ^= 1;
  await refused(box.open("A", { ...sealed, value: bytes.toString("base64") }), /^Cannot read secret "A"/);
  rmSync(`${folder.path}/secret.key`);
  await refused(box.open("A", sealed), /its key ".*secret\.key" is gone/);
  await box.seal("B", "x");
  await refused(box.open("A", sealed), /another key/);
});

test("the key is made by one of many that make it at once, for its owner only, and nothing is left beside it", async () => {
  using folder = testFolder();
  const path = `${folder.path}/secret.key`;
  const sealed = await Promise.all(Array.from({ length: 8 }, () => openSecretBox(path).seal("A", "sesame")));
  for (const one of sealed) assert.equal(await openSecretBox(path).open("A", one), "sesame");
  assert.deepEqual(readdirSync(folder.path), ["secret.key"]);
  assert.equal(Buffer.from(readFileSync(path, "utf8"), "base64").length, 32);
  if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("a key that others may read, or that is damaged, is refused", async () => {
  if (process.platform === "win32") skip("Rights are inherited there");
  using folder = testFolder();
  const path = `${folder.path}/secret.key`;
  const box = openSecretBox(path);
  await box.seal("A", "sesame");
  chmodSync(path, 0o640);
  await refused(box.seal("A", "sesame"), /others may read it/);
  writeFileSync(path, "short");
  chmodSync(path, 0o600);
  await refused(box.seal("A", "sesame"), /it is damaged/);
});
