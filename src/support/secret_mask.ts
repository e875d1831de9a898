/**
 * Takes secrets out of what is logged.
 *
 * A value is found as it is, and as programs often write it: in JSON, in addresses, in base64; of one with several lines each longer
 * line by itself, as logs are made of lines. Short values are left alone: they would be found in every other word.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** Values shorter than this are not masked. */
export const SHORTEST_MASKED = 4;
/** Lines of a value shorter than this are not masked by themselves. */
const SHORTEST_LINE = 8;
/** What stands in their place. */
export const MASK = "********";

/**
 * Knows some secrets and replaces them.
 *
 * @example
 * ```ts
 * import { SecretMask } from "./secret_mask.ts";
 *
 * const mask = new SecretMask(["open sesame"]);
 * console.assert(mask.hide("I say open sesame!") === "I say ********!");
 * ```
 */
export class SecretMask {
  readonly #words = new Set<string>();
  #pattern: RegExp | undefined;
  #longest = 0;

  constructor(values: Iterable<string> = []) {
    for (const value of values) this.add(value);
  }

  /** The length of the longest text that is replaced; 0 when nothing is. */
  get longest(): number {
    return this.#longest;
  }

  /** Hides a value from now on. */
  add(value: string): void {
    const before = this.#words.size;
    for (const word of formsOf(value)) this.#words.add(word);
    if (this.#words.size === before) return;
    // The longest first: a shorter one may be a part of it.
    const words = [...this.#words].sort((a, b) => b.length - a.length);
    this.#longest = words[0].length;
    this.#pattern = new RegExp(words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"), "g");
  }

  /** The text without secrets. */
  readonly hide = (text: string): string => this.#pattern === undefined ? text : text.replace(this.#pattern, MASK);
}

function formsOf(value: string): string[] {
  const whole = value.trim();
  if (whole.length < SHORTEST_MASKED) return [];
  const bytes = Buffer.from(value), trimmed = Buffer.from(whole);
  const lines = whole.split(/\r?\n/).map((line) => line.trim()).filter((line) => line.length >= SHORTEST_LINE);
  const forms = [
    whole,
    JSON.stringify(whole).slice(1, -1),
    encodeURIComponent(whole.toWellFormed()),
    // Of the value with a line end after it too, as `echo` and `base64` make it.
    ...[bytes, trimmed, Buffer.from(`${whole}\n`)].flatMap((one) => [
      one.toString("base64"),
      one.toString("base64url"),
    ]),
    ...lines.length > 1 || whole.includes("\n") ? lines : [],
  ];
  return forms.filter((form) => form.length >= SHORTEST_MASKED);
}
