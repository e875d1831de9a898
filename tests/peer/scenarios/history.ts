/**
 * History and lateness.
 *
 * @module
 */

import type { Scenario } from "../lib/target.ts";

/** See the module's comment. */
export const history: Scenario = {
  name: "history",
  async run(t) {
    await t.post("lateness of nothing", "/flow_runs/lateness", {});
    const flow = await t.flow("one");
    const at = (seconds: number) => ({ state_details: { scheduled_time: t.at(seconds) } });
    const run = await t.flowRun(flow.id, { name: "h 1", state: { type: "SCHEDULED", ...at(-100) } });
    await t.flowRun(flow.id, { name: "h 2", state: { type: "SCHEDULED", ...at(-1500), name: "Late" } });
    await t.flowRun(flow.id, { name: "h 3", state: { type: "SCHEDULED", ...at(1500) } });
    await t.flowRun(flow.id, { name: "h 4", state: { type: "COMPLETED" } });
    await t.flowRun(flow.id, { name: "h 5", state: { type: "COMPLETED" } });
    await t.flowRun(flow.id, { name: "h 6", state: { type: "COMPLETED", name: "Cached" } });
    const task = await t.taskRun(run.id, { name: "t 1", state: { type: "PENDING" } });
    await t.taskRun(run.id, { name: "t 2" });
    await t.post("lateness", "/flow_runs/lateness", {});
    await t.post("lateness of some", "/flow_runs/lateness", { flow_runs: { name: { any_: ["h 1", "h 3"] } } });
    await t.post("lateness without a body", "/flow_runs/lateness");
    await t.post("lateness of an unknown key", "/flow_runs/lateness", { flow_runs: { bogus: 1 } });
    await t.state("starts late", "flow_runs", run.id, "RUNNING");
    await t.post("lateness of what started late", "/flow_runs/lateness", { flow_runs: { name: { any_: ["h 1"] } } });
    const span = (from: number, to: number, seconds: unknown) => ({
      history_start: t.at(from),
      history_end: t.at(to),
      history_interval_seconds: seconds,
    });
    for (const noun of ["flow_runs", "task_runs"]) {
      const ask = (what: string, body: unknown) => t.post(`${noun} ${what}`, `/${noun}/history`, body);
      await ask("history", span(-2000, 2000, 1000));
      await ask("history that does not divide", span(-2000, 2000, 1500));
      await ask("history of some", { ...span(-2000, 2000, 2000), flow_runs: { name: { any_: ["h 1"] } } });
      await ask("history of one interval", span(-10, 100, 5000));
      await ask("history of no time", span(0, 0, 10));
      await ask("history backwards", span(100, 0, 10));
      await ask("history of 600 intervals", span(-600, 0, 1));
      await ask("history of fractions", span(-3, 3, 1.5));
      await ask("history of less than a second", span(-3, 3, 0.5));
      await ask("history of nothing per second", span(-3, 3, 0));
      await ask("history of words", span(-3, 3, "x"));
      await ask("history without an end", { history_start: t.at(0), history_interval_seconds: 10 });
      await ask("history without a body", undefined);
      await ask("history with a wrong filter", { ...span(-3, 3, 10), flow_runs: { bogus: 1 } });
    }
    await t.get("the task", `/task_runs/${task.id}`);
  },
};
