import assert from "node:assert/strict";
import { queryAll } from "../../src/store/connection.ts";
import { LAST_RUNS, NEXT_RUNS } from "../../src/store/deployment_views.ts";
import { startTestServer } from "../testing/test_server.ts";
import { test } from "../testing/test.ts";

for (const [what, sql] of [["next", NEXT_RUNS], ["last", LAST_RUNS]] as const) {
  test(`the ${what} runs of deployments are found by the index, however many runs there are`, async () => {
    await using server = await startTestServer();
    const plan = (await queryAll<{ detail: string }>(
      server.store.read,
      `EXPLAIN QUERY PLAN ${sql}`,
      ["[]", "[]"].slice(0, what === "next" ? 1 : 2),
    ))
      .map(({ detail }) => detail);
    assert.ok(
      plan.some((detail) =>
        /^SEARCH x USING (COVERING )?INDEX flow_run_by_deployment \(deployment_id=\? AND state_type=\?/.test(detail)
      ),
      plan.join("\n"),
    );
    assert.ok(plan.some((detail) => /^SEARCH r USING INTEGER PRIMARY KEY/.test(detail)), plan.join("\n"));
    // Nothing is sorted: the index has the order already.
    assert.deepEqual(plan.filter((detail) => /^SCAN [rx]\b|TEMP B-TREE/.test(detail)), []);
  });
}
