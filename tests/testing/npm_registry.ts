/**
 * An npm registry with a few packages, as far as an installer asks one: packuments and tarballs, with a token if need be.
 *
 * On 127.0.0.1: a container reaches it with network mode `host`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { tarOf } from "../../src/docker/tar.ts";
import { readAll } from "../../src/support/streams.ts";

/** A package: its versions, each a file `index.js`, and what else stands in its `package.json`. */
export type Packages = Record<string, Record<string, string | { code: string; manifest: Record<string, unknown> }>>;

/** A registry that listens. */
export interface NpmRegistry extends AsyncDisposable {
  /** With a slash at its end. */
  url: string;
  /** `host:port/`, as `.npmrc` names it behind `//`. */
  place: string;
  /** Method and path of each request, and what it said who asks. */
  requests: { path: string; authorization: string | undefined }[];
}

/** See {@link startNpmRegistry}. */
export interface NpmRegistryOptions {
  /** What requests must bear. */
  token?: string;
  /** Speak TLS. */
  tls?: { cert: string; key: string };
}

/** Starts one. */
export async function startNpmRegistry(packages: Packages, options: NpmRegistryOptions = {}): Promise<NpmRegistry> {
  const tarballs = new Map<string, Uint8Array>();
  for (const [name, versions] of Object.entries(packages)) {
    for (const [version, given] of Object.entries(versions)) {
      const { code, manifest } = typeof given === "string" ? { code: given, manifest: {} } : given;
      const files = tarOf([
        { path: "package/package.json", content: JSON.stringify({ name, version, main: "index.js", ...manifest }) },
        { path: "package/index.js", content: code },
      ]);
      tarballs.set(`/${name}/-/${version}.tgz`, gzipSync(await readAll(files)));
    }
  }
  const requests: NpmRegistry["requests"] = [];
  let url = "";
  const listener: RequestListener = (request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    const { authorization } = request.headers;
    requests.push({ path, authorization });
    const answer = (status: number, body: string | Uint8Array) => {
      response.writeHead(status, { "content-type": "application/json", connection: "close" });
      response.end(body);
    };
    if (options.token !== undefined && authorization !== `Bearer ${options.token}`) return answer(401, "{}");
    const tarball = tarballs.get(path);
    if (tarball !== undefined) return answer(200, tarball);
    const name = path.slice(1);
    if (!Object.hasOwn(packages, name)) return answer(404, "{}");
    const versions = Object.keys(packages[name]);
    answer(
      200,
      JSON.stringify({
        name,
        "dist-tags": { latest: versions.at(-1) },
        versions: Object.fromEntries(versions.map((version) => {
          const file = `/${name}/-/${version}.tgz`;
          const integrity = `sha512-${createHash("sha512").update(tarballs.get(file)!).digest("base64")}`;
          return [version, { name, version, dist: { tarball: `${url}${file.slice(1)}`, integrity } }];
        })),
      }),
    );
  };
  const { tls } = options;
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  url = `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/`;
  return {
    url,
    place: `127.0.0.1:${port}/`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Two packages: one of CommonJS with a default export, one that has an older version. */
export const SOME_PACKAGES: Packages = {
  "left-pad": {
    "1.3.0": `module.exports = (text, length, fill = " ") => String(text).padStart(length, fill);`,
  },
  "is-odd": {
    "3.0.1": `module.exports = (n) => n % 2 === 1; module.exports.version = "3.0.1";`,
    "4.0.0": `module.exports = (n) => n % 2 === 1; module.exports.version = "4.0.0";`,
  },
};
