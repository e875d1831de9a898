/**
 * Long work of the engine (pull, push, build, import, load) as a stream of progress.
 *
 * The engine answers 200 before it begins; what goes wrong later comes as a document in the stream. Here it becomes an error.
 *
 * @module
 */

import type { ErrorCode } from "../support/errors.ts";
import { jsonLines } from "../support/streams.ts";
import { progressError } from "./errors.ts";
import type { EngineRequest, Transport } from "./transport.ts";

/** One document of progress. */
export interface ProgressEvent {
  /** The layer that it is about. */
  id?: string;
  /** What is being done; after an import, the new image's id. */
  status?: string;
  /** Bytes, while something is transferred. */
  progressDetail?: { current?: number; total?: number };
  /** Output of a build; has its own line ends. */
  stream?: string;
  /** Results: `ID` of a built image, `Digest` of a pushed one. */
  aux?: { ID?: string; Tag?: string; Digest?: string; Size?: number };
}

/** Sends the request when the first event is asked for, and gives the events; leaving the loop ends the work where it can. */
export async function* progressOf(
  transport: Transport,
  request: EngineRequest,
  failureCode: ErrorCode,
): AsyncGenerator<ProgressEvent, void, undefined> {
  const long = { ...request, isLong: true };
  const response = await transport.request(long);
  const documents = jsonLines<(ProgressEvent & { error?: string; errorDetail?: { message?: string } }) | null>(
    transport.chunks(long, response),
  );
  for await (const event of documents) {
    if (typeof event !== "object" || event === null) throw transport.misunderstood(request.action);
    const failure = event.errorDetail?.message ?? event.error;
    if (failure !== undefined) throw progressError(request.action, failure, failureCode);
    yield event;
  }
}

/**
 * Follows progress to its end.
 *
 * @returns The id of the image that was built or imported, when the engine told one.
 *
 * @example
 * ```ts
 * import { followProgress } from "./progress.ts";
 *
 * const progress = async function* () {
 *   yield { stream: "Step 1/1 : FROM scratch\n" };
 *   yield { aux: { ID: "sha256:1234" } };
 * };
 * console.assert((await followProgress(progress())).imageId === "sha256:1234");
 * ```
 */
export async function followProgress(
  progress: AsyncIterable<ProgressEvent>,
  onEvent: (event: ProgressEvent) => void = () => {},
): Promise<{ imageId?: string }> {
  let imageId: string | undefined;
  for await (const event of progress) {
    if (event.aux?.ID !== undefined) imageId = event.aux.ID;
    else if (event.status?.startsWith("sha256:")) imageId = event.status;
    onEvent(event);
  }
  return { imageId };
}
