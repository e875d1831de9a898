/**
 * `deno task compile`: every platform's executable is made here and is what it says it is.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Target, TARGETS } from "../../scripts/lib/bun.ts";
import { compile } from "../../scripts/lib/compile.ts";
import { plain } from "../../scripts/lib/command.ts";
import { test } from "../testing/test.ts";

const ROOT = join(import.meta.dirname!, "../..");
const DENO = "Deno" in globalThis ? process.execPath : "deno";

/** What `file` would say, from the headers: ELF (System V ABI), PE/COFF, Mach-O. */
const KINDS: Record<Target, string> = {
  "linux-x64": "ELF x86-64, loader /lib64/ld-linux-x86-64.so.2",
  "linux-arm64": "ELF aarch64, loader /lib/ld-linux-aarch64.so.1",
  "linux-x64-musl": "ELF x86-64, loader /lib/ld-musl-x86_64.so.1",
  "windows-x64": "PE32+ x86-64",
  "darwin-arm64": "Mach-O arm64",
  "darwin-x64": "Mach-O x86-64",
};

function kindOf(path: string): string {
  const head = Buffer.alloc(4096);
  const file = openSync(path, "r");
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  if (head.toString("latin1", 0, 4) === "\x7fELF") {
    const machine = { 62: "x86-64", 183: "aarch64" }[head.readUInt16LE(18)];
    const loader = /\/lib[0-9a-z/]*\/ld-[\w.-]+/.exec(head.toString("latin1"))?.[0];
    return `ELF ${machine}, loader ${loader}`;
  }
  if (head.toString("latin1", 0, 2) === "MZ") {
    const at = head.readUInt32LE(0x3c);
    assert.equal(head.toString("latin1", at, at + 4), "PE\0\0");
    const format = head.readUInt16LE(at + 24) === 0x20b ? "PE32+" : "PE32";
    return `${format} ${{ 0x8664: "x86-64", 0xaa64: "arm64" }[head.readUInt16LE(at + 4)]}`;
  }
  if (head.readUInt32LE(0) === 0xfeedfacf) {
    return `Mach-O ${{ 0x01000007: "x86-64", 0x0100000c: "arm64" }[head.readUInt32LE(4)]}`;
  }
  return `unknown ${head.toString("hex", 0, 8)}`;
}

const task = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(DENO, ["task", "-q", "compile", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { code: status, stdout: plain(stdout), stderr: plain(stderr) };
};

for (const target of Object.keys(TARGETS) as Target[]) {
  test(`an executable for ${target} is compiled here`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "compile-"));
    try {
      const { path, bytes } = await compile({ target, folder });
      assert.equal(path, join(folder, `flowctl-${target}${target.startsWith("windows") ? ".exe" : ""}`));
      assert.equal(kindOf(path), KINDS[target]);
      assert.ok(bytes > 50e6 && bytes < 200e6, `${bytes} bytes`);
      assert.deepEqual(readdirSync(folder).length, 1, "no source map and no scratch folder beside it");
      const isOurs = target === `${process.platform}-${process.arch}`;
      if (isOurs) assert.equal(spawnSync(path, ["version", "-o", "name"]).status, 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test("--with deno makes the same program, or says in one sentence why it cannot", () => {
  const path = join(ROOT, "dist", "flowctl-deno");
  const isThere = existsSync(path);
  const { code, stderr } = task("--with", "deno");
  if (code === 0) {
    assert.match(spawnSync(path, ["version"], { encoding: "utf8" }).stdout, /deno .*\(compiled\)/);
    if (!isThere) rmSync(path);
  } else {
    assert.equal(code, 1);
    assert.match(stderr, /^Cannot compile with Deno: .+[^.]\n$/);
    assert.equal(stderr.trim().split("\n").length, 1);
    assert.equal(existsSync(path), isThere);
  }
});

test("targets, runtimes and options that nobody knows are usage errors with the usage", () => {
  for (const args of [["--target", "plan9-vax"], ["--with", "node"], ["--bogus"], ["stray"]]) {
    const { code, stderr } = task(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /Usage: deno task compile \[--target linux-x64\|.*darwin-x64\] \[--with bun\|deno\]/);
    assert.ok(stderr.includes(args.at(-1)!), stderr);
  }
});
