import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { Comparison } from "./lib/difference.ts";
import type { Answered, Exchange } from "./lib/target.ts";

const [A, B, C, D] = ["a", "b", "c", "d"].map((letter) => `${letter.repeat(8)}-1111-4111-8111-${letter.repeat(12)}`);
const NOON = Date.parse("2026-11-21T12:00:00Z");

const exchange = (body: Answered, more: Partial<Exchange> = {}): Exchange => ({
  what: "w",
  request: "GET /",
  status: 200,
  sent: NOON,
  body,
  headers: {},
  ...more,
});

/** Where the answers of several exchanges differ. */
function differences(...pairs: [peer: Exchange, ours: Exchange][]): string[] {
  const comparison = new Comparison(NOON, NOON);
  for (const [peer, ours] of pairs) comparison.exchange(peer, ours);
  return comparison.differences.map(({ at }) => at);
}

test("the comparison sees another status, a missing key, a new key, another type and another value", () => {
  assert.deepEqual(differences([exchange(1), exchange(1, { status: 201 })]), ["status"]);
  assert.deepEqual(differences([exchange({ a: 1, b: 2 }), exchange({ a: 1 })]), ["body.b"]);
  assert.deepEqual(differences([exchange({ a: 1 }), exchange({ a: 1, b: 2 })]), ["body.b"]);
  assert.deepEqual(differences([exchange({ a: null }), exchange({ a: {} })]), ["body.a"]);
  assert.deepEqual(differences([exchange([1, 2]), exchange([2])]), ["body.length", "body.0"]);
  assert.deepEqual(differences([exchange({ a: "x" }), exchange({ a: "y" })]), ["body.a"]);
});

test("the comparison takes keys that are ours, names that were made up and measured times as they are", () => {
  assert.deepEqual(differences([exchange({ a: 1 }), exchange({ a: 1, project: "default", labels: [] })]), []);
  assert.deepEqual(differences([exchange({ name: "big-cat" }), exchange({ name: "old-dog" })]), []);
  assert.deepEqual(differences([exchange({ total_run_time: 1.5 }), exchange({ total_run_time: 0.2 })]), []);
  assert.deepEqual(differences([exchange({ total_run_time: 15 }), exchange({ total_run_time: 0.2 })]), [
    "body.total_run_time",
  ]);
});

test("the comparison follows which thing an id means", () => {
  assert.deepEqual(differences([exchange({ id: A, parent: B }), exchange({ id: C, parent: D })]), []);
  assert.deepEqual(
    differences([exchange({ id: A }), exchange({ id: C })], [exchange({ id: A }), exchange({ id: D })]),
    ["body.id"],
  );
  assert.deepEqual(differences([exchange({ text: `of ${A}` }), exchange({ text: `for ${C}` })]), ["body.text"]);
});

test("the comparison takes times by how long after a request they are", () => {
  const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString().replace("Z", "000+00:00");
  const sent = (seconds: number) => ({ sent: NOON + seconds * 1000 });
  assert.deepEqual(differences([exchange({ t: at(30) }, sent(30)), exchange({ t: at(5) }, sent(5))]), []);
  assert.deepEqual(differences([exchange({ t: at(30) }), exchange({ t: at(90) })]), ["body.t"]);
  assert.deepEqual(differences([exchange({ t: at(1) }), exchange({ t: at(1).replace("+00:00", "Z") })]), [
    "body.t (form)",
  ]);
});
