/**
 * Code without characters beyond ASCII: Bun 1.4 takes the text of a virtual module that begins with `// @bun` for Latin-1, so that
 * `"ü"` would be two characters and a name with it a syntax error. Its bundler escapes them only for the target `bun`.
 *
 * @module
 */

/** Code, and the `mappings` of its source map. */
export interface MappedCode {
  code: string;
  mappings: string;
}

/**
 * Writes every character beyond ASCII as an escape, and moves the columns of the source map along.
 *
 * Escapes mean the same in names, strings, templates and regular expressions; only `String.raw` sees them (as it does in all that
 * Bun loads by itself).
 */
export function toAscii({ code, mappings }: MappedCode): MappedCode {
  if (!BEYOND.test(code)) return { code, mappings };
  const lines = code.split("\n");
  const mapped = mappings.split(";");
  return {
    code: lines.map((line) => line.replace(BEYOND_ALL, escape)).join("\n"),
    mappings: mapped.map((line, i) => moved(line, lines[i] ?? "")).join(";"),
  };
}

// deno-lint-ignore no-control-regex
const BEYOND = /[^\x00-\x7f]/u;
// deno-lint-ignore no-control-regex
const BEYOND_ALL = /[^\x00-\x7f]/gu;

/** Two escapes make one character everywhere but in names, where it must be one. */
function escape(character: string): string {
  if (character.length > 1 && /\p{ID_Continue}/u.test(character)) {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  }
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");
}

/** The segments of one line with their columns moved by what was added before them. */
function moved(segments: string, line: string): string {
  const added = [...line.matchAll(BEYOND_ALL)].map((found) => ({
    at: found.index,
    by: escape(found[0]).length - found[0].length,
  }));
  if (segments === "" || added.length === 0) return segments;
  let before = 0, column = 0, last = 0, next = 0;
  return segments.split(",").map((segment) => {
    const { value, length } = readNumber(segment);
    column += value;
    while (next < added.length && added[next].at < column) before += added[next++].by;
    const text = writeNumber(column + before - last) + segment.slice(length);
    last = column + before;
    return text;
  }).join(",");
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Reads the base 64 number that a segment begins with: five bits a digit, the sign in the lowest bit. */
function readNumber(segment: string): { value: number; length: number } {
  let bits = 0;
  for (let i = 0; i < segment.length; i++) {
    const digit = DIGITS.indexOf(segment[i]);
    bits += (digit & 31) * 2 ** (5 * i);
    if ((digit & 32) === 0) return { value: bits % 2 === 1 ? -(bits - 1) / 2 : bits / 2, length: i + 1 };
  }
  return { value: 0, length: 0 };
}

function writeNumber(value: number): string {
  let bits = Math.abs(value) * 2 + (value < 0 ? 1 : 0);
  let text = "";
  do {
    const rest = Math.floor(bits / 32);
    text += DIGITS[(bits % 32) + (rest > 0 ? 32 : 0)];
    bits = rest;
  } while (bits > 0);
  return text;
}
