/**
 * Who may take a run, and why nobody does.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { labelsMatch, labelWarning } from "../../src/domain/label_warnings.ts";
import { test } from "../testing/test.ts";

const agent = (labels: string[], over: { alive?: boolean; runners?: string[]; name?: string } = {}) => ({
  name: "ada",
  labels,
  alive: true,
  runners: ["docker", "subprocess"],
  ...over,
});

const TABLE: [labels: string[], agents: ReturnType<typeof agent>[], expected: string | null][] = [
  [[], [], "Agent Problem: you have no live agents"],
  [["a"], [agent(["a"], { alive: false })], "Agent Problem: you have no live agents"],
  [[], [agent([], { runners: ["subprocess"] })], "Agent Problem: no live agent starts runs of runner 'docker'"],
  [[], [agent([])], null],
  [["a"], [agent(["b", "a"])], null],
  [["a"], [agent([])], "Label Problem: no live agent has the label 'a'"],
  [["a", "b", "c"], [agent(["b"])], "Label Problem: no live agent has the labels 'a', 'c'"],
  [
    ["a", "b", "c"],
    [agent(["a"], { name: "one" }), agent(["b", "c"], { name: "two" })],
    "Label Problem: no live agent has all labels; agent 'two' lacks 'a'",
  ],
  [
    [],
    [agent(["a"])],
    "Label Problem: it has no labels, and every live agent has some, which takes only what has labels",
  ],
];
for (const [labels, agents, expected] of TABLE) {
  const who = agents.map((one) => `${one.alive ? "a live" : "a dead"} agent [${one.labels}]`).join(" and ") || "nobody";
  test(`a run labelled [${labels}] and ${who}: ${expected ?? "no warning"}`, () => {
    assert.equal(labelWarning({ labels, runner: "docker" }, agents), expected);
  });
}

test("there is a warning exactly when no live agent matches", () => {
  const labels = fc.uniqueArray(fc.constantFrom("a", "b", "c"));
  const agents = fc.array(fc.record({ labels, alive: fc.boolean() }), { maxLength: 4 });
  fc.assert(fc.property(labels, agents, (wanted, some) => {
    const all = some.map(({ labels, alive }) => agent(labels, { alive }));
    const isTaken = all.some((one) => one.alive && labelsMatch(wanted, one.labels));
    assert.equal(labelWarning({ labels: wanted, runner: "docker" }, all) === null, isTaken);
  }));
});
