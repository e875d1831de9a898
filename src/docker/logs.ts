/**
 * What a container printed, line by line.
 *
 * Without a terminal the engine frames the two streams: one byte for the stream (1 stdout, 2 stderr), three zeros, four bytes of
 * length (big endian), then the data. Frames cross the chunks of the connection, and a line longer than 16 KiB crosses frames.
 * With a terminal there is one raw stream.
 *
 * @module
 */

import { type Line, LineSplitter } from "../support/streams.ts";

/** A line that a container printed. */
export interface LogLine {
  stream: "stdout" | "stderr";
  /** Without its line end. */
  line: string;
  /** When the engine took it, RFC 3339 with nanoseconds; only when asked for. Usable as `since`. */
  timestamp?: string;
  /** Present on a piece of a line that was longer than allowed: the next line of this stream goes on with it. */
  continues?: true;
}

/** A part of a container's output, as the engine framed it. */
export interface Frame {
  stream: "stdout" | "stderr";
  data: Uint8Array;
}

const HEADER_BYTES = 8;

/** How the engine's output is read. */
export interface LogFormat {
  /** Whether the container has a terminal. */
  tty: boolean;
  /** Whether each record starts with its time. */
  timestamps: boolean;
  /**
   * Whether the pieces of a line may have different times. Docker stamps all pieces of a long line with the time of the first, so
   * that a new time begins a new line also when the last one had no end (the container died and was started again). Podman
   * stamps each piece.
   */
  piecesHaveOwnTimes?: boolean;
  /** Longer lines come in pieces. Default 1 MiB. */
  maxLineBytes?: number;
}

/** Turns the body of `GET /containers/{id}/logs` into lines. */
export async function* logLines(
  chunks: AsyncIterable<Uint8Array>,
  format: LogFormat,
): AsyncGenerator<LogLine, void, undefined> {
  if (format.tty) {
    yield* rawLines(chunks, format);
    return;
  }
  const joiners = { stdout: new RecordJoiner("stdout", format), stderr: new RecordJoiner("stderr", format) };
  for await (const { stream, data } of demultiplex(chunks)) yield* joiners[stream].push(data);
  yield* joiners.stdout.end();
  yield* joiners.stderr.end();
}

/**
 * Cuts a multiplexed stream into its frames, wherever the chunks are cut. A stream that ends inside a frame gives what was there.
 *
 * Stream 0 (stdin, echoed by attach) counts as stdout, as in docker's own client.
 */
export async function* demultiplex(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame, void, undefined> {
  // A new buffer only when a frame or a header crosses a border, which is rare.
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    let data = rest.length === 0 ? chunk : join(rest, chunk);
    while (data.length >= HEADER_BYTES) {
      const length = new DataView(data.buffer, data.byteOffset).getUint32(4);
      if (data.length < HEADER_BYTES + length) break;
      yield { stream: streamOf(data), data: data.subarray(HEADER_BYTES, HEADER_BYTES + length) };
      data = data.subarray(HEADER_BYTES + length);
    }
    rest = data;
  }
  if (rest.length > HEADER_BYTES) yield { stream: streamOf(rest), data: rest.subarray(HEADER_BYTES) };
}

const streamOf = (header: Uint8Array) => header[0] === 2 ? "stderr" : "stdout";

/** Joins the frames of one stream to lines. With times, each frame is one record and starts with its time. */
class RecordJoiner {
  readonly #stream: "stdout" | "stderr";
  readonly #format: LogFormat;
  readonly #splitter: LineSplitter;
  #timestamp?: string;

  constructor(stream: "stdout" | "stderr", format: LogFormat) {
    this.#stream = stream;
    this.#format = format;
    this.#splitter = new LineSplitter(format);
  }

  *push(data: Uint8Array): Generator<LogLine, void, undefined> {
    if (!this.#format.timestamps) {
      yield* this.#lines(this.#splitter.push(data));
      return;
    }
    const { timestamp, message } = stampOf(data);
    if (this.#splitter.isPending && timestamp !== this.#timestamp && !this.#format.piecesHaveOwnTimes) {
      yield* this.end();
    }
    if (!this.#splitter.isPending) this.#timestamp = timestamp;
    yield* this.#lines(this.#splitter.push(message));
  }

  *end(): Generator<LogLine, void, undefined> {
    yield* this.#lines(this.#splitter.end());
  }

  *#lines(lines: Line[]): Generator<LogLine, void, undefined> {
    for (const { text, continues } of lines) yield logLine(this.#stream, text, continues, this.#timestamp);
  }
}

/** The lines of a terminal. Each begins with its time, when asked for. */
async function* rawLines(
  chunks: AsyncIterable<Uint8Array>,
  { timestamps, maxLineBytes }: LogFormat,
): AsyncGenerator<LogLine, void, undefined> {
  const splitter = new LineSplitter({ maxLineBytes });
  let timestamp: string | undefined;
  let isInside = false;
  const read = ({ text, continues }: Line): LogLine => {
    if (timestamps && !isInside) {
      const match = STAMP.exec(text);
      timestamp = match?.[1];
      if (match !== null) text = text.slice(match[0].length);
    }
    isInside = continues;
    // The pieces of a line above 16 KiB all start with the time of the first, in the middle of the text.
    if (timestamp !== undefined && text.length > 16 * 1024) text = text.replaceAll(`${timestamp} `, "");
    return logLine("stdout", text, continues, timestamp);
  };
  for await (const chunk of chunks) for (const line of splitter.push(chunk)) yield read(line);
  for (const line of splitter.end()) yield read(line);
}

/** Nanoseconds and `Z` from Docker; Podman may write an offset. */
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) /;
const LONGEST_STAMP = 40;

function stampOf(record: Uint8Array): { timestamp?: string; message: Uint8Array } {
  const match = STAMP.exec(new TextDecoder("latin1").decode(record.subarray(0, LONGEST_STAMP)));
  if (match === null) return { message: record };
  return { timestamp: match[1], message: record.subarray(match[0].length) };
}

function logLine(stream: "stdout" | "stderr", line: string, continues: boolean, timestamp?: string): LogLine {
  return { stream, line, ...timestamp === undefined ? {} : { timestamp }, ...continues ? { continues } : {} };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
