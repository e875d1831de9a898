import assert from "node:assert/strict";
import fc from "fast-check";
import { isFinal, StateType } from "../../src/domain/states.ts";
import { test } from "../testing/test.ts";
import { type Proposal, type TestStore, testStore } from "../store/support.ts";

const T1 = "11111111-1111-4111-8111-111111111111";
const soon = "2026-11-21T22:34:03Z"; // 4.5 seconds after the beginning
const past = "2026-11-21T22:00:00Z";
const scheduled = (time: string, name?: string): Proposal => ({
  type: "SCHEDULED",
  name,
  state_details: { scheduled_time: time },
});
const suspended: Proposal = { type: "PAUSED", name: "Suspended", state_details: { pause_reschedule: true } };
const paused = (key?: string): Proposal => ({ type: "PAUSED", state_details: { pause_key: key } });
const withResult = (type: string): Proposal => ({ type: "COMPLETED", data: { type } });

interface Case {
  given: Proposal;
  proposed: Proposal;
  answer: "ACCEPT" | "REJECT" | "WAIT" | "ABORT";
  /** Of the state afterwards; the given one's unless said. */
  then?: [type: StateType, name: string];
  reason?: string;
  deployed?: boolean;
  pid?: string;
}

const cancelling = "Cannot transition flows that are cancelling to a state other than Cancelled.";
const CASES: Record<string, Case[]> = {
  "without a rule any move is allowed": [
    { given: "PENDING", proposed: "RUNNING", answer: "ACCEPT", then: ["RUNNING", "Running"] },
    { given: "RUNNING", proposed: "RUNNING", answer: "ACCEPT", then: ["RUNNING", "Running"] },
    { given: "PENDING", proposed: "SCHEDULED", answer: "ACCEPT", then: ["SCHEDULED", "Scheduled"] },
    { given: "COMPLETED", proposed: "COMPLETED", answer: "ACCEPT", then: ["COMPLETED", "Completed"] },
    { given: "FAILED", proposed: "RUNNING", answer: "ACCEPT", then: ["RUNNING", "Running"] },
    { given: "RUNNING", proposed: "CANCELLING", answer: "ACCEPT", then: ["CANCELLING", "Cancelling"] },
  ],
  "a final state is left only as the peer allows it": [
    { given: "FAILED", proposed: "CRASHED", answer: "ABORT", reason: "Run is already in terminal state FAILED." },
    {
      given: "COMPLETED",
      proposed: "CANCELLING",
      answer: "ABORT",
      reason: "Run is already in terminal state COMPLETED.",
    },
    { given: "CRASHED", proposed: "PAUSED", answer: "ABORT", reason: "Run is already in terminal state CRASHED." },
    { given: withResult("reference"), proposed: "RUNNING", answer: "REJECT", reason: "Run is already COMPLETED." },
    { given: withResult("unpersisted"), proposed: "RUNNING", answer: "ACCEPT", then: ["RUNNING", "Running"] },
    {
      given: "FAILED",
      proposed: "SCHEDULED",
      answer: "ABORT",
      reason: "Cannot reschedule a run without an associated deployment.",
    },
    { given: "FAILED", proposed: "SCHEDULED", answer: "ACCEPT", then: ["SCHEDULED", "Scheduled"], deployed: true },
  ],
  "a cancelled run does not come back": [
    { given: "CANCELLING", proposed: "RUNNING", answer: "REJECT", reason: cancelling },
    { given: "CANCELLING", proposed: "COMPLETED", answer: "REJECT", reason: cancelling },
    { given: "CANCELLED", proposed: "RUNNING", answer: "REJECT", reason: cancelling },
    { given: "CANCELLED", proposed: "SCHEDULED", answer: "REJECT", reason: cancelling, deployed: true },
    { given: "CANCELLING", proposed: "CANCELLED", answer: "ACCEPT", then: ["CANCELLED", "Cancelled"] },
  ],
  "what runs nowhere is Cancelled at once": [
    {
      given: "SCHEDULED",
      proposed: "CANCELLING",
      answer: "REJECT",
      then: ["CANCELLED", "Cancelled"],
      reason: "Scheduled flow run has no infrastructure to terminate.",
    },
    { given: "SCHEDULED", proposed: "CANCELLING", answer: "ACCEPT", then: ["CANCELLING", "Cancelling"], pid: "x" },
    {
      given: scheduled(past, "Resuming"),
      proposed: "CANCELLING",
      answer: "REJECT",
      then: ["CANCELLED", "Cancelled"],
      reason: "Scheduled flow run has no infrastructure to terminate.",
      pid: "x",
    },
    {
      given: suspended,
      proposed: "CANCELLING",
      answer: "REJECT",
      then: ["CANCELLED", "Cancelled"],
      reason: "Suspended flow run has no infrastructure to terminate.",
      deployed: true,
    },
  ],
  "a run is taken once": ["PENDING", "RUNNING", "CANCELLING", "CANCELLED"].map((type): Case =>
    type.startsWith("CANC")
      ? { given: type as StateType, proposed: "PENDING", answer: "REJECT", reason: cancelling }
      : {
        given: type as StateType,
        proposed: "PENDING",
        answer: "ABORT",
        reason: `This run is in a ${type} state and cannot transition to a PENDING state.`,
      }
  ),
  "only waiting runs are late": [
    {
      given: "PENDING",
      proposed: scheduled(past, "Late"),
      answer: "REJECT",
      reason: "Only scheduled flows can be marked late.",
    },
    { given: "SCHEDULED", proposed: scheduled(past, "Late"), answer: "ACCEPT", then: ["SCHEDULED", "Late"] },
  ],
  "nothing runs before its time": [
    { given: scheduled(soon), proposed: "RUNNING", answer: "WAIT", reason: "Scheduled time is in the future" },
    { given: scheduled(soon), proposed: "PENDING", answer: "ACCEPT", then: ["PENDING", "Pending"] },
    { given: scheduled(past), proposed: "RUNNING", answer: "ACCEPT", then: ["RUNNING", "Running"] },
  ],
  "pausing": [
    {
      given: "PENDING",
      proposed: paused(),
      answer: "REJECT",
      reason: "Cannot pause flows that are not currently running.",
    },
    { given: "RUNNING", proposed: paused("k"), answer: "ACCEPT", then: ["PAUSED", "Paused"] },
    { given: "RUNNING", proposed: suspended, answer: "ABORT", reason: "Cannot suspend flows without a deployment." },
    { given: "RUNNING", proposed: suspended, answer: "ACCEPT", then: ["PAUSED", "Suspended"], deployed: true },
    {
      given: paused("k"),
      proposed: "PENDING",
      answer: "REJECT",
      reason: "This run cannot transition to the PENDING state from the PAUSED state.",
    },
    { given: paused("k"), proposed: "RUNNING", answer: "ACCEPT", then: ["RUNNING", "Running"] },
    {
      given: { type: "PAUSED", state_details: { pause_timeout: past } },
      proposed: "RUNNING",
      answer: "REJECT",
      then: ["FAILED", "Failed"],
      reason: "The flow run pause has timed out and can no longer resume.",
    },
  ],
};

const label = (proposal: Proposal) =>
  typeof proposal === "string" ? proposal : `${proposal.type}/${proposal.name ?? ""}`;

async function aRun(t: TestStore, { given, deployed, pid }: Pick<Case, "given" | "deployed" | "pid">): Promise<string> {
  const deployment = deployed ? await t.aDeployment() : undefined;
  const { id } = await t.aFlowRun({ deployment_id: deployment?.id, state: given });
  if (pid !== undefined) {
    await t.store.write((tx) =>
      tx.updateTable("flow_run").set({ infrastructure_pid: pid }).where("id", "=", id).execute()
    );
  }
  return id;
}

for (const [rule, cases] of Object.entries(CASES)) {
  for (const [index, { given, proposed, answer, then, reason, ...about }] of cases.entries()) {
    test(`${rule}: ${index + 1}. ${label(given)} asked to become ${label(proposed)} is answered ${answer}`, async () => {
      await using t = await testStore();
      const id = await aRun(t, { given, ...about });
      const before = await t.run(id);
      t.pass(0.25);
      const outcome = await t.move(id, proposed);
      assert.equal(outcome.status, answer);
      if ("reason" in outcome.details) assert.equal(outcome.details.reason, reason);
      const after = await t.run(id);
      assert.deepEqual([after.state_type, after.state_name], then ?? [before.state_type, before.state_name]);
      assert.equal(outcome.written, then !== undefined);
      assert.equal(outcome.state?.id, after.state_id);
      if (!outcome.written) assert.deepEqual(after.state, before.state);
    });
  }
}

test("the wait before the scheduled time is in whole seconds, rounded", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun({ state: scheduled(soon) });
  const wait = async () => {
    const { details } = await t.move(id, "RUNNING");
    return details.type === "wait_details" ? details.delay_seconds : details.type;
  };
  assert.equal(await wait(), 4, "4.5: half goes to the even");
  t.pass(1);
  assert.equal(await wait(), 3, "3.5: Python rounds the half second itself, which is 0");
  t.pass(0.6);
  assert.equal(await wait(), 3, "2.9");
  t.pass(2.5);
  assert.equal(await wait(), "accept_details", "0.4 is nothing");
});

test("a taken run keeps its time, and waits in its container", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun({ state: scheduled(soon) });
  await t.move(id, "PENDING");
  const run = await t.run(id);
  assert.equal(run.state?.state_details.scheduled_time, "2026-11-21T22:34:03.000000+00:00");
  assert.equal(run.next_scheduled_start_time, null);
  assert.equal((await t.move(id, "RUNNING")).status, "WAIT");
});

test("a proposal that is sent twice counts once", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun();
  const proposal: Proposal = { type: "RUNNING", state_details: { transition_id: T1 } };
  const first = await t.move(id, proposal);
  const second = await t.move(id, proposal);
  assert.deepEqual([first.status, second.status], ["ACCEPT", "REJECT"]);
  assert.deepEqual(second.details, {
    type: "reject_details",
    reason: "This run has already made this state transition.",
  });
  assert.equal(second.state?.id, first.state?.id);
  assert.equal((await t.run(id)).run_count, 1);
});

test("a failed run with retries waits, runs again, and fails for good when they are used up", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun({ empirical_policy: { retries: 1, retry_delay: 10 } });
  await t.move(id, "RUNNING");
  const failed = await t.move(id, { type: "FAILED", message: "boom", data: { type: "reference", key: 1 } });
  assert.equal(failed.status, "REJECT");
  assert.deepEqual(failed.details, { type: "reject_details", reason: "Retrying" });
  assert.deepEqual([failed.state?.type, failed.state?.name, failed.state?.message], [
    "SCHEDULED",
    "AwaitingRetry",
    "boom",
  ]);
  assert.deepEqual(failed.state?.data, { type: "reference", key: 1 });
  assert.equal(failed.state?.state_details.scheduled_time, "2026-11-21T22:34:08.500000+00:00");
  assert.equal((await t.run(id)).empirical_policy.retry_type, "in_process");
  assert.equal((await t.move(id, "RUNNING")).status, "WAIT");
  t.pass(10);
  assert.equal((await t.move(id, "RUNNING")).status, "ACCEPT");
  assert.equal((await t.run(id)).run_count, 2);
  assert.equal((await t.move(id, "FAILED")).status, "ACCEPT");
});

test("Prefect's older max_retries counts when retries are not given, and 0 of it is none", async () => {
  await using t = await testStore();
  for (
    const [policy, status] of [[{ max_retries: 1 }, "REJECT"], [{ max_retries: 0 }, "ACCEPT"], [
      { retries: 0 },
      "ACCEPT",
    ]] as const
  ) {
    const { id } = await t.aFlowRun({ empirical_policy: policy });
    await t.move(id, "RUNNING");
    assert.equal((await t.move(id, "FAILED")).status, status, JSON.stringify(policy));
  }
});

test("each pause happens once, and a resumed run does not begin another try", async () => {
  await using t = await testStore();
  const deployment = await t.aDeployment();
  const { id } = await t.aFlowRun({ deployment_id: deployment.id });
  await t.move(id, "RUNNING");
  assert.equal(
    (await t.move(
      id,
      { ...suspended as object, state_details: { pause_key: "k", pause_reschedule: true } } as Proposal,
    )).status,
    "ACCEPT",
  );
  await t.move(id, scheduled(past, "Resuming"));
  assert.equal((await t.run(id)).empirical_policy.resuming, true);
  await t.move(id, "PENDING");
  await t.move(id, "RUNNING");
  const run = await t.run(id);
  assert.deepEqual([run.run_count, run.empirical_policy.resuming, run.empirical_policy.pause_keys], [1, false, ["k"]]);
  const again = await t.move(id, paused("k"));
  assert.deepEqual(again.details, { type: "reject_details", reason: "This pause has already fired." });
});

test("leaving a final state forgets pauses and says how the run is retried", async () => {
  await using t = await testStore();
  const deployment = await t.aDeployment();
  const { id } = await t.aFlowRun({
    deployment_id: deployment.id,
    empirical_policy: { pause_keys: ["k"] },
    state: "FAILED",
  });
  await t.move(id, "SCHEDULED");
  const { empirical_policy: policy } = await t.run(id);
  assert.deepEqual([policy.pause_keys, policy.retry_type, policy.resuming], [[], "reschedule", false]);
});

test("force skips the rules and not the bookkeeping", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun({ state: "CANCELLED" });
  assert.equal((await t.move(id, "RUNNING", { force: true })).status, "ACCEPT");
  const run = await t.run(id);
  assert.deepEqual([run.run_count, run.start_time], [1, run.state?.timestamp]);
});

test("a failed run that is declared Completed by force has an unknown result", async () => {
  await using t = await testStore();
  const { id } = await t.aFlowRun({ state: { type: "FAILED", data: { type: "reference" } } });
  await t.move(id, "COMPLETED", { force: true });
  assert.deepEqual((await t.run(id)).state?.data, { type: "unknown" });
});

test("an unknown run is not found", async () => {
  await using t = await testStore();
  await assert.rejects(t.move(T1, "RUNNING"), { code: "not_found", message: "Flow run not found" });
});

/** What leads out of a final state by the peer's rules, written down anew. */
function mayLeave(from: StateType, to: StateType, deployed: boolean): boolean {
  if (to === "CANCELLING" || to === "PAUSED" || to === "CRASHED") return false;
  if (from === "CANCELLED") return to === "CANCELLED";
  return to !== "SCHEDULED" || deployed;
}

test("whatever is proposed in whatever order, final states are left only as the peer's rules allow", async () => {
  await using t = await testStore();
  const deployment = await t.aDeployment();
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(fc.constantFrom(...StateType.options), { maxLength: 12 }),
      async (deployed, types) => {
        const body = { flow_id: deployment.flow_id, ...(deployed ? { deployment_id: deployment.id } : {}) };
        const { id } = await t.aFlowRun(body);
        for (const type of types) {
          const from = (await t.run(id)).state_type!;
          const outcome = await t.move(id, type);
          const after = (await t.run(id)).state_type!;
          assert.equal(outcome.state?.type, after);
          if (isFinal(from) && !mayLeave(from, type, deployed)) {
            assert.equal(
              outcome.written,
              false,
              `${from} → ${type}`,
            );
          }
          if (isFinal(from) && mayLeave(from, type, deployed)) {
            assert.equal(
              outcome.status,
              "ACCEPT",
              `${from} → ${type}`,
            );
          }
          if (!outcome.written) assert.equal(after, from);
        }
      },
    ),
    { numRuns: 60 },
  );
});
