import assert from "node:assert/strict";
import { openStream, RETRY_MS, SILENCE_MS, type StreamMessage } from "../../../src/ui/live/open_stream.ts";
import { test } from "../../testing/test.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** A stream in a made-up browser. */
function made() {
  const heard: StreamMessage[] = [];
  const sources: { tell(name: string, data?: unknown): void; closed: boolean }[] = [];
  const waiting = new Set<{ ms: number; work: () => void }>();
  const answer: { status?: number } = {};
  const stream = openStream((message) => heard.push(message), {
    source() {
      const listeners = new Map<string, (event: unknown) => void>();
      const source = {
        closed: false,
        tell: (name: string, data?: unknown) => listeners.get(name)?.({ data: JSON.stringify(data) }),
      };
      sources.push(source);
      return {
        addEventListener: (name: string, listener: unknown) => void listeners.set(name, listener as () => void),
        close: () => void (source.closed = true),
      };
    },
    // deno-lint-ignore require-await -- as fetch is
    fetch: async () => {
      if (answer.status === undefined) throw new TypeError("Failed to fetch");
      return { ok: answer.status < 400, status: answer.status };
    },
    later(work, ms) {
      const one = { ms, work };
      waiting.add(one);
      return () => waiting.delete(one);
    },
  });
  const pass = () => {
    for (const one of [...waiting]) {
      waiting.delete(one);
      one.work();
    }
  };
  return { stream, heard, sources, waiting, answer, pass };
}

test("a stream tells that it is open, and what changed", () => {
  const { heard, sources } = made();
  sources[0].tell("hello");
  sources[0].tell("changes", [{ kind: "elsewhere" }]);
  assert.deepEqual(heard, [{ kind: "open" }, { kind: "changes", changes: [{ kind: "elsewhere" }] }]);
});

test("one that breaks is opened again, soon at first and then less often", async () => {
  const { heard, sources, waiting, pass } = made();
  const waits: number[] = [];
  for (let n = 0; n < RETRY_MS.length + 2; n++) {
    sources[n].tell("error");
    await turn();
    waits.push([...waiting][0].ms);
    assert.deepEqual(heard.at(-1), { kind: "lost" });
    assert.ok(sources[n].closed);
    pass();
  }
  assert.deepEqual(waits, [...RETRY_MS, RETRY_MS.at(-1), RETRY_MS.at(-1)]);
  sources.at(-1)!.tell("hello");
  sources.at(-1)!.tell("error");
  await turn();
  assert.equal([...waiting][0].ms, RETRY_MS[0], "it was open meanwhile");
});

test("one that falls silent counts as lost, and every beat puts that off", async () => {
  const { heard, sources, waiting, pass } = made();
  sources[0].tell("hello");
  const [before] = waiting;
  sources[0].tell("beat");
  assert.equal(waiting.size, 1);
  assert.notEqual([...waiting][0], before);
  assert.equal([...waiting][0].ms, SILENCE_MS);
  pass();
  await turn();
  assert.deepEqual(heard.at(-1), { kind: "lost" });
  assert.ok(sources[0].closed);
});

test("a server that wants somebody to sign in is not away", async () => {
  const { heard, sources, answer } = made();
  answer.status = 401;
  sources[0].tell("error");
  await turn();
  assert.deepEqual(heard, [{ kind: "signed_out" }]);
});

test("who does not want to wait opens it now, and the old one is not heard any more", async () => {
  const { stream, heard, sources, waiting } = made();
  sources[0].tell("error");
  stream.retry();
  await turn();
  assert.deepEqual(heard, []);
  assert.equal(sources.length, 2);
  assert.equal(waiting.size, 1);
  sources[0].tell("error");
  await turn();
  assert.deepEqual(heard, []);
});

test("when only the connection broke it is opened at once, and nobody sees more than that anything may have changed", async () => {
  const { heard, sources, answer } = made();
  answer.status = 200;
  sources[0].tell("hello");
  sources[0].tell("error");
  await turn();
  assert.equal(sources.length, 2);
  sources[1].tell("hello");
  const open = { kind: "open" };
  const anything = { kind: "changes", changes: [{ kind: "elsewhere" }] };
  assert.deepEqual(heard, [open, open, anything]);
  // One that breaks again and again is no good, whatever else is answered.
  sources[1].tell("error");
  await turn();
  sources[2].tell("error");
  await turn();
  assert.deepEqual(heard.slice(3), [{ kind: "lost" }]);
});
