/**
 * `console.*` inside a run becomes records of that run; outside of runs it prints as ever.
 *
 * Node's own Console does the formatting (tables, groups, counts, `%s`), into a text instead of a stream.
 *
 * @module
 */

import { Console } from "node:console";
import { Writable } from "node:stream";
import { LOG_LEVELS } from "../domain/logs.ts";
import { currentScope, logSource } from "./context.ts";

const LEVELS = {
  assert: LOG_LEVELS.ERROR,
  count: LOG_LEVELS.INFO,
  debug: LOG_LEVELS.DEBUG,
  dir: LOG_LEVELS.INFO,
  error: LOG_LEVELS.ERROR,
  group: LOG_LEVELS.INFO,
  groupEnd: LOG_LEVELS.INFO,
  info: LOG_LEVELS.INFO,
  log: LOG_LEVELS.INFO,
  table: LOG_LEVELS.INFO,
  timeEnd: LOG_LEVELS.INFO,
  timeLog: LOG_LEVELS.INFO,
  time: LOG_LEVELS.INFO,
  trace: LOG_LEVELS.DEBUG,
  warn: LOG_LEVELS.WARNING,
} as const;

type Method = keyof typeof LEVELS;
type Call = (...args: unknown[]) => void;

let users = 0;
let restore: (() => void) | undefined;

/** Captures the console as long as a flow runs. */
export function captureConsole(): Disposable {
  if (users++ === 0) restore = install();
  return {
    [Symbol.dispose]() {
      if (--users > 0) return;
      restore?.();
      restore = undefined;
    },
  };
}

function install(): () => void {
  const target = globalThis.console as unknown as Record<Method, Call>;
  let text = "";
  const sink = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const formatter = new Console({ stdout: sink, stderr: sink, colorMode: false }) as unknown as Record<Method, Call>;
  const originals = new Map<Method, Call>();
  for (const [method, level] of Object.entries(LEVELS) as [Method, number][]) {
    const original = target[method];
    if (typeof original !== "function") continue;
    originals.set(method, original);
    target[method] = (...args) => {
      const scope = currentScope();
      if (scope === undefined) return original.apply(target, args);
      text = "";
      formatter[method](...args);
      if (text === "") return;
      scope.flow.engine.logs.write(logSource(scope), level, text.replace(/\n$/, ""));
    };
  }
  return () => {
    for (const [method, original] of originals) target[method] = original;
  };
}
