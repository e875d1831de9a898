/**
 * Reading executables, and the libraries they need.
 *
 * @module
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import { interpreterPatch, isElfOf, patchedFile, readElf } from "../../src/support/elf.ts";
import { hostLibraries } from "../../src/support/host_libraries.ts";
import { readAll } from "../../src/support/streams.ts";
import { elf } from "../testing/elf.ts";
import { testFolder } from "../testing/files.ts";
import { skip, test } from "../testing/test.ts";

test("an executable tells its machine, loader, libraries and run path", () => {
  using folder = testFolder();
  const path = join(folder.path, "program");
  writeFileSync(path, elf());
  assert.deepEqual(readElf(path), {
    architecture: "amd64",
    interpreter: { path: "/lib64/ld-linux-x86-64.so.2", offset: 300, size: 28 },
    needed: ["libx.so.1"],
    runpath: ["$ORIGIN/lib", "/opt"],
    size: 1024,
  });
  assert.deepEqual([isElfOf(path, "amd64"), isElfOf(path, "arm64"), isElfOf("/no", "amd64")], [true, false, false]);
});

test("a program with another loader differs in that path only, also when it crosses what is read at once", async () => {
  using folder = testFolder();
  const path = join(folder.path, "program");
  const big = new Uint8Array(600_000).fill(7);
  big.set(elf());
  writeFileSync(path, big);
  const patch = interpreterPatch(readElf(path), "/.flowctl/ld.so")!;
  const expected = big.slice();
  expected.fill(0, 300, 328);
  expected.set(new TextEncoder().encode("/.flowctl/ld.so"), 300);
  assert.deepEqual(await readAll(patchedFile(path, patch)), expected);
  const far = { offset: 256 * 1024 - 2, bytes: new Uint8Array([1, 2, 3, 4]) };
  const crossed = big.slice();
  crossed.set(far.bytes, far.offset);
  assert.deepEqual(await readAll(patchedFile(path, far)), crossed);
});

test("a loader's path that does not fit is refused", () => {
  using folder = testFolder();
  const path = join(folder.path, "program");
  writeFileSync(path, elf({ interpreter: "/ld" }));
  assert.throws(() => interpreterPatch(readElf(path), "/long"), /more than 3 bytes/);
});

test("no bytes make the reader do anything but answer or refuse in a sentence", () => {
  using folder = testFolder();
  const path = join(folder.path, "program");
  const position = fc.tuple(fc.nat(700), fc.nat(255));
  fc.assert(
    fc.property(fc.array(position, { maxLength: 12 }), fc.nat(1024), (changes, length) => {
      const bytes = elf();
      for (const [at, value] of changes) if (at >= 6) bytes[at] = value;
      writeFileSync(path, bytes.subarray(0, length));
      try {
        readElf(path);
      } catch (error) {
        assert.match((error as Error).message, /^Cannot read executable/);
      }
    }),
    { numRuns: 200 },
  );
});

test("this very program's loader and libraries are found", () => {
  if (process.platform !== "linux") skip("Executables of this system are not ELF files");
  const { loader, libraries } = hostLibraries(process.execPath);
  if (loader === undefined) skip("This runtime is a static executable");
  for (const { name, path } of libraries) assert.ok(path.endsWith(name) && readElf(path).size > 0);
  assert.ok(libraries.some(({ name }) => /^libc\./.test(name)));
});

test("a library that this host lacks is named", () => {
  if (process.platform !== "linux" || process.arch !== "x64") skip("This host has no loader for amd64");
  using folder = testFolder();
  const path = join(folder.path, "program");
  writeFileSync(path, elf());
  assert.throws(() => hostLibraries(path), /no amd64 library "libx\.so\.1"/);
});

test("what lies at a library's path on another system is not this host's", () => {
  if (process.platform !== "linux") skip("Only Linux has its libraries where another system has none");
  const { loader } = hostLibraries(process.execPath);
  if (loader === undefined) skip("This runtime is a static executable");
  assert.throws(() => hostLibraries(process.execPath, "", "win32"), /this host has no \w+ library "\/lib/);
});
