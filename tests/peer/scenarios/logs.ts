/**
 * Logs.
 *
 * @module
 */

import type { Answered, Scenario } from "../lib/target.ts";

const NOBODY = "11111111-1111-4111-8111-111111111111";

/** See the module's comment. */
export const logs: Scenario = {
  name: "logs",
  async run(t) {
    const flow = await t.flow("one");
    const run = await t.flowRun(flow.id);
    const task = await t.taskRun(run.id, { name: "t 1" });
    const log = (message: string, more: Record<string, unknown> = {}) => ({
      name: "prefect.flow_runs",
      level: 20,
      message,
      timestamp: t.at(0),
      flow_run_id: run.id,
      ...more,
    });
    const put = (what: string, body: unknown) => t.post(what, "/logs/", body);
    await put("three", [
      log("a", { timestamp: t.at(3), level: 10 }),
      log("b é 😀 \u0000 \u001b[31m", { timestamp: t.at(1), level: 40, task_run_id: task.id }),
      log("c\nd", { timestamp: t.at(2) }),
    ]);
    await put("none", []);
    await put("one that is no list", log("x"));
    await put("of nobody", [log("nobody", { flow_run_id: NOBODY })]);
    await put("of no run", [log("no run", { flow_run_id: null })]);
    await put("without a run", [{ name: "x", level: 20, message: "without", timestamp: t.at(9) }]);
    await put("with a level that is a text", [log("x", { level: "INFO" })]);
    await put("without a message", [{ ...log("x"), message: undefined }]);
    await put("with a null message", [log("x", { message: null })]);
    await put("with an empty message", [log("")]);
    await put("without a time", [{ ...log("x"), timestamp: undefined }]);
    await put("with a time that is nonsense", [log("x", { timestamp: "nonsense" })]);
    await put("with a time that is a number", [log("number", { timestamp: 1577836800 })]);
    await put("with a time without a zone", [log("no zone", { timestamp: "2020-01-01T00:00:00" })]);
    await put("with a time in a zone", [log("zone", { timestamp: "2020-01-01T00:00:00.5+05:30" })]);
    await put("with a time in nanoseconds", [log("nanoseconds", { timestamp: "2020-01-01T00:00:00.123456789Z" })]);
    await put("one good, one bad", [log("good"), log("bad", { level: null })]);
    await put("no body", undefined);

    const list = (what: string, body?: unknown) => t.post(what, "/logs/filter", body);
    const mine = { flow_run_id: { any_: [run.id] } };
    await list("whole", { logs: { ...mine, level: { ge_: 10, le_: 10 } } });
    const messages = (what: string, body?: unknown) =>
      t.post(what, "/logs/filter", body, { as: (found: Answered[]) => found.map((one) => one.message) });
    const sorted = (what: string, body?: unknown) =>
      t.post(what, "/logs/filter", body, { as: (found: Answered[]) => found.map((one) => one.message).sort() });
    const some = { ...mine, timestamp: { after_: t.at(0.5) } };
    await messages("ascending", { logs: some, sort: "TIMESTAMP_ASC" });
    await messages("descending", { logs: some, sort: "TIMESTAMP_DESC" });
    await messages("default order", { logs: some });
    await messages("page", { logs: some, limit: 1, offset: 1 });
    await messages("limit 0", { logs: some, limit: 0 });
    await messages("limit 201", { logs: some, limit: 201 });
    await messages("unknown sort", { logs: some, sort: "LEVEL_ASC" });
    const filters = [
      { level: { ge_: 20 } },
      { level: { le_: 20 } },
      { level: { ge_: 15, le_: 35 } },
      { level: null },
      { level: { bogus: 1 } },
      { timestamp: { before_: t.at(1.5) } },
      { timestamp: { after_: t.at(1.5) } },
      { timestamp: { before_: "2020-06-01" } },
      { task_run_id: { any_: [task.id] } },
      { task_run_id: { any_: [] } },
      { flow_run_id: { any_: [] } },
      { flow_run_id: { any_: [NOBODY] } },
      { operator: "or_", task_run_id: { any_: [task.id] }, level: { le_: 10 } },
      { operator: "or_" },
      { bogus: 1 },
      { name: { any_: ["x"] } },
      {},
    ];
    for (const filter of filters) {
      const own = "flow_run_id" in filter || "operator" in filter ? filter : { ...mine, ...filter };
      await sorted(`filter ${JSON.stringify(filter)}`, { logs: own });
    }
    await sorted("no body");
    await sorted("null filter", { logs: null, sort: null, limit: null, offset: null });

    const many = Array.from({ length: 250 }, (_, i) => log(`m ${i}`, { timestamp: t.at(100 + i) }));
    const other = await t.flowRun(flow.id);
    await put("many", many.map((one) => ({ ...one, flow_run_id: other.id })));
    const page = (offset: number) => ({ logs: { flow_run_id: { any_: [other.id] } }, limit: 200, offset });
    await messages("first page", page(0));
    await messages("second page", page(200));
    await messages("third page", page(400));
    await put("with an unknown key", [log("unknown", { bogus: 1 })]);
    await put("with a level that is a number in a text", [log("level text", { level: "30" })]);
    await put("with a level with a fraction", [log("fraction", { level: 20.5 })]);
  },
};
