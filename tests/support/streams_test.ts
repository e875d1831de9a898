/**
 * Lines are the same wherever chunks are cut, and nothing waits for a silent source.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { isFlowctlError } from "../../src/support/errors.ts";
import {
  chunksOf,
  jsonLines,
  LineSplitter,
  merge,
  readAll,
  splitLines,
  takeUntilAborted,
} from "../../src/support/streams.ts";
import { test } from "../testing/test.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function* from<T>(...items: T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

/** Cuts an array at the given places. */
function cutAt(data: Uint8Array, places: number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (data.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, i) => data.slice(start, at[i] ?? data.length));
}

test("lines do not depend on where the chunks are cut", async () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n]/g, ""));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1 }), fc.array(fc.nat()), async (lines, places) => {
      const chunks = cutAt(bytes(lines.join("\n") + "\n"), places);
      assert.deepEqual(await Array.fromAsync(splitLines(from(...chunks))), lines);
    }),
  );
});

test("a carriage return before the line end is dropped, any other is kept", async () => {
  assert.deepEqual(await Array.fromAsync(splitLines(from(bytes("a\r"), bytes("\nb\rc\n\r\nd\r")))), [
    "a",
    "b\rc",
    "",
    "d",
  ]);
});

test("a line longer than allowed comes in pieces that join to the whole, never cut inside a character", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", minLength: 1, maxLength: 60 }).map((s) => s.replace(/[\r\n]/g, "") + "x"),
      fc.integer({ min: 4, max: 20 }),
      fc.array(fc.nat()),
      (text, maxLineBytes, places) => {
        const splitter = new LineSplitter({ maxLineBytes });
        const lines = cutAt(bytes(text + "\nend\n"), places).flatMap((chunk) => splitter.push(chunk));
        const last = lines.findIndex((line) => !line.continues);
        assert.equal(lines.slice(0, last + 1).map((line) => line.text).join(""), text);
        assert.equal(lines.slice(last + 1).map((line) => line.text).join(""), "end");
        assert.ok(lines.every((line) => bytes(line.text).length <= maxLineBytes));
      },
    ),
  );
});

test("JSON lines skip empty lines and accept a last line without end", async () => {
  assert.deepEqual(await Array.fromAsync(jsonLines(from(bytes('{"a":1}\r\n\n{"a"'), bytes(":2}")))), [{ a: 1 }, {
    a: 2,
  }]);
});

test("a JSON line that is too long or not JSON is refused", async () => {
  await assert.rejects(
    Array.fromAsync(jsonLines(from(bytes("[1,2,3,4,5,6]\n")), { maxLineBytes: 6 })),
    (error) => isFlowctlError(error, "too_large"),
  );
  await assert.rejects(
    Array.fromAsync(jsonLines(from(bytes("nonsense\n")))),
    (error) => isFlowctlError(error, "invalid"),
  );
});

test("leaving a loop over a stream's chunks cancels the stream", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes("x")),
    cancel: () => void (cancelled = true),
  });
  for await (const _ of chunksOf(stream)) break;
  assert.equal(cancelled, true);
});

test("reading everything stops at the limit", async () => {
  assert.deepEqual(await readAll(from(bytes("ab"), bytes("c"))), bytes("abc"));
  await assert.rejects(
    readAll(from(bytes("ab"), bytes("c")), { maxBytes: 2 }),
    (error) => isFlowctlError(error, "too_large"),
  );
});

test("taking until aborted ends while the source is silent, and tells it to return", async () => {
  const stop = new AbortController();
  let returned = false;
  const silent: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return: () => {
        returned = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const all = Array.fromAsync(takeUntilAborted(silent, stop.signal));
  stop.abort();
  assert.deepEqual(await all, []);
  assert.equal(returned, true);
});

test("taking until aborted hands on values and errors before the abort", async () => {
  const { signal } = new AbortController();
  assert.deepEqual(await Array.fromAsync(takeUntilAborted(from(1, 2), signal)), [1, 2]);
  const failing = async function* () {
    yield await Promise.resolve(1);
    throw new Error("broken");
  };
  await assert.rejects(Array.fromAsync(takeUntilAborted(failing(), signal)), /broken/);
  assert.deepEqual(await Array.fromAsync(takeUntilAborted(from(1), AbortSignal.abort())), []);
});

test("a merge gives every value, keeps each source's order, and lets nobody starve", async () => {
  const merged = await Array.fromAsync(merge(from("a1", "a2", "a3"), from("b1", "b2"), from<string>()));
  assert.deepEqual(merged.filter((item) => item[0] === "a"), ["a1", "a2", "a3"]);
  assert.deepEqual(merged.filter((item) => item[0] === "b"), ["b1", "b2"]);
  assert.ok(merged.indexOf("b1") < merged.indexOf("a3"));
});

test("a merge fails with its first failing source and ends the others", async () => {
  let ended = false;
  const endless: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return: () => {
        ended = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const failing = async function* (): AsyncGenerator<number> {
    yield await Promise.resolve(1);
    throw new Error("broken");
  };
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const item of merge(endless, failing())) seen.push(item);
  }, /broken/);
  assert.deepEqual(seen, [1]);
  assert.equal(ended, true);
});
