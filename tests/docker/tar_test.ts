/**
 * Archives hold what was put in, are the same for the same input, and stream.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TarEntry, tarOf, untar } from "../../src/docker/tar.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { chunksOf, readAll } from "../../src/support/streams.ts";
import { test } from "../testing/test.ts";

async function withFile(size: number, body: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tar-"));
  try {
    const file = join(folder, "file");
    await writeFile(file, new Uint8Array(size).map((_, i) => i % 251));
    await body(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("an archive gives back files, folders, links and modes", async () => {
  const long = `${"folder/".repeat(40)}file with a very long path`;
  const got: unknown[] = [];
  const entries: TarEntry[] = [
    { path: "bin", type: "directory" },
    { path: "bin/tool", mode: 0o755, content: "#!tool" },
    { path: "bin/sh", type: "symlink", target: "tool" },
    { path: "empty", content: new Uint8Array(0) },
    { path: long, content: "ü" },
  ];
  for await (const entry of untar(tarOf(entries))) {
    const content = entry.type === "file" ? new TextDecoder().decode(await entry.bytes()) : undefined;
    got.push([entry.path, entry.type, entry.mode, entry.target ?? content]);
  }
  assert.deepEqual(got, [
    ["bin/", "directory", 0o755, undefined],
    ["bin/tool", "file", 0o755, "#!tool"],
    ["bin/sh", "symlink", 0o777, "tool"],
    ["empty", "file", 0o644, ""],
    [long, "file", 0o644, "ü"],
  ]);
});

test("a file on disk is streamed, also one larger than a read", () =>
  withFile(600_000, async (file) => {
    for await (const entry of untar(tarOf([{ path: "f", file }]))) {
      const bytes = await entry.bytes();
      assert.equal(bytes.length, 600_000);
      assert.ok(bytes.every((byte, i) => byte === i % 251));
    }
  }));

test("the same entries make the same bytes", async () => {
  const make = () => readAll(tarOf([{ path: "a", content: "1" }, { path: "b", type: "directory" }]));
  assert.deepEqual(await make(), await make());
});

test("entries that nobody reads are skipped", async () => {
  const paths: string[] = [];
  const entries = ["a", "b", "c"].map((path) => ({ path, content: new Uint8Array(100_000) }));
  for await (const entry of untar(tarOf(entries))) paths.push(entry.path);
  assert.deepEqual(paths, ["a", "b", "c"]);
});

test("nothing is opened before the archive is read, and a reader that leaves ends the packing", async () => {
  let made = 0;
  let ended = false;
  const entries = async function* (): AsyncGenerator<TarEntry> {
    try {
      while (true) {
        made++;
        yield await Promise.resolve({ path: `f${made}`, content: new Uint8Array(1_000_000) });
      }
    } finally {
      ended = true;
    }
  };
  const stream = tarOf(entries());
  assert.equal(made, 0);
  for await (const _ of chunksOf(stream)) break;
  while (!ended) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(made < 20, `${made} entries were made`);
});

test("a file that is missing or became shorter fails the archive", async () => {
  await assert.rejects(
    readAll(tarOf([{ path: "x", file: "/no/such/file" }])),
    (error) => isFlowctlError(error, "not_found"),
  );
  await withFile(100, async (file) => {
    await truncate(file, 50);
    await assert.rejects(
      readAll(tarOf([{ path: "x", file, size: 100 }])),
      (error) => isFlowctlError(error, "conflict"),
    );
  });
});

test("an archive that is cut off or no archive is refused", async () => {
  const whole = await readAll(tarOf([{ path: "a", content: new Uint8Array(5000) }]));
  const cut = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(whole.slice(0, 2000));
      controller.close();
    },
  });
  const readWhole = async (stream: ReadableStream<Uint8Array>) => {
    for await (const entry of untar(stream)) await entry.bytes();
  };
  await assert.rejects(readWhole(cut));
  await assert.rejects(
    readWhole(new Blob(["nonsense ".repeat(200)]).stream()),
    (error) => isFlowctlError(error, "invalid"),
  );
});
