import fc from "fast-check";
import assert from "node:assert/strict";
import { ROUTES } from "../../src/api/app.ts";
import { startTestServer, type TestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** Words that bodies are made of, so that some get past the first check. */
const KEYS = [
  "name",
  "flow_id",
  "state",
  "type",
  "message",
  "data",
  "state_details",
  "scheduled_time",
  "tags",
  "parameters",
  "limit",
  "offset",
  "sort",
  "flows",
  "flow_runs",
  "task_runs",
  "deployments",
  "logs",
  "id",
  "any_",
  "like_",
  "all_",
  "not_any_",
  "before_",
  "after_",
  "is_null_",
  "operator",
  "task_key",
  "dynamic_key",
  "flow_run_id",
  "schedule",
  "schedules",
  "cron",
  "interval",
  "rrule",
  "timezone",
  "active",
  "level",
  "timestamp",
  "key",
  "slots",
  "wait_seconds",
  "lease_ids",
  "force",
  "history_start",
  "history_end",
  "history_interval_seconds",
  "empirical_policy",
  "retries",
  "retry_delay",
  "idempotency_key",
  "infrastructure_pid",
  "min_runs",
  "start_time",
  "end_time",
  "deployment_ids",
  "__proto__",
  "constructor",
  "toString",
];
const TEXTS = [
  "",
  "a",
  "RUNNING",
  "SCHEDULED",
  "COMPLETED",
  UNKNOWN,
  "2026-11-21T22:33:58Z",
  "2026-11-21",
  "9999-12-31T23:59:59Z",
  "-271821-04-20T00:00:00Z",
  "0 0 * * *",
  "FREQ=DAILY",
  "Europe/Berlin",
  "%",
  "_",
  "\u0000",
  "💥",
  "NAME_ASC",
  "or_",
  "'; --",
];

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, false, 0, 1, -1, 0.5, 200, 201, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308),
    fc.constantFrom(...TEXTS),
    fc.string({ maxLength: 8 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie("value")), { maxLength: 6 }).map((pairs) => {
      const made: Record<string, unknown> = {};
      for (const [key, value] of pairs) {
        Object.defineProperty(made, key, { value, enumerable: true, configurable: true });
      }
      return made;
    }),
  ),
})).value;

const WRITING = ROUTES.filter((route) => route.body !== undefined);

/** Ids of things that exist, so that bodies meet more than a 404. */
async function furnish(server: TestServer) {
  const flow = await server.aFlow();
  const run = await server.aFlowRun({ flow_id: flow.id, state: "RUNNING" });
  const deployment = await server.aDeployment({ flow_id: flow.id });
  const task = await server.client.taskRuns.create({ flow_run_id: run.id, task_key: "a", dynamic_key: "0" });
  const agent = await server.client.agents.create({ id: UNKNOWN.replace("4", "5"), name: "agent" });
  return { flows: flow.id, flow_runs: run.id, deployments: deployment.id, task_runs: task.id, agents: agent.id };
}

test("no body whatsoever is answered with 500", async () => {
  await using server = await startTestServer();
  const ids: Record<string, string> = await furnish(server);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...WRITING), json, fc.boolean(), async (route, body, known) => {
      const noun = route.path.split("/")[1];
      const path = `/api${route.path}`
        .replace("{id}", known ? ids[noun] ?? UNKNOWN : UNKNOWN)
        .replace("{schedule_id}", UNKNOWN)
        .replace("{hash}", "0".repeat(64));
      // A claim waits for as long as it is told to; the clock of tests stands still.
      const given = route.path.endsWith("/claim") && typeof body === "object" && body !== null
        ? { ...body, wait_seconds: 0 }
        : body;
      const got = await server.send(route.method, path, JSON.stringify(given));
      assert.notEqual(got.status, 500, `${route.method} ${path}: ${got.text}\n${server.lines.at(-1)}`);
    }),
    { numRuns: 1500 },
  );
});

test("no filter that has the right shape is answered with 500", async () => {
  await using server = await startTestServer();
  await furnish(server);
  const page = fc.record({
    limit: fc.oneof(fc.constantFrom(null, 0, 1, 200), fc.integer()),
    offset: fc.oneof(fc.constantFrom(null, 0, 1), fc.maxSafeNat()),
  }, { requiredKeys: [] });
  const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ maxLength: 5 }));
  const name = fc.record({ any_: fc.array(text, { maxLength: 3 }), like_: text }, { requiredKeys: [] });
  const tags = fc.record({
    all_: fc.array(text, { maxLength: 3 }),
    is_null_: fc.boolean(),
    operator: fc.constantFrom("or_", "and_"),
  }, {
    requiredKeys: [],
  });
  const state = fc.record({
    name,
    type: fc.record({ any_: fc.array(fc.constantFrom("RUNNING", "FAILED"), { maxLength: 2 }) }),
  }, {
    requiredKeys: [],
  });
  const time = fc.record({ before_: fc.date({ noInvalidDate: true }), after_: fc.constant("2026-11-21") }, {
    requiredKeys: [],
  });
  const some = { requiredKeys: [] as [] };
  const flows = fc.record({ name, tags }, some);
  const flow_runs = fc.record({ name, tags, state, expected_start_time: time }, some);
  const task_runs = fc.record({ name, tags, state }, some);
  const deployments = fc.record({ name, tags, paused: fc.record({ eq_: fc.boolean() }) }, some);
  const filters = fc.record({ flows, flow_runs, task_runs, deployments }, some);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("flows", "flow_runs", "task_runs", "deployments"),
      filters,
      page,
      async (noun, body, at) => {
        for (const path of [`/api/${noun}/filter`, `/api/${noun}/count`]) {
          const got = await server.send("POST", path, { ...body, ...at });
          assert.ok(
            [200, 422].includes(got.status),
            `${path} ${JSON.stringify({ ...body, ...at })}: ${got.text}\n${server.lines.at(-1)}`,
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});
