/**
 * Tar archives as streams: made for the engine, and read from it. The only importer of modern-tar.
 *
 * @module
 */

import { type FileHandle, open, stat } from "node:fs/promises";
import { createTarDecoder, createTarPacker } from "modern-tar";
import { FlowctlError } from "../support/errors.ts";
import { type ByteSource, chunksOf, readAll } from "../support/streams.ts";

/** What an archive is made of. Paths have no `/` in front; parent folders are made by whoever unpacks it. */
export type TarEntry =
  & {
    path: string;
    /** Permissions, for example `0o755`; default 0o644, folders 0o755. */
    mode?: number;
    /** Default: the epoch, so that the same files make the same bytes. */
    mtime?: Date;
    uid?: number;
    gid?: number;
  }
  & (
    /** A file with this content. */
    | { content: string | Uint8Array }
    /** A file on disk, read while it is sent; `size` in bytes is looked up when not given. */
    | { file: string; size?: number }
    /** A file whose content comes as a stream of exactly `size` bytes. */
    | { stream: ByteSource; size: number }
    | { type: "directory" }
    | { type: "symlink"; target: string }
  );

/** What was found in an archive. */
export interface UntarredEntry {
  /** As written in the archive; may begin with `/` or `./` and may hold `..`: never join it to a folder unchecked. */
  path: string;
  type: string;
  mode: number;
  /** Bytes of the content. */
  size: number;
  /** Of a symlink or hard link. */
  target?: string;
  /** The content; what is not read is skipped. */
  body: ReadableStream<Uint8Array>;
  /** The content in one array. */
  bytes(options?: { maxBytes?: number }): Promise<Uint8Array>;
}

const READ_BYTES = 256 * 1024;

/**
 * A tar archive as a stream. Nothing is opened before somebody reads; memory stays at some megabytes, whatever the sizes.
 *
 * @throws FlowctlError (through the stream) `not_found` for a file that is not there, `conflict` for one that shrank meanwhile.
 */
export function tarOf(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const start = () => {
    const { readable, controller } = createTarPacker();
    const pack = async () => {
      for await (const entry of entries) await addEntry(controller, entry);
      controller.finalize();
    };
    pack().catch((error) => controller.error(error));
    return readable.getReader();
  };
  return new ReadableStream({
    async pull(controller) {
      reader ??= start();
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      await reader?.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

type Packer = ReturnType<typeof createTarPacker>["controller"];

async function addEntry(packer: Packer, entry: TarEntry): Promise<void> {
  const { path, mode, uid = 0, gid = 0, mtime = new Date(0) } = entry;
  const header = { name: path, uid, gid, mtime };
  if ("type" in entry) {
    const isFolder = entry.type === "directory";
    await packer.add({
      ...header,
      name: isFolder && !path.endsWith("/") ? `${path}/` : path,
      type: entry.type,
      size: 0,
      mode: mode ?? (isFolder ? 0o755 : 0o777),
      ...entry.type === "symlink" ? { linkname: entry.target } : {},
    }).close();
    return;
  }
  const { size, chunks } = await contentOf(entry);
  const writer = packer.add({ ...header, type: "file", size, mode: mode ?? 0o644 }).getWriter();
  for await (const chunk of chunks) if (chunk.length > 0) await writer.write(chunk);
  await writer.close();
}

async function contentOf(
  entry: Extract<TarEntry, { content: unknown } | { file: unknown } | { stream: unknown }>,
): Promise<{ size: number; chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array> }> {
  if ("content" in entry) {
    const bytes = bytesOf(entry.content);
    return { size: bytes.length, chunks: [bytes] };
  }
  if ("stream" in entry) return { size: entry.size, chunks: chunksOf(entry.stream) };
  const size = entry.size ?? await sizeOf(entry.file);
  return { size, chunks: fileChunks(entry.file, size) };
}

const bytesOf = (content: string | Uint8Array) =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

async function sizeOf(file: string): Promise<number> {
  return (await onFile(file, () => stat(file))).size;
}

/** Exactly `size` bytes of a file: what is appended meanwhile (a growing log) is left out. */
async function* fileChunks(file: string, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const handle: FileHandle = await onFile(file, () => open(file, "r"));
  try {
    let left = size;
    while (left > 0) {
      // A new buffer each time: the packer keeps the chunk until it is sent.
      const buffer = new Uint8Array(Math.min(READ_BYTES, left));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) {
        throw new FlowctlError("conflict", `Cannot pack "${file}": it became shorter while it was read`);
      }
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function onFile<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const code = (cause as { code?: string }).code === "ENOENT" ? "not_found" : "invalid";
    throw new FlowctlError(code, `Cannot pack "${file}": ${(cause as Error).message}`, { cause });
  }
}

/** The entries of a tar archive, one after the other. @throws FlowctlError `invalid` when it is broken or cut off. */
export async function* untar(archive: ReadableStream<Uint8Array>): AsyncGenerator<UntarredEntry, void, undefined> {
  const entries = archive.pipeThrough(
    createTarDecoder({ strict: true }) as unknown as ReadableWritablePair<DecodedEntry, Uint8Array>,
  ).getReader();
  try {
    while (true) {
      let next;
      try {
        next = await entries.read();
      } catch (cause) {
        throw new FlowctlError("invalid", `Cannot read the tar archive: ${(cause as Error).message}`, { cause });
      }
      if (next.done) return;
      const { header, body } = next.value;
      yield {
        path: header.name,
        type: header.type ?? "file",
        mode: header.mode ?? 0o644,
        size: header.size,
        ...header.linkname ? { target: header.linkname } : {},
        body,
        bytes: (options) => readAll(body, options),
      };
      // The decoder goes on only when the body was read or given up.
      if (!body.locked) await body.cancel();
    }
  } finally {
    entries.cancel().catch(() => {});
  }
}

interface DecodedEntry {
  header: { name: string; type?: string; mode?: number; size: number; linkname?: string };
  body: ReadableStream<Uint8Array>;
}
