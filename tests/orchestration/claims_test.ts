import assert from "node:assert/strict";
import fc from "fast-check";
import { ADOPTION_GRACE_SECONDS, type Claim, LEASE_SECONDS } from "../../src/domain/agents.ts";
import { DeploymentFlowRunCreate } from "../../src/domain/flow_runs.ts";
import { isFinal } from "../../src/domain/states.ts";
import { claimRuns } from "../../src/orchestration/claims.ts";
import { createDeploymentRun } from "../../src/orchestration/create_deployment_run.ts";
import { lapseLeases, releaseLease, renewLeases, startLease } from "../../src/orchestration/leases.ts";
import type { Store } from "../../src/store/database.ts";
import { deleteFlowRun } from "../../src/store/flow_runs.ts";
import { FINISHING_SECONDS, leaseByToken, listCancellations, listLeases } from "../../src/store/leases.ts";
import { test } from "../testing/test.ts";
import { type Proposal, type TestStore, testStore } from "../store/support.ts";
import { testFolder } from "../testing/files.ts";

const claim = (t: TestStore, agent: string, slots = 10, runners?: string[]) =>
  t.store.write((tx) => claimRuns(tx, agent, { slots, runners }, t.given()));
const start = (t: TestStore, { lease }: Claim, pid = "container") =>
  t.store.write((tx) => startLease(tx, lease.id, { infrastructure_pid: pid }, t.given()));
const lapse = (t: TestStore) => t.store.write((tx) => lapseLeases(tx, t.given()));
const release = (t: TestStore, { lease }: Claim) => t.store.write((tx) => releaseLease(tx, lease.id, t.given()));
const beat = (t: TestStore, agent: string, ...ids: string[]) =>
  t.store.write((tx) => renewLeases(tx, agent, ids, t.given()));
const cancellations = (t: TestStore, agent: string, known: string[] = []) =>
  listCancellations(t.store.read, agent, known, t.given().now);

async function aRun(t: TestStore, labels: string[] = [], runner: "docker" | "subprocess" = "docker"): Promise<string> {
  const name = `${runner}-${labels.join("-")}`;
  const deployment = await t.aDeployment({ name, labels, flow_runner: { type: runner } });
  const body = DeploymentFlowRunCreate.parse({});
  return (await t.store.write((tx) => createDeploymentRun(tx, deployment.id, body, t.given()))).run.id;
}

async function aClaim(t: TestStore, agent?: string): Promise<Claim> {
  await aRun(t);
  const [claimed] = await claim(t, agent ?? await t.anAgent());
  return claimed;
}

test("a claim has all that is needed to start, and the run is PENDING with its next attempt", async () => {
  await using t = await testStore();
  const id = await aRun(t);
  const agent = await t.anAgent();
  const [{ lease, flow_run, flow, deployment }] = await claim(t, agent);
  assert.deepEqual([flow_run.id, flow_run.state_type, flow_run.attempt, flow_run.agent_id], [id, "PENDING", 1, agent]);
  assert.deepEqual([flow.name, deployment.flow_runner?.type], ["my-flow", "docker"]);
  assert.equal(flow_run.state?.state_details.scheduled_time !== null, true);
  assert.deepEqual([lease.flow_run_id, lease.agent_id, lease.attempt, lease.started], [id, agent, 1, false]);
  assert.ok(lease.token.length >= 43);
  assert.deepEqual(await leaseByToken(t.store.read, lease.token), lease);
  assert.deepEqual(await claim(t, agent), []);
});

for (
  const { run, agent, takes } of [
    { run: [], agent: [], takes: true },
    { run: [], agent: ["a"], takes: false },
    { run: ["a"], agent: [], takes: false },
    { run: ["a"], agent: ["a"], takes: true },
    { run: ["a"], agent: ["b", "a"], takes: true },
    { run: ["a", "b"], agent: ["a"], takes: false },
    { run: ["a", "b"], agent: ["b", "c", "a"], takes: true },
  ]
) {
  test(`an agent labelled [${agent}] ${takes ? "takes" : "does not take"} a run labelled [${run}]`, async () => {
    await using t = await testStore();
    await aRun(t, run);
    assert.equal((await claim(t, await t.anAgent({ labels: agent }))).length, takes ? 1 : 0);
  });
}

test("an agent gets only what it can start, what is due, and as much as it has room for", async () => {
  await using t = await testStore();
  const [docker, subprocess] = [await aRun(t), await aRun(t, [], "subprocess")];
  const agent = await t.anAgent({ runners: ["docker"] });
  assert.deepEqual((await claim(t, agent)).map((claim) => claim.flow_run.id), [docker]);
  const both = await t.anAgent();
  assert.deepEqual(await claim(t, both, 10, ["docker"]), []);
  assert.deepEqual(await claim(t, both, 0), []);
  assert.deepEqual((await claim(t, both)).map((claim) => claim.flow_run.id), [subprocess]);
  for (let i = 0; i < 5; i++) await aRun(t);
  assert.equal((await claim(t, both, 2)).length, 2);
  const limited = await t.anAgent({ limit: 2 });
  assert.equal((await claim(t, limited)).length, 2);
  assert.deepEqual(await claim(t, limited), [], "both of its places are taken");
});

test("runs that are not due, wait for a retry in their process, or have no runner are nobody's", async () => {
  await using t = await testStore();
  const deployment = await t.aDeployment();
  const of = { flow_id: deployment.flow_id, deployment_id: deployment.id };
  const soon: Proposal = { type: "SCHEDULED", state_details: { scheduled_time: "2026-11-21T22:34:08Z" } };
  const run = await t.aFlowRun({ ...of, state: soon });
  await t.aFlowRun({ flow_id: deployment.flow_id, state: "SCHEDULED" });
  const retrying = await t.aFlowRun({ ...of, empirical_policy: { retries: 1 } });
  await t.move(retrying.id, "RUNNING");
  await t.move(retrying.id, "FAILED");
  const prefects = await t.aDeployment({ name: "theirs", flow_runner: undefined });
  await t.aFlowRun({ flow_id: prefects.flow_id, deployment_id: prefects.id, state: "SCHEDULED" });
  const agent = await t.anAgent();
  assert.deepEqual(await claim(t, agent), []);
  t.pass(10);
  assert.deepEqual((await claim(t, agent)).map((claim) => claim.flow_run.id), [run.id]);
});

test("an unknown agent claims nothing", async () => {
  await using t = await testStore();
  await assert.rejects(claim(t, "11111111-1111-4111-8111-111111111111"), { code: "not_found" });
});

test("a heartbeat renews what is still the agent's and names what is not", async () => {
  await using t = await testStore();
  const agent = await t.anAgent();
  const mine = await aClaim(t, agent);
  const other = await aClaim(t);
  t.pass(LEASE_SECONDS - 1);
  const answer = await beat(t, agent, mine.lease.id, other.lease.id);
  assert.deepEqual(answer, { renewed: [mine.lease.id], lost: [other.lease.id] });
  t.pass(LEASE_SECONDS - 1);
  assert.deepEqual(await lapse(t), { rescheduled: 1, lost: 0, ended: 0 });
  assert.deepEqual((await listLeases(t.store.read, agent)).map(({ id }) => id), [mine.lease.id]);
});

test("before its start a lapsed lease puts the run back, its token is fenced, and another agent takes the next attempt", async () => {
  await using t = await testStore();
  const first = await aClaim(t);
  t.pass(LEASE_SECONDS);
  assert.deepEqual(await lapse(t), { rescheduled: 1, lost: 0, ended: 0 });
  const run = await t.run(first.flow_run.id);
  assert.deepEqual([run.state_type, run.state_name], ["SCHEDULED", "Scheduled"]);
  assert.equal(run.state?.message, 'Agent "an-agent" went away before it started the run');
  assert.equal(await leaseByToken(t.store.read, first.lease.token), undefined);
  await assert.rejects(start(t, first), { code: "fenced" });
  const [second] = await claim(t, await t.anAgent());
  assert.deepEqual([second.flow_run.id, second.lease.attempt], [first.flow_run.id, 2]);
});

test("after its start a run goes on without its agent, and is Crashed when nobody took it over in time", async () => {
  await using t = await testStore();
  const claimed = await aClaim(t);
  await start(t, claimed);
  await t.move(claimed.flow_run.id, "RUNNING");
  t.pass(LEASE_SECONDS);
  assert.deepEqual(await lapse(t), { rescheduled: 0, lost: 1, ended: 0 });
  assert.equal((await t.run(claimed.flow_run.id)).state_type, "RUNNING");
  assert.ok(await leaseByToken(t.store.read, claimed.lease.token), "its attempt is still the current one");
  t.pass(ADOPTION_GRACE_SECONDS - 1);
  assert.deepEqual(await lapse(t), { rescheduled: 0, lost: 0, ended: 0 });
  t.pass(1);
  assert.deepEqual(await lapse(t), { rescheduled: 0, lost: 0, ended: 1 });
  const run = await t.run(claimed.flow_run.id);
  const message = 'Agent "an-agent" went away, and did not come back within 10 minutes';
  assert.deepEqual([run.state_type, run.state?.message], ["CRASHED", message]);
  assert.equal(await leaseByToken(t.store.read, claimed.lease.token), undefined);
});

test("a run that is RUNNING is not handed out again, also when its agent died before it could say that it started", async () => {
  await using t = await testStore();
  const claimed = await aClaim(t);
  await t.move(claimed.flow_run.id, "RUNNING");
  t.pass(LEASE_SECONDS);
  assert.deepEqual(await lapse(t), { rescheduled: 0, lost: 1, ended: 0 });
  assert.deepEqual(await claim(t, await t.anAgent()), []);
});

test("an agent that comes back has its leases again", async () => {
  await using t = await testStore();
  const agent = await t.anAgent();
  const claimed = await aClaim(t, agent);
  await start(t, claimed);
  t.pass(LEASE_SECONDS);
  await lapse(t);
  const [lease] = await listLeases(t.store.read, agent);
  assert.equal(lease.token, claimed.lease.token);
  assert.deepEqual((await beat(t, agent, lease.id)).renewed, [lease.id]);
  t.pass(ADOPTION_GRACE_SECONDS);
  assert.deepEqual(await lapse(t), { rescheduled: 0, lost: 1, ended: 0 }, "its grace begins anew");
});

for (
  const { state, started, then } of [
    { state: undefined, started: false, then: "SCHEDULED" },
    { state: undefined, started: true, then: "CRASHED" },
    { state: "RUNNING", started: true, then: "CRASHED" },
    { state: "CANCELLING", started: true, then: "CANCELLED" },
    { state: "COMPLETED", started: true, then: "COMPLETED" },
  ] as const
) {
  test(`a ${started ? "started" : "new"} lease released with its run ${state ?? "PENDING"} leaves it ${then}`, async () => {
    await using t = await testStore();
    const claimed = await aClaim(t);
    if (started) await start(t, claimed);
    if (state) await t.move(claimed.flow_run.id, state);
    await release(t, claimed);
    await release(t, claimed);
    assert.equal((await t.run(claimed.flow_run.id)).state_type, then);
    assert.equal(await leaseByToken(t.store.read, claimed.lease.token), undefined);
  });
}

test("a run that waited for its retry in a container that is gone is Crashed", async () => {
  await using t = await testStore();
  const deployment = await t.aDeployment();
  await t.aFlowRun({
    flow_id: deployment.flow_id,
    deployment_id: deployment.id,
    state: "SCHEDULED",
    empirical_policy: { retries: 1, retry_delay: 600 },
  });
  const [claimed] = await claim(t, await t.anAgent());
  await start(t, claimed);
  await t.move(claimed.flow_run.id, "RUNNING");
  assert.equal((await t.move(claimed.flow_run.id, "FAILED")).state?.name, "AwaitingRetry");
  await release(t, claimed);
  assert.equal((await t.run(claimed.flow_run.id)).state_type, "CRASHED");
});

test("an agent is told what to end: cancelled and deleted runs at once, finished ones when they do not exit", async () => {
  await using t = await testStore();
  const agent = await t.anAgent();
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    const claimed = await aClaim(t, agent);
    await start(t, claimed);
    await t.move(claimed.flow_run.id, "RUNNING");
    ids.push(claimed.flow_run.id);
  }
  assert.deepEqual(await cancellations(t, agent), []);
  await t.move(ids[0], "CANCELLING");
  await t.store.write((tx) => deleteFlowRun(tx, ids[1]));
  await t.move(ids[2], "COMPLETED");
  const told = async (known: string[] = []) => (await cancellations(t, agent, known)).map((c) => c.flow_run_id).sort();
  assert.deepEqual(await told(), [ids[0], ids[1]].sort());
  assert.deepEqual(await told([ids[0]]), [ids[1]]);
  t.pass(FINISHING_SECONDS);
  assert.deepEqual(await told(), [ids[0], ids[1], ids[2]].sort());
  assert.equal((await cancellations(t, agent))[0].lease_id.length, 36);
});

/** What agents may do in the model; a killed one says nothing more. */
type Step =
  | { do: "claim" | "beat" | "start" | "finish" | "kill"; agent: number }
  | { do: "time"; seconds: number }
  | { do: "lapse" };

test("however agents interleave and die, on two stores of one file, an attempt is claimed once and its lease alone counts", async () => {
  const agent = fc.nat({ max: 2 });
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("claim", "beat", "start", "finish", "kill"), agent }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("time"), seconds: fc.constantFrom(10, 31, 700) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("lapse") }) },
  ) as fc.Arbitrary<Step>;
  // Steps of one inner list are asked for at once.
  const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 12 });
  let claimsSeen = 0;
  await fc.assert(
    fc.asyncProperty(rounds, async (rounds) => {
      using folder = testFolder();
      await using t = await testStore(`${folder.path}/flowctl.db`);
      await using other = await testStore(`${folder.path}/flowctl.db`);
      const stores: Store[] = [t.store, other.store, t.store];
      const runs = [await aRun(t), await aRun(t), await aRun(t)];
      const agents = await Promise.all([0, 1, 2].map((n) => t.anAgent({ name: `agent-${n}` })));
      const held: Claim[][] = [[], [], []];
      const attempts = new Set<string>();
      const tokens = new Map<string, string>();
      const act = async (step: Step) => {
        if (step.do === "time") return t.pass(step.seconds);
        if (step.do === "lapse") return void await lapse(t);
        const { agent } = step;
        const store = stores[agent];
        const [mine] = held[agent];
        switch (step.do) {
          case "claim": {
            const claimed = await store.write((tx) => claimRuns(tx, agents[agent], { slots: 1 }, t.given()));
            for (const { lease } of claimed) {
              const attempt = `${lease.flow_run_id} ${lease.attempt}`;
              assert.ok(!attempts.has(attempt), `${attempt} was claimed twice`);
              attempts.add(attempt);
              tokens.set(lease.token, attempt);
              claimsSeen++;
            }
            held[agent].push(...claimed);
            return;
          }
          case "beat": {
            const ids = held[agent].map(({ lease }) => lease.id);
            const { lost } = await store.write((tx) => renewLeases(tx, agents[agent], ids, t.given()));
            held[agent] = held[agent].filter(({ lease }) => !lost.includes(lease.id));
            return;
          }
          case "start":
            if (mine) {
              await store.write((tx) => startLease(tx, mine.lease.id, { infrastructure_pid: "p" }, t.given()))
                .catch((error) => assert.equal(error.code, "fenced"));
            }
            return;
          case "finish":
            held[agent].shift();
            if (mine) {
              const lives = await leaseByToken(store.read, mine.lease.token) !== undefined;
              if (lives) await t.move(mine.flow_run.id, "COMPLETED");
              await store.write((tx) => releaseLease(tx, mine.lease.id, t.given()));
            }
            return;
          case "kill":
            held[agent] = [];
        }
      };
      for (const round of rounds) {
        await Promise.all(round.map(act));
        const live: string[] = [];
        for (const [token, attempt] of tokens) {
          const lease = await leaseByToken(t.store.read, token);
          if (lease) live.push(attempt.split(" ")[0]);
        }
        assert.equal(new Set(live).size, live.length, "two leases of one run are current");
        for (const id of runs) {
          const run = await t.run(id);
          if (run.state_type === "SCHEDULED") assert.ok(!live.includes(id), "a run that waits is held");
          if (run.state_type === "PENDING") assert.ok(live.includes(id), "a run that was taken is held by nobody");
          assert.ok(
            run.attempt === [...attempts].filter((attempt) => attempt.startsWith(id)).length || isFinal(run.state_type),
          );
        }
      }
    }),
    { numRuns: 25 },
  );
  assert.ok(claimsSeen > 25, "too few claims to prove anything");
});
