/**
 * Routes of binaries: flowctl for Linux, for agents whose own executable can't go into containers. Ours.
 *
 * @module
 */

import { statSync } from "node:fs";
import { patchedFile } from "../support/elf.ts";
import { FlowctlError } from "../support/errors.ts";
import { type Route, route } from "./route.ts";

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
    async handle({ api, params: { version, target }, request }) {
      const found = await api.binaries?.(version, target);
      if (found === undefined) {
        throw new FlowctlError(
          "not_found",
          `Cannot find flowctl ${version} for ${target}: this server does not have it`,
        );
      }
      const etag = `"${found.sha256}"`;
      const headers = { etag, "x-flowctl-sha256": found.sha256, "cache-control": "no-cache" };
      const known = request.headers.get("if-none-match")?.split(",").map((one) => one.trim().replace(/^W\//, ""));
      if (known?.includes(etag) || known?.includes("*")) return new Response(null, { status: 304, headers });
      return new Response(contentOf(found.path), {
        headers: {
          ...headers,
          "content-type": "application/octet-stream",
          "content-length": String(statSync(found.path).size),
          "x-content-type-options": "nosniff",
        },
      });
    },
  }),
];

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
