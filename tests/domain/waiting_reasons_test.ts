/**
 * Why a run waits: each cause is one line here.
 *
 * @module
 */

import assert from "node:assert/strict";
import { emptyStateDetails } from "../../src/domain/states.ts";
import { type Waiting, type WaitingFacts, waitingReason } from "../../src/domain/waiting_reasons.ts";
import { test } from "../testing/test.ts";

const NOW = Temporal.Instant.from("2026-11-21T22:33:58Z");
const at = (seconds: number) => NOW.add({ seconds }).toString({ fractionalSecondDigits: 6 }).replace("Z", "+00:00");

type Run = WaitingFacts["run"];
type Agent = WaitingFacts["agents"][number];

const run = (over: Partial<Run> = {}): Run => ({
  state_type: "SCHEDULED",
  state_name: "Scheduled",
  labels: ["gpu"],
  next_scheduled_start_time: at(-1),
  deployment_id: "d",
  parent_task_run_id: null,
  empirical_policy: {
    max_retries: 0,
    retry_delay_seconds: 0,
    retries: null,
    retry_delay: null,
    pause_keys: [],
    resuming: false,
    retry_type: null,
  },
  state: null,
  ...over,
});
const ada: Agent = {
  id: "a",
  name: "ada",
  labels: ["gpu"],
  runners: ["docker"],
  alive: true,
  away: [],
  limit: null,
  held: 0,
};
const facts = (over: Partial<WaitingFacts> = {}): WaitingFacts => ({
  run: run(),
  runner: "docker",
  agents: [ada],
  lease: null,
  startLine: null,
  ahead: 0,
  ends: [],
  ...over,
});
const held = { agent_name: "ada", started: false, lost_at: null };
const paused = {
  id: "s",
  type: "PAUSED" as const,
  name: "Paused",
  timestamp: at(0),
  message: null,
  data: null,
  state_details: { ...emptyStateDetails(), pause_timeout: at(60), pause_reschedule: true },
};

const CAUSES: [name: string, facts: Partial<WaitingFacts>, expected: Partial<Waiting> | null][] = [
  ["its time has not come", { run: run({ next_scheduled_start_time: at(60) }) }, {
    reason: "schedule",
    message: "It is planned for later",
    hint: null,
    at: at(60),
  }],
  ["its time has not come, and nobody would take it then", {
    run: run({ next_scheduled_start_time: at(60) }),
    agents: [],
  }, {
    reason: "schedule",
    hint: "When its time comes nobody would take it: Agent Problem: you have no live agents",
    command: "flowctl agent start --label gpu",
  }],
  ["it failed and is tried again", {
    run: run({ state_name: "AwaitingRetry", next_scheduled_start_time: at(5) }),
  }, { reason: "retry", message: "It failed, and is tried again", at: at(5) }],
  ["its own process tries again", {
    run: run({ empirical_policy: { ...run().empirical_policy, retry_type: "in_process" } }),
  }, { reason: "retry", message: "It failed, and the process that runs it tries again" }],
  ["there is no agent", { agents: [] }, {
    reason: "no_agent",
    message: "Agent Problem: you have no live agents",
    hint: null,
    command: "flowctl agent start --label gpu",
  }],
  ["the agent is dead", { agents: [{ ...ada, alive: false }] }, {
    reason: "no_agent",
    hint: "It would be taken by 'ada', when that lives again",
  }],
  ["nobody has its runner", { agents: [{ ...ada, runners: ["subprocess"] }] }, {
    reason: "runner",
    message: "Agent Problem: no live agent starts runs of runner 'docker'",
  }],
  ["it has no deployment", { run: run({ deployment_id: null }), runner: null }, {
    reason: "runner",
    message: "No agent takes it, for it has no deployment: the process that made it runs it",
  }],
  ["its deployment is for Prefect's workers", { runner: null }, {
    reason: "runner",
    message: "No agent takes it, for its deployment has no flow runner: a worker of Prefect may",
  }],
  ["its labels are nobody's", { agents: [{ ...ada, labels: ["cpu"] }] }, {
    reason: "labels",
    message: "Label Problem: no live agent has the label 'gpu'",
    command: "flowctl agent start --label gpu",
  }],
  ["a label with spaces is quoted for the shell", { run: run({ labels: ["it's mine"] }) }, {
    reason: "labels",
    command: `flowctl agent start --label 'it'\\''s mine'`,
  }],
  ["the engine is away", { agents: [{ ...ada, away: ["docker"] }] }, {
    reason: "engine_away",
    message: "Agent Problem: the Docker Engine of agent 'ada' does not answer",
    command: "flowctl doctor",
  }],
  ["the agent is at its limit, and nobody knows for how long", {
    agents: [{ ...ada, limit: 2, held: 2 }],
    ahead: 1,
    ends: [at(10)],
  }, { reason: "limit", message: "Agent 'ada' holds 2 of at most 2 runs; 1 run is before it", at: null }],
  ["all agents are at their limits", {
    agents: [{ ...ada, limit: 1, held: 1 }, { ...ada, limit: 2, held: 2 }],
    ends: [at(10), at(20)],
  }, { reason: "limit", message: "All 2 agents that would take it hold as many runs as they may", at: at(10) }],
  ["an agent with room is about to take it", {}, {
    reason: "start",
    message: "Agent 'ada' takes it in a moment",
  }],
  ["an agent with room has not taken it", { run: run({ next_scheduled_start_time: at(-60) }), ahead: 2 }, {
    reason: "late",
    message: "Agent 'ada' should have taken it by now; 2 runs are before it",
    command: "flowctl agent inspect ada",
  }],
  ["its image is pulled", {
    run: run({ state_type: "PENDING" }),
    lease: held,
    startLine: "Pulling image 'big': 1 of 2 layers, 1.5 of 6.0 MB",
  }, {
    reason: "pull",
    message: "Agent 'ada' gets its image",
    hint: "Pulling image 'big': 1 of 2 layers, 1.5 of 6.0 MB",
  }],
  ["its image is there", {
    run: run({ state_type: "PENDING" }),
    lease: held,
    startLine: "Pulled image 'big'",
  }, { reason: "start", message: "Agent 'ada' gets ready to start it" }],
  ["its container loads the flow", { run: run({ state_type: "PENDING" }), lease: { ...held, started: true } }, {
    reason: "start",
    message: "Agent 'ada' started it, and its flow loads",
  }],
  ["its process has not begun", { run: run({ state_type: "PENDING", deployment_id: null }) }, {
    reason: "start",
    message: "Nobody has begun it: it is waited for by the process that made it",
  }],
  ["it is paused", { run: run({ state_type: "PAUSED", state: paused }) }, {
    reason: "paused",
    hint: "No process runs meanwhile",
    at: at(60),
  }],
  ["it is being cancelled", { run: run({ state_type: "CANCELLING" }), lease: held }, {
    reason: "cancelling",
    message: "It is being cancelled: agent 'ada' ends it, and kills it after 30 s",
  }],
  ["it runs without its agent", { run: run({ state_type: "RUNNING" }), lease: { ...held, lost_at: at(-60) } }, {
    reason: "agent_lost",
    at: at(540),
  }],
  ["it runs", { run: run({ state_type: "RUNNING" }), lease: held }, null],
  ["it is over", { run: run({ state_type: "COMPLETED" }) }, null],
];

for (const [name, given, expected] of CAUSES) {
  test(`a run is asked why it waits: ${name}`, () => {
    const found = waitingReason(facts(given), NOW);
    if (expected === null) return assert.equal(found, null);
    assert.ok(found !== null);
    const said = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key as keyof Waiting]]));
    assert.deepEqual(said, expected);
    assert.doesNotMatch(found.message, /\.$/);
  });
}
