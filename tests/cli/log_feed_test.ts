import assert from "node:assert/strict";
import fc from "fast-check";
import { createLogFeed } from "../../src/cli/log_feed.ts";
import { test } from "../testing/test.ts";
import { aLog, fakeApi, fakeClient, idOf } from "./support.ts";

test("every line is answered exactly once, also when lines come in before those that were read", async () => {
  // Each batch is some lines at random times; between batches the feed is asked.
  const batches = fc.array(fc.array(fc.nat({ max: 400 }), { maxLength: 300 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(batches, async (times) => {
      const api = fakeApi();
      const feed = createLogFeed(fakeClient(api), idOf(3));
      const seen: string[] = [];
      let n = 0;
      for (const batch of times) {
        for (const at of batch) {
          n++;
          // Lines of one time keep the order in which they came, as in the store.
          const timestamp = `${String(at).padStart(3, "0")}.${String(n).padStart(6, "0")}`;
          api.logs.push(aLog(0, "x", { id: idOf(n), timestamp }));
        }
        seen.push(...(await feed.unread()).map((log) => log.id));
      }
      assert.deepEqual([...seen].sort(), api.logs.map((log) => log.id).sort());
    }),
    { numRuns: 60 },
  );
});

test("what is new is asked for with one request", async () => {
  const api = fakeApi({ logs: Array.from({ length: 450 }, (_, n) => aLog(n)) });
  let requests = 0;
  const client = fakeClient(api);
  const feed = createLogFeed(
    { logs: { ...client.logs, list: (query) => (requests++, client.logs.list(query)) } },
    idOf(3),
  );
  assert.equal((await feed.unread()).length, 450);
  requests = 0;
  api.logs.push(aLog(451));
  assert.deepEqual((await feed.unread()).map((log) => log.message), ["line 451"]);
  assert.equal(requests, 1);
});
