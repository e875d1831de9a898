import assert from "node:assert/strict";
import fc from "fast-check";
import { readPairs } from "../../src/cli/run_values.ts";
import { branch, consoleBranch } from "../../src/cli/run_lines.ts";
import { whyWaiting } from "../../src/cli/run_waiting.ts";
import { type AgentStatus, agentStatus } from "../../src/domain/agents.ts";
import { pythonList } from "../../src/support/text.ts";
import { test } from "../testing/test.ts";

const read = (text: string, schema?: Parameters<typeof readPairs>[2]) => readPairs([text], "parameter", schema);

test("values are JSON, words without quotes are texts, and only the first = parts key and value", () => {
  assert.deepEqual(read("n=1"), { n: 1 });
  assert.deepEqual(read("s=hello world"), { s: "hello world" });
  assert.deepEqual(read('s="1"'), { s: "1" });
  assert.deepEqual(read('o={"a": [1]}'), { o: { a: [1] } });
  assert.deepEqual(read("s=a=b=c"), { s: "a=b=c" });
  assert.deepEqual(read("s="), { s: "" });
  assert.deepEqual(readPairs(["a=1", "a=2"], "parameter"), { a: 2 });
});

test("the flow's schema decides in doubt", () => {
  const schema = { type: "object", properties: { zip: { type: "string" } } };
  assert.deepEqual(read("zip=01234", schema), { zip: "01234" });
  assert.deepEqual(read("zip=[1", schema), { zip: "[1" });
});

test("what begins as JSON and is none is refused with the value indented", () => {
  for (const value of ["[1,", "{a: 1}", '"open']) {
    assert.throws(() => read(`n=${value}`), (error: Error) => {
      assert.equal(error.message, `Cannot read parameter 'n': its value is not JSON\n\n    ${value}\n`);
      return true;
    });
  }
  for (const text of ["n", "=1"]) assert.throws(() => read(text), /it has not the form KEY=VALUE/);
});

test("any JSON value comes back as it was", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.deepEqual(read(`key=${JSON.stringify(value)}`), { key: JSON.parse(JSON.stringify(value)) });
  }));
});

test("a run's console lines get the shape of a branch; what a flow printed by itself is indented", () => {
  const at = Temporal.Instant.from("2026-11-21T22:33:58Z");
  const local = at.toZonedDateTimeISO(Temporal.Now.timeZoneId()).toPlainTime().toString();
  assert.equal(branch(at, "INFO", "one\ntwo"), `└── ${local} | INFO    | one\n    two`);
  assert.equal(
    consoleBranch("[2026-11-21 22:33:58+0000] WARNING - flowctl.a | b - c | d"),
    `└── ${local} | WARNING | b - c | d`,
  );
  assert.equal(consoleBranch("plain"), "    plain");
});

test("trap 12: a run that nobody takes is told why: by labels, by life, or that its agent should come", () => {
  const now = Temporal.Instant.from("2026-11-21T22:33:58Z");
  const agent = (name: string, labels: string[], seconds: number) =>
    agentStatus({ name, labels, stopped: null, last_seen: now.subtract({ seconds }).toString() } as AgentStatus, now);
  const said = (labels: string[], agents: AgentStatus[]) =>
    whyWaiting(labels, agents, now, 15).replace(
      "It has been 15 seconds and your flow run has not been submitted by an agent: ",
      "",
    );
  assert.equal(
    said(["b", "a"], [agent("x", ["a"], 1), agent("y", [], 1)]),
    "there is no agent with matching labels, as the run needs the labels ['b', 'a']. " +
      "Start one with: flowctl agent docker start -l b -l a",
  );
  assert.match(said([], [agent("x", ["a"], 1)]), /the run has no labels, which only an agent without labels takes/);
  assert.equal(said(["a"], [agent("x", ["a", "b"], 1)]), "agent 'x' has matching labels and should take it soon");
  assert.equal(
    said(["a"], [agent("x", ["a"], 7200), agent("y", ["a"], 300)]),
    "agent 'y' has matching labels, but its last sign of life was 5 minutes ago; it may have stopped",
  );
});

test("lists look as Python's", () => {
  assert.equal(pythonList([]), "[]");
  assert.equal(pythonList(["a", "it's", `"it's"`, "a\\b"]), `['a', "it's", '"it\\'s"', 'a\\\\b']`);
});
