/**
 * Pausing, suspending and resuming of flow runs.
 *
 * @module
 */

import type { Answered, Scenario } from "../lib/target.ts";

/** See the module's comment. */
export const pauses: Scenario = {
  name: "pauses",
  async run(t) {
    const flow = await t.flow("one");
    const deployment = await t.deployment(flow.id);
    const paused = (details: Record<string, unknown>, name = "Paused") => ({
      type: "PAUSED",
      name,
      state_details: details,
    });
    const walk = async (what: string, deployed: boolean, ...states: unknown[]) => {
      const run = deployed
        ? await t.post("run", `/deployments/${deployment.id}/create_flow_run`, { state: { type: "RUNNING" } }, {
          quiet: true,
        })
        : await t.flowRun(flow.id, { state: { type: "RUNNING" } });
      const policy = ({ empirical_policy: { pause_keys, ...rest } }: Answered) => ({
        ...rest,
        pause_keys: pause_keys.sort(),
      });
      const whole = (run: Answered) => ({ ...run, empirical_policy: policy(run) });
      for (const [i, state] of states.entries()) {
        await t.state(`${what} ${i}`, "flow_runs", run.id, state);
        await t.get(`${what} ${i}: policy`, `/flow_runs/${run.id}`, { as: policy });
      }
      await t.get(`${what}: run`, `/flow_runs/${run.id}`, { as: whole });
      return run;
    };
    for (const deployed of [false, true]) {
      const kind = deployed ? "deployed" : "plain";
      const key = { pause_key: "k", pause_timeout: t.at(300) };
      await walk(
        `${kind} pause`,
        deployed,
        paused(key),
        "RUNNING",
        paused(key),
        paused({ ...key, pause_key: "l" }),
        "COMPLETED",
      );
      await walk(`${kind} pause then pending`, deployed, paused(key), "PENDING", "PAUSED", "CANCELLING");
      await walk(`${kind} pause then scheduled`, deployed, paused(key), "SCHEDULED", "PENDING", "RUNNING");
      const rescheduled = { ...key, pause_reschedule: true };
      await walk(`${kind} suspend`, deployed, paused(rescheduled, "Suspended"), "SCHEDULED", "PENDING", "RUNNING");
      await walk(`${kind} suspend then cancelling`, deployed, paused(rescheduled, "Suspended"), "CANCELLING");
      await walk(`${kind} suspend by another name`, deployed, paused(rescheduled));
      const over = { ...key, pause_timeout: t.at(-5) };
      await walk(`${kind} pause that timed out`, deployed, paused(over), "RUNNING");
      await walk(
        `${kind} suspend that timed out`,
        deployed,
        paused({ ...over, pause_reschedule: true }, "Suspended"),
        "SCHEDULED",
      );
      await walk(`${kind} suspended, twice`, deployed, paused(key, "Suspended"), "RUNNING", paused(key, "Suspended"));
      await walk(`${kind} pause, fail, run again`, deployed, paused(key), "RUNNING", "FAILED", "RUNNING");

      const run = await walk(`${kind} task of a paused run`, deployed, paused(key));
      const task = await t.taskRun(run.id, { name: "t 1" });
      await t.state(`${kind} task runs while paused`, "task_runs", task.id, "RUNNING");
      const resumed = await t.post(`${kind} resume`, `/flow_runs/${run.id}/resume`, {});
      await t.get(`${kind} resumed ${resumed.status}`, `/flow_runs/${run.id}`);
      await t.post(`${kind} resume again`, `/flow_runs/${run.id}/resume`, {});
      const suspended = await walk(`${kind} to be resumed`, deployed, paused(rescheduled, "Suspended"));
      await t.post(`${kind} resume suspended`, `/flow_runs/${suspended.id}/resume`);
    }
  },
};
