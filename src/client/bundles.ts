/**
 * Calls about bundles.
 *
 * @module
 */

import { type BundleHash, bundleHash } from "../domain/bundles.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import type { Transport } from "./transport.ts";

/** The largest bundle, on a slow line. */
const UPLOAD_MS = 900_000;

/** See the module's comment. */
export const bundles = (api: Transport) => ({
  /** Stores a bundle under its hash; one that is there already is not sent. */
  async put(text: string): Promise<BundleHash> {
    const hash = bundleHash(text);
    try {
      await api.raw("GET", `/bundles/${hash}/exists`);
      return hash;
    } catch (error) {
      if (!isFlowctlError(error, "not_found")) throw error;
    }
    await api.json("PUT", `/bundles/${hash}`, { text, reads: true, timeoutMs: UPLOAD_MS });
    return hash;
  },
  /** Reads a bundle and checks its hash. */
  async read(hash: BundleHash): Promise<string> {
    const text = await (await api.raw("GET", `/bundles/${hash}`)).text();
    if (bundleHash(text) === hash) return text;
    throw new FlowctlError("conflict", `Cannot use bundle "${hash}": what the server sent has another hash`);
  },
});
