/**
 * Flows.
 *
 * @module
 */

import type { Scenario } from "../lib/target.ts";

const NOBODY = "11111111-1111-4111-8111-111111111111";

/** See the module's comment. */
export const flows: Scenario = {
  name: "flows",
  async run(t) {
    const flow = await t.post("new flow", "/flows/", { name: "one", tags: ["b", "a", "b"] });
    await t.post("same flow with other tags", "/flows/", { name: "one", tags: ["c"] });
    await t.post("flow without tags", "/flows/", { name: "two" });
    await t.post("flow with null tags", "/flows/", { name: "three", tags: null });
    await t.post("flow with an unknown key", "/flows/", { name: "four", bogus: 1 });
    for (const name of ["a/b", "a%b", "a&b", "a>b", "a<b", ""]) await t.post(`flow "${name}"`, "/flows/", { name });
    await t.post("flow with a space and é", "/flows/", { name: "é 日本 .x" });
    await t.post("flow without a name", "/flows/", {});
    await t.post("flow with a null name", "/flows/", { name: null });
    await t.post("flow with a number for a name", "/flows/", { name: 5 });
    await t.post("flow with tags that are a text", "/flows/", { name: "five", tags: "x" });
    await t.post("flow with an empty body", "/flows/");
    await t.post("flow that is a list", "/flows/", []);
    await t.post("flow that is no JSON", "/flows/", undefined, { raw: "{nonsense" });

    await t.get("read", `/flows/${flow.id}`);
    await t.get("read with an upper case id", `/flows/${flow.id.toUpperCase()}`);
    await t.get("read nobody", `/flows/${NOBODY}`);
    await t.get("read nonsense", "/flows/nonsense");
    await t.get("read by name", "/flows/name/one");
    await t.get("read by name with é", `/flows/name/${encodeURIComponent("é 日本 .x")}`);
    await t.get("read by unknown name", "/flows/name/nobody");

    await t.patch("change tags", `/flows/${flow.id}`, { tags: ["z", "y"] });
    await t.get("read changed tags", `/flows/${flow.id}`);
    await t.patch("change nothing", `/flows/${flow.id}`, {});
    await t.patch("change tags to null", `/flows/${flow.id}`, { tags: null });
    await t.get("read after null", `/flows/${flow.id}`);
    await t.patch("change the name", `/flows/${flow.id}`, { name: "other" });
    await t.patch("change without a body", `/flows/${flow.id}`);
    await t.patch("change nobody", `/flows/${NOBODY}`, { tags: [] });
    await t.patch("change nonsense", "/flows/nonsense", { tags: [] });

    for (const sort of ["NAME_ASC", "NAME_DESC", "CREATED_DESC", "UPDATED_DESC"]) {
      await t.post(`list ${sort}`, "/flows/filter", { sort, flows: { name: { any_: ["one", "two"] } } });
    }
    await t.post("list unknown sort", "/flows/filter", { sort: "ID_DESC" });
    await t.post("count", "/flows/count", { flows: { name: { any_: ["one", "two", "nobody"] } } });

    const run = await t.flowRun(flow.id, { name: "r 1" });
    const task = await t.taskRun(run.id, { name: "t 1" });
    const deployment = await t.deployment(flow.id);
    await t.post("log", "/logs/", [
      { name: "x", level: 20, message: "stays", timestamp: t.at(0), flow_run_id: run.id },
    ], { quiet: true });
    await t.delete("delete", `/flows/${flow.id}`);
    await t.delete("delete again", `/flows/${flow.id}`);
    await t.delete("delete nonsense", "/flows/nonsense");
    await t.get("run of a deleted flow", `/flow_runs/${run.id}`);
    await t.get("task run of a deleted flow", `/task_runs/${task.id}`);
    await t.get("deployment of a deleted flow", `/deployments/${deployment.id}`);
    await t.get("states of a deleted run", `/flow_run_states/?flow_run_id=${run.id}`);
    await t.post("logs of a deleted run", "/logs/filter", { logs: { flow_run_id: { any_: [run.id] } } });
  },
};
