/**
 * Reads a text from an address that somebody was given, without being led to this machine: redirects to loopback and link-local
 * addresses (a neighbour's service, a cloud's metadata) are refused. The first address was written by the user and may be anything.
 *
 * @module
 */

import { lookup as systemLookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import process from "node:process";
import { FlowctlError, messageOf } from "./errors.ts";
import { createNodeFetch } from "./node_fetch.ts";
import { readAll } from "./streams.ts";

/** See {@link fetchText}. */
export interface FetchTextOptions {
  maxBytes: number;
  /** For all of it. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Answers the addresses of a name; default: the system's. */
  lookup?: (host: string) => Promise<{ address: string }[]>;
  env?: Record<string, string | undefined>;
}

const MOST_REDIRECTS = 5;

const blocked = new BlockList();
for (const [net, bits] of [["0.0.0.0", 8], ["127.0.0.0", 8], ["169.254.0.0", 16]] as const) {
  blocked.addSubnet(net, bits, "ipv4");
}
for (const [net, bits] of [["::", 127], ["fe80::", 10]] as const) blocked.addSubnet(net, bits, "ipv6");

/**
 * Whether an address is loopback, link-local, or means this machine.
 *
 * @example
 * ```ts
 * import { isLocalAddress } from "./guarded_fetch.ts";
 *
 * console.assert(isLocalAddress("169.254.169.254") && !isLocalAddress("93.184.216.34"));
 * ```
 */
export function isLocalAddress(address: string): boolean {
  const plain = address.toLowerCase().replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const mapped = mappedIpv4(plain) ?? plain;
  const kind = isIP(mapped);
  return kind !== 0 && blocked.check(mapped, kind === 6 ? "ipv6" : "ipv4");
}

/** `::ffff:127.0.0.1`, and as URLs write it, `::ffff:7f00:1`. */
function mappedIpv4(address: string): string | undefined {
  const [, rest] = /^(?:::ffff:|64:ff9b::)(.+)$/.exec(address) ?? [];
  if (rest === undefined) return undefined;
  if (isIP(rest) === 4) return rest;
  const [, high, low] = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(rest) ?? [];
  if (low === undefined) return undefined;
  return [high, low].flatMap((part) => [parseInt(part, 16) >> 8, parseInt(part, 16) & 255]).join(".");
}

/**
 * Reads a text over http or https.
 *
 * @throws {FlowctlError} `forbidden` for such a redirect, `unavailable` when nobody answers, `not_found` and `invalid` for what is
 * answered, `too_large`, `timeout`.
 */
export async function fetchText(address: string, options: FetchTextOptions): Promise<string> {
  const { maxBytes, timeoutMs = 30_000, signal, env = process.env } = options;
  const patience = AbortSignal.timeout(timeoutMs);
  const both = signal === undefined ? patience : AbortSignal.any([signal, patience]);
  const lookup = options.lookup ?? ((host: string) => systemLookup(host, { all: true }));
  const shown = withoutPassword(address);
  let url = new URL(address);
  try {
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const pinned = hop === 0 ? undefined : await safeAddress(url, shown, lookup);
      using answer = await get(url, pinned, both, env);
      const { response } = answer;
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || location === null) {
        if (response.ok) return new TextDecoder().decode(await readAll(response.body!, { maxBytes }));
        await response.body?.cancel();
        const code = response.status === 404 ? "not_found" : "invalid";
        throw new FlowctlError(code, `Cannot read "${shown}": the server answers ${response.status}`);
      }
      await response.body?.cancel();
      url = new URL(location, url);
      if (!/^https?:$/.test(url.protocol)) throw refused(shown, url, "which is no web address");
    }
  } catch (error) {
    if (error instanceof FlowctlError) throw error;
    if (signal?.aborted) throw signal.reason;
    if (patience.aborted) {
      throw new FlowctlError("timeout", `Cannot read "${shown}": no answer within ${timeoutMs / 1000} s`, {
        cause: error,
      });
    }
    throw new FlowctlError("unavailable", `Cannot read "${shown}": ${messageOf(error)}`, { cause: error });
  }
  throw new FlowctlError("invalid", `Cannot read "${shown}": it redirects more than ${MOST_REDIRECTS} times`);
}

const withoutPassword = (address: string) => address.replace(/^(\w+:\/\/)[^/@]*@/, "$1***@");

const refused = (shown: string, url: URL, why: string) =>
  new FlowctlError("forbidden", `Cannot read "${shown}": it redirects to "${withoutPassword(url.href)}", ${why}`, {
    hint: "Give that address itself if you trust it",
  });

/** An address of the host that may be connected to; all of them must be harmless. */
async function safeAddress(
  url: URL,
  shown: string,
  lookup: NonNullable<FetchTextOptions["lookup"]>,
): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) ? [host] : (await lookup(host)).map(({ address }) => address);
  if (addresses.some(isLocalAddress)) throw refused(shown, url, "an address of this machine or of its network link");
  return addresses[0];
}

/**
 * Asks once. Over plain http the address that was looked at is the one that is connected to: a name may mean another one a moment
 * later. Over https a certificate stands against that; through a proxy it is the proxy that connects.
 */
async function get(
  url: URL,
  pinned: string | undefined,
  signal: AbortSignal,
  env: Record<string, string | undefined>,
): Promise<Disposable & { response: Response }> {
  const hasProxy = (env.http_proxy || env.HTTP_PROXY || env.all_proxy || env.ALL_PROXY) !== undefined;
  if (pinned === undefined || url.protocol === "https:" || hasProxy) {
    return { response: await fetch(url, { redirect: "manual", signal }), [Symbol.dispose]() {} };
  }
  const address = isIP(pinned) === 6 ? `[${pinned}]` : pinned;
  const direct = createNodeFetch({ host: `${address}:${url.port || 80}`, keepAlive: false });
  return { response: await direct(url, { signal }), [Symbol.dispose]: () => direct.close() };
}
