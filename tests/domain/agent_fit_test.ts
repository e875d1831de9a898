import fc from "fast-check";
import assert from "node:assert/strict";
import { type Candidate, refusalOf } from "../../src/domain/agent_fit.ts";
import { labelWarning } from "../../src/domain/label_warnings.ts";
import { test } from "../testing/test.ts";

const agent = (over: Partial<Candidate> = {}): Candidate => ({
  labels: ["gpu"],
  runners: ["docker"],
  alive: true,
  away: [],
  limit: null,
  held: 0,
  ...over,
});

test("an agent says why it does not take a run, the lasting reason before the passing one", () => {
  const wanted = { labels: ["gpu"], runner: "docker" };
  const cases: [Parameters<typeof refusalOf>[0], Partial<Candidate>, string | null][] = [
    [wanted, {}, null],
    [wanted, { limit: 2, held: 1 }, null],
    [{ labels: ["gpu"], runner: null }, {}, "No agent starts it: it has no runner"],
    [{ labels: ["gpu"], runner: "subprocess" }, { alive: false }, "It starts no runs of runner 'subprocess'"],
    [{ labels: ["gpu", "big"], runner: "docker" }, { alive: false }, "It lacks the label 'big'"],
    [{ labels: ["a", "b"], runner: "docker" }, {}, "It lacks the labels 'a', 'b'"],
    [{ labels: [], runner: "docker" }, {}, "It has labels, so it takes nothing without labels"],
    [wanted, { alive: false, away: ["docker"] }, "It is not alive"],
    [wanted, { away: ["docker"], limit: 1, held: 1 }, "Its Docker Engine does not answer"],
    [wanted, { limit: 1, held: 1 }, "It holds 1 run, which is its limit"],
    [wanted, { limit: 2, held: 3 }, "It holds 3 runs, which is its limit"],
  ];
  for (const [one, over, text] of cases) assert.equal(refusalOf(one, agent(over))?.text ?? null, text);
});

test("there is a warning exactly when every agent refuses, whatever they hold", () => {
  const labels = fc.subarray(["a", "b", "c"]);
  const runners = fc.subarray(["docker", "subprocess"]);
  const candidate = fc.record({ name: fc.constant("x"), labels, runners, alive: fc.boolean(), away: runners });
  fc.assert(fc.property(labels, fc.constantFrom("docker", "subprocess"), fc.array(candidate), (labels, runner, all) => {
    const taken = all.some((one) => refusalOf({ labels, runner }, one) === null);
    assert.equal(labelWarning({ labels, runner }, all) === null, taken);
  }));
});
