import fc from "fast-check";
import assert from "node:assert/strict";
import type { LogPageInput } from "../../src/client/flow_run_logs.ts";
import type { LogLine, LogPage } from "../../src/domain/log_pages.ts";
import { LineWindow, placeOf } from "../../src/ui/components/logs/line_window.ts";
import { LogReader } from "../../src/ui/components/logs/log_reader.ts";
import { test } from "../testing/test.ts";

/** Waits until something is so. */
async function until(check: () => boolean): Promise<void> {
  for (let i = 0; !check(); i++) {
    assert.ok(i < 2000, `in vain: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A server of lines, as `store/log_pages.ts` answers. */
class Lines {
  readonly all: LogLine[] = [];
  add(time: number): void {
    const id = `00000000-0000-7000-8000-${String(this.all.length).padStart(12, "0")}`;
    const timestamp = `2026-11-21T22:00:${String(time).padStart(2, "0")}.000000+00:00`;
    this.all.push({
      id,
      timestamp,
      level: 20,
      name: "f",
      message: "m",
      size: 1,
      is_cut: false,
      task_run_id: null,
      task: null,
    });
  }
  sorted(): LogLine[] {
    return [...this.all].sort((a, b) => placeOf(a) < placeOf(b) ? -1 : 1);
  }
  ask({ before, after, around, since, limit = 5 }: LogPageInput): LogPage {
    const arrived = this.all.length;
    if (since !== undefined) {
      const records = this.all.slice(since, since + limit);
      return { records, older: null, newer: null, arrived: since + records.length };
    }
    const sorted = this.sorted();
    const page = (from: number, to: number): LogPage => ({
      records: sorted.slice(from, to),
      older: from === 0 ? null : placeOf(sorted[from]),
      newer: to >= sorted.length ? null : placeOf(sorted[to - 1]),
      arrived,
    });
    const at = (place: string) => sorted.filter((line) => placeOf(line) < place).length;
    if (around !== undefined) {
      const place = sorted.findIndex(({ id }) => id === around);
      return page(Math.max(0, place - 2), Math.min(sorted.length, place + 3));
    }
    if (before !== undefined) {
      const to = at(before);
      const from = Math.max(0, to - limit);
      return { ...page(from, to), newer: before, older: from === 0 ? null : placeOf(sorted[from]) };
    }
    if (after === "start") return page(0, Math.min(sorted.length, limit));
    if (after !== undefined) {
      const from = sorted.filter((line) => placeOf(line) <= after).length;
      return { ...page(from, Math.min(sorted.length, from + limit)), older: after };
    }
    return page(Math.max(0, sorted.length - limit), sorted.length);
  }
}

/** Fails unless the window holds all lines between its ends, in order, each once. */
function isWhole(window: LineWindow, known: LogLine[]): void {
  const wanted = known.filter((line) =>
    (window.older === null || placeOf(line) >= window.older) && (window.newer === null || placeOf(line) <= window.newer)
  );
  assert.deepEqual(window.lines.map(({ id }) => id), wanted.map(({ id }) => id));
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("add" as const), time: fc.integer({ min: 0, max: 59 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("older" as const, "newer" as const, "since" as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("answer" as const), which: fc.nat({ max: 5 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("trim" as const),
      end: fc.constantFrom("older" as const, "newer" as const),
    }),
  },
);

test("however pages, arrivals and late lines mingle, a viewer has no gaps and no doubles", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 30 }),
      fc.option(fc.nat()),
      fc.array(step, { maxLength: 60 }),
      (before, around, steps) => {
        const server = new Lines();
        before.forEach((time) => server.add(time));
        const first = around === null || server.all.length === 0
          ? {}
          : { around: server.all[around % server.all.length].id };
        const window = new LineWindow(server.ask(first));
        // Questions that were read by the server and whose answers are under way, in any order.
        const answers: (() => void)[] = [];
        for (const one of steps) {
          if (one.do === "add") server.add(one.time);
          else if (one.do === "trim") window.trim(one.end, 7);
          else if (one.do === "answer") answers.splice(one.which % Math.max(1, answers.length), 1)[0]?.();
          else if (one.do === "since") {
            const since = window.arrived;
            const page = server.ask({ since, limit: 3 });
            answers.push(() => window.takeArrived(since, page));
          } else {
            const cursor = window[one.do];
            if (cursor === null) continue;
            const page = server.ask(one.do === "older" ? { before: cursor } : { after: cursor });
            answers.push(() =>
              void (one.do === "older" ? window.takeOlder(cursor, page) : window.takeNewer(cursor, page))
            );
          }
          const ids = window.lines.map(({ id }) => id);
          assert.equal(new Set(ids).size, ids.length, "no line twice");
          assert.deepEqual(window.lines, [...window.lines].sort((a, b) => placeOf(a) < placeOf(b) ? -1 : 1));
        }
        for (const answer of answers) answer();
        while (window.arrived < server.all.length) {
          const since = window.arrived;
          window.takeArrived(since, server.ask({ since, limit: 3 }));
        }
        isWhole(window, server.sorted());
        while (window.older !== null) window.takeOlder(window.older, server.ask({ before: window.older }));
        while (window.newer !== null) window.takeNewer(window.newer, server.ask({ after: window.newer }));
        isWhole(window, server.sorted());
        assert.equal(window.lines.length, server.all.length);
      },
    ),
    { numRuns: 2000 },
  );
});

test("a reader asks once for many changes, again for those that come meanwhile, and not otherwise", async () => {
  const server = new Lines();
  for (let i = 0; i < 8; i++) server.add(i);
  const asked: LogPageInput[] = [];
  const waiting: (() => void)[] = [];
  const reader = new LogReader({
    ask(query) {
      asked.push(query);
      return new Promise((resolve) => waiting.push(() => resolve(server.ask(query))));
    },
    onChange() {},
    restMs: 0,
    page: 5,
  });
  /** Answers the next question. */
  const answer = async () => {
    await until(() => waiting.length > 0);
    waiting.shift()!();
  };
  void reader.open("end");
  await answer();
  await answer();
  assert.deepEqual(asked.map((query) => Object.keys(query)[0]), ["limit", "since"]);
  await until(() => reader.window?.lines.length === 5);
  server.add(59);
  for (let i = 0; i < 20; i++) reader.arrive();
  await answer();
  await until(() => reader.window!.lines.length === 6);
  for (let i = 0; i < 20; i++) reader.arrive();
  await answer();
  void reader.more("older");
  void reader.more("older");
  await answer();
  await until(() => reader.window!.lines.length === 9);
  await until(() => !reader.older);
  assert.deepEqual(asked.map((query) => Object.keys(query)[0]), ["limit", "since", "since", "since", "before"]);
  assert.deepEqual(waiting, []);
  reader.close();
});

test("a reader that follows goes on at the end when more comes than it reads, and the middle is there when it is asked for", async () => {
  const server = new Lines();
  server.add(0);
  const reader = new LogReader({
    ask: (query) => Promise.resolve(server.ask(query)),
    onChange() {},
    restMs: 0,
    page: 300,
  });
  reader.following = true;
  await reader.open("end");
  for (let i = 0; i < 1500; i++) server.add(5);
  reader.arrive();
  await until(() => reader.window!.lines.length === 300);
  assert.equal(reader.window!.newer, null);
  while (reader.window!.older !== null) await reader.more("older");
  assert.equal(reader.window!.lines.length, 1501);
  isWhole(reader.window!, server.sorted());
  reader.close();
});

test("a reader that had no answer says so, and reads on when the server is back", async () => {
  const server = new Lines();
  for (let i = 0; i < 8; i++) server.add(i);
  let away = true;
  let changes = 0;
  const reader = new LogReader({
    ask: (query) => away ? Promise.reject(new Error("No answer")) : Promise.resolve(server.ask(query)),
    onChange: () => changes++,
    restMs: 0,
    page: 5,
  });
  await reader.open("end");
  assert.equal(reader.error?.message, "No answer");
  away = false;
  reader.arrive();
  await until(() => reader.error === undefined && reader.window?.lines.length === 5);
  away = true;
  reader.arrive();
  await until(() => reader.error?.message === "No answer");
  // Nothing is asked for again and again meanwhile.
  await reader.more("older");
  assert.equal(reader.window?.lines.length, 5);
  away = false;
  const before = changes;
  reader.arrive();
  await until(() => reader.error === undefined && changes > before);
  // Another filter's beginning that failed is asked for again, and not mixed with what is held.
  away = true;
  await reader.open("start");
  away = false;
  reader.arrive();
  await until(() => reader.window!.older === null);
  assert.equal(reader.window!.lines.length, 5);
  reader.close();
});
