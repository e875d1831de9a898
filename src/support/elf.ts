/**
 * What a Linux executable says about itself: machine, loader, libraries. And the same file with another loader's path in it.
 *
 * Enough of ELF to put the running binary into an image or a volume without `ldd` and `patchelf`. 64 bit, little endian: all that
 * flowctl is compiled for.
 *
 * @module
 */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { FlowctlError } from "./errors.ts";

/** Machines by the number in the header, as Docker names them. */
const MACHINES: Record<number, string> = {
  0x3e: "amd64",
  0xb7: "arm64",
  0xf3: "riscv64",
  0x15: "ppc64le",
  0x16: "s390x",
};

const PT_LOAD = 1, PT_DYNAMIC = 2, PT_INTERP = 3;
const DT_NEEDED = 1n, DT_STRTAB = 5n, DT_RPATH = 15n, DT_RUNPATH = 29n;

/** What {@link readElf} found. */
export interface Elf {
  /** As Docker names architectures: `amd64`, `arm64`; `machine N` for others. */
  architecture: string;
  /** The loader; absent in a static executable. `offset` and `size` (with the closing NUL) say where its path stands. */
  interpreter?: { path: string; offset: number; size: number };
  /** Names of libraries, e.g. `libc.so.6`. */
  needed: string[];
  /** Folders in which libraries are looked for first; may hold `$ORIGIN`. */
  runpath: string[];
  /** Bytes of the file. */
  size: number;
}

/**
 * Reads an ELF file's headers.
 *
 * @throws FlowctlError `invalid` for a file that is none, `not_found` for one that is not there.
 *
 * @example
 * ```ts
 * import process from "node:process";
 * import { readElf } from "./elf.ts";
 *
 * if (process.platform === "linux") console.assert(readElf(process.execPath).needed.length > 0);
 * ```
 */
export function readElf(path: string): Elf {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    throw new FlowctlError("not_found", `Cannot read executable "${path}": ${(cause as Error).message}`, { cause });
  }
  try {
    return parse(path, fstatSync(file).size, (offset, length) => {
      const bytes = new Uint8Array(length);
      const read = readSync(file, bytes, 0, length, offset);
      return bytes.subarray(0, read);
    });
  } finally {
    closeSync(file);
  }
}

/** Whether a file is an ELF file of that architecture; false for anything else, a missing one too. */
export function isElfOf(path: string, architecture: string): boolean {
  try {
    return readElf(path).architecture === architecture;
  } catch {
    return false;
  }
}

type Read = (offset: number, length: number) => Uint8Array;

function parse(path: string, size: number, read: Read): Elf {
  const wrong = (why: string) => new FlowctlError("invalid", `Cannot read executable "${path}": ${why}`);
  const view = (offset: number, length: number): DataView => {
    // A header may claim any length; nothing beyond the file is asked for.
    if (offset < 0 || length < 0 || offset + length > size) throw wrong("it is cut off");
    const bytes = read(offset, length);
    if (bytes.length < length) throw wrong("it is cut off");
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  };
  if (size < 64) throw wrong("it is no Linux executable");
  const head = view(0, 64);
  if (head.getUint32(0) !== 0x7f454c46) throw wrong("it is no Linux executable");
  if (head.getUint8(4) !== 2 || head.getUint8(5) !== 1) throw wrong("only 64 bit little endian files are understood");
  const number = (of: DataView, at: number) => Number(of.getBigUint64(at, true));

  const machine = head.getUint16(18, true);
  const start = number(head, 32), each = head.getUint16(54, true), count = head.getUint16(56, true);
  if (each < 56) throw wrong("its program headers are too short");
  const headers = view(start, each * count);
  const segments = Array.from({ length: count }, (_, n) => ({
    type: headers.getUint32(n * each, true),
    offset: number(headers, n * each + 8),
    address: number(headers, n * each + 16),
    size: number(headers, n * each + 32),
  }));

  const elf: Elf = { architecture: MACHINES[machine] ?? `machine ${machine}`, needed: [], runpath: [], size };
  const interpreter = segments.find(({ type }) => type === PT_INTERP);
  if (interpreter !== undefined) {
    elf.interpreter = {
      path: textAt(view(interpreter.offset, Math.min(interpreter.size, 4096)), 0),
      offset: interpreter.offset,
      size: interpreter.size,
    };
  }
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return elf;

  const entries = view(dynamic.offset, Math.min(dynamic.size, 64 * 1024));
  const tags: [bigint, number][] = [];
  for (let at = 0; at + 16 <= entries.byteLength; at += 16) {
    const tag = entries.getBigUint64(at, true);
    if (tag === 0n) break;
    tags.push([tag, number(entries, at + 8)]);
  }
  const address = tags.find(([tag]) => tag === DT_STRTAB)?.[1];
  const segment = segments.find((one) =>
    one.type === PT_LOAD && address !== undefined && address >= one.address && address < one.address + one.size
  );
  if (segment === undefined || address === undefined) return elf;
  const strings = segment.offset + address - segment.address;
  const stringAt = (at: number) => textAt(view(strings + at, Math.min(4096, Math.max(0, size - strings - at))), 0);
  elf.needed = tags.filter(([tag]) => tag === DT_NEEDED).map(([, at]) => stringAt(at));
  elf.runpath = tags.filter(([tag]) => tag === DT_RUNPATH || tag === DT_RPATH)
    .flatMap(([, at]) => stringAt(at).split(":")).filter((folder) => folder !== "");
  return elf;
}

function textAt(bytes: DataView, from: number): string {
  let end = from;
  while (end < bytes.byteLength && bytes.getUint8(end) !== 0) end++;
  return new TextDecoder().decode(new Uint8Array(bytes.buffer, bytes.byteOffset + from, end - from));
}

/** Bytes to put over those of a file from `offset` on. */
export interface Patch {
  offset: number;
  bytes: Uint8Array;
}

/**
 * The patch that gives an executable another loader. The path is written in place, so it can't be longer than the old one.
 *
 * @returns undefined for a static executable, which has no loader.
 * @throws FlowctlError `unsupported` when the new path is too long.
 */
export function interpreterPatch({ interpreter }: Elf, path: string): Patch | undefined {
  if (interpreter === undefined) return undefined;
  const text = new TextEncoder().encode(path);
  if (text.length >= interpreter.size) {
    throw new FlowctlError(
      "unsupported",
      `Cannot use loader "${path}": it has more than ${interpreter.size - 1} bytes`,
    );
  }
  const bytes = new Uint8Array(interpreter.size);
  bytes.set(text);
  return { offset: interpreter.offset, bytes };
}

const READ_BYTES = 256 * 1024;

/** The bytes of a file, with a patch applied on the way; the file itself stays as it is. */
export async function* patchedFile(path: string, patch?: Patch): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(path, "r");
  try {
    for (let at = 0;;) {
      const buffer = new Uint8Array(READ_BYTES);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      const chunk = buffer.subarray(0, bytesRead);
      if (patch !== undefined) apply(chunk, at, patch);
      at += bytesRead;
      yield chunk;
    }
  } finally {
    await file.close();
  }
}

/** The part of the patch that lies in this chunk; a patch may cross chunks. */
function apply(chunk: Uint8Array, at: number, { offset, bytes }: Patch): void {
  const from = Math.max(at, offset), to = Math.min(at + chunk.length, offset + bytes.length);
  if (from < to) chunk.set(bytes.subarray(from - offset, to - offset), from - at);
}
