/**
 * Lines that the agent writes for a run before it is started.
 *
 * @module
 */

import assert from "node:assert/strict";
import { StartLines } from "../../src/agent/start_lines.ts";
import type { Client } from "../../src/client/client.ts";
import type { Lease } from "../../src/domain/agents.ts";
import type { LogCreate } from "../../src/domain/logs.ts";
import { systemClock } from "../../src/support/clock.ts";
import { FlowctlError } from "../../src/support/errors.ts";
import { silentLog } from "../../src/support/log.ts";
import { test } from "../testing/test.ts";

function world(create: (records: LogCreate[]) => Promise<void>) {
  const stop = new AbortController();
  const lines = new StartLines({
    client: { logs: { create } } as unknown as Client,
    lease: { attempt: 2, flow_run_id: "run" } as unknown as Lease,
    clock: systemClock,
    random: () => 0,
    log: silentLog,
    signal: stop.signal,
  });
  return { lines, stop };
}

test("lines arrive in order, each under a key of its own, harmless and in the attempt's name", async () => {
  const got: LogCreate[] = [];
  const { lines } = world(async (records) => {
    await Promise.resolve();
    got.push(...records);
  });
  for (const line of ["one", "two\x1b[2J", "three"]) lines.tell(line);
  await lines.delivered();
  assert.deepEqual(got.map(({ message }) => message.slice(0, 3)), ["one", "two", "thr"]);
  assert.ok(!got[1].message.includes("\x1b"));
  assert.equal(new Set(got.map(({ key }) => key)).size, 3);
  for (const { key, flow_run_id } of got) {
    assert.match(key!, /^2:p\d{4}-.*:\d+$/);
    assert.equal(flow_run_id, "run");
  }
  lines.tell("later");
  await lines.delivered();
  assert.equal(got.at(-1)!.message, "later");
});

test("lines that the API refuses, or an agent that stops, hold nothing up", async () => {
  let asked = 0;
  const { lines } = world(() => {
    asked++;
    return Promise.reject(new FlowctlError("fenced", "no"));
  });
  lines.tell("one");
  await lines.delivered();
  lines.tell("two");
  await lines.delivered();
  assert.equal(asked, 1);

  const away = world(() => Promise.reject(new FlowctlError("unavailable", "away")));
  away.lines.tell("one");
  away.stop.abort();
  await away.lines.delivered();
});
