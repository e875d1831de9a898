import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { readHiddenLine } from "../../src/cli/hidden_line.ts";
import { test } from "../testing/test.ts";

/** A terminal that says how it is set. */
class FakeTerminal extends EventEmitter {
  isRaw = false;
  readonly modes: boolean[] = [];
  setRawMode(on: boolean) {
    this.isRaw = on;
    this.modes.push(on);
  }
  resume() {}
  pause() {}
}

async function typed(keys: string, signal = new AbortController().signal) {
  const terminal = new FakeTerminal();
  let shown = "", interrupts = 0;
  const line = readHiddenLine(terminal, { write: (text) => void (shown += text) }, "? ", signal, () => interrupts++);
  for (const byte of new TextEncoder().encode(keys)) terminal.emit("data", Uint8Array.of(byte));
  return { line: await line, shown, interrupts, modes: terminal.modes };
}

for (
  const [what, keys, line] of [
    ["a line", "sesame\r", "sesame"],
    ["characters of several bytes", "s\u{1f511}\u00e9\n", "s\u{1f511}\u00e9"],
    ["a corrected one", "sex\x7fsame\r", "sesame"],
    ["one begun anew", "wrong\x15right\r", "right"],
    ["one that Ctrl-D ends", "sesame\x04", "sesame"],
    ["nothing but Ctrl-D", "\x04", undefined],
  ] as const
) {
  test(`${what} is read and not shown, and the terminal is as it was`, async () => {
    const got = await typed(keys);
    assert.deepEqual(got, { line, shown: "? \n", interrupts: 0, modes: [true, false] });
  });
}

test("Ctrl-C interrupts, an abort ends it", async () => {
  const got = await typed("ses\x03");
  assert.deepEqual([got.line, got.interrupts, got.modes], [undefined, 1, [true, false]]);
  assert.equal((await typed("", AbortSignal.abort())).line, undefined);
});
