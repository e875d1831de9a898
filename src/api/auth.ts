/**
 * Who asks, and what they may do: looked at before every route.
 *
 * A request from within this process is trusted. One that comes over the network is judged by what it bears: a run's own token, a
 * token, a browser's cookie. One that bears nothing is trusted when it comes from loopback, unless the server was told to require
 * tokens there too. What it bears is never made up for by where it comes from: a wrong token is refused on loopback as well.
 *
 * @module
 */

import { LEASE_HEADER } from "../domain/agents.ts";
import { isEnough, type Token, type TokenScope, type WhoAmI } from "../domain/tokens.ts";
import type { Store, Tx } from "../store/database.ts";
import { findTokenByText, hashOf, isSameHash, noteTokenUsed, readToken } from "../store/tokens.ts";
import { isLoopbackAddress, isOwnAddress } from "../support/addresses.ts";
import type { Clock } from "../support/clock.ts";
import { FlowctlError, isFlowctlError } from "../support/errors.ts";
import { createFailureLimit } from "./failure_limit.ts";
import { type BorneLease, checkLease, readLease } from "./run_scope.ts";
import type { Sessions } from "./sessions.ts";

/** The other end of a connection. */
export interface Peer {
  /** As the socket tells it; undefined when it does not know. What headers say never counts. */
  address: string | undefined;
}

/** Who asks. */
export type Identity =
  | { kind: "local" | "home" | "nobody" }
  | { kind: "page"; token: Token | null }
  | { kind: "token"; token: Token }
  | ({ kind: "run" } & BorneLease);

/** What a route wants of whoever asks: a scope, or nothing. */
export type Access = TokenScope | "OPEN";

/** What {@link createAuth} takes. */
export interface AuthOptions {
  store: Store;
  clock: Clock;
  /** Whether requests from loopback without a token are trusted. */
  loopback: "trust" | "require";
  /** The text of the token file of this home. */
  homeToken?: string;
  sessions?: Sessions;
}

/** See the module's comment. */
export interface Auth {
  /**
   * @param peer Undefined for a request from within this process.
   * @throws {FlowctlError} `unauthorized` for a token that is not good, `fenced` for that of an attempt that is over, `unavailable`
   * with status 429 when the neighbour has tried too many.
   */
  identify(request: Request, peer: Peer | undefined): Promise<Identity>;
  /** A token as text → the token; counted against the neighbour when it is wrong. @throws as {@link Auth.identify} */
  checkToken(text: string, peer: Peer | undefined): Promise<Token>;
}

/** How many tokens that were right are remembered. */
const MOST_KNOWN = 1_000;

/** Headers by which proxies say that somebody else asks. */
const FORWARDED = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-forwarded-server",
  "x-cluster-client-ip",
  "x-real-ip",
  "x-client-ip",
  "true-client-ip",
  "cf-connecting-ip",
  "via",
];

/** Whether a request comes from this machine itself, and not through a proxy on it that speaks for others. */
export const isFromHere = ({ headers }: Request, peer: Peer | undefined): boolean =>
  peer === undefined ||
  (peer.address !== undefined && isLoopbackAddress(peer.address) && !FORWARDED.some((name) => headers.has(name)));

/** Whether a request bears something that a page of somebody else can't have. */
export const bearsToken = ({ headers }: Request): boolean =>
  headers.has(LEASE_HEADER) || bearerOf(headers) !== undefined;

/** Other schemes are between the client and a proxy. */
function bearerOf(headers: Headers): string | undefined {
  return /^Bearer +(\S+)\s*$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** Makes an {@link Auth}. */
export function createAuth({ store, clock, loopback, homeToken, sessions }: AuthOptions): Auth {
  const limit = createFailureLimit(clock);
  const homeHash = homeToken === undefined ? undefined : hashOf(homeToken);
  // Tokens that were right: they go on working for a neighbour among whose programs another one tries wrong ones.
  const known = new Set<string>();
  const noted = new Map<string, number>();

  const refuseMany = (peer: Peer | undefined): void => {
    const seconds = limit.wait(peer?.address ?? "");
    if (seconds === undefined) return;
    throw new FlowctlError("unavailable", "Cannot look at the token: too many wrong ones came from this address", {
      hint: `Try again in ${seconds} s`,
      details: { status: 429, retryAfter: seconds },
    });
  };

  async function checkToken(text: string, peer: Peer | undefined): Promise<Token> {
    const hash = hashOf(text);
    if (!known.has(hash)) refuseMany(peer);
    const token = await findTokenByText(store.read, text);
    if (token === undefined) {
      limit.failed(peer?.address ?? "");
      throw unauthorized("Cannot accept the token: this server does not know it");
    }
    checkGood(token, clock.now());
    known.add(hash);
    if (known.size > MOST_KNOWN) known.delete(known.values().next().value!);
    note(token);
    return token;
  }

  /** To the minute, and nobody waits for it. */
  function note({ id }: Token): void {
    const now = clock.now();
    if (now.epochMilliseconds - (noted.get(id) ?? -Infinity) < 60_000) return;
    noted.set(id, now.epochMilliseconds);
    store.write((tx) => noteTokenUsed(tx, id, now)).catch(() => noted.delete(id));
  }

  async function ofPage(request: Request, peer: Peer | undefined): Promise<Identity | undefined> {
    const session = sessions?.find(request.headers);
    if (session === undefined) return undefined;
    if (session === null) {
      refuseMany(peer);
      limit.failed(peer?.address ?? "");
      return undefined;
    }
    if (session.tokenId === null) return { kind: "page", token: null };
    const token = await readToken(store.read, session.tokenId);
    checkGood(token, clock.now());
    return { kind: "page", token };
  }

  return {
    checkToken,
    async identify(request, peer) {
      const { headers } = request;
      const leaseToken = headers.get(LEASE_HEADER);
      if (leaseToken !== null) {
        try {
          return { kind: "run", ...await readLease(store.read, leaseToken) };
        } catch (error) {
          // One that is over is told so: its process ends itself then.
          if (isFlowctlError(error, "fenced") && peer !== undefined) {
            refuseMany(peer);
            limit.failed(peer.address ?? "");
          }
          throw error;
        }
      }
      if (peer === undefined) return { kind: "local" };
      const bearer = bearerOf(headers);
      if (bearer !== undefined) {
        if (homeHash !== undefined && isSameHash(hashOf(bearer), homeHash) && isOfThisMachine(request, peer)) {
          return { kind: "home" };
        }
        return { kind: "token", token: await checkToken(bearer, peer) };
      }
      const page = await ofPage(request, peer);
      if (page !== undefined) return page;
      return { kind: loopback === "trust" && isFromHere(request, peer) ? "local" : "nobody" };
    },
  };
}

function checkGood({ name, revoked, expires }: Token, now: Temporal.Instant): void {
  if (revoked !== null) throw unauthorized(`Cannot accept token "${name}": it was revoked`);
  if (expires !== null && Temporal.Instant.compare(Temporal.Instant.from(expires), now) <= 0) {
    throw unauthorized(`Cannot accept token "${name}": it has expired`);
  }
}

/**
 * Part of each write: a request may wait for long, and must not change anything once its token was revoked or its attempt is over.
 *
 * @throws {FlowctlError} `unauthorized`, `fenced`
 */
export async function checkStillGood(tx: Tx, identity: Identity, now: Temporal.Instant): Promise<void> {
  if (identity.kind === "run") return await checkLease(tx, identity.lease);
  const token = identity.kind === "token" || identity.kind === "page" ? identity.token : null;
  if (token !== null) checkGood(await readToken(tx, token.id), now);
}

/** An address of this machine other than loopback's counts for the token file, as a server may listen on that alone. */
const isOfThisMachine = (request: Request, peer: Peer): boolean =>
  peer.address !== undefined && isOwnAddress(peer.address) && !FORWARDED.some((name) => request.headers.has(name));

/** The scope of whoever asks; undefined for nobody, and for a run, whose rules are others. */
export function scopeOf(identity: Identity): TokenScope | undefined {
  switch (identity.kind) {
    case "local":
    case "home":
      return "ADMIN";
    case "page":
      return identity.token?.scope ?? "ADMIN";
    case "token":
      return identity.token.scope;
    default:
      return undefined;
  }
}

/** Lets those pass who may. What a run may do is said by the route's own rule. @throws {FlowctlError} `unauthorized`, `forbidden` */
export function checkAccess(identity: Identity, access: Access): void {
  if (access === "OPEN" || identity.kind === "run") return;
  const scope = scopeOf(identity);
  if (scope === undefined) {
    throw unauthorized("Cannot answer: this server wants a token, and the request bears none");
  }
  if (isEnough(scope, access)) return;
  throw new FlowctlError("forbidden", `Cannot do this with a token of scope ${scope}: it needs ${access}`, {
    hint: "Use a token of that scope; flowctl auth create-token makes one",
  });
}

/** As whom the API knows who asks. */
export function whoIs(identity: Identity): WhoAmI {
  const token = identity.kind === "token" || identity.kind === "page" ? identity.token : null;
  const kind = identity.kind === "nobody" ? "local" : identity.kind;
  return { kind, name: token?.name ?? null, scope: scopeOf(identity) ?? null };
}

const unauthorized = (message: string): FlowctlError =>
  new FlowctlError("unauthorized", message, {
    hint:
      "Make one on the server's machine with: flowctl auth create-token -n NAME, and hand it over as FLOWCTL_API_KEY " +
      "or with: flowctl auth login",
  });
