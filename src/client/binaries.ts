/**
 * Calls about binaries of flowctl for Linux.
 *
 * @module
 */

import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import type { Transport } from "./transport.ts";

/** See the module's comment. */
export const binaries = (api: Transport) => {
  const hashOf = (response: Response, version: string): string => {
    const sha256 = response.headers.get("x-flowctl-sha256") ?? "";
    if (/^[0-9a-f]{64}$/.test(sha256)) return sha256;
    throw new FlowctlError("invalid", `Cannot read flowctl ${version} from "${api.url}": the answer has no hash`);
  };
  const path = (version: string, target: string) =>
    `/binaries/${encodeURIComponent(version)}/${encodeURIComponent(target)}`;
  const isAbsent = (error: unknown): undefined => {
    if (!isFlowctlError(error, "not_found")) throw error;
  };
  return {
    /** The SHA-256 of the server's binary; undefined when it has none. */
    async hash(version: string, target: string): Promise<string | undefined> {
      const response = await api.raw("HEAD", path(version, target)).catch(isAbsent);
      await response?.body?.cancel();
      return response && hashOf(response, version);
    },
    /** The binary as a stream, not yet checked, and the SHA-256 that it has to have. */
    async read(version: string, target: string): Promise<{ content: ReadableStream<Uint8Array>; sha256: string }> {
      const response = await api.raw("GET", path(version, target));
      const sha256 = hashOf(response, version);
      if (response.body !== null) return { content: response.body, sha256 };
      throw new FlowctlError("invalid", `Cannot read flowctl ${version} from "${api.url}": the answer is empty`);
    },
    /** What the binary needs around it, as a tar archive, not yet checked; undefined when the server has none. */
    async libraries(version: string, target: string): Promise<{ content: Uint8Array; sha256: string } | undefined> {
      const response = await api.raw("GET", `${path(version, target)}/libraries`).catch(isAbsent);
      if (response === undefined) return undefined;
      return { content: new Uint8Array(await response.arrayBuffer()), sha256: hashOf(response, version) };
    },
  };
};
