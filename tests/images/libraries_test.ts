/**
 * What a binary needs around it, from this host, from beside the binary and from the server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { type TarEntry, tarOf } from "../../src/docker/tar.ts";
import { binaryVolumeEntries } from "../../src/images/binary_volume.ts";
import { defaultImageEntries } from "../../src/images/default_image.ts";
import {
  findLibraries,
  hostLibrarySet,
  librariesBeside,
  packLibraries,
  unpackLibraries,
} from "../../src/images/libraries.ts";
import { FlowctlError } from "../../src/support/errors.ts";
import { readAll } from "../../src/support/streams.ts";
import { elf } from "../testing/elf.ts";
import { testFolder } from "../testing/files.ts";
import { skip, test } from "../testing/test.ts";

const LOADER = "lib64/ld-linux-x86-64.so.2";
const file = (path: string, content = path): TarEntry => ({ path, content, mode: 0o755 });
const COMPLETE = [file(LOADER), file("lib/x86_64-linux-gnu/libx.so.1"), file("etc/ssl/certs/ca-certificates.crt")];

async function packed(entries: TarEntry[]) {
  const content = await readAll(tarOf(entries));
  return { content, sha256: createHash("sha256").update(content).digest("hex") };
}

/** A binary whose library no host has, and a server that is asked for it. */
function world() {
  const folder = testFolder();
  const executable = `${folder.path}/flowctl`;
  writeFileSync(executable, elf());
  let asked = 0;
  const find = (answer?: Awaited<ReturnType<typeof packed>>) =>
    findLibraries(executable, () => {
      asked++;
      return Promise.resolve(answer);
    });
  return { executable, find, asked: () => asked, [Symbol.dispose]: folder[Symbol.dispose] };
}

test("what a host has is packed and is the same when it is unpacked; the same files make the same bytes", async () => {
  if (process.platform !== "linux") skip("Only Linux has such libraries");
  const set = hostLibrarySet(process.execPath);
  if (set.loader === undefined) skip("This runtime is a static executable");
  const { content, sha256 } = await packLibraries(process.execPath);
  assert.equal((await packLibraries(process.execPath)).sha256, sha256);
  const back = await unpackLibraries(content, process.execPath);
  const pathsOf = ({ loader, libraries, certificates }: typeof set) =>
    [loader, certificates, ...libraries].map((one) => one?.path);
  assert.deepEqual(pathsOf(back), pathsOf(set));
  // An image made of either has the same files at the same places.
  const names = (entries: TarEntry[]) => entries.map(({ path, mode }) => [path, mode]);
  assert.deepEqual(
    names(defaultImageEntries(process.execPath, back)),
    names(defaultImageEntries(process.execPath)),
  );
  assert.deepEqual(
    names(binaryVolumeEntries(process.execPath, back)),
    names(binaryVolumeEntries(process.execPath, set)),
  );
});

test("a host that lacks something asks the server once, and keeps what it sent beside the binary", async () => {
  using w = world();
  const set = await w.find(await packed(COMPLETE));
  assert.equal(set.loader?.path, `/${LOADER}`);
  assert.deepEqual(set.libraries.map(({ name, path }) => [name, path]), [
    ["libx.so.1", "/lib/x86_64-linux-gnu/libx.so.1"],
  ]);
  assert.equal(set.certificates?.name, "ca-certificates.crt");
  assert.ok(existsSync(librariesBeside(w.executable)));
  assert.deepEqual(await w.find(), set);
  assert.equal(w.asked(), 1);
});

test("an archive beside the binary that does not fit any more is got anew", async () => {
  using w = world();
  writeFileSync(librariesBeside(w.executable), (await packed([file(LOADER)])).content);
  await assert.rejects(w.find(), /"libx\.so\.1" is not among them/);
  assert.ok((await w.find(await packed(COMPLETE))).loader);
  assert.ok((await w.find()).loader);
  assert.equal(w.asked(), 2);
});

test("without anybody who has them it is refused in a sentence", async () => {
  using w = world();
  await assert.rejects(w.find(), (error: FlowctlError) => {
    assert.match(error.message, /this host has no amd64 library "/);
    assert.match(error.hint!, /flowctl\.libraries\.tar"$/);
    return true;
  });
});

for (
  const [what, entries, reason] of [
    ["lacks what the binary needs", [file("lib/libx.so.1")], /"ld-linux-x86-64\.so\.2" is not among them/],
    [
      "leads out of its folder",
      [...COMPLETE, file("lib/../../etc/passwd")],
      /"lib\/\.\.\/\.\.\/etc\/passwd" is no place/,
    ],
    ["holds names with other signs", [...COMPLETE, file("lib/a b")], /is no place/],
  ] as const
) {
  test(`an archive that ${what} is not used and not kept`, async () => {
    using w = world();
    await assert.rejects(w.find(await packed([...entries])), reason);
    assert.ok(!existsSync(librariesBeside(w.executable)));
  });
}

test("an archive with another hash, and one that is none, are not used", async () => {
  using w = world();
  const { content } = await packed(COMPLETE);
  await assert.rejects(w.find({ content, sha256: "0".repeat(64) }), /another hash/);
  const text = new TextEncoder().encode("no archive");
  const sha256 = createHash("sha256").update(text).digest("hex");
  await assert.rejects(w.find({ content: text, sha256 }), FlowctlError);
  assert.ok(!existsSync(librariesBeside(w.executable)));
});
