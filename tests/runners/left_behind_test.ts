/**
 * Which containers are stopped, removed and kept.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ContainerInfo } from "../../src/docker/types.ts";
import { judgeLeftBehind, type LeftBehindRules, PROBE_LABEL } from "../../src/runners/left_behind.ts";
import { LABELS } from "../../src/runners/runner.ts";
import { test } from "../testing/test.ts";

const now = Temporal.Instant.from("2026-11-21T12:00:00Z");
const HOUR = 3_600_000;
const ago = (hours: number) => now.epochMilliseconds - hours * HOUR;

const container = (Id: string, State: string, createdHoursAgo: number, Labels: Record<string, string> = {}) =>
  ({
    Id,
    State,
    Created: ago(createdHoursAgo) / 1000,
    Labels: { [LABELS.lease]: `lease-${Id}`, [LABELS.flowRun]: `run-${Id}`, ...Labels },
  }) as unknown as ContainerInfo;

function judge(found: ContainerInfo[], more: Partial<LeftBehindRules> = {}): string[] {
  const rules: LeftBehindRules = {
    now,
    keepMs: 24 * HOUR,
    keepCount: 100,
    isLive: () => false,
    isKnown: () => true,
    endedAt: () => undefined,
    ...more,
  };
  return judgeLeftBehind(found, rules).map(({ act, container }) => `${act} ${container.Id}`);
}

test("what a live lease names is not touched, however it looks", () => {
  const found = ["running", "created", "exited"].map((state) =>
    container(state, state, 1000, { [LABELS.autoRemove]: "true" })
  );
  assert.deepEqual(judge(found, { isLive: () => true, keepMs: 0, keepCount: 0, endedAt: () => 0 }), []);
});

test("what runs without a lease is stopped, what never started is removed", () => {
  assert.deepEqual(judge([container("a", "running", 1), container("b", "paused", 2), container("c", "created", 3)]), [
    "stop a",
    "stop b",
    "remove c",
  ]);
});

test("finished containers are kept for so long after their end, and so many of them, the newest", () => {
  const found = [1, 2, 3, 4].map((n) => container(`${n}`, "exited", n * 10));
  const ends = new Map([["1", ago(1)], ["2", ago(2)], ["3", ago(23)], ["4", ago(25)]]);
  const endedAt = (id: string) => ends.get(id);
  assert.deepEqual(judge(found, { endedAt }), ["remove 4"]);
  assert.deepEqual(judge(found, { endedAt, keepCount: 2 }), ["remove 3", "remove 4"]);
  assert.deepEqual(judge(found, { endedAt, keepMs: 90 * 60_000 }), ["remove 2", "remove 3", "remove 4"]);
  assert.deepEqual(judge(found.toReversed(), { endedAt, keepCount: 0 }).length, 4, "the order does not matter");
});

test("a live one takes no place among those that are kept", () => {
  const found = [container("live", "exited", 1), container("old", "exited", 2)];
  assert.deepEqual(judge(found, { keepCount: 1, isLive: (lease) => lease === "lease-live" }), []);
});

test("one whose deployment says autoRemove goes at once", () => {
  assert.deepEqual(judge([container("a", "exited", 0, { [LABELS.autoRemove]: "true" })]), ["remove a"]);
});

test("of a run that the API never heard of nothing is stopped, and only what nobody can wait for is removed", () => {
  const isKnown = () => false;
  const found = [
    container("running", "running", 100),
    container("fresh", "created", 0.1),
    container("stale", "created", 1),
    container("ended", "exited", 2, { [LABELS.autoRemove]: "true" }),
    container("old", "exited", 100),
  ];
  const endedAt = (id: string) => id === "old" ? ago(25) : id === "ended" ? ago(0.1) : undefined;
  assert.deepEqual(judge(found, { isKnown, endedAt }).sort(), ["keep running", "remove old", "remove stale"]);
  assert.deepEqual(
    judge(found, { isKnown, endedAt, keepMs: 0, keepCount: 0 }).sort(),
    ["keep running", "remove old", "remove stale"],
    "an agent may come back for it",
  );
});

test("a probe that was left behind goes, and one that is at work stays", () => {
  const probe = (id: string, hours: number) =>
    ({ ...container(id, "running", hours), Labels: { [PROBE_LABEL]: "1" } }) as unknown as ContainerInfo;
  assert.deepEqual(judge([probe("new", 0.1), probe("old", 1)]), ["remove old"]);
});

test("what bears our label and is neither run nor probe is left alone", () => {
  assert.deepEqual(judge([{ ...container("a", "exited", 1000), Labels: {} } as ContainerInfo], { keepCount: 0 }), []);
});
