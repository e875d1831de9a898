/**
 * Routes of binaries: flowctl for Linux, for agents whose own executable can't go into containers. Ours.
 *
 * @module
 */

import { statSync } from "node:fs";
import type { HashedExecutable } from "../images/linux_executable.ts";
import { packLibraries } from "../images/libraries.ts";
import { patchedFile } from "../support/elf.ts";
import { FlowctlError, isFlowctlError, messageOf } from "../support/errors.ts";
import { type Call, type Route, route } from "./route.ts";

const tag = "Binaries";

/** See the module's comment. */
export const binaryRoutes: Route[] = [
  route({
    method: "GET",
    path: "/binaries/{version}/{target}",
    tag,
    access: "RUNNER",
    summary: "Read a binary of flowctl for Linux",
    about: "Targets are `linux-x64` and `linux-arm64`. The server has its own executable and what lies in " +
      "`$FLOWCTL_HOME/binaries/<version>/<target>/flowctl`. `x-flowctl-sha256` is the SHA-256 of the bytes in hex; " +
      "`ETag` is the same, and `If-None-Match` is honoured.",
    answers: { 200: "The executable", 304: "The client has it already", 404: "The server does not have it" },
    async handle(call) {
      const { path, sha256 } = await offered(call);
      return answer(call, sha256, "application/octet-stream", statSync(path).size, () => contentOf(path));
    },
  }),
  route({
    method: "GET",
    path: "/binaries/{version}/{target}/libraries",
    tag,
    summary: "Read the libraries of a binary of flowctl for Linux",
    about:
      "A tar archive of loader, libraries and certificates of authorities at their places in a root file system, for agents on " +
      "systems that have none. The server's own host has them, else " +
      "`$FLOWCTL_HOME/binaries/<version>/<target>/flowctl.libraries.tar`, which goes first. Headers are those of the binary.",
    answers: { 200: "The archive", 304: "The client has it already", 404: "The server does not have it" },
    async handle(call) {
      const { path } = await offered(call);
      const { content, sha256 } = await packLibraries(path).catch((error) => {
        throw isFlowctlError(error, "unsupported")
          ? new FlowctlError("not_found", messageOf(error), { hint: error.hint, cause: error })
          : error;
      });
      return answer(call, sha256, "application/x-tar", content.length, () => content as BodyInit);
    },
  }),
];

/** The binary that a request is about. @throws FlowctlError `not_found` when this server does not have it */
async function offered({ api, params: { version, target } }: Call): Promise<HashedExecutable> {
  const found = await api.binaries?.(version, target);
  if (found !== undefined) return found;
  throw new FlowctlError("not_found", `Cannot find flowctl ${version} for ${target}: this server does not have it`);
}

function answer(
  { request }: Call,
  sha256: string,
  type: string,
  length: number,
  content: () => BodyInit,
): Response {
  const etag = `"${sha256}"`;
  const headers = { etag, "x-flowctl-sha256": sha256, "cache-control": "no-cache" };
  const known = request.headers.get("if-none-match")?.split(",").map((one) => one.trim().replace(/^W\//, ""));
  if (known?.includes(etag) || known?.includes("*")) return new Response(null, { status: 304, headers });
  return new Response(content(), {
    headers: {
      ...headers,
      "content-type": type,
      "content-length": String(length),
      "x-content-type-options": "nosniff",
    },
  });
}

/** A file as a stream that opens it when it is first read: an answer to HEAD never is. */
function contentOf(path: string): ReadableStream<Uint8Array> {
  const chunks = patchedFile(path);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return();
    },
  }, { highWaterMark: 0 });
}
