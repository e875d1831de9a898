/**
 * Network addresses: which are this machine's own, and which count as one neighbour.
 *
 * @module
 */

import { isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** `::ffff:127.0.0.1`, as a dual-stack listener calls an IPv4 neighbour, as the IPv4 address; zones are cut off. */
export function plainAddress(address: string): string {
  const plain = address.toLowerCase().replace(/%.*$/, "");
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1] ?? plain;
}

/** Whether an address, as a socket tells it, is loopback. A name never is. */
export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

/** Whether a host, as people write it (a name, an address, brackets around IPv6), is this machine and nothing else. */
export const isLoopbackHost = (host: string): boolean => {
  const plain = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return plain === "localhost" || isLoopbackAddress(plain);
};

/** Whether a host means all addresses of this machine. */
export const isAnyHost = (host: string): boolean => /^(0\.0\.0\.0|::|\[::\])$/.test(host);

/** Whether an address is one of this machine's own: who comes from there is a process on this machine. */
export function isOwnAddress(address: string): boolean {
  const plain = plainAddress(address);
  return isLoopbackAddress(plain) ||
    Object.values(networkInterfaces()).flat().some((own) => own !== undefined && plainAddress(own.address) === plain);
}

/** What stands for one neighbour: an IPv4 address, or the first 64 bits of an IPv6 address, of which everybody has plenty. */
export function neighbourOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [head, tail = ""] = plain.split("::");
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const missing = plain.includes("::") ? 8 - groups(head).length - groups(tail).length : 0;
  const all = [...groups(head), ...Array<string>(Math.max(0, missing)).fill("0"), ...groups(tail)];
  return `${all.slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(":")}::/64`;
}
