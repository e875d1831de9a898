/**
 * What a client does when nobody answers.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createTransport, type Fetch, type TransportOptions } from "../../src/client/transport.ts";
import { isFlowctlError } from "../../src/support/errors.ts";
import { skippingClock } from "../testing/fake_clock.ts";
import { test } from "../testing/test.ts";

/** A server that takes requests and never says a word; or says its head and then no more. */
function silent({ head = false } = {}) {
  const signals: AbortSignal[] = [];
  const fetch: Fetch = (_url, init) => {
    const signal = init!.signal!;
    signals.push(signal);
    const ended = (fail: (reason: unknown) => void) =>
      signal.aborted ? fail(signal.reason) : signal.addEventListener("abort", () => fail(signal.reason));
    if (!head) return new Promise((_, reject) => ended(reject));
    return Promise.resolve(
      new Response(new ReadableStream({ start: (body) => ended((reason) => body.error(reason)) })),
    );
  };
  return { signals, fetch };
}

const transport = (fetch: Fetch, more: Partial<TransportOptions> = {}) =>
  createTransport({ url: "http://silent/api", fetch, timeoutMs: 1, clock: skippingClock(), random: () => 0, ...more });

for (const head of [false, true]) {
  test(`a server that says nothing${head ? " after its head" : ""} counts as one that can't be reached`, async () => {
    const server = silent({ head });
    const api = transport(server.fetch, { tries: 2 });
    const away = (error: Error) => {
      assert.ok(isFlowctlError(error, "unavailable"), String(error));
      assert.match(error.message, /^Cannot reach the API at "http:\/\/silent\/api": no answer$/);
      assert.match((error.cause as Error).message, /no answer within 0\.001 s/);
      return true;
    };
    await assert.rejects(api.json("GET", "/flows"), away);
    assert.equal(server.signals.length, 2, "a read is tried again");
    await assert.rejects(api.json("POST", "/flows", { body: {} }), away);
    assert.equal(server.signals.length, 3, "a write is not");
    assert.ok(server.signals.every(({ aborted }) => aborted));
  });
}

test("an abort ends a request at once, and leaves nothing behind on the signal", async () => {
  const server = silent();
  const api = transport(server.fetch, { timeoutMs: 60_000 });
  const stop = new AbortController();
  const asked = api.json("GET", "/flows", { signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(asked, (error) => isFlowctlError(error, "cancelled"));
  await assert.rejects(api.json("GET", "/flows", { signal: stop.signal }), (e) => isFlowctlError(e, "cancelled"));
});

test("an answer in time leaves no timer, and its signal alone", async () => {
  let listeners = 0;
  const { signal } = new AbortController();
  const add = signal.addEventListener.bind(signal), remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof add>) => (listeners++, add(...given));
  signal.removeEventListener = (...given: Parameters<typeof remove>) => (listeners--, remove(...given));
  const api = transport(() => Promise.resolve(Response.json({ a: 1 })), { timeoutMs: 60_000 });
  assert.deepEqual(await api.json("GET", "/flows", { signal }), { a: 1 });
  assert.equal(listeners, 0);
});
