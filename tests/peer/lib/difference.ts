/**
 * Says how two answers differ in what they mean: ids are compared by what they refer to, times by how long ago they are.
 *
 * @module
 */

import type { Answered, Exchange } from "./target.ts";

/** One difference, at a place in the answer such as `body.0.state.name`. */
export interface Difference {
  what: string;
  request: string;
  at: string;
  peer: unknown;
  ours: unknown;
}

/** What flowctl answers beside Prefect's keys; see `.github/ARCHITECTURE.md`. */
const OURS: ReadonlySet<string> = new Set([
  ...["project", "labels", "deployment_version_id", "agent_id", "attempt"],
  ...[
    "flow_name",
    "flow_runner",
    "bundle_hash",
    "version_id",
    "version_number",
    "flowctl_version",
    "storage",
    "secrets",
  ],
  "label_warning",
  ...["code", "hint"],
]);

/** Measured values, the body of `/lateness` among them; two servers never measure the same. */
const MEASURED = /(run_time|lateness|start_time_delta|delay_seconds)$|^body$/;
const TOLERANCE_SECONDS = 2;
/** How many requests a time in an answer may be old; the beginning of the scenario counts always. */
const REMEMBERED = 15;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** `adjective-animal`, which both servers make up. */
const MADE_UP = /^[a-z]+-[a-z]+$/;

/** Compares what two servers answered to the same scenario. */
export class Comparison {
  readonly differences: Difference[] = [];
  compared = 0;
  readonly #idOf = new Map<string, string>();
  #exchange: Exchange = { what: "", request: "", status: 0, sent: 0, body: null, headers: {} };

  readonly #sent: [peer: number, ours: number][];

  /** @param peerBegan,oursBegan When each one's scenario began, in milliseconds */
  constructor(peerBegan: number, oursBegan: number) {
    this.#sent = [[peerBegan, oursBegan]];
  }

  /** Compares one exchange. */
  exchange(peer: Exchange, ours: Exchange): void {
    this.#exchange = peer;
    this.compared++;
    this.#sent.push([peer.sent, ours.sent]);
    if (this.#sent.length > REMEMBERED) this.#sent.splice(1, 1);
    this.#same("what", peer.what.replace(ID, "<id>"), ours.what.replace(ID, "<id>"));
    if (peer.status !== ours.status) {
      // What they say is no use to compare then, but it tells why.
      this.#same("status", `${peer.status} ${said(peer.body)}`, `${ours.status} ${said(ours.body)}`);
      return;
    }
    this.#value("headers", peer.headers, ours.headers);
    if (isObject(peer.body) && Array.isArray(peer.body.exception_detail)) this.#problems(peer.body, ours.body);
    else this.#value("body", peer.body, ours.body);
  }

  /** Of a body that has not the route's shape: the words, and which of several problems is told first, are each server's own. */
  #problems(peer: Answered, ours: Answered): void {
    this.#same("body keys", Object.keys(peer).join(), Object.keys(ours).filter((key) => !OURS.has(key)).join());
    this.#same("body.exception_message", peer.exception_message, ours.exception_message);
    const [first, own] = [peer.exception_detail[0], ours.exception_detail?.[0] ?? {}];
    this.#same("problem keys", "loc,msg,type", Object.keys(own).join());
    this.#same("problem place", first.loc[0], own.loc?.[0]);
  }

  #same(at: string, peer: unknown, ours: unknown): void {
    if (peer === ours) return;
    const { what, request } = this.#exchange;
    this.differences.push({ what, request, at, peer, ours });
  }

  #value(at: string, peer: Answered, ours: Answered): void {
    if (typeof peer === "string" && typeof ours === "string") return this.#text(at, peer, ours);
    if (
      typeof peer === "number" && typeof ours === "number" &&
      MEASURED.test(at)
    ) {
      if (Math.abs(peer - ours) > TOLERANCE_SECONDS) this.#same(at, peer, ours);
      return;
    }
    if (Array.isArray(peer) && Array.isArray(ours)) {
      this.#same(`${at}.length`, peer.length, ours.length);
      for (let i = 0; i < Math.min(peer.length, ours.length); i++) this.#value(`${at}.${i}`, peer[i], ours[i]);
      return;
    }
    if (isObject(peer) && isObject(ours)) {
      for (const key of Object.keys(peer)) {
        if (key in ours) this.#value(`${at}.${key}`, peer[key], ours[key]);
        else this.#same(`${at}.${key}`, peer[key], "(no such key)");
      }
      for (const key of Object.keys(ours)) {
        if (!(key in peer) && !OURS.has(key)) this.#same(`${at}.${key}`, "(no such key)", ours[key]);
      }
      return;
    }
    this.#same(at, peer, ours);
  }

  #text(at: string, peer: string, ours: string): void {
    if (TIME.test(peer) && TIME.test(ours)) return this.#time(at, peer, ours);
    if (MADE_UP.test(peer) && MADE_UP.test(ours) && /\.name$/.test(at)) return;
    const [peerIds, ourIds] = [peer.match(ID) ?? [], ours.match(ID) ?? []];
    // Which of the server's own ids stand at a place is told apart by where they were seen first.
    const alike = peerIds.length === ourIds.length && peerIds.every((id, i) => this.#pair(id, ourIds[i]));
    if (!alike) return this.#same(at, peer, ours);
    this.#same(at, peer.replace(ID, "<id>"), ours.replace(ID, "<id>"));
  }

  #pair(peer: string, ours: string): boolean {
    const known = this.#idOf.get(peer);
    if (known === undefined) this.#idOf.set(peer, ours);
    return known === undefined || known === ours;
  }

  #time(at: string, peer: string, ours: string): void {
    const [p, o] = [Date.parse(peer), Date.parse(ours)];
    // Both are as long after one of the last requests; Prefect takes longer for each, so there is no common zero.
    const alike = this.#sent.some(([theirs, own]) => Math.abs((p - theirs) - (o - own)) < TOLERANCE_SECONDS * 1000);
    if (p !== o && !alike) return this.#same(at, peer, ours);
    // The same instant in two forms would do harm to clients that compare texts.
    this.#same(
      `${at} (form)`,
      peer.replace(/\d/g, "0").replace(/\.0+/, ""),
      ours.replace(/\d/g, "0").replace(/\.0+/, ""),
    );
  }
}

const said = (body: Answered): string => (JSON.stringify(body) ?? "").slice(0, 200);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
