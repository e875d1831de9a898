/**
 * Bundles: a flow file with everything it imports, as one text, named by its hash.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { z } from "zod";

/** SHA-256 of the text in lower-case hex. */
export const BundleHash = z.string().regex(/^[0-9a-f]{64}$/, "value is not a SHA-256 in lower-case hex");
/** See {@link BundleHash}. */
export type BundleHash = string;

/** The largest bundle in bytes: what fits ten times into a flow's memory. */
export const MAX_BUNDLE_BYTES = 64 * 1024 * 1024;

/** The hash of a bundle's text. */
export const bundleHash = (text: string): BundleHash => createHash("sha256").update(text, "utf8").digest("hex");
