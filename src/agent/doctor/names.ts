/**
 * Do the names resolve that are needed: those of a remote engine and of the API?
 *
 * @module
 */

import { isIP } from "node:net";
import { type Check, fail, ok } from "./check.ts";

/** The name in an address; undefined for sockets, pipes and numbers. */
export function hostNameIn(address: string): string | undefined {
  if (!/^(tcp|https?):\/\//.test(address)) return undefined;
  // Of an unknown scheme a URL does not tell the host everywhere.
  const url = address.replace(/^tcp:/, "http:");
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : "";
  return host === "" || isIP(host) !== 0 ? undefined : host;
}

/** See the module's comment. @param lookup Rejects for a name that does not resolve. */
export async function checkNames(
  addresses: readonly string[],
  lookup: (name: string) => Promise<unknown>,
): Promise<Check> {
  const names = [...new Set(addresses.flatMap((address) => hostNameIn(address) ?? []))];
  const found = await Promise.all(names.map((name) => lookup(name).then(() => true, () => false)));
  const missing = names.filter((_, n) => !found[n]);
  if (missing.length > 0) {
    const said = missing.map((name) => `"${name}"`).join(", ");
    return fail("dns", `Cannot resolve ${said}`, "Correct the name, or the name servers in /etc/resolv.conf");
  }
  return ok("dns", names.length === 0 ? "No name has to be resolved" : `Names resolve: ${names.join(", ")}`);
}
