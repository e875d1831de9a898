/**
 * Lines come out of the engine's frames whole, wherever frames and chunks are cut.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { demultiplex, type LogFormat, type LogLine, logLines } from "../../src/docker/logs.ts";
import { frame } from "../testing/fake_engine.ts";
import { test } from "../testing/test.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function joined(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

async function* from(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

const lines = (chunks: Uint8Array[], format: Partial<LogFormat> = {}): Promise<LogLine[]> =>
  Array.fromAsync(logLines(from(...chunks), { tty: false, timestamps: false, ...format }));

const T1 = "2026-11-21T12:53:35.163690148Z";
const T2 = "2026-11-21T12:53:35.163771449Z";

test("lines are the same at every place where the connection may cut the frames", async () => {
  const wire = joined([
    frame("stdout", `${T1} grüße\n`),
    frame("stderr", `${T2} oh\r\n`),
    frame("stdout", `${T2} \n`),
    frame("stdout", `${T2} last`),
  ]);
  const expected: LogLine[] = [
    { stream: "stdout", line: "grüße", timestamp: T1 },
    { stream: "stderr", line: "oh", timestamp: T2 },
    { stream: "stdout", line: "", timestamp: T2 },
    { stream: "stdout", line: "last", timestamp: T2 },
  ];
  for (let at = 0; at <= wire.length; at++) {
    assert.deepEqual(await lines([wire.slice(0, at), wire.slice(at)], { timestamps: true }), expected, `cut at ${at}`);
  }
  assert.deepEqual(await lines([...wire].map((byte) => new Uint8Array([byte])), { timestamps: true }), expected);
});

test("any output survives any framing and any chunking", async () => {
  const line = fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => text.replace(/[\r\n]/g, "_"));
  const framing = fc.record({ stream: fc.constantFrom("stdout" as const, "stderr" as const), lines: fc.array(line) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(framing),
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.infiniteStream(fc.nat()),
      async (parts, cuts, sizes) => {
        const wire = joined(parts.flatMap(({ stream, lines }) => {
          const data = bytes(lines.map((text) => `${text}\n`).join(""));
          const frames: Uint8Array[] = [];
          for (let at = 0; at < data.length;) {
            const size = 1 + sizes.next().value % 20;
            const piece = frame(stream, "");
            new DataView(piece.buffer).setUint32(4, Math.min(size, data.length - at));
            frames.push(joined([piece, data.slice(at, at + size)]));
            at += size;
          }
          return frames;
        }));
        const places = [...new Set(cuts.map((cut) => cut % (wire.length + 1)))].sort((a, b) => a - b);
        const chunks = [0, ...places].map((start, i) => wire.slice(start, places[i] ?? wire.length));
        const got = await lines(chunks);
        for (const stream of ["stdout", "stderr"] as const) {
          assert.deepEqual(
            got.filter((one) => one.stream === stream).map((one) => one.line),
            parts.filter((part) => part.stream === stream).flatMap((part) => part.lines),
          );
        }
      },
    ),
  );
});

test("the pieces of a line above 16 KiB, each with the time of the first, become one line", async () => {
  const x = "x".repeat(16384);
  assert.deepEqual(
    await lines([frame("stdout", `${T1} ${x}`), frame("stdout", `${T1} ${x}`), frame("stdout", `${T1} end\n`)], {
      timestamps: true,
    }),
    [{ stream: "stdout", line: `${x}${x}end`, timestamp: T1 }],
  );
});

test("a line without end before a restart does not swallow the first line after it", async () => {
  assert.deepEqual(
    await lines([frame("stdout", `${T1} partial`), frame("stdout", `${T2} hi\n`)], { timestamps: true }),
    [
      { stream: "stdout", line: "partial", timestamp: T1 },
      { stream: "stdout", line: "hi", timestamp: T2 },
    ],
  );
});

test("Podman's pieces of a line have times of their own and are joined", async () => {
  assert.deepEqual(
    await lines([frame("stdout", `${T1} a`), frame("stdout", `${T2} b\n`)], {
      timestamps: true,
      piecesHaveOwnTimes: true,
    }),
    [{ stream: "stdout", line: "ab", timestamp: T1 }],
  );
});

test("the two streams' unfinished lines do not mix", async () => {
  assert.deepEqual(
    await lines([frame("stdout", "o"), frame("stderr", "e"), frame("stdout", "ut\n"), frame("stderr", "rr\n")]),
    [
      { stream: "stdout", line: "out" },
      { stream: "stderr", line: "err" },
    ],
  );
});

test("a line longer than the limit comes in marked pieces", async () => {
  assert.deepEqual(await lines([frame("stderr", `${T1} abcdefghij\n`)], { timestamps: true, maxLineBytes: 4 }), [
    { stream: "stderr", line: "abcd", timestamp: T1, continues: true },
    { stream: "stderr", line: "efgh", timestamp: T1, continues: true },
    { stream: "stderr", line: "ij", timestamp: T1 },
  ]);
});

test("a terminal's output is not framed", async () => {
  assert.deepEqual(await lines([bytes(`${T1} hi\r\n${T2} e`), bytes("rr\r\n")], { tty: true, timestamps: true }), [
    { stream: "stdout", line: "hi", timestamp: T1 },
    { stream: "stdout", line: "err", timestamp: T2 },
  ]);
  assert.deepEqual(await lines([bytes("a\r\nb")], { tty: true }), [
    { stream: "stdout", line: "a" },
    { stream: "stdout", line: "b" },
  ]);
});

test("a terminal's long line loses the times between its pieces", async () => {
  const x = "x".repeat(16384);
  assert.deepEqual(await lines([bytes(`${T1} ${x}${T1} y\r\n`)], { tty: true, timestamps: true }), [
    { stream: "stdout", line: `${x}y`, timestamp: T1 },
  ]);
});

test("a stream that ends inside a frame gives what was there", async () => {
  const wire = frame("stderr", "half a line\n");
  assert.deepEqual((await Array.fromAsync(demultiplex(from(wire.slice(0, 12))))).map(({ data }) => data.length), [4]);
  assert.deepEqual(await Array.fromAsync(demultiplex(from(wire.slice(0, 5)))), []);
});
