/**
 * Which binary a run gets, and how one comes from the server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { putOnShelf, shelfPath } from "../../src/images/binaries.ts";
import { type BinarySource, findBinary, type FindBinaryOptions, isCompatible } from "../../src/images/find_binary.ts";
import { FlowctlError } from "../../src/support/errors.ts";
import { createLog } from "../../src/support/log.ts";
import { tinyElf } from "../agent/agent_api.ts";
import { testFolder } from "../testing/files.ts";
import { test } from "../testing/test.ts";

const TARGET = "linux-x64";
const variant = (n: number) => new Uint8Array([...tinyElf(), n]);
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const streamOf = (bytes: Uint8Array) => new Blob([bytes as BlobPart]).stream();

/** A server with binaries by version. */
function serverOf(has: Record<string, Uint8Array>, tampered = false) {
  const asked: string[] = [];
  const source: BinarySource = {
    hash(version) {
      asked.push(`hash ${version}`);
      return Promise.resolve(has[version] === undefined ? undefined : hashOf(has[version]));
    },
    read(version) {
      asked.push(`read ${version}`);
      const content = streamOf(tampered ? variant(99) : has[version]);
      return Promise.resolve({ content, sha256: hashOf(has[version]) });
    },
    libraries(version, target) {
      asked.push(`libraries ${version} ${target}`);
      return Promise.resolve(undefined);
    },
  };
  return { asked, source };
}

function world() {
  const folder = testFolder();
  const home = folder.path;
  const lines: string[] = [];
  const write = (path: string, bytes: Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return path;
  };
  const own = write(join(home, "own"), variant(1));
  const find = (more: Partial<FindBinaryOptions>) =>
    findBinary({
      version: "0.2.5",
      architecture: "amd64",
      env: {},
      home,
      log: createLog({ write: (line) => lines.push(line) }),
      signal: new AbortController().signal,
      ...more,
    });
  return { home, own, write, find, lines, [Symbol.dispose]: folder[Symbol.dispose] };
}

test("versions with the same major and minor number are compatible", () => {
  assert.ok(isCompatible("0.2.1", "0.2.5") && isCompatible("1.10.0-rc.1", "1.10.3"));
  assert.ok(!isCompatible("0.1.9", "0.2.0") && !isCompatible("1.1.0", "1.10.0") && !isCompatible("", ""));
});

test("the agent's own executable comes first, and nobody is asked", async () => {
  using w = world();
  const { source, asked } = serverOf({ "0.2.5": variant(2) });
  const found = await w.find({ own: w.own, source, env: { FLOWCTL_LINUX_BINARY: w.own } });
  assert.deepEqual([found.path, found.version, asked], [w.own, "0.2.5", []]);
});

test("where it can't serve the server's is downloaded, once for all that want it, and kept", async () => {
  using w = world();
  const { source, asked } = serverOf({ "0.2.5": variant(2) });
  const named = w.write(join(w.home, "named"), variant(3));
  const options = { source, env: { FLOWCTL_LINUX_BINARY: named } };
  const all = await Promise.all([w.find(options), w.find(options)]);
  const path = shelfPath(w.home, "0.2.5", TARGET);
  assert.deepEqual(all.map((one) => one.path), [path, path]);
  assert.deepEqual(new Uint8Array(readFileSync(path)), variant(2));
  if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o700);
  await w.find(options);
  assert.deepEqual(asked, ["hash 0.2.5", "read 0.2.5"]);
  assert.deepEqual(readdirSync(dirname(path)), ["flowctl"], "no draft is left");
});

test("a binary that was downloaded before is not downloaded again, and another one of the server takes its place", async () => {
  for (const [kept, expected] of [[2, ["hash 0.2.5"]], [4, ["hash 0.2.5", "read 0.2.5"]]] as const) {
    using w = world();
    w.write(shelfPath(w.home, "0.2.5", TARGET), variant(kept));
    const { source, asked } = serverOf({ "0.2.5": variant(2) });
    assert.equal((await w.find({ source })).sha256, hashOf(variant(2)));
    assert.deepEqual(asked, expected);
  }
});

test("libraries are those of the version that was found, and are asked for when somebody needs them", async () => {
  using w = world();
  const { source, asked } = serverOf({});
  const found = await w.find({ wanted: "0.2.1", own: w.own, source });
  assert.deepEqual(asked, ["hash 0.2.1"]);
  assert.equal(await found.libraries!(), undefined);
  assert.deepEqual(asked, ["hash 0.2.1", "libraries 0.2.5 linux-x64"]);
});

test("a binary that was removed from the home is downloaded again", async () => {
  using w = world();
  const { source, asked } = serverOf({ "0.2.5": variant(2) });
  for (let n = 0; n < 2; n++) {
    const { path } = await w.find({ source });
    assert.ok(existsSync(path));
    rmSync(path);
  }
  assert.equal(asked.filter((one) => one.startsWith("read")).length, 2);
});

test("what arrives with another hash is not used and leaves nothing", async () => {
  using w = world();
  const { source } = serverOf({ "0.2.5": variant(2) }, true);
  const named = w.write(join(w.home, "named"), variant(3));
  assert.equal((await w.find({ source, env: { FLOWCTL_LINUX_BINARY: named } })).path, named);
  assert.match(w.lines.join("\n"), /another hash/);
  assert.deepEqual(readdirSync(dirname(shelfPath(w.home, "0.2.5", TARGET))), []);
});

test("a server that does not answer, or is too old for the question, is done without", async () => {
  for (const code of ["unavailable", "not_found"] as const) {
    using w = world();
    const fail = () => Promise.reject(new FlowctlError(code, "no"));
    const named = w.write(join(w.home, "named"), variant(3));
    const options = { source: { hash: fail, read: fail, libraries: fail }, env: { FLOWCTL_LINUX_BINARY: named } };
    assert.equal((await w.find(options)).path, named);
  }
});

test("a text is no binary, whatever its hash", async () => {
  using w = world();
  const text = new TextEncoder().encode("#!/bin/sh");
  await assert.rejects(putOnShelf(w.home, "0.2.5", TARGET, streamOf(text), hashOf(text)), /no such executable/);
  assert.ok(!existsSync(shelfPath(w.home, "0.2.5", TARGET)));
});

test("a deployment of another version gets that version's binary when it can be had", async () => {
  using w = world();
  const { source } = serverOf({ "0.1.0": variant(5) });
  const found = await w.find({ wanted: "0.1.0", own: w.own, source });
  assert.deepEqual([found.version, found.sha256], ["0.1.0", hashOf(variant(5))]);
});

test("else a compatible one, which is said", async () => {
  using w = world();
  const { source } = serverOf({});
  const found = await w.find({ wanted: "0.2.1", own: w.own, source });
  assert.deepEqual([found.version, found.path], ["0.2.5", w.own]);
  assert.match(w.lines.join("\n"), /Using flowctl 0\.2\.5 for a deployment of 0\.2\.1/);
});

test("of the home's compatible ones the newest is taken", async () => {
  using w = world();
  for (const [version, n] of [["0.1.2", 6], ["0.1.10", 7], ["0.3.0", 8]] as const) {
    w.write(shelfPath(w.home, version, TARGET), variant(n));
  }
  assert.equal((await w.find({ wanted: "0.1.1", own: w.own })).version, "0.1.10");
});

test("else it is refused with the command that helps", async () => {
  using w = world();
  await assert.rejects(w.find({ wanted: "0.1.1", own: w.own }), (error: FlowctlError) => {
    assert.match(error.message, /deployment of flowctl 0\.1\.1 with flowctl 0\.2\.5/);
    assert.match(error.hint!, /flowctl deployment create/);
    return true;
  });
});

test("an abort ends the waiting of one run and not the download of the others", async () => {
  using w = world();
  const { promise, resolve } = Promise.withResolvers<void>();
  const { source } = serverOf({ "0.2.5": variant(2) });
  const slow: BinarySource = { ...source, hash: (...of) => promise.then(() => source.hash(...of)) };
  const stop = new AbortController();
  const first = w.find({ source: slow, signal: stop.signal });
  const second = w.find({ source: slow });
  stop.abort(new Error("stopped"));
  await assert.rejects(first, /stopped/);
  resolve();
  assert.equal((await second).sha256, hashOf(variant(2)));
});
