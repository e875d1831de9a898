/**
 * Byte streams and async iterables: lines, JSON lines, merging, stopping.
 *
 * Everything here pulls: a slow consumer slows its source, and memory stays bounded by the longest line allowed.
 *
 * @module
 */

import { FlowctlError } from "./errors.ts";

/** Bytes that arrive over time. */
export type ByteSource = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** Lines longer than this are cut into pieces. 1 MiB is far above any sane line, and harmless to hold. */
export const DEFAULT_MAX_LINE_BYTES = 1024 * 1024;

/** A line, or a piece of one that was longer than allowed. */
export interface Line {
  /** The text without its line end (`\n` or `\r\n`); bytes that are not UTF-8 become U+FFFD. */
  text: string;
  /** Whether the line goes on in the next piece. */
  continues: boolean;
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * Cuts bytes into lines, wherever the chunks happen to be cut.
 *
 * @example
 * ```ts
 * import { LineSplitter } from "./streams.ts";
 *
 * const splitter = new LineSplitter();
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * console.assert(splitter.push(bytes("one\ntw")).length === 1);
 * console.assert(splitter.push(bytes("o\n"))[0].text === "two");
 * console.assert(splitter.end().length === 0);
 * ```
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #decoder = new TextDecoder();
  #parts: Uint8Array[] = [];
  #length = 0;

  /** @param maxLineBytes Longer lines are cut into pieces of at most this many bytes, never inside a character. At least 4. */
  constructor({ maxLineBytes = DEFAULT_MAX_LINE_BYTES }: { maxLineBytes?: number } = {}) {
    this.#maxLineBytes = Math.max(4, maxLineBytes);
  }

  /** Whether some bytes of an unfinished line are held. */
  get isPending(): boolean {
    return this.#length > 0;
  }

  /** Takes the next bytes and gives the lines that are complete now. The chunk may be kept; don't write to it afterwards. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    while (from < chunk.length) {
      const at = chunk.indexOf(NEWLINE, from);
      this.#keep(chunk.subarray(from, at === -1 ? chunk.length : at));
      while (this.#length > this.#maxLineBytes) lines.push(this.#cut());
      if (at === -1) break;
      lines.push(this.#take());
      from = at + 1;
    }
    return lines;
  }

  /** The last line, when it had no line end. */
  end(): Line[] {
    return this.isPending ? [this.#take()] : [];
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#length += part.length;
  }

  #take(): Line {
    let bytes = this.#joined();
    if (bytes.at(-1) === CARRIAGE_RETURN) bytes = bytes.subarray(0, -1);
    this.#parts = [];
    this.#length = 0;
    return { text: this.#decoder.decode(bytes), continues: false };
  }

  #cut(): Line {
    const bytes = this.#joined();
    let at = this.#maxLineBytes;
    // Continuation bytes of UTF-8 are 10xxxxxx; a character has at most three of them.
    for (let back = 0; back < 3 && (bytes[at] & 0xc0) === 0x80; back++) at--;
    if ((bytes[at] & 0xc0) === 0x80) at = this.#maxLineBytes;
    this.#parts = [bytes.subarray(at)];
    this.#length = bytes.length - at;
    return { text: this.#decoder.decode(bytes.subarray(0, at)), continues: true };
  }

  #joined(): Uint8Array {
    if (this.#parts.length === 1) return this.#parts[0];
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}

/** Yields the lines of a byte stream; lines longer than `maxLineBytes` come in pieces. */
export async function* splitLines(
  source: ByteSource,
  options: { maxLineBytes?: number } = {},
): AsyncGenerator<string, void, undefined> {
  const splitter = new LineSplitter(options);
  for await (const chunk of chunksOf(source)) {
    for (const line of splitter.push(chunk)) yield line.text;
  }
  for (const line of splitter.end()) yield line.text;
}

/**
 * Yields the values of a stream of JSON documents, one per line; empty lines are skipped.
 *
 * @throws FlowctlError `too_large` for a line longer than `maxLineBytes`, `invalid` for one that is not JSON.
 */
export async function* jsonLines<T = unknown>(
  source: ByteSource,
  { maxLineBytes = 16 * DEFAULT_MAX_LINE_BYTES }: { maxLineBytes?: number } = {},
): AsyncGenerator<T, void, undefined> {
  const splitter = new LineSplitter({ maxLineBytes });
  const parse = ({ text, continues }: Line): T[] => {
    if (continues) {
      throw new FlowctlError("too_large", `Cannot read a JSON line: it has more than ${maxLineBytes} bytes`);
    }
    if (text.trim() === "") return [];
    try {
      return [JSON.parse(text)];
    } catch (cause) {
      throw new FlowctlError("invalid", `Cannot read the JSON line "${text.slice(0, 100)}": it is not JSON`, { cause });
    }
  };
  for await (const chunk of chunksOf(source)) {
    for (const line of splitter.push(chunk)) yield* parse(line);
  }
  for (const line of splitter.end()) yield* parse(line);
}

/**
 * The chunks of a byte source. Leaving the loop early cancels a stream at once, also while a read is waiting.
 *
 * (The runtimes' own iteration of a `ReadableStream` waits for the read that is under way.)
 */
export function chunksOf(source: ByteSource): AsyncIterable<Uint8Array> {
  if (!(source instanceof ReadableStream)) return source;
  return {
    [Symbol.asyncIterator]() {
      const reader = source.getReader();
      return {
        async next(): Promise<IteratorResult<Uint8Array>> {
          const { done, value } = await reader.read();
          return done ? { done: true, value: undefined } : { done: false, value };
        },
        async return(): Promise<IteratorResult<Uint8Array>> {
          await reader.cancel().catch(() => {});
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/**
 * All bytes of a source in one array.
 *
 * @param maxBytes More than this is `too_large`.
 */
export async function readAll(
  source: ByteSource,
  { maxBytes = Infinity }: { maxBytes?: number } = {},
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(source)) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new FlowctlError("too_large", `Cannot read a stream: it has more than ${maxBytes} bytes`);
    }
    parts.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Yields until the signal is aborted, then ends: no error, and nothing more is asked of the source.
 *
 * Also ends while the source is silent. The source is told to return, but not waited for.
 */
export async function* takeUntilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  if (signal.aborted) return;
  const iterator = source[Symbol.asyncIterator]();
  let wake = () => {};
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort, { once: true });
  let isFinished = false;
  try {
    while (true) {
      // Not Promise.race with one long-lived promise: that keeps something for every value ever seen.
      const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined);
        iterator.next().then(resolve, reject);
      });
      if (next === undefined || signal.aborted) return;
      if (next.done) {
        isFinished = true;
        return;
      }
      yield next.value;
      if (signal.aborted) return;
    }
  } catch (error) {
    isFinished = true;
    // A source that knows the signal too fails because of this very abort.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    if (!isFinished) iterator.return?.()?.then(undefined, () => {});
  }
}

/**
 * Yields the values of several sources as they come, each source in its own order; ends when all have ended.
 *
 * One failing source fails the merge; the others are told to return.
 */
export async function* merge<T>(...sources: AsyncIterable<T>[]): AsyncGenerator<T, void, undefined> {
  const running = new Set<AsyncIterator<T>>();
  const ready: { iterator: AsyncIterator<T>; result: IteratorResult<T> }[] = [];
  let failure: { error: unknown } | undefined;
  let wake = () => {};
  const advance = (iterator: AsyncIterator<T>) => {
    iterator.next().then((result) => ready.push({ iterator, result }), (error) => {
      running.delete(iterator);
      failure ??= { error };
    }).then(() => wake());
  };
  for (const source of sources) {
    const iterator = source[Symbol.asyncIterator]();
    running.add(iterator);
    advance(iterator);
  }
  try {
    while (running.size > 0 || failure !== undefined) {
      const next = ready.shift();
      if (next === undefined) {
        if (failure !== undefined) throw failure.error;
        await new Promise<void>((resolve) => wake = resolve);
        continue;
      }
      if (next.result.done) {
        running.delete(next.iterator);
        continue;
      }
      yield next.result.value;
      advance(next.iterator);
    }
  } finally {
    for (const iterator of running) iterator.return?.()?.then(undefined, () => {});
  }
}
