/**
 * JSON values as forms handle them, and JSON text with the place of what is wrong in it. Pure.
 *
 * @module
 */

import type { JsonValue } from "../../domain/common.ts";

/** Any JSON value. */
export type Json = JsonValue;
/** A JSON object. */
export type JsonMap = { [name: string]: Json };

/** Whether a value is an object and no list. */
export const isMap = (value: unknown): value is JsonMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether two values are the same JSON. */
export const same = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

/** An object with one name set, at its place, or without it. Names such as `__proto__` are names like others. */
export function withName(map: JsonMap, name: string, value: Json | undefined): JsonMap {
  const entries = Object.entries(map).filter(([key]) => value !== undefined || key !== name);
  const at = entries.findIndex(([key]) => key === name);
  if (value !== undefined) {
    if (at < 0) entries.push([name, value]);
    else entries[at] = [name, value];
  }
  return Object.fromEntries(entries);
}

/** An object whose names come in an order, those that it does not say behind. */
export function inOrder(map: JsonMap, names: readonly string[]): JsonMap {
  const known = names.filter((name) => Object.hasOwn(map, name));
  const others = Object.keys(map).filter((name) => !names.includes(name));
  return Object.fromEntries([...known, ...others].map((name) => [name, map[name]]));
}

/** What is wrong in a JSON text. Lines and columns count from 1. */
export interface JsonProblem {
  line: number;
  column: number;
  message: string;
}

/** Reads JSON text; where it is none, says where and why. */
export function readJson(text: string): { value: Json; problem?: undefined } | { problem: JsonProblem } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    const { at, message } = firstMistake(text);
    const before = text.slice(0, at).split("\n");
    return { problem: { line: before.length, column: before.at(-1)!.length + 1, message } };
  }
}

/** The problem as a sentence. */
export const problemText = ({ line, column, message }: JsonProblem): string =>
  `Line ${line}, column ${column}: ${message}`;

class Mistake {
  constructor(readonly at: number, readonly message: string) {}
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// deno-lint-ignore no-control-regex -- JSON forbids exactly these in texts
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Browsers say where a mistake is each in their own way, some not at all. */
function firstMistake(text: string): Mistake {
  let at = 0;
  const fail = (message: string, where = at): never => {
    throw new Mistake(where, message);
  };
  const space = () => {
    while (/[ \t\r\n]/.test(text[at] ?? "")) at++;
  };
  const matched = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const string = () => {
    if (matched(TEXT)) return;
    const rest = text.slice(at + 1).search(/["\n]/);
    if (rest < 0 || text[at + 1 + rest] === "\n") fail("this text is not closed");
    fail("this text holds what must be written with a backslash");
  };
  const members = (end: string, one: () => void) => {
    at++;
    space();
    if (text[at] === end) return void at++;
    for (;;) {
      one();
      space();
      if (text[at] === end) return void at++;
      if (text[at] !== ",") fail(at >= text.length ? `"${end}" is missing` : `"," or "${end}" is expected here`);
      at++;
      space();
      if (text[at] === end) fail(`"," may not stand before "${end}"`);
    }
  };
  const value = (): void => {
    space();
    switch (text[at]) {
      case "{":
        return members("}", () => {
          space();
          if (text[at] !== '"') fail("a name in double quotes is expected here");
          string();
          space();
          if (text[at] !== ":") fail('":" is expected here');
          at++;
          value();
        });
      case "[":
        return members("]", value);
      case '"':
        return string();
      case "'":
        return fail("texts stand in double quotes");
      default:
        if (matched(/(?:true|false|null)\b/y) || matched(NUMBER)) return;
        fail(at >= text.length ? "a value is missing" : "a value is expected here");
    }
  };
  try {
    value();
    space();
    if (at < text.length) fail("nothing may follow here");
  } catch (error) {
    if (error instanceof Mistake) return error;
  }
  return new Mistake(at, "this is no JSON");
}
