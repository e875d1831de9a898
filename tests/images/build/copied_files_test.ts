import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tarOf, untar } from "../../../src/docker/tar.ts";
import { gatherFiles, looksSecret } from "../../../src/images/build/copied_files.ts";
import { Dockerignore } from "../../../src/images/build/dockerignore.ts";
import { hashInputs } from "../../../src/images/build/input_hash.ts";
import { testFolder } from "../../testing/files.ts";
import { test } from "../../testing/test.ts";

function world() {
  const folder = testFolder();
  const file = (name: string, text = name) => {
    mkdirSync(join(folder.path, name, ".."), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  };
  return { path: folder.path, file, [Symbol.dispose]: folder[Symbol.dispose] };
}

test("files and folders go where COPY would put them", async () => {
  using made = world();
  made.file("lib/a.ts");
  made.file("lib/sub/b.ts");
  made.file("one.txt");
  const gathered = await gatherFiles({
    folder: made.path,
    files: { "lib": "/modules/", [join(made.path, "one.txt")]: "/etc/" },
  });
  assert.deepEqual(gathered.copies, [
    { from: "files/0", to: "/modules", isFolder: true },
    { from: "files/1", to: "/etc/one.txt", isFolder: false },
  ]);
  assert.deepEqual(gathered.expected.filter(({ kind }) => kind === "file"), [
    { path: "/modules/a.ts", kind: "file" },
    { path: "/modules/sub/b.ts", kind: "file" },
    { path: "/etc/one.txt", kind: "file" },
  ]);
  const names: string[] = [];
  for await (const entry of untar(tarOf(gathered.entries))) names.push(entry.path.replace(/\/$/, ""));
  assert.deepEqual(names, ["files/0", "files/0/a.ts", "files/0/sub", "files/0/sub/b.ts", "files/1"]);
});

test("two sources for one place are refused, also deep in folders", async () => {
  using made = world();
  made.file("a/x/same.txt");
  made.file("b/same.txt");
  await assert.rejects(
    gatherFiles({ folder: made.path, files: { a: "/d", b: "/d/x" } }),
    /same\.txt" to "\/d\/x\/same\.txt": /,
  );
});

test("a link is copied as a link; one that is named and leads out of its folder is refused", async () => {
  using made = world();
  made.file("lib/a.txt");
  symlinkSync("a.txt", join(made.path, "lib/inside"));
  symlinkSync("/etc/hosts", join(made.path, "lib/out"));
  symlinkSync("/etc/hosts", join(made.path, "hosts"));
  const { warnings, expected } = await gatherFiles({ folder: made.path, files: { lib: "/lib" } });
  assert.deepEqual(expected.filter(({ kind }) => kind === "link").map(({ path }) => path), ["/lib/inside", "/lib/out"]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /lib\/out" is a link that leads out of "lib"/);
  await assert.rejects(gatherFiles({ folder: made.path, files: { hosts: "/hosts" } }), /leads out of/);
  await assert.rejects(
    gatherFiles({ folder: made.path, files: { [join(made.path, "hosts")]: "/hosts" } }),
    /leads out of/,
  );
});

test("a dockerignore holds for what is copied by the name of its folder", async () => {
  using made = world();
  made.file("lib/a.ts");
  made.file("lib/a.log");
  const ignore = Dockerignore.parse("**/*.log");
  const { expected } = await gatherFiles({ folder: made.path, files: { lib: "/l" }, ignore });
  assert.deepEqual(expected.map(({ path }) => path), ["/l", "/l/a.ts"]);
});

test("names that secrets have are known", () => {
  for (
    const name of [".env", ".env.production", ".npmrc", "id_rsa", "server.key", "a/b.pem", "/root/.docker/config.json"]
  ) {
    assert.equal(looksSecret(name), true, name);
  }
  for (const name of [".env.example", "id_rsa.pub", "keys.ts", "config.json", "environment"]) {
    assert.equal(looksSecret(name), false, name);
  }
});

test("the hash of the inputs follows names and contents, and not times", async () => {
  using made = world();
  made.file("lib/a.ts");
  const hash = async (facts = {}) => {
    const files = await gatherFiles({ folder: made.path, files: { lib: "/l" } });
    return await hashInputs({ facts, texts: [{ path: "/f", text: "x" }], files });
  };
  const first = await hash({ a: 1, b: [2] });
  made.file("lib/a.ts");
  assert.equal(await hash({ b: [2], a: 1 }), first);
  assert.notEqual(await hash({ b: [2], a: 2 }), first);
  made.file("lib/a.ts", "other");
  const second = await hash({ a: 1, b: [2] });
  assert.notEqual(second, first);
  made.file("lib/b.ts", "");
  assert.notEqual(await hash({ a: 1, b: [2] }), second);
});
