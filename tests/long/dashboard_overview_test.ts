/**
 * The overview of a million runs.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createApi } from "../../src/api/app.ts";
import type { Overview } from "../../src/domain/overview.ts";
import { openStore } from "../../src/store/database.ts";
import { systemClock } from "../../src/support/clock.ts";
import { createLog } from "../../src/support/log.ts";
import { openSecretBox } from "../../src/support/secret_box.ts";
import { type Last, NO_FILTERS } from "../../src/ui/filters.ts";
import { overviewQuery } from "../../src/ui/overview/windows.ts";
import { test } from "../testing/test.ts";

const RUNS = 1_000_000;
const DAYS = 30;
const FLOWS = 20;

const flowId = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;

/** Fills a database with runs that are over, evenly in thirty days, of which seven in a hundred failed with words of their own. */
function fill(path: string): void {
  const db = new DatabaseSync(path);
  const begin = Date.now() - DAYS * 86_400_000;
  const id = (mark: string) => `printf('%08x-%04x-7%03x-8${mark}-%012x', ms >> 16, ms & 65535, i % 4096, i)`;
  const time = (ms: string) => `(strftime('%Y-%m-%dT%H:%M:%f', (${ms}) / 1000.0, 'unixepoch') || '000+00:00')`;
  const state = (upper: boolean) => {
    const word = (name: string) => `'${upper ? name.toUpperCase() : name}'`;
    return `CASE WHEN r < 90 THEN ${word("Completed")} WHEN r < 95 THEN ${word("Failed")} WHEN r < 97 THEN ${
      word("Crashed")
    } ELSE ${word("Cancelled")} END`;
  };
  db.exec(`
    PRAGMA synchronous = OFF;
    BEGIN;
    CREATE TEMP TABLE n AS WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < ${RUNS - 1})
      SELECT i, ${begin} + CAST(i * ${
    DAYS * 86_400_000 / RUNS
  } AS INTEGER) AS ms, (i * 7919) % 100 AS r, i % ${FLOWS} AS f FROM c;
    INSERT INTO flow (id, created, updated, name, project)
      SELECT DISTINCT printf('00000000-0000-7000-8000-%012d', f), ${time(String(begin))}, ${
    time(String(begin))
  }, 'flow-' || f, 'default'
      FROM n WHERE i < ${FLOWS};
    INSERT INTO flow_run (id, created, updated, name, flow_id, state_id, state_type, state_name, state_timestamp, empirical_policy,
        expected_start_time, start_time, end_time, total_run_time, run_count, parameters)
      SELECT ${id("000")}, ${time("ms")}, ${
    time("ms + 9000")
  }, 'run-' || i, printf('00000000-0000-7000-8000-%012d', f), ${id("001")},
        ${state(true)}, ${state(false)}, ${time("ms + 9000")}, '{}', ${time("ms")}, ${time("ms + 1000")}, ${
    time("ms + 9000")
  }, 8.0, 1,
        '{"customer":"c' || i || '"}' FROM n;
    INSERT INTO flow_run_state (id, flow_run_id, timestamp, type, name, message, state_details)
      SELECT ${id("001")}, ${id("000")}, ${time("ms + 9000")}, ${state(true)}, ${state(false)},
        CASE WHEN r >= 90 THEN 'Request ' || i || ' failed with status ' || (500 + f) END, '{}' FROM n;
    COMMIT;
  `);
  db.close();
}

test("the overview of 7 days out of 1,000,000 runs takes less than 300 ms of a core", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flowctl-overview-"));
  try {
    const path = join(folder, "flowctl.db");
    await (await openStore({ path, clock: systemClock })).close();
    fill(path);
    const store = await openStore({ path, clock: systemClock });
    const api = createApi({
      store,
      clock: systemClock,
      random: Math.random,
      log: createLog({ write: () => {}, clock: systemClock }),
      secrets: openSecretBox(join(folder, "key")),
      version: "0.0.0-test",
      drain: new AbortController().signal,
    });
    const ask = async (last: Last, flows: string[] = []) => {
      const query = overviewQuery({ ...NO_FILTERS, flows, time: { last } }, Date.now());
      const took: number[] = [];
      let overview: Overview | undefined;
      for (let i = 0; i < 5; i++) {
        const begun = process.cpuUsage();
        const body = JSON.stringify(query);
        const headers = { "content-type": "application/json" };
        const answer = await api.fetch(new Request("http://localhost/api/overview", { method: "POST", headers, body }));
        overview = await answer.json() as Overview;
        const { user, system } = process.cpuUsage(begun);
        took.push((user + system) / 1000);
      }
      const runs = overview!.intervals.reduce(
        (all, { states }) => all + Object.values(states).reduce((a, b) => a + b, 0),
        0,
      );
      console.log(
        `${last}${flows.length === 0 ? "" : " of one flow"}: ${runs} runs in ${took.map(Math.round).join(", ")} ms`,
      );
      return { overview: overview!, runs, ms: took.toSorted((a, b) => a - b)[2] };
    };
    const week = await ask("7d");
    assert.ok(Math.abs(week.runs - RUNS * 7 / DAYS) < 1000, String(week.runs));
    assert.deepEqual(
      week.overview.failures.groups.map(({ error }) => error),
      Array(2).fill("Request # failed with status #"),
    );
    assert.ok(week.ms < 300, `${week.ms} ms`);
    const flow = await ask("7d", [flowId(3)]);
    assert.ok(flow.ms < 300, `${flow.ms} ms`);
    const month = await ask("30d");
    assert.ok(month.runs > RUNS * 0.99 && month.ms < 600, `${month.ms} ms`);
    await store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
