/**
 * Routes of bundles: flow files as text, named by their hash. Ours.
 *
 * @module
 */

import { z } from "zod";
import { MAX_BUNDLE_BYTES } from "../domain/bundles.ts";
import { bundleExists, putBundle, readBundle } from "../store/bundles.ts";
import { FlowctlError } from "../support/errors.ts";
import { type Call, made, nothing, type Route, route, type ScopeRule } from "./route.ts";
import { ownDeployment } from "./run_scope.ts";

const tag = "Bundles";

// deno-lint-ignore no-explicit-any -- whatever body and query the route has
const own: ScopeRule<Call<any, any>> = async (call, lease) =>
  (await ownDeployment(call, lease))?.bundle_hash === call.params.hash;

/** See the module's comment. */
export const bundleRoutes: Route[] = [
  route({
    method: "PUT",
    path: "/bundles/{hash}",
    tag,
    summary: "Store a bundle",
    about: `The body is the bundle's text, at most ${MAX_BUNDLE_BYTES} bytes of UTF-8; the hash is its SHA-256 in hex.`,
    body: z.string(),
    text: true,
    bodyLimit: MAX_BUNDLE_BYTES,
    answers: { 201: z.null(), 200: z.null() },
    async handle({ write, params, body, now }) {
      return made(null, await write((tx) => putBundle(tx, params.hash, body, now())));
    },
  }),
  route({
    method: "GET",
    path: "/bundles/{hash}",
    tag,
    access: "RUNNER",
    summary: "Read a bundle's text",
    answers: { 200: "The text" },
    scope: own,
    handle: async ({ read, params }) =>
      new Response(await readBundle(read, params.hash), {
        headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
      }),
  }),
  route({
    method: "GET",
    path: "/bundles/{hash}/exists",
    tag,
    access: "RUNNER",
    summary: "Say whether a bundle is stored",
    answers: { 204: "It is", 404: "It is not" },
    scope: own,
    async handle({ read, params }) {
      if (await bundleExists(read, params.hash)) return nothing();
      throw new FlowctlError("not_found", "Bundle not found");
    },
  }),
];
