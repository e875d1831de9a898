/**
 * Browsers that signed in: by a one-time link that the server prints at its start, or by a token.
 *
 * They are kept in memory and end with the server. The cookie's name holds a part of the server's instance, for browsers keep the
 * cookies of all ports of a machine in one place.
 *
 * @module
 */

import type { Clock } from "../support/clock.ts";
import { hashOf, newTokenText } from "../store/tokens.ts";

/** How long a browser stays signed in, in milliseconds. */
export const SESSION_MS = 7 * 24 * 3_600_000;
/** How many may be signed in; the oldest go first. */
const MOST_SESSIONS = 1_000;

/** A browser that signed in. */
export interface Session {
  /** The token it signed in with; null for the link that the server printed. */
  tokenId: string | null;
}

/** See the module's comment. */
export interface Sessions {
  /** The cookie's name. */
  readonly cookie: string;
  /** What takes the cookie away. */
  readonly noCookie: string;
  /** A code that signs one browser in, once. */
  issueCode(): string;
  /** Uses a code up; answers the cookie's value, or undefined for one that was used or never was. */
  redeem(code: string): string | undefined;
  /** Signs a browser in that has shown a token; answers the cookie's value. */
  open(tokenId: string): string;
  /** Signs the browser out whose cookies these are. */
  close(headers: Headers): void;
  /** The session that a request's cookies name: undefined without a cookie, null for one that is worth nothing. */
  find(headers: Headers): Session | null | undefined;
}

/** Makes {@link Sessions}. */
export function createSessions({ clock, instance }: { clock: Clock; instance: string }): Sessions {
  const cookie = `flowctl_${instance.replaceAll("-", "").slice(0, 12)}`;
  const codes = new Set<string>();
  // By the hash of the value, so that a look-up's time says nothing about it.
  const sessions = new Map<string, Session & { until: number }>();
  const begin = (tokenId: string | null): string => {
    const value = newTokenText();
    sessions.set(hashOf(value), { tokenId, until: clock.now().epochMilliseconds + SESSION_MS });
    if (sessions.size > MOST_SESSIONS) sessions.delete(sessions.keys().next().value!);
    return value;
  };
  return {
    cookie,
    noCookie: `${cookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`,
    issueCode() {
      const code = newTokenText();
      codes.add(hashOf(code));
      return code;
    },
    redeem: (code) => codes.delete(hashOf(code)) ? begin(null) : undefined,
    open: begin,
    close(headers) {
      const value = cookieOf(headers, cookie);
      if (value !== undefined) sessions.delete(hashOf(value));
    },
    find(headers) {
      const value = cookieOf(headers, cookie);
      if (value === undefined) return undefined;
      const session = sessions.get(hashOf(value));
      return session !== undefined && session.until > clock.now().epochMilliseconds ? session : null;
    },
  };
}

function cookieOf(headers: Headers, name: string): string | undefined {
  for (const pair of headers.get("cookie")?.split(";") ?? []) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
