/**
 * One `test()` for both runtimes: `Deno.test` under Deno, whose sanitizers catch leaked timers, and `node:test` under Bun.
 *
 * @module
 */

type Body = () => void | Promise<void>;
type Register = (name: string, body: Body) => void;

const deno = (globalThis as unknown as { Deno?: { test: Register } }).Deno;

/** Registers a test. Its name is a fact about the product, readable aloud. */
export const test: Register = deno
  ? (name, body) => deno.test(name, body)
  : (await import("node:test")).test as unknown as Register;
