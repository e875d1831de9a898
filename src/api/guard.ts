/**
 * Browsers are not trusted: a page from elsewhere must be able to neither change nor stream anything here, nor read by pointing its
 * own name at this machine.
 *
 * It stands in front of TCP listeners only; a Unix socket and the app in this process are out of any browser's reach.
 *
 * @module
 */

import { jsonAnswer } from "./errors.ts";

// The last one is what containers call their machine. Nobody can register a name under "internal" elsewhere.
const LOCAL = new Set(["localhost", "127.0.0.1", "[::1]", "host.docker.internal"]);
const READING = new Set(["GET", "HEAD"]);

/** The name in a `Host` header or an origin, without port; lower case. */
const nameOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");

/**
 * Makes the check: a refusal, or undefined for a request that may pass. The name matters to a server that trusts a request for where
 * it comes from; one that bears a token, or has to, can be sent to any name.
 *
 * @param allowedHosts More names that the server answers to, without port; see `FLOWCTL_ALLOWED_HOSTS`.
 */
export function createGuard(
  allowedHosts: readonly string[],
): (request: Request, hostMatters?: boolean) => Response | undefined {
  const known = new Set([...LOCAL, ...allowedHosts.map((host) => host.toLowerCase())]);
  return (request, hostMatters = true) => {
    const { headers } = request;
    const host = headers.get("host") ?? "";
    if (hostMatters && !known.has(nameOf(host))) {
      return refusal(
        `Cannot answer for host "${host.slice(0, 100)}": this server does not go by that name`,
        "Use 127.0.0.1, or name the host in FLOWCTL_ALLOWED_HOSTS",
      );
    }
    const streams = headers.get("accept")?.includes("text/event-stream") || headers.has("upgrade");
    if (READING.has(request.method) && !streams) return undefined;
    const origin = headers.get("origin");
    if (origin !== null && !isOwn(origin, host)) {
      return refusal(`Cannot accept request: it comes from a page of "${origin.slice(0, 100)}"`);
    }
    const site = headers.get("sec-fetch-site");
    if (site !== null && site !== "same-origin" && site !== "none") {
      return refusal(`Cannot accept request: a browser sends it for a page of another site ("${site.slice(0, 20)}")`);
    }
    return undefined;
  };
}

/** An origin is ours when it is the very host and port that the request was sent to. */
function isOwn(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return (url.protocol === "http:" || url.protocol === "https:") && url.host === host.toLowerCase();
}

const refusal = (detail: string, hint?: string): Response =>
  jsonAnswer({ detail, code: "forbidden", ...(hint === undefined ? {} : { hint }) }, 403);
