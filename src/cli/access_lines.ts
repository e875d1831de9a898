/**
 * What a person needs to know about who may use a server that has just started.
 *
 * @module
 */

import type { RunningServer } from "./parts.ts";

/**
 * Lines for the terminal, one fact each. The first token and the link are secrets: they are for whoever started the server, and for no
 * log.
 */
export function accessLines(
  { isExposed, isLoopbackTrusted, firstToken, signInUrl }: Pick<
    RunningServer,
    "isExposed" | "isLoopbackTrusted" | "firstToken" | "signInUrl"
  >,
  host: string,
): string[] {
  const trust = isLoopbackTrusted
    ? "Requests from this machine are trusted; with FLOWCTL_AUTH_LOOPBACK=require they need a token"
    : "Every request needs a token, from this machine too; programs of this home have one";
  return [
    trust,
    ...isExposed ? [`Listening on ${host} without encryption: every request from elsewhere needs a token`] : [],
    ...signInUrl === undefined ? [] : [`Sign in to the page with this link, once: ${signInUrl}`],
    ...firstToken === undefined ? [] : [
      `The first ADMIN token, which is shown only this once: ${firstToken}`,
      "Make others with: flowctl auth create-token -n NAME -s USER",
    ],
  ];
}
